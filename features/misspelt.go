package features

import (
	"strings"

	"github.com/agext/levenshtein"
)

// keywords is what begins a part of a feature, in lower case. A line that nearly begins one is read as description
// by Gherkin, and so is what follows it: the scenario vanishes without a word.
var keywords = []string{"feature", "background", "rule", "scenario", "scenario outline", "scenario template", "example", "examples", "scenarios"}

// misspelt reports whether a line of a description was probably meant to begin a part of the feature: "Scenari: ...".
func misspelt(line string) bool {
	word, _, found := strings.Cut(strings.ToLower(strings.TrimSpace(line)), ":")
	if !found {
		return false
	}
	word = strings.Join(strings.Fields(word), " ")
	for _, keyword := range keywords {
		allowed := 1 // "rule" is near to many words
		if len(keyword) > 4 {
			allowed = 2
		}
		if levenshtein.Distance(word, keyword, nil) <= allowed {
			return true
		}
	}
	return false
}
