package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"

	"verifik-contract/internal/result"
)

// The elements of a JUnit file, as the schema of Jenkins' xunit plugin (junit-10.xsd) has them: it knows no file or
// line of a test case, so both stand in the texts.
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
		Skipped   *junitProblem `xml:"skipped"`
		Error     *junitProblem `xml:"error"`
		Failure   *junitProblem `xml:"failure"`
		Output    string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}
)

// renderJUnit writes a suite for each feature and one for the every-exchange rules. A broken promise is a
// <failure>, what could not be judged an <error>, what is waived or skipped a <skipped>.
func renderJUnit(w io.Writer, run *result.Run) error {
	all := junitSuites{Name: inline(run.Tool.Name), Time: seconds(run.Duration)}
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
		all.Suites[n].add(newJUnitCase(names, &x, s), s.Duration)
	}
	every := newJUnitSuite(run, everyExchange, "")
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange {
			every.add(newJUnitRule(names, run, r), 0)
		}
	}
	whole := newJUnitSuite(run, theRun, "")
	for _, c := range wholeChecks(run) {
		whole.add(newJUnitWhole(c), 0)
	}
	for _, s := range []junitSuite{every, whole} {
		if len(s.Cases) > 0 {
			all.Suites = append(all.Suites, s)
		}
	}
	for i := range all.Suites {
		s := &all.Suites[i]
		s.Time = seconds(s.total)
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
	}
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

func newJUnitCase(names uniqueNames, x *explainer, s *result.Scenario) junitCase {
	class := junitClass(s.File, s.Rule)
	c := junitCase{ClassName: class, Name: names.take(class, s), Time: seconds(s.Duration)}
	message := inline(reasonOf(s))
	switch s.Verdict {
	case result.Failed:
		c.Failure = &junitProblem{Type: "failed", Message: inline(s.Rule) + ": " + message, Text: "\n" + x.scenario(s)}
	case result.Broken:
		kind := "broken"
		if s.Cause != "" {
			kind = inline(s.Cause)
		}
		c.Error = &junitProblem{Type: kind, Message: inline(s.Rule) + ": " + message, Text: "\n" + x.scenario(s)}
	case result.Skipped, result.Waived:
		c.Skipped = &junitProblem{Type: string(s.Verdict), Message: message}
	case result.Observed:
		c.Output = "observed: " + observedLine(s)
	}
	if s.Flaky {
		c.Output = fmt.Sprintf("flaky: passed at attempt %d", s.Attempts)
	}
	return c
}

func newJUnitRule(names uniqueNames, run *result.Run, r *result.Rule) junitCase {
	class := "every_exchange." + inline(r.ID)
	c := junitCase{ClassName: class, Name: names.takeName(class, inline(r.Title), place(r.File, r.Line)), Time: seconds(0)}
	switch r.Verdict {
	case result.Failed:
		c.Failure = &junitProblem{Type: "failed", Message: inline(r.ID) + ": " + ruleReason(r), Text: "\n" + explainRule(run, r)}
	case result.Broken:
		c.Error = &junitProblem{Type: "broken", Message: inline(r.ID) + ": " + ruleReason(r)}
	case result.Skipped, result.Waived:
		c.Skipped = &junitProblem{Type: string(r.Verdict), Message: ruleReason(r)}
	case result.Passed:
		if r.Judged > 0 {
			c.Output = "kept by " + count(r.Judged, "exchange")
		}
	}
	return c
}

func newJUnitWhole(check wholeCheck) junitCase {
	c := junitCase{ClassName: "the_run." + check.id, Name: check.name, Time: seconds(0)}
	switch check.verdict {
	case result.Failed:
		c.Failure = &junitProblem{Type: "failed", Message: check.message}
	case result.Broken:
		c.Error = &junitProblem{Type: "broken", Message: check.message}
	default:
		c.Output = check.message
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

// uniqueNames is the names given so far under each class: tools that keep a history join on both.
type uniqueNames map[[2]string]bool

func (u uniqueNames) take(class string, s *result.Scenario) string {
	name := inline(s.Name)
	if s.Repeat > 1 {
		name += fmt.Sprintf(" #%d", s.Repeat)
	}
	return u.takeName(class, name, place(s.File, s.Line))
}

func (u uniqueNames) takeName(class, name, place string) string {
	if name == "" {
		name = place
	}
	if u[[2]string{class, name}] {
		name += " (" + place + ")"
	}
	for base, n := name, 2; u[[2]string{class, name}]; n++ {
		name = fmt.Sprintf("%s #%d", base, n)
	}
	u[[2]string{class, name}] = true
	return name
}

// seconds is a duration as JUnit has it.
func seconds(m result.Millis) string { return fmt.Sprintf("%.3f", float64(max(m, 0))/1000) }
