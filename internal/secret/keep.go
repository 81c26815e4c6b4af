package secret

import (
	"regexp"
	"strings"
)

// timeForm matches a time, as JSON and HTTP write it, at the beginning of a text.
var timeForm = regexp.MustCompile(`^(?:\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?` +
	`|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2})`)

// mayBeTime reports whether a text may begin with a time. Matching the expression at every place of every text was
// half the cost of a run.
func mayBeTime(text string) bool {
	const shortest = len("2006-01-02")
	return len(text) >= shortest && (text[4] == '-' && text[7] == '-' || text[3] == ',' && text[4] == ' ')
}

// appendKept appends the places of a text within which nothing counts as found: the values as whole runs and, if they are
// numbers like phones, with separators too. Times are always kept: an OTP may equal a year or the fraction of a
// second.
func appendKept(text string, values []string, found []span) []span {
	phones := map[string]bool{}
	for _, value := range values {
		if len(value) < minimum {
			continue // no secret is as short
		}
		if number := strings.TrimPrefix(value, "+"); len(number) <= maxDigits && allDigits(number) {
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
	if len(phones) > 0 {
		numbers(text, minimum, func(at span, digits [maxDigits]byte, count int) {
			if phones[string(digits[:count])] {
				found = append(found, at)
			}
		})
	}
	for start := 0; start < len(text); start++ {
		if !mayBeTime(text[start:]) {
			continue
		}
		length := len(timeForm.FindString(text[start:]))
		if length == 0 {
			continue
		}
		end := start + length
		if !digitBefore(text, start) && !digitAfter(text, end) {
			found = append(found, span{start, end})
		}
		start = end - 1
	}
	return found
}
