package prove

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"verifik-contract/features"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
	"verifik-contract/schemas"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(t testing.TB, names ...string) Options {
	t.Helper()
	set, problems := features.Load(names)
	require.False(t, problems.HasErrors(), "%v", problems)
	loaded, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	prepared, err := Options{Features: set, Schemas: loaded}.prepared()
	require.NoError(t, err)
	return prepared
}

// feature returns a contract with one feature.
func feature(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "own.feature")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// inCompany puts the variants that decide differently together, up to six in a trial, which takes a sixth of the runs: a provider
// with several of them is just as faithful. Two with a subject in common are never together, as one would hide the other. The
// command tries each alone.
func inCompany(trials []Trial) []Trial {
	const most = 6
	subjects, size := map[string][]string{}, map[string]int{}
	for _, v := range reference.Variants() {
		subjects[v.Name] = v.Subjects
		for _, subject := range v.Subjects {
			size[subject]++
		}
	}
	crowd := func(t Trial) (largest int) {
		for _, subject := range subjects[t.Name] {
			largest = max(largest, size[subject])
		}
		return largest
	}
	alone := func(t Trial) bool { return t.Kind != Variant || t.form }
	joined := slices.DeleteFunc(slices.Clone(trials), alone)
	slices.SortStableFunc(joined, func(a, b Trial) int { return crowd(b) - crowd(a) })
	var companies []Trial
	for _, t := range joined {
		at := len(companies)
		for i, c := range companies {
			clash := slices.ContainsFunc(c.variants, func(name string) bool { return share(subjects[name], subjects[t.Name]) })
			if !clash && len(c.variants) < most && (at == len(companies) || len(c.variants) < len(companies[at].variants)) {
				at = i
			}
		}
		if at == len(companies) {
			companies = append(companies, t)
			continue
		}
		company := &companies[at]
		company.Name, company.variants = company.Name+" and "+t.Name, append(company.variants, t.variants...)
	}
	return append(slices.DeleteFunc(trials, func(t Trial) bool { return !alone(t) }), companies...)
}

func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool { return slices.Contains(b, one) })
}

func TestNoVariantMeetsAnotherOfItsSubject(t *testing.T) {
	trials, err := trialsNamed(nil)
	require.NoError(t, err)
	company := map[string][]string{} // by a variant's name
	for _, trial := range inCompany(trials) {
		require.LessOrEqual(t, len(trial.variants), 6)
		for _, name := range trial.variants {
			company[name] = trial.variants
		}
	}
	variants := reference.Variants()
	for i, one := range variants {
		require.Contains(t, company[one.Name], one.Name)
		for _, other := range variants[:i] {
			if share(one.Subjects, other.Subjects) {
				require.NotContains(t, company[one.Name], other.Name)
			}
		}
	}
	require.NotContains(t, company["malformed-body-409"], "other-types-422", "each sets the one answer to what is malformed")
	require.NotContains(t, company["other-content-type-415"], "otp-no-integer-400")
	require.NotContains(t, company["otp-as-string-accepted"], "otp-as-string-400")
}

