package html

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// bodyPart is some lines of a body, without the line break at their end. Differs marks the place that a
// finding speaks of.
type bodyPart struct {
	Text    pieces
	Differs bool
}

// shownBody is a body as the page shows it.
type shownBody struct {
	Parts []bodyPart
	Note  string // how much of it is shown, where that is not all
	Empty bool
}

// maxDepth is how deep a JSON body may nest and still be indented: the indentation of a deep one grows with
// the square of its depth.
const maxDepth = 24

// newBody shows a body of size bytes (0: all of it is there). JSON is indented, with its literals as they
// came; anything else, and what had to be cut, is shown as it came. paths are the JSON paths that differ.
func newBody(body string, size, limit int, paths []string) shownBody {
	whole := max(size, len(body))
	head, cut := beginning(body, limit)
	if whole == 0 {
		return shownBody{Empty: true}
	}
	var shown shownBody
	if cut || whole > len(body) {
		shown.Note = "Cut: the first " + bytesIn(len(head)) + " of " + bytesIn(whole) + " are shown."
	}
	indented, isJSON := indent(head)
	if shown.Note != "" || !isJSON {
		shown.Parts = []bodyPart{{Text: manyLines(head)}}
		return shown
	}
	lines := strings.Split(indented, "\n")
	differs := markedLines(lines, paths)
	for from, to := 0, 1; from < len(lines); from, to = to, to+1 {
		for to < len(lines) && differs[to] == differs[from] {
			to++
		}
		shown.Parts = append(shown.Parts, bodyPart{Text: manyLines(strings.Join(lines[from:to], "\n")), Differs: differs[from]})
	}
	return shown
}

func indent(body string) (string, bool) {
	if depthOf(body) > maxDepth {
		return "", false
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(body), "", "  "); err != nil {
		return "", false
	}
	return strings.TrimSpace(out.String()), true
}

// depthOf is how deep brackets nest outside of strings.
func depthOf(body string) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// markedLines tells which lines of an indented JSON text lie at one of the paths. Where a path is not there (a
// member is missing), the line that opens the object which lacks it is marked instead, the root excepted.
func markedLines(lines, paths []string) []bool {
	marks := make([]bool, len(lines))
	at := pathsOf(lines)
	for _, path := range paths {
		for path != "" && path != "$" {
			found := false
			for i, p := range at {
				if p == path {
					marks[i], found = true, true
				}
			}
			if found {
				break
			}
			path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		}
	}
	return marks
}

// pathsOf is the JSON path of the value that starts on each line; "" where none does.
func pathsOf(lines []string) []string {
	type level struct {
		path  string
		array bool
		index int
	}
	paths := make([]string, len(lines))
	var open []level
	for i, line := range lines {
		text := strings.TrimSuffix(strings.TrimSpace(line), ",")
		if text == "}" || text == "]" {
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
			continue
		}
		path, value := "$", text
		if len(open) > 0 {
			parent := &open[len(open)-1]
			if parent.array {
				path = parent.path + "[" + strconv.Itoa(parent.index) + "]"
				parent.index++
			} else {
				var key string
				key, value = member(text)
				path = parent.path + pathStep(key)
			}
		}
		paths[i] = path
		if value == "{" || value == "[" {
			open = append(open, level{path: path, array: value == "["})
		}
	}
	return paths
}

// member takes a line `"key": value` apart.
func member(line string) (key, value string) {
	end := 1
	for end < len(line) && line[end] != '"' {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(line) {
		return "", line
	}
	if json.Unmarshal([]byte(line[:end+1]), &key) != nil {
		return "", line
	}
	return key, strings.TrimPrefix(line[end+1:], ": ")
}

func pathStep(key string) string {
	for _, r := range key {
		if r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "[" + strconv.Quote(key) + "]"
		}
	}
	return "." + key
}

// difference marks in two texts what is between their common beginning and their common end. Two texts with
// little in common are left unmarked: to mark all of both says nothing.
func difference(expected, actual string) (pieces, pieces) {
	head, tail := 0, 0
	for head < min(len(expected), len(actual)) && expected[head] == actual[head] {
		head++
	}
	for head > 0 && (!starts(expected, head) || !starts(actual, head)) {
		head--
	}
	a, b := expected[head:], actual[head:]
	for tail < min(len(a), len(b)) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for tail > 0 && (!starts(a, len(a)-tail) || !starts(b, len(b)-tail)) {
		tail--
	}
	if (head+tail)*3 < max(len(expected), len(actual)) {
		return manyLines(expected), manyLines(actual)
	}
	return markMiddle(expected, head, tail), markMiddle(actual, head, tail)
}

// starts reports whether a character starts at i, or the text ends there.
func starts(s string, i int) bool { return i >= len(s) || utf8.RuneStart(s[i]) }

func markMiddle(s string, head, tail int) pieces {
	all := manyLines(s[:head])
	for _, p := range manyLines(s[head : len(s)-tail]) {
		p.Mark = true
		all = append(all, p)
	}
	return append(all, manyLines(s[len(s)-tail:])...)
}
