package html

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// htmlBodyPart is some lines of a body, without the line break at their end. Differs marks the place that a
// finding speaks of.
type htmlBodyPart struct {
	Text    htmlText
	Differs bool
}

// htmlBody is a body as the page shows it.
type htmlBody struct {
	Parts []htmlBodyPart
	Note  string // how much of it is shown, where that is not all
	Empty bool
}

// htmlMaxDepth is how deep a JSON body may nest and still be indented: the indentation of a deep one grows with
// the square of its depth.
const htmlMaxDepth = 24

// newHTMLBody shows a body of size bytes (0: all of it is there). JSON is indented, with its literals as they
// came; anything else, and what had to be cut, is shown as it came. paths are the JSON paths that differ.
func newHTMLBody(body string, size, limit int, paths []string) htmlBody {
	whole := max(size, len(body))
	head, cut := htmlHead(body, limit)
	if whole == 0 {
		return htmlBody{Empty: true}
	}
	var shown htmlBody
	if cut || whole > len(body) {
		shown.Note = "Cut: the first " + htmlBytes(len(head)) + " of " + htmlBytes(whole) + " are shown."
	}
	indented, isJSON := htmlIndent(head)
	if shown.Note != "" || !isJSON {
		shown.Parts = []htmlBodyPart{{Text: htmlBlock(head)}}
		return shown
	}
	lines := strings.Split(indented, "\n")
	differs := htmlMarks(lines, paths)
	for from, to := 0, 1; from < len(lines); from, to = to, to+1 {
		for to < len(lines) && differs[to] == differs[from] {
			to++
		}
		shown.Parts = append(shown.Parts, htmlBodyPart{Text: htmlBlock(strings.Join(lines[from:to], "\n")), Differs: differs[from]})
	}
	return shown
}

func htmlIndent(body string) (string, bool) {
	if htmlDepth(body) > htmlMaxDepth {
		return "", false
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(body), "", "  "); err != nil {
		return "", false
	}
	return strings.TrimSpace(out.String()), true
}

// htmlDepth is how deep brackets nest outside of strings.
func htmlDepth(body string) int {
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

// htmlMarks tells which lines of an indented JSON text lie at one of the paths. Where a path is not there (a
// member is missing), the line that opens the object which lacks it is marked instead, the root excepted.
func htmlMarks(lines, paths []string) []bool {
	marks := make([]bool, len(lines))
	at := htmlLinePaths(lines)
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

// htmlLinePaths is the JSON path of the value that starts on each line; "" where none does.
func htmlLinePaths(lines []string) []string {
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
				key, value = htmlMember(text)
				path = parent.path + htmlPathStep(key)
			}
		}
		paths[i] = path
		if value == "{" || value == "[" {
			open = append(open, level{path: path, array: value == "["})
		}
	}
	return paths
}

// htmlMember takes a line `"key": value` apart.
func htmlMember(line string) (key, value string) {
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

func htmlPathStep(key string) string {
	for _, r := range key {
		if r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "[" + strconv.Quote(key) + "]"
		}
	}
	return "." + key
}

// htmlDifference marks in two texts what is between their common beginning and their common end. Two texts with
// little in common are left unmarked: to mark all of both says nothing.
func htmlDifference(expected, actual string) (htmlText, htmlText) {
	head, tail := 0, 0
	for head < min(len(expected), len(actual)) && expected[head] == actual[head] {
		head++
	}
	for head > 0 && (!htmlStarts(expected, head) || !htmlStarts(actual, head)) {
		head--
	}
	a, b := expected[head:], actual[head:]
	for tail < min(len(a), len(b)) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for tail > 0 && (!htmlStarts(a, len(a)-tail) || !htmlStarts(b, len(b)-tail)) {
		tail--
	}
	if (head+tail)*3 < max(len(expected), len(actual)) {
		return htmlBlock(expected), htmlBlock(actual)
	}
	return htmlMarked(expected, head, tail), htmlMarked(actual, head, tail)
}

// htmlStarts tells whether a character starts at i, or the text ends there.
func htmlStarts(s string, i int) bool { return i >= len(s) || utf8.RuneStart(s[i]) }

func htmlMarked(s string, head, tail int) htmlText {
	text := htmlBlock(s[:head])
	for _, piece := range htmlBlock(s[head : len(s)-tail]) {
		piece.Mark = true
		text = append(text, piece)
	}
	return append(text, htmlBlock(s[len(s)-tail:])...)
}
