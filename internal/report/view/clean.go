package view

import (
	"fmt"
	"unicode/utf8"

	"verifik-contract/internal/text"
)

// The bounds of what a report shows of a foreign text; the result file holds all of it.
const (
	maxWords = 600     // characters of a name, a reason or a value
	maxCurl  = 8 << 10 // bytes of a command
	maxBody  = 4 << 10 // bytes of a body
	maxLines = 40      // lines of a body
)

// Inline shows a foreign text in one line.
func Inline[S ~string](foreign S) string { return text.Cut(string(foreign), maxWords) }

// Cut is Inline with a bound of its own, in characters.
func Cut(foreign string, limit int) string { return text.Cut(foreign, limit) }

// block shows a foreign text line by line, at most a number of bytes and lines of it. The last line says how much
// is left out; size is how long the whole text is where the text is only its beginning.
func block(foreign string, size, limit int) []string {
	size = max(size, len(foreign))
	shown := foreign
	if len(shown) > limit {
		shown = shown[:limit]
		for len(shown) > 0 && !utf8.RuneStart(foreign[len(shown)]) {
			shown = shown[:len(shown)-1]
		}
	}
	whole := len(shown) == size
	lines := text.Lines(shown)
	if len(lines) > maxLines {
		lines, whole = lines[:maxLines], false
	}
	if !whole {
		lines = append(lines, fmt.Sprintf("… the beginning of %d bytes", size))
	}
	return lines
}
