// Package problem is what is wrong with an input: an environment, a feature, a schema, a flag. All problems
// of an input are gathered and shown together, each with its place and with what to do about it.
package problem

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"verifik-contract/internal/text"
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

// List is every problem of an input. As an error it reads as Write shows it.
type List []Problem

// Add notes an error, and what to do about it.
func (l *List) Add(summary, detail string) {
	*l = append(*l, Problem{Severity: Error, Summary: summary, Detail: detail})
}

// Error implements error.
func (l List) Error() string {
	var b strings.Builder
	_ = Write(&b, l) // a builder takes everything
	return b.String()
}

// HasErrors reports whether one of the problems stops the tool.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(p Problem) bool { return p.Severity != Warning })
}

func place(p Problem) string {
	at := text.Line(p.File)
	for _, number := range []int{p.Line, p.Column} {
		if number == 0 {
			break
		}
		at += fmt.Sprintf(":%d", number)
	}
	return at
}

// Write shows the problems for a person, with a caret under the place that needs no colour. Whatever the texts
// hold, nothing but printable characters comes out.
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
		fmt.Fprintf(&b, "%s: %s\n", title, text.Line(p.Summary))
		if p.File != "" {
			fmt.Fprintf(&b, "  --> %s\n", place(p))
		}
		if p.Source != "" {
			writeSource(&b, p)
		}
		for _, line := range text.Lines(p.Detail) {
			if line = strings.TrimRight(line, " "); line != "" {
				fmt.Fprintf(&b, "  %s\n", line)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// maxSource bounds how much of a source line is shown, in characters: a line may be a megabyte long.
const maxSource = 160

// cut stands where a part of a source line is left out.
const cut = "..."

func writeSource(b *strings.Builder, p Problem) {
	line := []rune(text.Columns(p.Source))       // a tab keeps its one column
	marked := min(max(p.Column-1, 0), len(line)) // a caret behind the line's end stands at its end
	from := max(0, marked-maxSource/2)
	to := min(len(line), from+maxSource)
	before, after := "", ""
	if from > 0 {
		before = cut
	}
	if to < len(line) {
		after = cut
	}
	margin := fmt.Sprintf("%5d | ", p.Line)
	fmt.Fprintf(b, "%s%s\n", margin, strings.TrimRight(before+string(line[from:to])+after, " "))
	if p.Column == 0 {
		return
	}
	// Characters of Chinese, Japanese and Korean take two columns, combining ones none.
	end := min(marked+max(p.Width, 1), to)
	indent := ansi.StringWidth(before + string(line[from:marked]))
	width := max(ansi.StringWidth(string(line[marked:end])), 1)
	fmt.Fprintf(b, "%s| %s%s\n", strings.Repeat(" ", len(margin)-2), strings.Repeat(" ", indent), strings.Repeat("^", width))
}
