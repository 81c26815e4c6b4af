package explore

import (
	_ "embed" // the report's words
	"io"
	"strings"
	"text/template"

	"verifik-contract/internal/text"
)

//go:embed report.tmpl
var reportText string

// mostShown is how many characters of one line of a text are shown. A command that is cut is none: it is shown whole.
const mostShown = 300

// Write shows a report to a person. Whatever an answer holds, nothing but printable characters comes out. The error
// is the writer's.
func Write(w io.Writer, r *Report) error {
	functions := template.FuncMap{
		"count": text.Count, "duration": text.Duration, "asks": asks, "join": strings.Join,
		"add":  func(a, b int) int { return a + b },
		"line": text.Line,
		"open": func(sentence string) string { return strings.TrimRight(sentence, ".") },
		"cut":  func(foreign string) string { return text.Cut(foreign, mostShown) },
		"most": func() int { return mostShown },
	}
	return template.Must(template.New("").Funcs(functions).Parse(reportText)).Execute(w, r)
}
