package reference

import "github.com/agext/levenshtein"

// nearest is the known name that takes the fewest single-letter changes to become name, or "" where none is
// closer than half of the name's length: a suggestion that far off would only mislead.
func nearest(name string, known []string) string {
	best, least := "", len(name)/2+1
	for _, k := range known {
		if d := levenshtein.Distance(name, k, nil); d < least {
			best, least = k, d
		}
	}
	return best
}
