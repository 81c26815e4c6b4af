package certificate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"verifik-contract/internal/result"
)

var (
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	ruleForm   = regexp.MustCompile(`^[A-Z]+-[0-9]+$`)
)

// contradictions names what a certificate cannot say: a key may sign anything, a run finds only what fits together.
func (c *Certificate) contradictions(refuse refuser) {
	if c.Version != Version {
		refuse(fmt.Sprintf("the certificate is of version %d, this tool knows version %d", c.Version, Version), "")
	}
	for _, field := range []struct{ name, value string }{
		{"the tool", c.Tool.Name}, {"the tool's version", c.Tool.Version}, {"the environment", c.Environment},
	} {
		if field.value == "" {
			refuse("it does not name "+field.name, "")
		}
	}
	if c.Target.Kind != "http" && c.Target.Kind != "embedded" || c.Target.BaseURL == "" {
		refuse(fmt.Sprintf("it does not name the target: kind %q, base URL %q", c.Target.Kind, c.Target.BaseURL), "")
	}
	for _, d := range []struct{ of, digest string }{{"features", c.Digests.Features}, {"schemas", c.Digests.Schemas}} {
		if !digestForm.MatchString(d.digest) {
			refuse(fmt.Sprintf("the digest of the %s is %q, which is none", d.of, d.digest), "")
		}
	}
	switch {
	case c.Started.IsZero() || c.Finished.IsZero():
		refuse("it does not say when the run was", "")
	case c.Finished.Before(c.Started):
		refuse(fmt.Sprintf("the run ended at %s, before it started at %s", stamp(c.Finished), stamp(c.Started)), "")
	}
	if c.Level != string(result.Should) && c.Level != string(result.Observe) {
		refuse(fmt.Sprintf("the weakest level that was run is %q, not should or observe", c.Level), "")
	}
	waived := c.rules(refuse)
	c.waivers(waived, refuse)
}

// rules holds each promise to what can be certified of its level, and returns those that are waived.
func (c *Certificate) rules(refuse refuser) map[string]bool {
	seen, waived := map[string]bool{}, map[string]bool{}
	musts := 0
	for _, p := range c.Promises {
		switch {
		case p.Level == result.Must && p.Verdict == result.Passed:
			musts++
		case p.Level == result.Should && (p.Verdict == result.Passed || p.Verdict == result.Skipped):
		case p.Level == result.Should && p.Verdict == result.Waived:
			waived[p.ID] = true
		default:
			refuse(fmt.Sprintf("%q of the level %q is %q", p.ID, p.Level, p.Verdict), "")
		}
	}
	if musts == 0 {
		refuse("it names no promise of the level must", "")
	}
	for _, p := range c.Observed {
		if p.Level != result.Observe || p.Verdict != result.Observed && p.Verdict != result.Skipped && p.Verdict != result.Broken {
			refuse(fmt.Sprintf("%q of the level %q is %q, among what was only observed", p.ID, p.Level, p.Verdict), "")
		}
	}
	for _, list := range [][]Promise{c.Promises, c.Observed} {
		for _, p := range list {
			if seen[p.ID] {
				refuse(fmt.Sprintf("%q stands in it twice", p.ID), "")
			}
			seen[p.ID] = true
			p.counts(refuse)
		}
	}
	return waived
}

// counts holds what a promise says of its scenarios to its verdict.
func (p *Promise) counts(refuse refuser) {
	switch {
	case !ruleForm.MatchString(p.ID):
		refuse(fmt.Sprintf("%q is no rule's id", p.ID), "")
	case p.Passed < 0 || p.Flaky < 0:
		refuse(fmt.Sprintf("%q counts %d passed and %d flaky scenarios", p.ID, p.Passed, p.Flaky), "")
	case p.Flaky > p.Passed:
		refuse(fmt.Sprintf("of %q %d scenarios passed, %d of them only after retries", p.ID, p.Passed, p.Flaky), "")
	case p.Verdict == result.Passed && p.Passed == 0:
		refuse(fmt.Sprintf("%q is passed, and none of its scenarios did", p.ID), "")
	case p.Verdict == result.Passed && p.Reason != "":
		refuse(fmt.Sprintf("%q is passed, with a reason why it is not: %q", p.ID, p.Reason), "")
	case (p.Verdict == result.Skipped || p.Level == result.Observe) && p.Passed > 0:
		refuse(fmt.Sprintf("%q is %s, and %d of its scenarios passed", p.ID, p.Verdict, p.Passed), "")
	}
}

// waivers holds the waivers to the promises that need one.
func (c *Certificate) waivers(waived map[string]bool, refuse refuser) {
	found := map[string]bool{}
	for _, w := range c.Waivers {
		until, err := time.Parse(time.DateOnly, w.Until)
		switch {
		case found[w.Rule]:
			refuse(fmt.Sprintf("the waiver of %q stands in it twice", w.Rule), "")
		case !waived[w.Rule]:
			refuse(fmt.Sprintf("it holds a waiver of %q, which is not waived", w.Rule), "")
		case w.Reason == "":
			refuse(fmt.Sprintf("the waiver of %q gives no reason", w.Rule), "")
		case err != nil:
			refuse(fmt.Sprintf("the waiver of %q ends on %q, which is no day", w.Rule, w.Until), "")
		case !c.Finished.UTC().Before(until.AddDate(0, 0, 1)): // until is inclusive, UTC
			refuse(fmt.Sprintf("the waiver of %q ended on %s, before the run", w.Rule, w.Until), "")
		}
		found[w.Rule] = true
	}
	for _, id := range slices.Sorted(maps.Keys(waived)) {
		if !found[id] {
			refuse(fmt.Sprintf("%q is waived, and no waiver covers it", id), "")
		}
	}
}
