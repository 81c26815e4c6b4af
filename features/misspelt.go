package features

import "strings"

// keywords is what begins a part of a feature, in lower case. A line that nearly begins one is read as description
// by Gherkin, and so is what follows it: the scenario vanishes without a word.
var keywords = []string{"feature", "background", "rule", "scenario", "scenario outline", "scenario template", "example", "examples", "scenarios"}

// misspelt tells whether a line of a description was probably meant to begin a part of the feature: "Scenari: ...".
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
		if edits(word, keyword) <= allowed {
			return true
		}
	}
	return false
}

// edits counts the letters to be put in, taken out or replaced to make one word of the other.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
