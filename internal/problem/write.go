package problem

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"verifik-contract/internal/text"
)

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
	from := 0
	if marked > maxSource/2 {
		from = marked - maxSource/2
	}
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
