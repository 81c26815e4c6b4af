// Package report lists the forms of report, and writes them to the files that were asked for. Every report is a view of the
// same result, and every text that came from outside is made harmless before it is shown.
package report

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/group"
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
	Doc    string // one line for the help
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

// Renderer writes something in the form of a name.
type Renderer func(w io.Writer, form string) error

// Of returns the renderer of a result.
func Of(run *result.Run) Renderer {
	return func(w io.Writer, form string) error {
		f, err := find(form)
		if err != nil {
			return err
		}
		return f.render(w, run)
	}
}

// ShowsPassed reports whether a form shows the exchanges of scenarios that passed.
func ShowsPassed(name string) bool { return slices.Contains([]string{"json", "har", "html"}, name) }

func find(name string) (Form, error) {
	forms := Forms()
	if at := slices.IndexFunc(forms, func(f Form) bool { return f.Name == name }); at >= 0 {
		return forms[at], nil
	}
	names := group.Map(forms, func(f Form) string { return f.Name })
	return Form{}, fmt.Errorf("there is no report form %q%s (there are %s)", view.Cut(name, 60), text.DidYouMean(name, names), strings.Join(names, ", "))
}

// Stdout is the path that stands for the standard output.
const Stdout = "-"

// Target is where one report goes.
type Target struct {
	Form string
	Path string // Stdout, or a file
}

// ParseTarget reads FORM=FILE.
func ParseTarget(given string) (Target, error) {
	name, path, found := strings.Cut(given, "=")
	f, err := find(name)
	switch {
	case !found && err != nil:
		return Target{}, fmt.Errorf("a report is given as FORM=FILE: %w", err)
	case err != nil:
		return Target{}, err
	case path == "":
		return Target{}, fmt.Errorf("the report %q has no file: write %s=FILE, or %s=- for the standard output", f.Name, f.Name, f.Name)
	}
	return Target{Form: f.Name, Path: path}, nil
}

// CheckWritable returns why reports could not be written, before the work begins. It leaves nothing behind: folders are
// made when a report is written.
func CheckWritable(targets []Target) []error {
	var problems []error
	taken := map[string]string{} // the form that a file is for
	for _, t := range targets {
		key := "/dev/fd/1"
		if t.Path != Stdout {
			key = atomicfile.Same(t.Path)
		}
		if other, twice := taken[key]; twice {
			problems = append(problems, fmt.Errorf("the reports %s and %s both go to %s: give each its own file", other, t.Form, where(t.Path)))
			continue
		}
		taken[key] = t.Form
		if t.Path == Stdout {
			continue
		}
		if err := atomicfile.Check(t.Path); err != nil {
			problems = append(problems, fmt.Errorf("the report %s cannot be written to %s: %w", t.Form, where(t.Path), err))
		}
	}
	return problems
}

func where(path string) string {
	if path == Stdout {
		return "the standard output"
	}
	return text.Quote(path)
}

// WriteFiles writes each report to its file, or to stdout, and returns what went wrong. A report that fails does not keep
// the others from being written. The context bounds the wait for a pipe that nobody reads.
func WriteFiles(ctx context.Context, files *atomicfile.Files, targets []Target, render Renderer, stdout io.Writer) []error {
	var problems []error
	for _, t := range targets {
		write := func(w io.Writer) error { return render(w, t.Form) }
		var err error
		if t.Path == Stdout {
			err = write(stdout)
		} else {
			err = files.Write(ctx, t.Path, write)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("the report %s could not be written to %s: %w", t.Form, where(t.Path), err))
		}
	}
	return problems
}
