// Package github writes a result as annotations in the log of a GitHub workflow.
package github

import (
	"fmt"
	"io"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// maxAnnotations is how many annotations of one type GitHub shows for a step; it drops the others silently.
const maxAnnotations = 10

// annotation is one workflow command of a log.
type annotation struct {
	kind    string // error, warning or notice
	file    string
	line    int
	title   string
	message string
}

// Render writes annotations, worst first: of each type at most as many as GitHub shows, and a last line that counts the
// rest.
func Render(w io.Writer, run *result.Run) error {
	var b strings.Builder
	var rest []string
	all := annotations(run)
	for _, kind := range []string{"error", "warning", "notice"} {
		of := group.Where(all, func(a annotation) bool { return a.kind == kind })
		for _, a := range of[:min(len(of), maxAnnotations)] {
			b.WriteString(a.command())
		}
		if left := len(of) - maxAnnotations; left > 0 {
			rest = append(rest, text.Count(left, "more "+kind))
		}
	}
	if len(rest) > 0 {
		fmt.Fprintf(&b, "%s not annotated: GitHub shows %d of a type. The result file holds all.\n", strings.Join(rest, ", "), maxAnnotations)
	}
	b.WriteString(view.Conclusion(run) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// annotations returns everything that is worth an annotation.
func annotations(run *result.Run) []annotation {
	var all []annotation
	add := func(kind, title, message string) {
		all = append(all, annotation{kind: kind, title: title, message: message})
	}
	if run.Stopped != "" {
		add("error", "Stopped", view.Inline(run.Stopped))
	}
	for _, c := range result.Checks(run) {
		switch {
		case c.ID == "latency", c.ID == "stopped" && run.Stopped != "": // they have annotations of their own
		case c.Verdict.NeedsAttention():
			add("error", c.Name, view.Inline(c.Message))
		case c.Verdict == result.Observed:
			add("warning", c.Name, view.Inline(c.Message))
		}
	}
	details := (&view.Page{}).Details(run)
	all = append(all, group.Map(view.Failures(run), func(t *view.Failure) annotation { return ofFailure(run, t, details) })...)
	if l := run.Latency; l.Exceeded() {
		kind := "warning"
		if l.Budget.Fail {
			kind = "error"
		}
		add(kind, "Latency", view.LatencyLine(l))
	}
	for _, warning := range run.Warnings {
		add("warning", "Warning", view.Inline(warning))
	}
	for _, s := range group.Pointers(run.Scenarios) {
		if s.Flaky {
			all = append(all, annotation{"warning", s.File, s.Line, "flaky " + view.Inline(s.Rule), view.Inline(s.Name) + fmt.Sprintf(": passed at attempt %d", s.Attempts)})
		}
		if s.Verdict == result.Waived {
			all = append(all, annotation{"notice", s.File, s.Line, "waived " + view.Inline(s.Rule), view.Inline(s.Name) + ": " + view.ReasonOf(s)})
		}
	}
	for _, line := range view.Without(run) {
		add("notice", "Scope", line)
	}
	return all
}

// ofFailure returns the annotation of a failure: a warning if it does not change the exit code.
func ofFailure(run *result.Run, t *view.Failure, details view.Details) annotation {
	rule := t.Rules[0]
	a := annotation{kind: "error", title: string(t.Verdict) + " " + view.Inline(rule.ID) + " " + view.Cut(rule.Title, 120)}
	if t.Level == result.Observe || t.Verdict == result.Failed && !result.Counts(t.Level, run.Selection.FailOn) {
		a.kind = "warning"
	}
	if len(t.Rules) > 1 {
		a.title = string(t.Verdict) + " " + view.Few(view.IDs(t.Rules), 3) + " " + view.Cut(t.Words, 120)
	}
	a.file, a.line = rule.File, rule.Line
	if s := t.Scenario(); s != nil {
		a.file, a.line = s.File, s.Line
		if step := view.StepOf(s); step != nil {
			a.line = step.Line
		}
	}
	a.message = strings.TrimSuffix(details.Text("annotation", t), "\n")
	return a
}

// command returns the annotation as a workflow command. Its texts are clean, so that the only line breaks are ours.
func (a annotation) command() string {
	var properties []string
	if a.file != "" {
		properties = append(properties, "file="+property(view.Inline(a.file)))
		if a.line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", a.line))
		}
	}
	properties = append(properties, "title="+property(a.title))
	return fmt.Sprintf("::%s %s::%s\n", a.kind, strings.Join(properties, ","), messageText(a.message))
}

func messageText(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(messageText(text))
}
