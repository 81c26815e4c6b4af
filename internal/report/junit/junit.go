// Package junit writes a result as JUnit XML.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// The elements of a JUnit file, as the schema of Jenkins' xunit plugin (junit-10.xsd) has them. It knows no file or
// line of a test case: in the form junit both stand in the texts only.
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
		Name       string     `xml:"name,attr"`
		Tests      int        `xml:"tests,attr"`
		Failures   int        `xml:"failures,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Time       string     `xml:"time,attr"`
		Timestamp  string     `xml:"timestamp,attr"`
		File       string     `xml:"file,attr,omitempty"`
		Properties []property `xml:"properties>property"`
		Cases      []testCase `xml:"testcase"`

		total result.Millis
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
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

func Render(w io.Writer, run *result.Run) error { return writeJUnit(w, run, false) }

// RenderFiles is JUnit with the file and the line of each test case, which GitLab and the actions that annotate
// changes read and Jenkins' schema refuses.
func RenderFiles(w io.Writer, run *result.Run) error { return writeJUnit(w, run, true) }

// writeJUnit writes a suite for each feature, one for the every-exchange rules and one for the run as a whole. A
// broken promise is a <failure>, what could not be judged an <error>, what is waived or skipped a <skipped>.
func writeJUnit(w io.Writer, run *result.Run, files bool) error {
	all := suites{Name: view.Inline(run.Tool.Name), Time: seconds(run.Duration)}
	place := func(c testCase, file string, line int) testCase {
		if files {
			c.File, c.Line = view.Inline(file), line
		}
		return c
	}
	names := view.UniqueNames{}
	at := map[string]int{}
	var x view.Explainer
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		key := s.File + "\x00" + s.Feature
		n, known := at[key]
		if !known {
			n = len(all.Suites)
			at[key] = n
			all.Suites = append(all.Suites, newSuite(run, s.Feature, s.File))
		}
		all.Suites[n].add(place(newCase(names, &x, run, s), s.File, s.Line), s.Duration)
	}
	every := newSuite(run, result.EveryExchange, "")
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			every.add(place(newRule(names, run, r), r.File, r.Line), 0)
		}
	}
	whole := newSuite(run, view.TheRun, "")
	for _, c := range result.Checks(run) {
		whole.add(newCheck(run, c), 0)
	}
	for _, s := range []suite{every, whole} {
		if len(s.Cases) > 0 {
			all.Suites = append(all.Suites, s)
		}
	}
	for i := range all.Suites {
		s := &all.Suites[i]
		s.Time = seconds(s.total)
	}
	counts := result.Count(run)
	all.Tests, all.Failures, all.Errors = counts.Total(), counts[result.Failed], counts[result.Broken]
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newSuite(run *result.Run, name, file string) suite {
	return suite{
		Name: view.Inline(name), File: view.Inline(file), Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []property{
			{"environment", view.Inline(run.Environment)},
			{"target", view.Inline(strings.TrimSpace(run.Target.Kind + " " + run.Target.BaseURL))},
			{"version", view.Inline(run.Tool.Version)},
		},
	}
}

func (s *suite) add(c testCase, duration result.Millis) {
	s.Tests++
	s.total += duration
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func newCase(names view.UniqueNames, x *view.Explainer, run *result.Run, s *result.Scenario) testCase {
	class := class(s.File, s.Rule)
	c := testCase{ClassName: class, Name: names.Take(class, view.Inline(s.Name)+view.Repetition(s), view.Place(s.File, s.Line)), Time: seconds(s.Duration)}
	message := view.Inline(view.ReasonOf(s))
	switch s.Verdict {
	case result.Failed:
		c.Failure = &problem{Type: "failed", Message: view.Inline(s.Rule) + ": " + view.Uncounted(run, s.Verdict, s.Level) + message, Text: "\n" + x.Scenario(run, s)}
	case result.Broken:
		kind := "broken"
		if s.Cause != "" {
			kind = view.Inline(s.Cause)
		}
		c.Error = &problem{Type: kind, Message: view.Inline(s.Rule) + ": " + view.Uncounted(run, s.Verdict, s.Level) + message, Text: "\n" + x.Scenario(run, s)}
	case result.Skipped, result.Waived:
		c.Skipped = newSkip(s.Verdict, message)
	case result.Observed:
		c.Output = "observed: " + view.ObservedLine(s)
	}
	for _, f := range view.Earlier(s) {
		rerun := rerun{Type: view.Inline(f.Cause), Message: view.Inline(f.Message), Trace: view.Place(s.File, s.Line)}
		switch s.Verdict {
		case result.Passed:
			c.Flaky = append(c.Flaky, rerun)
		case result.Failed, result.Broken:
			c.Rerun = append(c.Rerun, rerun)
		}
	}
	if s.Flaky {
		c.Output = fmt.Sprintf("flaky: passed at attempt %d", s.Attempts)
	}
	return c
}

// newSkip has its reason twice: GitLab reads the content only, others only the message.
func newSkip(v result.Verdict, reason string) *problem {
	return &problem{Type: string(v), Message: reason, Text: reason}
}

func newRule(names view.UniqueNames, run *result.Run, r *result.Rule) testCase {
	class := "every_exchange." + view.Inline(r.ID)
	c := testCase{ClassName: class, Name: names.Take(class, view.Inline(r.Title), view.Place(r.File, r.Line)), Time: seconds(0)}
	switch r.Verdict {
	case result.Failed:
		c.Failure = &problem{Type: "failed", Message: view.Inline(r.ID) + ": " + view.Uncounted(run, r.Verdict, r.Level) + view.RuleReason(r), Text: "\n" + view.ExplainRule(run, r)}
	case result.Broken:
		c.Error = &problem{Type: "broken", Message: view.Inline(r.ID) + ": " + view.RuleReason(r)}
	case result.Skipped, result.Waived:
		c.Skipped = newSkip(r.Verdict, view.RuleReason(r))
	case result.Passed:
		if r.Judged > 0 {
			c.Output = "kept by " + view.Count(r.Judged, "exchange")
		}
	}
	return c
}

func newCheck(run *result.Run, check result.Check) testCase {
	c := testCase{ClassName: "the_run." + check.ID, Name: check.Name, Time: seconds(0)}
	message, text := view.Inline(check.Message), "\n"+view.ExplainCheck(run, check)
	switch check.Verdict {
	case result.Failed:
		c.Failure = &problem{Type: "failed", Message: message, Text: text}
	case result.Broken:
		c.Error = &problem{Type: "broken", Message: message, Text: text}
	case result.Observed:
		c.Output = "observed: " + message + text
	default:
		c.Output = message
	}
	return c
}

// class groups the scenarios of one rule: what is before the last dot is a package to Jenkins.
func class(file, rule string) string {
	stem := strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), ".feature")
	return strings.ReplaceAll(view.Inline(stem), ".", "_") + "." + strings.ReplaceAll(view.Inline(rule), ".", "_")
}

// seconds is a duration as JUnit has it.
func seconds(m result.Millis) string { return fmt.Sprintf("%.3f", float64(max(m, 0))/1000) }
