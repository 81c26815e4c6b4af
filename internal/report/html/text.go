package html

import (
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// piece is a part of a text in one style.
type piece struct {
	Text string
	Mark bool // it differs from what was expected
	Code bool // it stood between backticks
}

// manyLines returns foreign text as clean lines.
func manyLines(s string) string { return strings.Join(text.Lines(s), "\n") }

// prose returns a line of the tool's own; what stands between backticks becomes code.
func prose(s string, limit int) []piece {
	shown := text.Cut(s, limit)
	parts := strings.Split(shown, "`")
	if len(parts)%2 == 0 {
		parts = []string{shown}
	}
	var all []piece
	for i, part := range parts {
		all = append(all, piece{Text: part, Code: i%2 == 1})
	}
	return all
}

// difference marks in two texts what lies between their common beginning and their common end. Texts with little in common
// are left unmarked: nearly everything would be marked.
func difference(expected, actual string) [2][]piece {
	x, y := []rune(expected), []rune(actual)
	head, tail := group.Alike(x, y), 0
	for tail < min(len(x), len(y))-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	if (head+tail)*3 < max(len(x), len(y)) {
		return [2][]piece{{{Text: expected}}, {{Text: actual}}}
	}
	mark := func(s []rune) []piece {
		end := len(s) - tail
		return []piece{{Text: string(s[:head])}, {Text: string(s[head:end]), Mark: true}, {Text: string(s[end:])}}
	}
	return [2][]piece{mark(x), mark(y)}
}
