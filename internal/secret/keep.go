package secret

import (
	"regexp"
	"strings"
)

// keepers are values inside of which nothing counts as found: they are looked for as whole runs, and those that are
// numbers, as phones are, spaced in any way too. Times are kept whatever the values are: an OTP may be as good as a
// year, or as the fraction of a second.
type keepers struct {
	values []string
}

// moments are times as JSON and HTTP write them.
var moments = regexp.MustCompile(`\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?` +
	`|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2}`)

// search implements searcher.
func (k keepers) search(text string, found []span) []span {
	phones := map[string]bool{}
	for _, value := range k.values {
		if len(value) < minimum {
			continue // no secret fits into it
		}
		if number := strings.TrimPrefix(value, "+"); len(number) <= most && allDigits(number) {
			phones[number] = true
		}
		for from := 0; ; {
			at := strings.Index(text[from:], value)
			if at < 0 {
				break
			}
			at += from
			if startsRun(text, at) && endsRun(text, at+len(value)) {
				found = append(found, span{at, at + len(value)})
			}
			from = at + 1
		}
	}
	for n := (numbers{text: text, least: minimum}); len(phones) > 0 && n.next(); {
		if phones[string(n.digits())] {
			found = append(found, n.at)
		}
	}
	for _, at := range moments.FindAllStringIndex(text, -1) {
		if !digitBefore(text, at[0]) && !digitAfter(text, at[1]) {
			found = append(found, span{at[0], at[1]})
		}
	}
	return found
}