func TestProof(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole proof")
	}
	trials, err := trialsNamed(nil)
	require.NoError(t, err)
	report, err := options(t).tryAll(t.Context(), inCompany(trials))
	require.NoError(t, err)
	faithful, faults, heard := 1, 0, 0
	for _, trial := range report.Trials {
		if trial.Kind != Fault {
			faithful += len(trial.variants)
			require.Equal(t, Passed, trial.Outcome, "%s turned red: %s", trial.Name, trial.Reason)
			require.Equal(t, result.ExitKept, trial.Exit, trial.Name)
			require.Empty(t, trial.By, trial.Name)
			require.Empty(t, trial.Heard, "%s is accused by its traffic alone", trial.Name)
			continue
		}
		faults++
		if slices.Contains(trial.Heard, trial.Rule) {
			heard++
		}
		require.Equal(t, Caught, trial.Outcome, "%s (%s): red are %v; %s", trial.Name, trial.Rule, trial.By, trial.Reason)
		require.NotZero(t, trial.Exit, trial.Name)
		if !trial.fault.Unjudgeable {
			require.Contains(t, trial.By, trial.Rule, trial.Name)
			require.Equal(t, result.ExitBroken, trial.Exit, trial.Name)
		}
	}
	require.Equal(t, 1+len(reference.Variants()), faithful)
	require.Equal(t, len(reference.Faults()), faults)
	require.GreaterOrEqual(t, faithful, 20)
	require.GreaterOrEqual(t, faults, 80)
	require.GreaterOrEqual(t, heard, faults*2/5, "what an exchange shows by itself is nearly half of them")
	require.Equal(t, "faithful", report.Trials[0].Name)
	t.Logf("%d providers in %.1f s", len(report.Trials), float64(report.Duration)/1000)
}

func TestEachRuleOfTheContractHasAFault(t *testing.T) {
	covered := map[string]bool{}
	for _, f := range reference.Faults() {
		covered[f.Rule] = true
	}
	for _, r := range options(t).Features.Rules {
		require.Equal(t, r.Level != "observe", covered[r.ID], r.ID)
	}
}

func TestAContractThatMissesAFaultIsFoundOut(t *testing.T) {
	const head = "Feature: A contract of a test\n\n  @PV-17 @should\n  Rule: A rule\n    A promise.\n\n    Scenario: One\n      Given there is a pending phone validation\n"
	for name, c := range map[string]struct {
		steps   string
		outcome Outcome
		by      []string
		exit    result.ExitCode
	}{
		"nothing is expected of a wrong OTP": {"      When the person types the right OTP\n      Then the phone is validated\n", Survived, nil, result.ExitKept},
		"only another rule expects it":       {"      When the person types a wrong OTP\n      Then the answer is that the OTP does not match\n", Elsewhere, []string{"PV-17"}, result.ExitBroken},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, feature(t, head+c.steps))
			o.Faults, o.Whole = []string{"otp-not-compared"}, true
			report, err := Run(t.Context(), o)
			require.NoError(t, err)
			require.Len(t, report.Trials, 1)
			require.Equal(t, c.outcome, report.Trials[0].Outcome)
			require.Equal(t, c.by, report.Trials[0].By)
			require.Equal(t, c.exit, report.Trials[0].Exit)
			require.False(t, report.Right())
		})
	}
}

func TestFaultThatNoPartShowsSurvives(t *testing.T) {
	const asked = "Feature: A contract of a test\n\n  @%s @must\n  Rule: A rule\n    A promise.\n\n    Scenario: One\n      Given there is a pending phone validation\n      When the person types the right OTP\n      Then the phone is validated\n"
	for fault, rule := range map[string]string{"otp-not-compared": "PV-02", "missing-all-drops-connection": "PV-04"} { // the second is unjudgeable
		o := options(t, feature(t, fmt.Sprintf(asked, rule)))
		o.Faults = []string{fault}
		report, err := Run(t.Context(), o)
		require.NoError(t, err)
		require.Equal(t, Survived, report.Trials[0].Outcome, fault)
		require.Equal(t, result.ExitKept, report.Trials[0].Exit, fault)
		require.Len(t, report.Trials[0].Run.Scenarios, 1, "the whole comes last")
		require.Len(t, o.parts(&report.Trials[0]), 2, "no part stands for a rule that the contract lacks")
	}
}

func TestContractThatAsksTooMuchTurnsTheFaithfulOneRed(t *testing.T) {
	o := options(t, feature(t, "Feature: A contract of a test\n\n  @PV-03 @must\n  Rule: A rule\n    A promise.\n\n    Scenario: One\n      Given there is a pending phone validation\n      When the person types the right OTP\n      Then the answer is that no phone validation was found\n"))
	trial := Trial{Kind: Faithful, Name: "faithful"}
	require.NoError(t, o.try(t.Context(), &trial))
	require.Equal(t, Failed, trial.Outcome)
	require.Equal(t, []string{"PV-03"}, trial.By)
	require.Contains(t, trial.Reason, "PV-03: ")
}

