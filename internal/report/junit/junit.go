// Package junit writes a result as JUnit XML.
package junit

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// The elements of a JUnit file, as in the schema of Jenkins' xunit plugin (junit-10.xsd). It knows no file or line of a test
// case: in the form junit they are only part of the texts.
type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Time     string   `xml:"time,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	suite struct {
		Name      string     `xml:"name,attr"`
		Tests     int        `xml:"tests,attr"`
		Failures  int        `xml:"failures,attr"`
		Errors    int        `xml:"errors,attr"`
		Skipped   int        `xml:"skipped,attr"`
		Time      string     `xml:"time,attr"`
		Timestamp string     `xml:"timestamp,attr"`
		File      string     `xml:"file,attr,omitempty"`
		Cases     []testCase `xml:"testcase"`
	}
	testCase struct {
		ClassName string   `xml:"classname,attr"`
		Name      string   `xml:"name,attr"`
		Time      string   `xml:"time,attr"`
		File      string   `xml:"file,attr,omitempty"` // junit-files only
		Line      int      `xml:"line,attr,omitempty"` // junit-files only
		Skipped   *problem `xml:"skipped"`
		Error     *problem `xml:"error"`
		Failure   *problem `xml:"failure"`
		Flaky     []rerun  `xml:"flakyError"` // the attempts before one that passed
		Rerun     []rerun  `xml:"rerunError"` // the attempts before one that did not
		Output    string   `xml:"system-out,omitempty"`
	}
	problem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
	rerun struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Trace   string `xml:"stackTrace"`
	}
)

// Render writes a suite for each feature, one for the every-exchange rules and one for the run as a whole. A broken promise
// is a <failure>, what could not be judged an <error>, and what was waived or skipped a <skipped>.
func Render(w io.Writer, run *result.Run) error { return write(w, run, false) }

// RenderFiles is Render with the file and line of each test case, which GitLab and annotating actions read, and Jenkins'
// schema refuses.
func RenderFiles(w io.Writer, run *result.Run) error { return write(w, run, true) }

func write(w io.Writer, run *result.Run, files bool) error {
	counts := result.Count(run)
	all := suites{
		Name: view.Inline(run.Tool.Name), Time: seconds(run.Duration),
		Tests: counts.Total(), Failures: counts[result.Failed], Errors: counts[result.Broken],
	}
	for _, tests := range view.Suites(run) {
		of, tally := tests[0].Suite, result.Tally{}
		made := suite{Name: view.Inline(of.Name), File: view.Inline(of.File), Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05")}
		total := result.Millis(0)
		for _, t := range tests {
			c := newCase(t)
			if files {
				c.File, c.Line = view.Inline(t.File), t.Line
			}
			if t.Scenario != nil {
				total += t.Scenario.Duration
			}
			made.Cases = append(made.Cases, c)
			tally[t.Verdict]++
		}
		made.Time, made.Tests, made.Failures, made.Errors = seconds(total), tally.Total(), tally[result.Failed], tally[result.Broken]
		made.Skipped = tally[result.Skipped] + tally[result.Waived]
		all.Suites = append(all.Suites, made)
	}
	_, before := io.WriteString(w, xml.Header)
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	encoded := encoder.Encode(all)
	_, after := io.WriteString(w, "\n")
	return cmp.Or(before, encoded, after)
}

func newCase(t view.Test) testCase {
	c := testCase{Name: t.Name, ClassName: "every_exchange." + view.Inline(t.ID), Time: seconds(0), Output: output(t)}
	made := &problem{Type: string(t.Verdict), Message: view.Inline(t.ID) + ": " + t.Message, Text: "\n" + t.Details}
	var before []rerun
	switch s := t.Scenario; {
	case s != nil:
		c.ClassName, c.Time = class(s.File, s.Rule), seconds(s.Duration)
		if s.Verdict == result.Broken {
			made.Type = cmp.Or(view.Inline(s.Cause), made.Type)
		}
		before = group.Map(view.Earlier(s), func(f result.Failure) rerun {
			return rerun{Type: view.Inline(f.Cause), Message: view.Inline(f.Message), Trace: view.Place(s.File, s.Line)}
		})
	case t.Check != nil:
		c.ClassName, made.Message = "the_run."+t.ID, t.Message
	}
	switch t.Verdict {
	case result.Passed:
		c.Flaky = before
	case result.Failed:
		c.Failure, c.Rerun = made, before
	case result.Broken:
		c.Error, c.Rerun = made, before
	case result.Skipped, result.Waived: // the reason twice: GitLab reads only the content, others only the message
		made.Message, made.Text = t.Message, t.Message
		c.Skipped = made
	}
	return c
}

// output returns what is worth knowing about a test that did not fail.
func output(t view.Test) string {
	switch {
	case t.Scenario != nil && t.Scenario.Flaky:
		return fmt.Sprintf("flaky: passed at attempt %d", t.Scenario.Attempts)
	case t.Scenario != nil && t.Verdict == result.Observed:
		return "observed: " + view.ObservedLine(t.Scenario)
	case t.Scenario == nil && t.Rule != nil && t.Verdict == result.Passed:
		return view.RuleWords(t.Rule)
	case t.Check != nil && t.Verdict == result.Observed:
		return "observed: " + t.Message + "\n" + t.Details
	case t.Check != nil && t.Verdict == result.Passed:
		return t.Message
	}
	return ""
}

// class returns the class name of a rule's scenarios. To Jenkins, what stands before the last dot is a package.
func class(file, rule string) string {
	stem := strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), ".feature")
	return strings.ReplaceAll(view.Inline(stem), ".", "_") + "." + strings.ReplaceAll(view.Inline(rule), ".", "_")
}

// seconds returns a duration in JUnit's format.
func seconds(m result.Millis) string { return fmt.Sprintf("%.3f", float64(max(m, 0))/1000) }
