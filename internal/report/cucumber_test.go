package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/cucumber"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

// cucumberVerdict is what Cucumber's report tools make of an element: the worst status of its steps, and passed
// where it has none.
func cucumberVerdict(e cucumberElement) string {
	worst := "passed"
	for _, s := range e.Steps {
		switch {
		case s.Result.Status == "failed":
			return "failed"
		case s.Result.Status == "skipped" && worst == "passed":
			worst = "skipped"
		}
	}
	return worst
}

// The parts that are looked at.
type (
	cucumberFeature struct {
		Elements []cucumberElement `json:"elements"`
	}
	cucumberElement struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		Steps []struct {
			Result struct {
				Status string `json:"status"`
			} `json:"result"`
		} `json:"steps"`
	}
)

func TestCucumberToolsSeeTheVerdicts(t *testing.T) {
	features := examples.Decode[[]cucumberFeature](t, examples.Rendered(t, cucumber.Render, examples.Sample()))
	seen, ids := map[string]string{}, map[string]bool{}
	for _, f := range features {
		for _, e := range f.Elements {
			require.False(t, ids[e.ID], e.ID)
			ids[e.ID] = true
			seen[e.Name] = cucumberVerdict(e)
		}
	}
	require.Equal(t, map[string]string{
		"With a country code of 1 digit": "passed", "With a country code of 2 digits": "passed", "With a country code of 3 digits": "skipped",
		"Only the first digit differs": "failed", "All digits differ": "failed", "The right OTP after expiry": "failed",
		"One notification": "skipped", "Another project": "skipped", "The same OTP twice": "passed",
		"PV-19 The body is one JSON value in UTF-8": "failed", "PV-20 Only the documented statuses occur": "passed",
	}, seen)
}

func TestCucumberSaysWhichStepDecided(t *testing.T) {
	cases := map[string]struct {
		scenario result.Scenario
		statuses []string
	}{
		"the step of the finding": {result.Scenario{Verdict: result.Failed, Findings: []result.Finding{{Step: 7}},
			Steps: []result.Step{{Line: 6, Verdict: result.Passed}, {Line: 7, Verdict: result.Passed}, {Line: 8, Verdict: result.Skipped}}}, []string{"passed", "failed", "skipped"}},
		"no step is known": {result.Scenario{Verdict: result.Failed,
			Steps: []result.Step{{Line: 6, Verdict: result.Passed}}}, []string{"passed", "failed"}},
		"no step at all": {result.Scenario{Verdict: result.Passed}, []string{"passed"}},
		"it never began": {result.Scenario{Verdict: result.Skipped, Steps: []result.Step{{Line: 6}}}, []string{"skipped", "skipped"}},
		"a waived failure": {result.Scenario{Verdict: result.Waived,
			Steps: []result.Step{{Line: 6, Verdict: result.Failed}}}, []string{"skipped", "skipped"}},
		"what could not be judged": {result.Scenario{Verdict: result.Broken,
			Steps: []result.Step{{Line: 6, Verdict: result.Broken}}}, []string{"failed"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var statuses []string
			run := &result.Run{Scenarios: []result.Scenario{c.scenario}}
			for _, step := range examples.Decode[[]cucumberFeature](t, examples.Rendered(t, cucumber.Render, run))[0].Elements[0].Steps {
				statuses = append(statuses, step.Result.Status)
			}
			require.Equal(t, c.statuses, statuses)
		})
	}
}