func TestOnlyTheNamedFaultsAreTried(t *testing.T) {
	o := options(t)
	o.Faults = []string{"missing-header-accepted", "otp-not-compared"}
	report, err := Run(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, report.Trials, 2)
	require.True(t, report.Right())
	for _, trial := range report.Trials {
		require.Equal(t, Caught, trial.Outcome)
		require.NotNil(t, trial.Run)
	}
}

func TestTrialEndsOnceItsRuleIsRedAndItsTrafficShowsIt(t *testing.T) {
	o := options(t)
	named, whole := o, options(t, feature(t, "Feature: A contract of a test\n\n  @PV-01 @must\n  Rule: A rule\n    A promise.\n\n    Scenario: One\n      Given there is a pending phone validation\n      When the person types the right OTP\n      Then the phone is validated\n"))
	named.Faults, whole.Whole = []string{"success-answers-201"}, true
	for name, c := range map[string]struct {
		o     Options
		fault string
		heard bool
		ends  bool
	}{
		"its traffic shows it":                {o, "success-answers-201", true, true},
		"its traffic does not show it":        {o, "right-otp-refused", false, false},
		"only the whole contract shows it":    {o, "phone-ignored-once-expired", false, true},
		"an every-exchange rule":              {o, "media-type-text-html", true, true},
		"somebody wants to see all failures":  {named, "success-answers-201", true, false},
		"somebody asks which others turn red": {whole, "success-answers-201", true, false},
	} {
		t.Run(name, func(t *testing.T) {
			trials, err := trialsNamed([]string{c.fault})
			require.NoError(t, err)
			trial := trials[0]
			require.NoError(t, c.o.runAgainst(t.Context(), &trial))
			require.Equal(t, Caught, trial.Outcome)
			require.Equal(t, c.heard, slices.Contains(trial.Heard, trial.Rule))
			require.Equal(t, c.ends, trial.Run.Stopped != "", trial.Run.Stopped)
		})
	}
}

func TestUnknownFaultIsRefused(t *testing.T) {
	o := options(t)
	o.Faults = []string{"otp-not-compared", "otp-not-compard"}
	_, err := Run(t.Context(), o)
	require.ErrorContains(t, err, `did you mean "otp-not-compared"`)
}

func TestProofEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	proof, err := Run(ctx, options(t))
	require.ErrorIs(t, err, context.Canceled, "nothing is tried for nobody")
	require.Nil(t, proof)
}

func verdict(rule string, v result.Verdict) result.Rule {
	return result.Rule{ID: rule, Verdict: v, Reason: "because"}
}

