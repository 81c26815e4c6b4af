package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest returns the name that a mistyped one most likely means, "" if none is near. The distance allowed grows with
// the name: with two letters wrong, "tls" is another word, "concurrency" a typing error.
func Nearest[T ~string](given string, names []T) T {
	const longest = 64 // longer than any name; the comparison is quadratic
	if len(given) > longest {
		return ""
	}
	if exact := slices.Index(names, T(given)); exact >= 0 {
		return names[exact] // the usual case, without any comparison
	}
	best, nearest := T(""), 0
	for _, name := range names {
		allowed := min(3, 1+len(name)/4)
		distance := levenshtein.Distance(Plain(given), Plain(string(name)), nil)
		if slices.Equal(sorted(Plain(given)), sorted(Plain(string(name)))) {
			allowed++ // two exchanged letters are one mistake
		}
		if distance <= allowed && (best == "" || distance < nearest) {
			best, nearest = name, distance
		}
	}
	return best
}

// DidYouMean returns a question for the nearest name, to follow a text that calls the given one unknown; "" if none is
// near.
func DidYouMean[T ~string](given string, names []T) string {
	if near := Nearest(given, names); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return ""
}

func sorted(text string) []string { return slices.Sorted(strings.SplitSeq(text, "")) }

// Plain returns a name without what people mix up: case, hyphens, underscores, spaces.
func Plain(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}
