package html

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/text"
)

// shownBody is a body as the page shows it.
type shownBody struct {
	Parts []piece // each some lines, without the last line break; marked if a finding is about them
	Note  string  // how much of the body is shown, if not all of it
}

// maxDepth is how deep a JSON body may nest to be indented: indentation grows with the square of the depth.
const maxDepth = 24

// newBody returns a body of size bytes (0: it is complete). JSON is indented, with its literals as they came; anything else,
// and what has to be cut, is shown as it came. paths are the JSON paths that differ.
func newBody(body string, size, limit int, paths []string) shownBody {
	length := max(size, len(body))
	head, cut := text.Beginning(body, limit)
	if length == 0 {
		return shownBody{}
	}
	var shown shownBody
	if cut || length > len(body) {
		shown.Note = "Cut: the first " + text.Number(len(head)) + " of " + text.Count(length, "byte") + " are shown."
	}
	var indented bytes.Buffer
	if _, isJSON := linesAt(head); shown.Note != "" || !isJSON || json.Indent(&indented, []byte(strings.TrimSpace(head)), "", "  ") != nil {
		shown.Parts = []piece{{Text: manyLines(head)}}
		return shown
	}
	lines := strings.Split(indented.String(), "\n")
	differs := differing(indented.String(), paths)
	for from, to := 0, 1; from < len(lines); from, to = to, to+1 {
		for to < len(lines) && differs[to] == differs[from] {
			to++
		}
		shown.Parts = append(shown.Parts, piece{Text: manyLines(strings.Join(lines[from:to], "\n")), Mark: differs[from]})
	}
	return shown
}

// differing returns the lines of an indented JSON text at which the values of the paths begin. For a path that does not exist
// (a member is missing) it is the line that opens the nearest existing parent, unless that is the root.
func differing(indented string, paths []string) map[int]bool {
	differs := map[int]bool{}
	at, _ := linesAt(indented)
	for _, path := range paths {
		pointer := jsontext.Pointer(strings.NewReplacer(`["`, "/", `"]`, "", "[", "/", "]", "", ".", "/").Replace(strings.TrimPrefix(path, "$")))
		for len(at[pointer]) == 0 && pointer != "" {
			pointer = pointer.Parent()
		}
		for _, line := range at[pointer] {
			differs[line] = pointer != ""
		}
	}
	return differs
}

// linesAt returns the lines on which the values of each place of a JSON text begin. It returns false if the text is not JSON,
// or nests too deep.
func linesAt(body string) (map[jsontext.Pointer][]int, bool) {
	at, line, counted := map[jsontext.Pointer][]int{}, 0, 0
	d := jsontext.NewDecoder(strings.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for {
		token, err := d.ReadToken()
		if err != nil || d.StackDepth() > maxDepth {
			return at, errors.Is(err, io.EOF)
		}
		end := int(d.InputOffset())
		line, counted = line+strings.Count(body[counted:end], "\n"), end
		if kind := token.Kind(); kind != '}' && kind != ']' {
			at[d.StackPointer()] = append(at[d.StackPointer()], line)
		}
	}
}