func TestWhatATrialProves(t *testing.T) {
	p, f, b := result.Passed, result.Failed, result.Broken
	for name, c := range map[string]struct {
		trial   Trial
		rules   []result.Rule
		exit    result.ExitCode
		outcome Outcome
		reason  string
	}{
		"faithful and green":                   {Trial{Kind: Faithful}, []result.Rule{verdict("PV-01", p)}, 0, Passed, ""},
		"a variant and green":                  {Trial{Kind: Variant}, []result.Rule{verdict("PV-01", p)}, 0, Passed, ""},
		"a variant and red":                    {Trial{Kind: Variant}, []result.Rule{verdict("PV-01", f)}, 1, Failed, "PV-01: because"},
		"a variant, an observed rule broken":   {Trial{Kind: Variant}, []result.Rule{verdict("PV-30", b)}, 0, Failed, "PV-30: because"},
		"a variant of which nothing was tried": {Trial{Kind: Variant}, nil, 3, Failed, ""},
		"a variant, accused in its traffic":    {Trial{Kind: Variant, Heard: []string{"PV-02", "PV-03"}}, []result.Rule{verdict("PV-02", p)}, 0, Failed, "its traffic, with no state known, is told to break PV-02, PV-03"},
		"a fault, a later rule red as well":    {Trial{Kind: Fault, Rule: "PV-01"}, []result.Rule{verdict("PV-01", f), verdict("PV-02", f)}, 1, Caught, "PV-01: because"},
		"a fault, its own rule a warning only": {Trial{Kind: Fault, Rule: "PV-02"}, []result.Rule{verdict("PV-02", f)}, 0, Survived, "PV-02: because"},
		"a fault of a field, an expected one":  {Trial{Kind: Fault, Rule: "PV-02", fault: reference.Fault{Field: true, Also: []string{"PV-01"}}}, []result.Rule{verdict("PV-01", f), verdict("PV-02", f)}, 1, Caught, "PV-02: because"},
		"a variant that could not be judged":   {Trial{Kind: Variant}, []result.Rule{verdict("PV-01", b)}, 3, Failed, "PV-01: because"},
		"a fault, its own rule red":            {Trial{Kind: Fault, Rule: "PV-02"}, []result.Rule{verdict("PV-01", f), verdict("PV-02", f)}, 1, Caught, "PV-02: because"},
		"a fault, another rule red":            {Trial{Kind: Fault, Rule: "PV-02"}, []result.Rule{verdict("PV-01", f), verdict("PV-02", p)}, 1, Elsewhere, "PV-01: because"},
		"a fault of a field, its own rule red": {Trial{Kind: Fault, Rule: "PV-02", fault: reference.Fault{Field: true}}, []result.Rule{verdict("PV-01", p), verdict("PV-02", f)}, 1, Caught, "PV-02: because"},
		"a fault of a field, another red too":  {Trial{Kind: Fault, Rule: "PV-02", fault: reference.Fault{Field: true}}, []result.Rule{verdict("PV-01", f), verdict("PV-02", f)}, 1, Spread, "PV-02: because"},
		"a fault, its own rule broken only":    {Trial{Kind: Fault, Rule: "PV-02"}, []result.Rule{verdict("PV-02", b)}, 3, Elsewhere, "PV-02: because"},
		"a fault, its own rule waived":         {Trial{Kind: Fault, Rule: "PV-02"}, []result.Rule{verdict("PV-02", result.Waived)}, 0, Survived, ""},
		"a fault, all green":                   {Trial{Kind: Fault, Rule: "PV-02"}, []result.Rule{verdict("PV-02", p)}, 0, Survived, ""},
		"one that leaves nothing to judge":     {Trial{Kind: Fault, Rule: "PV-20", fault: reference.Fault{Unjudgeable: true}}, []result.Rule{verdict("PV-01", b)}, 3, Caught, "PV-01: because"},
		"one of which nothing was tried":       {Trial{Kind: Fault, Rule: "PV-20", fault: reference.Fault{Unjudgeable: true}}, nil, 3, Survived, ""},
		"one that should leave nothing, green": {Trial{Kind: Fault, Rule: "PV-20", fault: reference.Fault{Unjudgeable: true}}, []result.Rule{verdict("PV-01", p)}, 0, Survived, ""},
	} {
		t.Run(name, func(t *testing.T) {
			trial := c.trial
			trial.By, trial.Reason = []string{"of the part before"}, "of the part before"
			trial.judge(&result.Run{Rules: c.rules, Exit: c.exit}, true)
			require.Equal(t, c.outcome, trial.Outcome)
			require.Equal(t, c.reason, trial.Reason)
			require.Equal(t, c.exit, trial.Exit)
			require.Equal(t, c.outcome == Passed || c.outcome == Caught, trial.Right())
			require.Equal(t, trial.Right(), (&Report{Trials: []Trial{{Kind: Faithful, Outcome: Passed}, trial}}).Right())
		})
	}
}

