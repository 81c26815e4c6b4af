package report

import (
	"bytes"
	"encoding/xml"
	"html"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// situation is one way in which a run ends.
type situation struct {
	run  *result.Run
	exit result.ExitCode
	why  string // what a failed test says where the exit code is not 0
}

// situations is every way in which a run ends with an exit code of its own.
func situations() map[string]situation {
	make := func(change func(*result.Run)) *result.Run {
		run := examples.Sample()
		run.Rules = append(run.Rules[:2:2], run.Rules[4:]...) // without what is broken and what is skipped
		run.Rules[3].Breaches, run.Rules[3].Findings = 0, nil
		run.Scenarios = append(run.Scenarios[:2:2], run.Scenarios[8])
		run.Scenarios[1].Flaky, run.Scenarios[1].Attempts, run.Scenarios[1].Retried = false, 1, nil
		run.Rules[1].Verdict, run.Rules[2].Verdict = result.Passed, result.Passed
		run.Waivers, run.Warnings, run.Latency.Budget = nil, nil, nil
		change(run)
		result.Conclude(run, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC))
		return run
	}
	end := func(run *result.Run, v result.Verdict, reason string) {
		for i := range run.Scenarios {
			run.Scenarios[i].Verdict, run.Scenarios[i].Reason, run.Scenarios[i].Observed = v, reason, nil
		}
		run.Rules[3].Judged, run.Rules[4].Judged = 0, 0
	}
	fail := func(level result.Level) func(*result.Run) {
		return func(run *result.Run) {
			s := examples.Sample().Scenarios[3]
			s.Rule, s.Level = "PV-02", level
			run.Rules[1].Level = level
			run.Scenarios = append(run.Scenarios, s)
		}
	}
	all := map[string]situation{
		"kept":            {make(func(*result.Run) {}), 0, ""},
		"a must failed":   {make(fail(result.Must)), 1, `the code is "Forbidden"`},
		"a should failed": {make(fail(result.Should)), 1, `the code is "Forbidden"`},
		"a should that --fail-on makes a warning": {make(func(run *result.Run) { fail(result.Should)(run); run.Selection.FailOn = "must" }), 0, ""},
		"an every-exchange rule failed alone":     {make(func(run *result.Run) { run.Rules[3].Breaches = 2 }), 1, "2 of 7 "},
		"waived": {make(func(run *result.Run) {
			fail(result.Must)(run)
			run.Waivers = []result.Waiver{{Rule: "PV-02", Reason: "ticket 7", Until: "2026-12-31"}}
		}), 0, ""},
		"flaky": {make(func(run *result.Run) {
			run.Scenarios[1].Flaky, run.Scenarios[1].Attempts, run.Scenarios[1].Retried = true, 2, []result.Failure{{Cause: "timeout", Message: "no answer within 10s"}}
		}), 0, ""},
		"the target is down": {make(func(run *result.Run) {
			run.Stopped = "connection refused by 127.0.0.1:1"
			end(run, result.Broken, run.Stopped)
		}), 3, "connection refused by 127.0.0.1:1"},
		"a state could not be made": {make(func(run *result.Run) {
			run.Scenarios[0].Verdict, run.Scenarios[0].Cause, run.Scenarios[0].Reason = result.Broken, "state", "the state handler answered 500"
		}), 3, "the state handler answered 500"},
		"what is only observed could not be": {make(func(run *result.Run) {
			run.Scenarios[2].Verdict, run.Scenarios[2].Cause, run.Scenarios[2].Reason = result.Broken, "state", "the state handler answered 500"
		}), 0, ""},
		"five in a row": {make(func(run *result.Run) {
			run.Stopped = "5 scenarios in a row got no answer, the last: connection reset"
			end(run, result.Skipped, run.Stopped)
			run.Scenarios[0].Verdict, run.Scenarios[0].Reason = result.Broken, "connection reset"
		}), 3, "connection reset"},
		"everything was skipped": {make(func(run *result.Run) { end(run, result.Skipped, "no phone of the pool is free") }), 3, "no phone of the pool is free"},
		"there is nothing":       {make(func(run *result.Run) { run.Scenarios, run.Rules = nil, nil }), 3, "there is no scenario that could run"},
		"stopped before the first scenario": {make(func(run *result.Run) {
			run.Stopped = "the tool failed while it showed the run"
			end(run, result.Skipped, run.Stopped)
		}), 3, "the tool failed"},
		"the tool failed, and a state too": {make(func(run *result.Run) {
			run.Stopped = "the tool failed while it showed the run"
			run.Scenarios[0].Verdict, run.Scenarios[0].Reason = result.Broken, "the state handler answered 500"
		}), 3, "the tool failed"},
		"a rule that --require asks for was not judged": {make(func(run *result.Run) {
			run.Selection.Require = "must"
			run.Rules = append(run.Rules, result.Rule{ID: "PV-14", Level: result.Must, Reason: "no webhook block"})
			run.Scenarios = append(run.Scenarios, result.Scenario{ID: "x", Rule: "PV-14", Level: result.Must, Name: "One notification", File: "x.feature", Verdict: result.Skipped, Reason: "no webhook block"})
		}), 3, "PV-14"},
		"interrupted": {make(func(run *result.Run) { run.Stopped = "the run was interrupted" }), 130, "the run was interrupted"},
		"interrupted after a failure": {make(func(run *result.Run) {
			fail(result.Must)(run)
			run.Stopped = "the run was interrupted"
		}), 130, "the run was interrupted"},
		"over a budget that fails": {make(func(run *result.Run) {
			run.Latency.Budget = &result.Budget{P95: 50, Fail: true, Over: []string{"p95 is 80 ms, the budget 50 ms"}}
		}), 1, "p95 is 80 ms"},
		"within a budget that fails": {make(func(run *result.Run) { run.Latency.Budget = &result.Budget{P95: 500, Fail: true} }), 0, ""},
		"drift that is shown":        {make(func(run *result.Run) { run.Drift = examples.Drifted().Drift; run.Drift.Fails = false }), 0, ""},
		"drift that fails":           {make(func(run *result.Run) { run.Drift = examples.Drifted().Drift }), 1, "2 changes since 2026-03-03 05:06 UTC"},
		"no drift":                   {make(func(run *result.Run) { run.Drift = examples.Drifted().Drift; run.Drift.Groups = nil }), 0, ""},
		"drift, and not all could be judged": {make(func(run *result.Run) {
			run.Drift = examples.Drifted().Drift
			run.Scenarios[0].Verdict, run.Scenarios[0].Reason = result.Broken, "connection reset"
		}), 1, "2 changes since 2026-03-03 05:06 UTC"},
		"a warning alone, and drift that fails": {make(func(run *result.Run) {
			fail(result.Should)(run)
			run.Selection.FailOn, run.Drift = "must", examples.Drifted().Drift
		}), 1, "2 changes since 2026-03-03 05:06 UTC"},
		"a file could not be written":  {make(func(run *result.Run) { run.Problems = []string{"the report json could not be written to r.json"} }), 3, "could not be written to r.json"},
		"a code that nothing explains": {make(func(run *result.Run) {}), 3, "exit code 3"},
	}
	for name, s := range all {
		if strings.HasPrefix(name, "interrupted") || strings.HasPrefix(name, "a code") {
			s.run.Exit = s.exit // the caller's to set
		}
	}
	return all
}

