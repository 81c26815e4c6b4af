// Package problem describes what is wrong with an input: an environment, a feature, a schema, a flag. All problems of an
// input are collected and shown together, each with its place and what to do about it.
package problem

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"verifik-contract/internal/text"
)

// Severity says whether a problem stops the tool.
type Severity string

// The severities, spelt as `validate --format json` shows them.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is one thing that is wrong with an input. It never holds the value of a variable.
type Problem struct {
	Severity Severity `json:"severity"`
	Summary  string   `json:"summary"`          // what is wrong, tersely
	Detail   string   `json:"detail,omitempty"` // what to do about it
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`   // from 1; 0: the whole file
	Column   int      `json:"column,omitempty"` // from 1, in characters
	Width    int      `json:"width,omitempty"`  // how many characters the caret underlines; 0 counts as 1
	Source   string   `json:"source,omitempty"` // the line
}

// List holds all problems of an input. Its error text is what Write writes.
type List []Problem

// Add adds an error.
func (l *List) Add(summary, detail string) {
	*l = append(*l, Problem{Severity: Error, Summary: summary, Detail: detail})
}

// Error implements error.
func (l List) Error() string {
	var b strings.Builder
	_ = Write(&b, l) // writing to a builder never fails
	return b.String()
}

// HasErrors reports whether any problem stops the tool.
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

// Write writes the problems for a person, with a caret under each place. Whatever the texts hold, it writes only
// printable characters.
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

// maxSource is how many characters of a source line are shown: a line may be a megabyte long.
const maxSource = 160

// cut stands for the omitted beginning or end of a source line.
const cut = "..."

func writeSource(b *strings.Builder, p Problem) {
	line := []rune(text.Columns(p.Source))       // a tab takes one column
	marked := min(max(p.Column-1, 0), len(line)) // a caret beyond the line's end is moved to its end
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
	// Chinese, Japanese and Korean characters take two columns, combining ones none.
	end := min(marked+max(p.Width, 1), to)
	indent := ansi.StringWidth(before + string(line[from:marked]))
	width := max(ansi.StringWidth(string(line[marked:end])), 1)
	fmt.Fprintf(b, "%s| %s%s\n", strings.Repeat(" ", len(margin)-2), strings.Repeat(" ", indent), strings.Repeat("^", width))
}