func TestOnlyAStalledRunIsRepeated(t *testing.T) {
	broken, passed := result.Scenario{Verdict: result.Broken}, result.Scenario{Verdict: result.Passed}
	for name, c := range map[string]struct {
		run     result.Run
		stalled bool
	}{
		"green":                        {result.Run{Scenarios: []result.Scenario{passed}}, false},
		"red":                          {result.Run{Exit: 1, Rules: []result.Rule{verdict("PV-01", result.Failed)}, Scenarios: []result.Scenario{broken}}, false},
		"broken only":                  {result.Run{Exit: 3, Rules: []result.Rule{verdict("PV-01", result.Broken)}, Scenarios: []result.Scenario{broken}}, true},
		"an observed scenario broken":  {result.Run{Exit: 0, Scenarios: []result.Scenario{broken, passed}}, true},
		"an observed answer missing":   {result.Run{Exit: 0, Scenarios: []result.Scenario{passed, {Verdict: result.Observed, Observed: []result.Observation{{Note: "timeout"}}}}}, true},
		"an observed answer":           {result.Run{Exit: 0, Scenarios: []result.Scenario{passed, {Verdict: result.Observed, Observed: []result.Observation{{Status: 404}}}}}, false},
		"stopped before it could tell": {result.Run{Exit: 3}, true},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.stalled, stalled(&c.run)) })
	}
}

func TestPartsGoFromTheCheapToTheWhole(t *testing.T) {
	o := options(t)
	whole, varied, rest := part{}, part{file: "features/wrong-otp.feature"}, part{untilRed: true}
	require.Equal(t, []part{whole}, o.parts(&Trial{Kind: Variant}))
	require.Equal(t, []part{{rules: []string{"PV-02"}}, varied, rest}, o.parts(&Trial{Kind: Fault, Rule: "PV-02"}))
	require.Equal(t, []part{{rules: []string{"PV-19"}, first: true}, varied, rest}, o.parts(&Trial{Kind: Fault, Rule: "PV-19"}))
	o.Whole = true
	require.Equal(t, []part{whole}, o.parts(&Trial{Kind: Fault, Rule: "PV-19"}))
}

func TestWrittenProof(t *testing.T) {
	caught := func(name, rule string) Trial {
		return Trial{Kind: Fault, Name: name, Rule: rule, Outcome: Caught, By: []string{rule}, Doc: "It does something wrong."}
	}
	explored := caught("deep", "PV-20")
	explored.Explored = true
	for name, report := range map[string]*Report{
		"right": {Duration: 8123.456, Trials: []Trial{
			{Kind: Faithful, Name: "faithful", Outcome: Passed}, {Kind: Variant, Name: "gzip", Outcome: Passed},
			caught("one", "PV-02"), caught("two", "PV-02"), caught("three", "PV-01"), explored,
		}},
		"wrong": {Duration: 999, Trials: []Trial{
			{Kind: Faithful, Name: "faithful", Outcome: Passed},
			{Kind: Variant, Name: "gzip", Doc: "It answers with gzip.", Outcome: Failed, By: []string{"PV-19", "PV-23"}, Reason: "PV-19: 3 of 140 answers"},
			caught("one", "PV-02"),
			{Kind: Fault, Name: "two", Rule: "PV-02", Doc: "It compares nothing.", Outcome: Survived},
			{Kind: Fault, Name: "three", Rule: "PV-17", Doc: "It spends the validation.", Outcome: Elsewhere, By: []string{"PV-22"}, Reason: "PV-22: the status differs"},
		}},
		"only faults":   {Trials: []Trial{caught("one", "PV-02")}},
		"only faithful": {Trials: []Trial{{Kind: Faithful, Name: "faithful", Outcome: Passed}}},
	} {
		t.Run(name, func(t *testing.T) {
			var shown strings.Builder
			require.NoError(t, Write(&shown, report))
			file := filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")+".txt")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(shown.String()), 0o600))
			}
			golden, err := os.ReadFile(file)
			require.NoError(t, err, "run the test with -update to write it")
			require.Equal(t, string(golden), shown.String())
		})
	}
}