// tests is what a reader of a form counts, and what its failed tests say.
type tests struct {
	passed, failed, broken, skipped, flaky int
	said                                   string
}

// red is failed and broken together, for forms that do not tell them apart.
func (c tests) red() tests {
	c.failed, c.broken = c.failed+c.broken, 0
	return c
}

func TestEveryFormCountsTheSameAndSaysWhyTheRunIsNotGreen(t *testing.T) {
	for name, s := range situations() {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, s.exit, s.run.Exit)
			tally := result.Count(s.run)
			want := tests{passed: tally[result.Passed] + tally[result.Observed], failed: tally[result.Failed], broken: tally[result.Broken], skipped: tally[result.Skipped] + tally[result.Waived], flaky: len(view.Flaky(s.run))}
			shown := map[string]string{}
			for _, form := range []string{"text", "markdown", "github", "html"} {
				shown[form] = string(render(t, form, s.run))
			}
			counted := map[string]tests{
				"junit": junitTests(t, s.run, "junit"), "junit-files": junitTests(t, s.run, "junit-files"), "ctrf": ctrfTests(t, s.run), "cucumber": cucumberTests(t, s.run), "prometheus": prometheusTests(t, s.run),
				"text": inWords(t, lastLine(shown["text"])), "markdown": inWords(t, headOf(shown["markdown"])), "github": inWords(t, lastLine(shown["github"])), "html": inWords(t, ": "+htmlTests(t, shown["html"])),
			}
			for form, got := range counted {
				said := got.said
				got.said = ""
				expected := want
				switch form {
				case "ctrf", "cucumber":
					expected = want.red()
				case "text", "markdown", "github", "html": // they name it elsewhere
					got.flaky = expected.flaky
				}
				require.Equal(t, expected, got, form)
				if s.exit == 0 {
					continue
				}
				require.Positive(t, got.failed+got.broken, form)
				if said != "" || strings.Contains("junit-files ctrf cucumber", form) {
					require.Contains(t, said, s.why, form)
				}
			}
			for form, text := range shown {
				require.Contains(t, html.UnescapeString(text), s.why, form)
			}
			errors := 0
			for line := range strings.SplitSeq(shown["github"], "\n") {
				if strings.HasPrefix(line, "::") {
					require.Regexp(t, `^::(error|warning|notice) .*title=[^:]*::.`, line)
				}
				if strings.HasPrefix(line, "::error ") {
					errors++
				}
			}
			require.Equal(t, s.exit != 0, errors > 0, "annotations")
		})
	}
}

