package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/stretchr/testify/require"

	ourjunit "verifik-contract/internal/report/junit"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

func parsedTests(t *testing.T, run *result.Run) map[string]junit.Test {
	t.Helper()
	suites, err := junit.Ingest(examples.Rendered(t, ourjunit.Render, run))
	require.NoError(t, err)
	tests := map[string]junit.Test{}
	for _, s := range suites {
		for _, test := range s.Tests {
			key := test.Classname + "|" + test.Name
			require.NotContains(t, tests, key, "classname and name are unique")
			tests[key] = test
		}
	}
	return tests
}

func TestJUnitTellsVerdictsApart(t *testing.T) {
	tests := parsedTests(t, examples.Sample())
	cases := map[string]struct {
		test   string
		status junit.Status
		text   string
	}{
		"passed":                  {"right_otp.PV-01|With a country code of 1 digit", junit.StatusPassed, ""},
		"failed":                  {"wrong_otp.PV-02|Only the first digit differs", junit.StatusFailed, `PV-02: the code is "Forbidden"`},
		"broken":                  {"expiry.PV-07|The right OTP after expiry", junit.StatusError, "PV-07: no answer within 10s"},
		"skipped":                 {"webhook.PV-14|One notification", junit.StatusSkipped, "the environment has no webhook block"},
		"waived":                  {"options.PV-11|Another project", junit.StatusSkipped, "waived until 2027-01-31: the gateway drops them"},
		"observed":                {"silent.PV-30|The same OTP twice", junit.StatusPassed, ""},
		"every exchange, broken":  {"every_exchange.PV-19|The body is one JSON value in UTF-8", junit.StatusFailed, "PV-19: broken by 2 of 7 exchanges"},
		"every exchange, is kept": {"every_exchange.PV-20|Only the documented statuses occur", junit.StatusPassed, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, tests, c.test)
			require.Equal(t, c.status, tests[c.test].Status)
			require.Equal(t, c.text, tests[c.test].Message)
		})
	}
	require.Len(t, tests, 11)
	require.Contains(t, tests["silent.PV-30|The same OTP twice"].SystemOut, "404 phone_validation_not_found")
	require.Contains(t, tests["right_otp.PV-01|With a country code of 2 digits"].SystemOut, "flaky: passed at attempt 2")
	require.Equal(t, result.Millis(20), result.ToMillis(tests["wrong_otp.PV-02|Only the first digit differs"].Duration))
	require.Contains(t, tests["wrong_otp.PV-02|Only the first digit differs"].Error.Error(), "features/wrong_otp.feature:8")
}

func TestJUnitNamesOfRepetitionsAndDoublesAreUnique(t *testing.T) {
	run := examples.Kept()
	for n := 2; n <= 4; n++ {
		s := run.Scenarios[0]
		s.Repeat = n % 4 // one without a repetition: the same name twice
		run.Scenarios = append(run.Scenarios, s)
	}
	run.Scenarios = append(run.Scenarios, run.Scenarios[0], run.Scenarios[0])
	tests := parsedTests(t, run)
	require.Len(t, tests, len(run.Scenarios))
	require.Contains(t, tests, "right_otp.PV-01|With a country code of 1 digit #2")
}

// The actions and GitLab find the feature by the attributes, Jenkins refuses them: nothing else is another.
func TestJUnitFilesIsJUnitWithThePlaceOfEachTest(t *testing.T) {
	places := regexp.MustCompile(`(<testcase [^>]*?) file="([^"]*)" line="(\d+)">`)
	for name, run := range map[string]*result.Run{"sample": examples.Sample(), "hostile": examples.Hostile(), "down": examples.Down()} {
		t.Run(name, func(t *testing.T) {
			text := examples.Rendered(t, ourjunit.RenderFiles, run)
			require.Equal(t, string(examples.Rendered(t, ourjunit.Render, run)), places.ReplaceAllString(string(text), "$1>"))
			var want, got []string
			for _, s := range run.Scenarios {
				want = append(want, view.Place(s.File, s.Line))
			}
			for _, r := range run.Rules {
				if r.EveryExchange {
					want = append(want, view.Place(r.File, r.Line))
				}
			}
			for _, m := range places.FindAllSubmatch(text, -1) {
				got = append(got, string(m[2])+":"+string(m[3]))
			}
			require.ElementsMatch(t, want, got)
		})
	}
}

func TestJUnitTellsWhyAnAttemptWasRepeated(t *testing.T) {
	type attempt struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Trace   string `xml:"stackTrace"`
	}
	var file struct {
		Cases []struct {
			Name  string    `xml:"name,attr"`
			Flaky []attempt `xml:"flakyError"`
			Rerun []attempt `xml:"rerunError"`
		} `xml:"testsuite>testcase"`
	}
	run := examples.Sample()
	run.Scenarios[0].Flaky, run.Scenarios[0].Attempts = true, 3 // a result of a version that kept no reasons
	require.NoError(t, xml.Unmarshal(examples.Rendered(t, ourjunit.Render, run), &file))
	for _, c := range file.Cases {
		switch c.Name {
		case "With a country code of 1 digit":
			require.Equal(t, []attempt{{"broken", "attempt 1 could not be judged", "features/right_otp.feature:10"}, {"broken", "attempt 2 could not be judged", "features/right_otp.feature:10"}}, c.Flaky)
		case "With a country code of 2 digits":
			require.Equal(t, []attempt{{"unavailable", "the answer is 503", "features/right_otp.feature:11"}}, c.Flaky)
		case "The right OTP after expiry":
			require.Empty(t, c.Flaky, "it did not pass")
			require.Len(t, c.Rerun, 2)
			require.Equal(t, "no answer within 10s", c.Rerun[0].Message)
		default:
			require.Empty(t, append(c.Flaky, c.Rerun...))
		}
	}
}

