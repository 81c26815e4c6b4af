package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"

	"verifik-contract/internal/result"
)

// The elements of a JUnit file, as the schema of Jenkins' xunit plugin (junit-10.xsd) has them. It knows no file or
// line of a test case: in the form junit both stand in the texts only.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Time     string       `xml:"time,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		File       string          `xml:"file,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`

		total result.Millis
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		ClassName string        `xml:"classname,attr"`
		Name      string        `xml:"name,attr"`
		Time      string        `xml:"time,attr"`
		File      string        `xml:"file,attr,omitempty"` // junit-files only
		Line      int           `xml:"line,attr,omitempty"` // junit-files only
		Skipped   *junitProblem `xml:"skipped"`
		Error     *junitProblem `xml:"error"`
		Failure   *junitProblem `xml:"failure"`
		Flaky     []junitRerun  `xml:"flakyError"` // the attempts before one that passed
		Rerun     []junitRerun  `xml:"rerunError"` // the attempts before one that did not
		Output    string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
	junitRerun struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Trace   string `xml:"stackTrace"`
	}
)

func renderJUnit(w io.Writer, run *result.Run) error { return writeJUnit(w, run, false) }

// renderJUnitFiles is JUnit with the file and the line of each test case, which GitLab and the actions that annotate
// changes read and Jenkins' schema refuses.
func renderJUnitFiles(w io.Writer, run *result.Run) error { return writeJUnit(w, run, true) }

// writeJUnit writes a suite for each feature, one for the every-exchange rules and one for the run as a whole. A
// broken promise is a <failure>, what could not be judged an <error>, what is waived or skipped a <skipped>.
func writeJUnit(w io.Writer, run *result.Run, files bool) error {
	all := junitSuites{Name: inline(run.Tool.Name), Time: seconds(run.Duration)}
	place := func(c junitCase, file string, line int) junitCase {
		if files {
			c.File, c.Line = inline(file), line
		}
		return c
	}
	names := uniqueNames{}
	at := map[string]int{}
	var x explainer
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		key := s.File + "\x00" + s.Feature
		n, known := at[key]
		if !known {
			n = len(all.Suites)
			at[key] = n
			all.Suites = append(all.Suites, newJUnitSuite(run, s.Feature, s.File))
		}
		all.Suites[n].add(place(newJUnitCase(names, &x, run, s), s.File, s.Line), s.Duration)
	}
	every := newJUnitSuite(run, result.EveryExchange, "")
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			every.add(place(newJUnitRule(names, run, r), r.File, r.Line), 0)
		}
	}
	whole := newJUnitSuite(run, theRun, "")
	for _, c := range result.Checks(run) {
		whole.add(newJUnitCheck(run, c), 0)
	}
	for _, s := range []junitSuite{every, whole} {
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

func newJUnitSuite(run *result.Run, name, file string) junitSuite {
	return junitSuite{
		Name: inline(name), File: inline(file), Timestamp: run.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"environment", inline(run.Environment)},
			{"target", inline(strings.TrimSpace(run.Target.Kind + " " + run.Target.BaseURL))},
			{"version", inline(run.Tool.Version)},
		},
	}
}

func (s *junitSuite) add(c junitCase, duration result.Millis) {
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

func newJUnitCase(names uniqueNames, x *explainer, run *result.Run, s *result.Scenario) junitCase {
	class := junitClass(s.File, s.Rule)
	c := junitCase{ClassName: class, Name: names.take(class, inline(s.Name)+repetition(s), place(s.File, s.Line)), Time: seconds(s.Duration)}
	message := inline(reasonOf(s))
	switch s.Verdict {
	case result.Failed:
		c.Failure = &junitProblem{Type: "failed", Message: inline(s.Rule) + ": " + uncounted(run, s.Verdict, s.Level) + message, Text: "\n" + x.scenario(run, s)}
	case result.Broken:
		kind := "broken"
		if s.Cause != "" {
			kind = inline(s.Cause)
		}
		c.Error = &junitProblem{Type: kind, Message: inline(s.Rule) + ": " + uncounted(run, s.Verdict, s.Level) + message, Text: "\n" + x.scenario(run, s)}
	case result.Skipped, result.Waived:
		c.Skipped = newJUnitSkip(s.Verdict, message)
	case result.Observed:
		c.Output = "observed: " + observedLine(s)
	}
	for _, f := range earlier(s) {
		rerun := junitRerun{Type: inline(f.Cause), Message: inline(f.Message), Trace: place(s.File, s.Line)}
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

// newJUnitSkip has its reason twice: GitLab reads the content only, others only the message.
func newJUnitSkip(v result.Verdict, reason string) *junitProblem {
	return &junitProblem{Type: string(v), Message: reason, Text: reason}
}

func newJUnitRule(names uniqueNames, run *result.Run, r *result.Rule) junitCase {
	class := "every_exchange." + inline(r.ID)
	c := junitCase{ClassName: class, Name: names.take(class, inline(r.Title), place(r.File, r.Line)), Time: seconds(0)}
	switch r.Verdict {
	case result.Failed:
		c.Failure = &junitProblem{Type: "failed", Message: inline(r.ID) + ": " + uncounted(run, r.Verdict, r.Level) + ruleReason(r), Text: "\n" + explainRule(run, r)}
	case result.Broken:
		c.Error = &junitProblem{Type: "broken", Message: inline(r.ID) + ": " + ruleReason(r)}
	case result.Skipped, result.Waived:
		c.Skipped = newJUnitSkip(r.Verdict, ruleReason(r))
	case result.Passed:
		if r.Judged > 0 {
			c.Output = "kept by " + count(r.Judged, "exchange")
		}
	}
	return c
}

func newJUnitCheck(run *result.Run, check result.Check) junitCase {
	c := junitCase{ClassName: "the_run." + check.ID, Name: check.Name, Time: seconds(0)}
	message, text := inline(check.Message), "\n"+explainCheck(run, check)
	switch check.Verdict {
	case result.Failed:
		c.Failure = &junitProblem{Type: "failed", Message: message, Text: text}
	case result.Broken:
		c.Error = &junitProblem{Type: "broken", Message: message, Text: text}
	case result.Observed:
		c.Output = "observed: " + message + text
	default:
		c.Output = message
	}
	return c
}

// ruleReason is why an every-exchange rule is not passed, in a clean line.
func ruleReason(r *result.Rule) string {
	if r.Reason != "" {
		return inline(r.Reason)
	}
	return breachLine(r)
}

// junitClass groups the scenarios of one rule: what is before the last dot is a package to Jenkins.
func junitClass(file, rule string) string {
	stem := strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), ".feature")
	return strings.ReplaceAll(inline(stem), ".", "_") + "." + strings.ReplaceAll(inline(rule), ".", "_")
}

// seconds is a duration as JUnit has it.
func seconds(m result.Millis) string { return fmt.Sprintf("%.3f", float64(max(m, 0))/1000) }
