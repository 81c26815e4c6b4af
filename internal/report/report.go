// Package report shows a plan or a result: on a terminal while a run goes on and after it, and as the files that
// other tools read. Every report is a view of the same result, and every text that came from outside is made
// harmless before it is shown.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"verifik-contract/internal/report/ctrf"
	"verifik-contract/internal/report/cucumber"
	"verifik-contract/internal/report/github"
	"verifik-contract/internal/report/har"
	"verifik-contract/internal/report/html"
	"verifik-contract/internal/report/junit"
	"verifik-contract/internal/report/markdown"
	"verifik-contract/internal/report/prometheus"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Form is one form of report.
type Form struct {
	Name   string // as --report names it
	Doc    string // what it is for, in a line
	render func(io.Writer, *result.Run) error
}

// Forms returns every form of report.
func Forms() []Form {
	return []Form{
		{"json", "the result file, as --result writes it", result.Write},
		{"junit", "JUnit XML, as Jenkins and most tools read it", junit.Render},
		{"junit-files", "JUnit XML with the file and line of each test, for GitLab and actions that annotate", junit.RenderFiles},
		{"markdown", "a GitHub job summary", markdown.Render},
		{"github", "annotations in the log of a GitHub workflow", github.Render},
		{"ctrf", "CTRF JSON, the common test report format", ctrf.Render},
		{"cucumber", "Cucumber JSON, as Cucumber's report tools read it", cucumber.Render},
		{"har", "the exchanges as an HTTP archive (HAR 1.2)", har.Render},
		{"html", "one page for a browser, which needs no network", html.Render},
		{"prometheus", "metrics, for the textfile collector of Prometheus' node_exporter", prometheus.Render},
		{"text", "what the terminal shows, without colour", terminal.Render},
	}
}

// Render writes a result in a form, which Forms names.
func Render(w io.Writer, name string, run *result.Run) error {
	f, err := find(name)
	if err != nil {
		return err
	}
	return f.render(w, run)
}

// Whole reports whether a form shows what scenarios sent and got in which nothing is wrong.
func Whole(name string) bool { return slices.Contains([]string{"json", "har", "html"}, name) }

func find(name string) (Form, error) {
	var names []string
	for _, f := range Forms() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Form{}, fmt.Errorf("there is no report form %q%s (there are %s)", view.Cut(name, 60), text.DidYouMean(name, names), strings.Join(names, ", "))
}