// rules is this project's reading of what junit-10.xsd of Jenkins' xunit plugin says of each element: its
// attributes (true: required) and the elements that it may hold.
func rules() map[string]struct {
	attributes map[string]bool
	children   []string
} {
	type rules = struct {
		attributes map[string]bool
		children   []string
	}
	problem := rules{attributes: map[string]bool{"type": false, "message": false}}
	rerun := rules{map[string]bool{"type": true, "message": false}, []string{"stackTrace", "system-out", "system-err"}}
	return map[string]rules{
		"testsuites": {map[string]bool{"name": false, "time": false, "tests": false, "failures": false, "errors": false}, []string{"testsuite"}},
		"testsuite": {map[string]bool{"name": true, "tests": true, "failures": true, "errors": true, "group": false, "time": false, "skipped": false, "timestamp": false,
			"hostname": false, "id": false, "package": false, "file": false, "log": false, "url": false},
			[]string{"testsuite", "properties", "testcase", "system-out", "system-err"}},
		"properties": {nil, []string{"property"}},
		"property":   {map[string]bool{"name": true, "value": true}, nil},
		"testcase": {map[string]bool{"name": true, "time": false, "classname": false, "group": false},
			[]string{"skipped", "error", "failure", "rerunFailure", "rerunError", "flakyFailure", "flakyError", "system-out", "system-err"}},
		"skipped": problem, "error": problem, "failure": problem,
		"rerunFailure": rerun, "rerunError": rerun, "flakyFailure": rerun, "flakyError": rerun,
		"system-out": {}, "system-err": {}, "stackTrace": {},
	}
}

var surefireTime = regexp.MustCompile(`^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?$`)

func checkJUnit(text []byte) error {
	rules := rules()
	decoder := xml.NewDecoder(bytes.NewReader(text))
	var open []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			rule, known := rules[name]
			if !known {
				return fmt.Errorf("<%s> is not in the schema", name)
			}
			if len(open) > 0 && !slices.Contains(rules[open[len(open)-1]].children, name) {
				return fmt.Errorf("<%s> stands in <%s>", name, open[len(open)-1])
			}
			if len(open) == 0 && name != "testsuites" {
				return fmt.Errorf("the root is <%s>", name)
			}
			seen := map[string]bool{}
			for _, a := range e.Attr {
				if _, known := rule.attributes[a.Name.Local]; !known || seen[a.Name.Local] {
					return fmt.Errorf("<%s> has the attribute %s", name, a.Name.Local)
				}
				seen[a.Name.Local] = true
				if a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
					return fmt.Errorf("<%s> has the time %q", name, a.Value)
				}
			}
			for a, required := range rule.attributes {
				if required && !seen[a] {
					return fmt.Errorf("<%s> lacks the attribute %s", name, a)
				}
			}
			open = append(open, name)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if text := bytes.TrimSpace(e); len(text) > 0 && slices.Contains([]string{"testsuites", "testsuite", "properties", "testcase"}, open[len(open)-1]) {
				return fmt.Errorf("<%s> holds the text %q", open[len(open)-1], text)
			}
		}
	}
}

func TestJUnitKeepsTheRulesOfJenkins(t *testing.T) {
	for name, run := range map[string]*result.Run{"sample": examples.Sample(), "hostile": examples.Hostile(), "down": examples.Down(), "kept": examples.Kept(), "empty": {}} {
		t.Run(name, func(t *testing.T) { require.NoError(t, checkJUnit(examples.Rendered(t, ourjunit.Render, run))) })
	}
}

func TestJUnitIsAcceptedByAnXMLSchemaValidator(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		message := "xmllint is not installed: install the package libxml2-utils; TestJUnitKeepsTheRulesOfJenkins checks the same rules"
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	for name, run := range map[string]*result.Run{"sample": examples.Sample(), "hostile": examples.Hostile(), "down": examples.Down(), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			lint := exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", filepath.Join("testdata", "junit.xsd"), "-")
			lint.Stdin = bytes.NewReader(examples.Rendered(t, ourjunit.Render, run))
			said, err := lint.CombinedOutput()
			require.NoError(t, err, string(said))
		})
	}
}

func TestJUnitRulesRefuse(t *testing.T) {
	cases := map[string]string{
		"a retry of no type":        `<testsuites><testsuite name="a" tests="0" failures="0" errors="0"><testcase name="x"><flakyError message="y"/></testcase></testsuite></testsuites>`,
		"an unknown attribute":      `<testsuites><testsuite name="a" tests="0" failures="0" errors="0"><testcase name="x" file="y"/></testsuite></testsuites>`,
		"a missing attribute":       `<testsuites><testsuite name="a" tests="0" failures="0"></testsuite></testsuites>`,
		"an element out of place":   `<testsuites><testcase name="x"/></testsuites>`,
		"a time with a unit":        `<testsuites time="1.5s"></testsuites>`,
		"text between the elements": `<testsuites>text</testsuites>`,
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) { require.Error(t, checkJUnit([]byte(text))) })
	}
}
