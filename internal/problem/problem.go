// Package problem is what is wrong with an input: an environment, a feature, a schema, a flag. All problems
// of an input are gathered and shown together, each with its place and with what to do about it.
package problem

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Severity tells whether a problem stops the tool.
type Severity string

// The severities, spelt as `validate --format json` shows them.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is one thing that is wrong with an input. It never holds the value of a variable.
type Problem struct {
	Severity Severity `json:"severity"`
	Summary  string   `json:"summary"`          // terse: what is wrong
	Detail   string   `json:"detail,omitempty"` // what to do about it
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`   // from 1; 0: the file as a whole
	Column   int      `json:"column,omitempty"` // from 1, in characters
	Width    int      `json:"width,omitempty"`  // how many characters the caret underlines; 0 is shown as 1
	Source   string   `json:"source,omitempty"` // the line itself
}

// List is every problem of an input. As an error it reads as its first problem and the count of the others.
type List []Problem

// Error implements error.
func (l List) Error() string {
	if len(l) == 0 {
		return "no problem"
	}
	text := l[0].Summary
	if l[0].File != "" {
		text = fmt.Sprintf("%s: %s", place(l[0]), text)
	}
	if len(l) > 1 {
		text += fmt.Sprintf(" (and %d more)", len(l)-1)
	}
	return text
}

// HasErrors tells whether one of the problems stops the tool.
func (l List) HasErrors() bool {
	for _, p := range l {
		if p.Severity != Warning {
			return true
		}
	}
	return false
}

// Write shows the problems for a person, with a caret under the place that needs no colour.
func Write(w io.Writer, l List) error {
	var b strings.Builder
	for i, p := range l {
		if i > 0 {
			b.WriteByte('\n')
		}
		title := "Error"
		if p.Severity == Warning {
			title = "Warning"
		}
		fmt.Fprintf(&b, "%s: %s\n", title, p.Summary)
		if p.File != "" {
			fmt.Fprintf(&b, "  --> %s\n", place(p))
		}
		if p.Source != "" {
			writeCaret(&b, p)
		}
		for line := range strings.SplitSeq(p.Detail, "\n") {
			if line != "" {
				fmt.Fprintf(&b, "  %s\n", line)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func place(p Problem) string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// maxSource bounds how much of a source line is shown, in characters: a line may be a megabyte long.
const maxSource = 160

func writeCaret(b *strings.Builder, p Problem) {
	source := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' ' // a tab keeps its one column, an escape sequence never reaches the terminal
		}
		return r
	}, p.Source))
	column, from := max(p.Column, 1), 0
	if column > maxSource/2 {
		from = min(column-maxSource/2, len(source))
	}
	source = source[from:min(len(source), from+maxSource)]
	margin := fmt.Sprintf("%5d | ", p.Line)
	fmt.Fprintf(b, "%s%s\n", margin, string(source))
	if p.Column > 0 {
		width := min(max(p.Width, 1), max(len(source)-(column-1-from), 1))
		fmt.Fprintf(b, "%s%s%s\n", strings.Repeat(" ", len(margin)-2)+"| ", strings.Repeat(" ", column-1-from), strings.Repeat("^", width))
	}
}