func prometheusTests(t *testing.T, run *result.Run) tests {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(render(t, "prometheus", run)))
	require.NoError(t, err)
	require.InDelta(t, int(run.Exit), families["verifik_contract_exit_code"].GetMetric()[0].GetGauge().GetValue(), 0)
	counted := map[string]int{}
	for _, m := range families["verifik_contract_tests"].GetMetric() {
		for _, l := range m.GetLabel() {
			if l.GetName() == "verdict" {
				counted[l.GetValue()] += int(m.GetGauge().GetValue())
			}
		}
	}
	return tests{
		passed: counted["passed"] + counted["observed"], failed: counted["failed"], broken: counted["broken"], skipped: counted["skipped"] + counted["waived"],
		flaky: int(families["verifik_contract_flaky_scenarios"].GetMetric()[0].GetGauge().GetValue()),
	}
}

func junitTests(t *testing.T, run *result.Run, form string) tests {
	t.Helper()
	type problem struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	var file struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Failure, Error, Skipped *problem
				Flaky                   []problem `xml:"flakyError"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	decoder := xml.NewDecoder(strings.NewReader(strings.NewReplacer("<failure", "<Failure", "</failure", "</Failure", "<error", "<Error", "</error", "</Error", "<skipped", "<Skipped", "</skipped", "</Skipped").Replace(string(render(t, form, run)))))
	require.NoError(t, decoder.Decode(&file))
	var all, inSuites tests
	for _, s := range file.Suites {
		inSuites.failed, inSuites.broken, inSuites.skipped = inSuites.failed+s.Failures, inSuites.broken+s.Errors, inSuites.skipped+s.Skipped
		inSuites.passed += s.Tests - s.Failures - s.Errors - s.Skipped
		for _, c := range s.Cases {
			if len(c.Flaky) > 0 {
				all.flaky++
			}
			switch {
			case c.Failure != nil:
				all.failed++
				all.said += c.Failure.Message + c.Failure.Text
			case c.Error != nil:
				all.broken++
				all.said += c.Error.Message + c.Error.Text
			case c.Skipped != nil:
				all.skipped++
				require.Equal(t, c.Skipped.Message, c.Skipped.Text, "GitLab reads the content only")
				require.NotEmpty(t, c.Skipped.Text)
			default:
				all.passed++
			}
		}
	}
	require.Equal(t, []int{all.passed, all.failed, all.broken, all.skipped}, []int{inSuites.passed, inSuites.failed, inSuites.broken, inSuites.skipped}, "the counts of the suites")
	require.Equal(t, []int{all.passed + all.failed + all.broken + all.skipped, all.failed, all.broken}, []int{file.Tests, file.Failures, file.Errors}, "the counts of the file")
	return all
}

func ctrfTests(t *testing.T, run *result.Run) tests {
	t.Helper()
	results := decoded[ctrfFile](t, "ctrf", run).Results
	var all tests
	names := map[string]bool{}
	for _, test := range results.Tests {
		require.False(t, names[test.Name], test.Name)
		names[test.Name] = true
		if test.Flaky {
			all.flaky++
		}
		switch test.Status {
		case "passed":
			all.passed++
		case "failed":
			all.failed++
			all.said += test.Message + test.Trace
		case "skipped":
			all.skipped++
			require.NotEmpty(t, test.Message)
		default:
			t.Errorf("%s: %s", test.Name, test.Status)
		}
	}
	sum := results.Summary
	for name, n := range map[string]int{"tests": len(results.Tests), "passed": all.passed, "failed": all.failed, "skipped": all.skipped, "pending": 0, "other": 0, "flaky": all.flaky} {
		require.Contains(t, sum, name)
		require.EqualValues(t, n, sum[name], name)
	}
	return all
}

func cucumberTests(t *testing.T, run *result.Run) tests {
	t.Helper()
	var all tests
	names, ids := map[string]bool{}, map[string]bool{}
	for _, f := range decoded[cucumberFeatures](t, "cucumber", run) {
		require.False(t, ids[f.ID], f.ID)
		ids[f.ID] = true
		for _, e := range f.Elements {
			require.False(t, names[e.Name] || ids[e.ID], e.Name)
			names[e.Name], ids[e.ID] = true, true
			for _, tag := range e.Tags {
				if tag.Name == "@flaky" {
					all.flaky++
				}
			}
			worst := "passed" // what Cucumber's report tools make of an element: the worst status of its steps
			for _, s := range e.Steps {
				if s.Result.Status == "failed" || s.Result.Status == "skipped" && worst == "passed" {
					worst = s.Result.Status
				}
			}
			switch worst {
			case "passed":
				all.passed++
			case "skipped":
				all.skipped++
			case "failed":
				all.failed++
				for _, step := range e.Steps {
					all.said += step.Result.Message
				}
			}
		}
	}
	return all
}

var counted = regexp.MustCompile(`[:,] (\d+) (passed|failed|broken|waived|observed|skipped)\b`)

// inWords reads "3 passed, 1 failed".
func inWords(t *testing.T, line string) tests {
	t.Helper()
	var all tests
	for _, m := range counted.FindAllStringSubmatch(line, -1) {
		n, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		switch m[2] {
		case "failed":
			all.failed += n
		case "broken":
			all.broken += n
		case "skipped", "waived":
			all.skipped += n
		default:
			all.passed += n
		}
	}
	return all
}

func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func headOf(out string) string {
	head, _, _ := strings.Cut(out, "\n")
	return head
}

func htmlTests(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`<dt>Tests</dt><dd>([^<]*)</dd>`).FindStringSubmatch(page)
	require.NotNil(t, m)
	return m[1]
}

func TestTextsTableAddsUpToItsLastLine(t *testing.T) {
	for name, s := range situations() {
		t.Run(name, func(t *testing.T) {
			var rows []string
			for line := range strings.SplitSeq(summaryOf(t, s.run, terminal.Options{}), "\n") {
				for _, group := range result.Groups(s.run) {
					if strings.HasPrefix(line, group.Name+" ") {
						rows = append(rows, line)
					}
				}
			}
			require.Len(t, rows, len(result.Groups(s.run)))
			sum := 0
			for _, n := range regexp.MustCompile(`\b\d+\b`).FindAllString(strings.Join(rows, "\n"), -1) {
				add, err := strconv.Atoi(n)
				require.NoError(t, err)
				sum += add
			}
			require.Equal(t, result.Count(s.run).Total(), sum)
		})
	}
}

func TestLastLineSaysWhyTheExitCodeIsNotZero(t *testing.T) {
	lines := map[string]string{
		"an every-exchange rule failed alone":   "The contract is not kept, PV-19 failed: 3 passed, 1 failed, 1 observed in 1.53 s.",
		"drift that is shown":                   "The contract is kept; 2 changes since 2026-03-03 05:06 UTC: 4 passed, 2 observed in 1.53 s.",
		"drift that fails":                      "The contract is kept, but --fail-on-drift: 2 changes since 2026-03-03 05:06 UTC: 4 passed, 1 failed, 1 observed in 1.53 s.",
		"drift, and not all could be judged":    "Not all could be judged, but --fail-on-drift: 2 changes since 2026-03-03 05:06 UTC: 3 passed, 1 failed, 1 broken, 1 observed in 1.53 s.",
		"a warning alone, and drift that fails": "The contract is kept but for PV-02, which --fail-on makes a warning, but --fail-on-drift: 2 changes since 2026-03-03 05:06 UTC: 4 passed, 2 failed, 1 observed in 1.53 s.",
		"a file could not be written":           "The contract is kept, but the report json could not be written to r.json: 4 passed, 1 broken, 1 observed in 1.53 s.",
		"no drift":                              "The contract is kept: 5 passed, 1 observed in 1.53 s.",
	}
	all := situations()
	for name, line := range lines {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, line, lastLine(string(render(t, "text", all[name].run))))
		})
	}
}

func TestDriftComesFirstInEveryFormForAPerson(t *testing.T) {
	run := situations()["drift that fails"].run
	text := string(render(t, "text", run))
	require.True(t, strings.HasPrefix(text, "2 changes since 2026-03-03 05:06 UTC\nNote: the tools differ"), text)
	summary := summaryOf(t, run, terminal.Options{Quiet: true})
	require.True(t, strings.HasPrefix(summary, "2 changes since"), summary)
	require.Regexp(t, `^# .*\n\n## 2 changes since 2026-03-03 05:06 UTC\n\n`+"```text\n2 changes since", string(render(t, "markdown", run)))
	page := string(render(t, "html", run))
	require.Contains(t, page, `<h2 id="changed-title">2 changes since 2026-03-03 05:06 UTC</h2>`)
	require.Contains(t, page, "nginx -&gt; envoy")
	require.Less(t, strings.Index(page, `id="changed"`), strings.Index(page, `id="promises"`))
	for form, want := range map[string]string{"junit": "nginx -&gt; envoy", "ctrf": "nginx -> envoy", "cucumber": "nginx -> envoy"} {
		require.Contains(t, strings.ReplaceAll(string(render(t, form, run)), "nginx -> envoy", want), want, form)
	}
	require.Regexp(t, "^::error title=[^:]*::2 changes since 2026-03-03 05:06 UTC: headers \\(1\\); answers where the documentation is silent \\(1\\)\n", string(render(t, "github", run)))
	run.Drift.Fails, run.Exit = false, 0
	require.True(t, strings.HasPrefix(string(render(t, "github", run)), "::warning title="))
}

