package certificate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/certificate"
	"verifik-contract/internal/result"
)

func TestEachReasonToRefuseARunIsNamed(t *testing.T) {
	rule := func(i int, v result.Verdict, reason string) func(*result.Run) {
		return func(r *result.Run) {
			r.Rules[i].Verdict, r.Rules[i].Reason = v, reason
			for k := range r.Scenarios {
				if r.Scenarios[k].Rule == r.Rules[i].ID {
					r.Scenarios[k].Verdict = v
				}
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*result.Run)
		says   string
	}{
		"a must promise failed":             {rule(0, result.Failed, "the status is 200"), "PV-01 (must: the right OTP validates) is failed\n  the status is 200"},
		"a must promise is waived":          {rule(0, result.Waived, "ticket"), "PV-01 (must: the right OTP validates) is waived"},
		"a must promise is broken":          {rule(0, result.Broken, "timed out"), "PV-01 (must: the right OTP validates) is broken"},
		"a must promise is skipped":         {rule(1, result.Skipped, "no webhook"), "PV-10 (must: each gateway) is skipped\n  no webhook\n  `plan` says what to add"},
		"an every-exchange must is skipped": {func(r *result.Run) { r.Rules[2].Verdict = result.Skipped }, "PV-19 (must: one JSON value) is skipped"},
		"a should promise failed":           {rule(3, result.Failed, ""), "PV-11 (should: narrows) is failed\n  A deviation that is meant is declared as a waiver"},
		"a should promise is broken":        {rule(3, result.Broken, ""), "PV-11 (should: narrows) is broken"},
		"no must promise":                   {func(r *result.Run) { r.Rules, r.Scenarios = nil, nil }, "no promise of the level must"},
		"an unknown level":                  {func(r *result.Run) { r.Rules[4].Level = "may" }, "PV-21 (may: the code belongs to the number) is skipped"},
		"a run that failed":                 {func(r *result.Run) { r.Exit = 1 }, "exit code 1"},
		"a provider that changed, where that fails": {func(r *result.Run) {
			r.Drift = &result.Drift{Fails: true, Groups: []result.DriftGroup{{Title: "Headers", Changes: []result.Change{{What: "Server"}}}}}
			r.Exit = result.Exit(r)
		}, "exit code 1: 1 change since"},
		"a report that could not be written": {func(r *result.Run) { r.Exit = 3 },
			"exit code 3"},
		"a target that may be anyone": {func(r *result.Run) { r.Target.Unverified = true }, "the target's TLS certificate was not checked"},
		"traffic that others sent":    {func(r *result.Run) { r.Traffic = &result.Traffic{Kind: result.Recorded, Exchanges: 1, Judged: 1} }, "the result is of traffic that others sent"},
		"an interrupted run":          {func(r *result.Run) { r.Exit = 130 }, "the run was interrupted"},
		"a run that was stopped":      {func(r *result.Run) { r.Stopped = "refused five times" }, "refused five times\n  Only a run that reached its end"},
		"some rules":                  {func(r *result.Run) { r.Selection.Rules = []string{"PV-01"} }, "selected by --rule"},
		"some tags":                   {func(r *result.Run) { r.Selection.Tags = "@must" }, "selected by --tags"},
		"some features":               {func(r *result.Run) { r.Selection.Features = []string{"a.feature"} }, "selected by feature files"},
		"the level must alone":        {func(r *result.Run) { r.Selection.Level = "must" }, "selected by --level must"},
		"a shard":                     {func(r *result.Run) { r.Selection.Shard = "1/2" }, "Merge the results of all shards first"},
		"no digest of schemas":        {func(r *result.Run) { r.Digests.Schemas = "" }, "the digest of the schemas is"},
		"no version of the tool":      {func(r *result.Run) { r.Tool.Version = "" }, "does not name the tool, its version"},
		"no start":                    {func(r *result.Run) { r.Started = time.Time{} }, "the run started at 0001-01-01"},
		"a rule that passed without a scenario": {func(r *result.Run) { r.Scenarios = r.Scenarios[2:] },
			`cannot be certified: "PV-01" contradicts itself`},
		"an every-exchange rule that passed on nothing": {func(r *result.Run) { r.Rules[2].Judged = 0 }, `"PV-19" contradicts itself`},
		"a run that ended before it began":              {func(r *result.Run) { r.Duration = -1 }, "cannot be certified: the run started at"},
		"a rule that is waived by nobody":               {func(r *result.Run) { r.Waivers = nil }, `cannot be certified: "PV-11" is waived, and no waiver covers it`},
		"a digest that is none":                         {func(r *result.Run) { r.Digests.Schemas = "none" }, "the digest of the schemas"},
		"a rule twice":                                  {func(r *result.Run) { r.Rules = append(r.Rules, r.Rules[5]) }, `"PV-30" is listed twice`},
	} {
		t.Run(name, func(t *testing.T) {
			r := run()
			c.change(r)
			e, err := certificate.Make(r, key(1))
			require.Nil(t, e)
			require.Contains(t, problems(t, err), c.says)
		})
	}
}

func TestAllReasonsAreReportedTogether(t *testing.T) {
	r := run()
	r.Rules[0].Verdict, r.Rules[1].Verdict = result.Skipped, result.Skipped
	r.Selection.Tags = "@must"
	_, err := certificate.Make(r, nil)
	shown := problems(t, err)
	require.Contains(t, shown, "PV-01")
	require.Contains(t, shown, "PV-10")
	require.Contains(t, shown, "--tags")
}

func TestTheLevelShouldIsTheWholeContract(t *testing.T) {
	for _, level := range []string{"", "observe", "should"} {
		r := run()
		r.Selection.Level = level
		_, err := certificate.Make(r, nil)
		require.NoError(t, err, "level %q", level)
	}
}
