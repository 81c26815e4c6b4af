package env

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
)

// suggest finds the candidate that a mistyped name most likely means, "" where none is near. The distance
// allowed grows with the name: two letters of "tls" wrong is another word, of "concurrency" a typing error.
func suggest(given string, candidates []string) string {
	const longest = 64 // no name is longer, and the comparison is quadratic
	if len(given) > longest {
		return ""
	}
	best, nearest := "", 0
	for _, candidate := range candidates {
		allowed := min(3, 1+len(candidate)/4)
		distance := levenshtein.Distance(plain(given), plain(candidate), nil)
		if sameLetters(given, candidate) {
			allowed++ // two letters that changed places are one mistake
		}
		if distance <= allowed && (best == "" || distance < nearest) {
			best, nearest = candidate, distance
		}
	}
	return best
}

func sameLetters(a, b string) bool {
	sorted := func(text string) string {
		letters := []byte(plain(text))
		slices.Sort(letters)
		return string(letters)
	}
	return sorted(a) == sorted(b)
}

// plain drops what people mix up without noticing.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// didYouMean is a sentence with a trailing space, or "".
func didYouMean(given string, candidates []string) string {
	if best := suggest(given, candidates); best != "" {
		return fmt.Sprintf("Did you mean %q? ", best)
	}
	return ""
}

// quoted lists names as a sentence shows them.
func quoted(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = fmt.Sprintf("%q", name)
	}
	switch len(shown) {
	case 0:
		return ""
	case 1:
		return shown[0]
	}
	return strings.Join(shown[:len(shown)-1], ", ") + " or " + shown[len(shown)-1]
}
