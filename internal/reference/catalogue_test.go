package reference

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFaultsAreWellNamed(t *testing.T) {
	seen := map[string]bool{}
	rules := map[string]int{}
	last, exploring := "", false
	for _, f := range Faults() {
		require.False(t, seen[f.Name], f.Name)
		seen[f.Name] = true
		require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, f.Name)
		require.Regexp(t, `^PV-\d\d$`, f.Rule)
		require.Regexp(t, regexp.MustCompile(`(?s)^\S.*\.$`), f.Doc)
		require.NotRegexp(t, `^(Where|Under|After) [^,]*$`, f.Doc, "a comma ends the circumstance")
		require.False(t, exploring && !f.Explore, "%s stands after those for exploring", f.Name)
		if f.Explore != exploring {
			exploring, last = true, ""
		}
		require.LessOrEqual(t, last, f.Rule, "%s is not with its rule", f.Name)
		last = f.Rule
		if !f.Explore {
			rules[f.Rule]++
		}
	}
	for _, rule := range judgedRules() {
		require.GreaterOrEqual(t, rules[rule], 3, "faults of %s", rule)
	}
	require.Len(t, rules, len(judgedRules()))
}

func TestAFaultInACircumstanceIsDescribedInASentence(t *testing.T) {
	for name, doc := range map[string]string{
		"expiry-ignored-by-whatsapp":                  "Where the delivery is by WhatsApp, the OTP never expires.",
		"other-token-accepted-where-phone-has-spaces": "Where the phone has spaces, the token of another app registration is accepted.",
		"not-linked-after-a-wrong-otp":                "After a wrong OTP, no link is made.",
	} {
		at := slices.IndexFunc(Faults(), func(f Fault) bool { return f.Name == name })
		require.GreaterOrEqual(t, at, 0, name)
		require.Equal(t, doc, Faults()[at].Doc)
	}
}

func judgedRules() []string {
	var rules []string
	for _, tens := range []string{"0", "1", "2"} {
		for _, ones := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"} {
			if rule := "PV-" + tens + ones; rule >= "PV-01" && rule <= "PV-27" {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

func TestScriptShowsTheSameOfTwoPlainProviders(t *testing.T) {
	for _, steps := range [][]step{writtenScript(), exploringScript()} {
		require.Equal(t, newBench(t, Options{}).play(t, steps), newBench(t, Options{}).play(t, steps))
	}
}

// prove checks that every other fault shows under its rule.
func TestAFaultForExploringShowsInNoWrittenScript(t *testing.T) {
	written := newBench(t, Options{}).play(t, writtenScript())
	exploring := newBench(t, Options{}).play(t, exploringScript())
	for _, f := range Faults() {
		if !f.Explore {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, difference(written, newBench(t, Options{Fault: f.Name}).play(t, writtenScript())), "a written scenario could find it")
			require.NotEmpty(t, difference(exploring, newBench(t, Options{Fault: f.Name}).play(t, exploringScript())))
		})
	}
}

// difference returns the rules under which two runs of a script differ.
func difference(a, b []shown) []string {
	var rules []string
	for i := range a {
		if a[i].exact != b[i].exact && !slices.Contains(rules, a[i].rule) {
			rules = append(rules, a[i].rule)
		}
	}
	return rules
}

// A fault that shows everywhere proves little about its own rule: most must show under few rules.
func TestFaultsBreakLittleElse(t *testing.T) {
	if testing.Short() {
		t.Skip("prove --whole counts what else each turns red")
	}
	written := newBench(t, Options{}).play(t, writtenScript())
	for name, only := range map[string][]string{
		"otp-not-compared":                 {"PV-02", "PV-12", "PV-13", "PV-15", "PV-16", "PV-17", "PV-21", "PV-22", "PV-25", "PV-27"},
		"unknown-phone-code-renamed":       {"PV-03", "PV-21"},
		"missing-all-answers-404":          {"PV-04"},
		"missing-pair-reversed":            {"PV-05"},
		"country-code-of-letters-accepted": {"PV-06"},
		"expired-answers-404":              {"PV-07"},
		"expired-validates-anyway":         {"PV-07", "PV-27"},
		"spaces-trimmed-at-ends-only":      {"PV-08"},
		"gateway-whatsapp-refused":         {"PV-10", "PV-12", "PV-13"},
		"project-ignored":                  {"PV-11", "PV-27"},
		"webhook-holds-otp":                {"PV-14"},
		"liveness-never-recommended":       {"PV-15"},
		"missing-token-validates-anyway":   {"PV-16", "PV-17", "PV-27"},
		"other-token-validates-anyway":     {"PV-16"},
		"wrong-otp-changes-the-otp":        {"PV-12", "PV-13", "PV-15", "PV-17"},
		"country-code-ignored":             {"PV-21"},
		"wrong-otp-links":                  {"PV-22", "PV-25"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, only, difference(written, newBench(t, Options{Fault: name}).play(t, writtenScript())))
		})
	}
}

func TestUnknownNamesAreErrorsWithTheNearestOne(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{Fault: "otp-not-compare"}, `unknown fault "otp-not-compare": did you mean "otp-not-compared"?`},
		{Options{Fault: "zzzzzzzz"}, `unknown fault "zzzzzzzz"`},
		{Options{Variants: []string{"gzipp"}}, `unknown variant "gzipp": did you mean "gzip"?`},
	} {
		_, err := New(c.options)
		require.EqualError(t, err, c.want)
	}
}