func TestManyFailuresAreNotAllExplained(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of failures")
	}
	run := examples.Sample()
	for range 500 {
		run.Scenarios = append(run.Scenarios, run.Scenarios[3])
	}
	for _, name := range []string{"junit", "junit-files", "ctrf", "cucumber"} {
		require.Less(t, len(render(t, name, run)), 1<<20, name)
	}
}

func TestTheTableOfReportsNamesEveryFormAndVerdict(t *testing.T) {
	text, err := os.ReadFile("../../docs/CI.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "\n## Reports\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, f := range Forms() {
		require.Contains(t, strings.ToLower(section), f.Name)
	}
	for _, v := range result.Verdicts() {
		require.Contains(t, section, "\n| "+string(v))
	}
}

func TestHostileDriftAndProblemsAreShownAsText(t *testing.T) {
	run := examples.Drifted()
	run.Problems = []string{examples.HostileText}
	d := run.Drift
	d.Notes = []string{examples.HostileText}
	place := result.Place{Rule: examples.HostileText, Level: "must", Title: examples.HostileText, Name: examples.HostileText, File: examples.HostileText, Line: 3}
	for i := range d.Groups {
		d.Groups[i].Title = examples.HostileText
		for j := range d.Groups[i].Changes {
			d.Groups[i].Changes[j] = result.Change{What: examples.HostileText, Before: examples.HostileText, After: examples.HostileText, Detail: examples.HostileText, Places: []result.Place{place}}
		}
	}
	d.Groups = append(d.Groups, result.DriftGroup{Kind: result.NewlyFailing, Title: examples.HostileText, Changes: []result.Change{{What: examples.HostileText, Places: []result.Place{place}}}})
	d.NotCompared = []result.NotCompared{{Place: place, Reason: examples.HostileText}}
	d.OnlyCurrent = []result.Unmatched{{Place: place, Verdict: result.Failed}}
	for _, f := range Forms() {
		t.Run(f.Name, func(t *testing.T) {
			out := string(render(t, f.Name, run))
			examples.Inert(t, out)
			if f.Name == "html" {
				require.NotContains(t, out, "<img src=x")
				return
			}
			examples.Harmless(t, out)
		})
	}
}

func summaryOf(t *testing.T, run *result.Run, o terminal.Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, terminal.Summary(&out, run, o))
	return out.String()
}
