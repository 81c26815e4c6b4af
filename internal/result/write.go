package result

import (
	"io"

	"verifik-contract/internal/text"
)

// Write writes a result file: JSON, indented, one newline at its end. Characters that act on a terminal or that
// reorder text are written as \u escapes, so that the file can be looked at safely and still holds what came.
func Write(w io.Writer, run *Run) error {
	whole := *run
	if whole.Rules == nil {
		whole.Rules = []Rule{} // the file says [], as its schema asks, where a run had nothing to judge
	}
	if whole.Scenarios == nil {
		whole.Scenarios = []Scenario{}
	}
	return text.Encode(w, whole)
}
