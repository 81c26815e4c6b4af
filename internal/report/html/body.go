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
	Parts []piece // some lines each, without the line break at their end; marked where a finding speaks of them
	Note  string  // how much of it is shown, where that is not all
}

// maxDepth is how deep a JSON body may nest and still be indented: the indentation of a deep one grows with
// the square of its depth.
const maxDepth = 24

// newBody shows a body of size bytes (0: all of it is there). JSON is indented, with its literals as they
// came; anything else, and what had to be cut, is shown as it came. paths are the JSON paths that differ.
func newBody(body string, size, limit int, paths []string) shownBody {
	length := max(size, len(body))
	head, cut := text.Beginning(body, limit)
	if length == 0 {
		return shownBody{} // there is none
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

// differing returns the lines of an indented JSON text that lie at one of the paths. Where a path is not there (a
// member is missing), it is the line that opens the object which lacks it instead, the root excepted.
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

// linesAt returns on which lines of a JSON text the values of each place begin. False: it is no JSON, or nests too deep.
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
