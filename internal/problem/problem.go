// Package problem is what is wrong with an input: an environment, a feature, a schema, a flag. All problems
// of an input are gathered and shown together, each with its place and with what to do about it.
package problem

import (
	"fmt"

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

// List is every problem of an input. As an error it reads as its first problem and the count of the others.
type List []Problem

// Add notes an error, and what to do about it.
func (l *List) Add(summary, detail string) {
	*l = append(*l, Problem{Severity: Error, Summary: summary, Detail: detail})
}

// Error implements error.
func (l List) Error() string {
	if len(l) == 0 {
		return "no problem"
	}
	first := text.Line(l[0].Summary)
	if l[0].File != "" {
		first = fmt.Sprintf("%s: %s", place(l[0]), first)
	}
	if len(l) > 1 {
		first += fmt.Sprintf(" (and %d more)", len(l)-1)
	}
	return first
}

// HasErrors reports whether one of the problems stops the tool.
func (l List) HasErrors() bool {
	for _, p := range l {
		if p.Severity != Warning {
			return true
		}
	}
	return false
}

func place(p Problem) string {
	file := text.Line(p.File)
	switch {
	case p.Line == 0:
		return file
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", file, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", file, p.Line, p.Column)
}
