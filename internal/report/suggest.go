package report

import "github.com/agext/levenshtein"

// nearest finds the name that was probably meant: one that differs in few letters; "" where none does.
func nearest(name string, names []string) string {
	best, found := max(len(name)/3, 2)+1, ""
	for _, n := range names {
		if d := levenshtein.Distance(name, n, nil); d < best {
			best, found = d, n
		}
	}
	return found
}
