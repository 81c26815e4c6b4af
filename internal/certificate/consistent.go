package certificate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
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
	if c.Target.Kind != result.HTTP && c.Target.Kind != result.Embedded || c.Target.BaseURL == "" {
		refuse(fmt.Sprintf("it does not name the target: kind %s, base URL %s", text.Quote(string(c.Target.Kind)), text.Quote(c.Target.BaseURL)), "")
	}
	for _, d := range []struct{ of, digest string }{{"features", c.Digests.Features}, {"schemas", c.Digests.Schemas}} {
		if !digestForm.MatchString(d.digest) {
			refuse(fmt.Sprintf("the digest of the %s is %s, which is none", d.of, text.Quote(d.digest)), "")
		}
	}
	switch {
	case c.Started.IsZero() || c.Finished.IsZero():
		refuse("it does not say when the run was", "")
	case c.Finished.Before(c.Started):
		refuse(fmt.Sprintf("the run ended at %s, before it started at %s", stamp(c.Finished), stamp(c.Started)), "")
	}
	if c.Level != string(result.Should) && c.Level != string(result.Observe) {
		refuse(fmt.Sprintf("the weakest level that was run is %s, not should or observe", text.Quote(c.Level)), "")
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
			refuse(fmt.Sprintf("%s of the level %s is %s", text.Quote(p.ID), text.Quote(string(p.Level)), text.Quote(string(p.Verdict))), "")
		}
	}
	if musts == 0 {
		refuse("it names no promise of the level must", "")
	}
	for _, p := range c.Observed {
		if p.Level != result.Observe || p.Verdict != result.Observed && p.Verdict != result.Skipped && p.Verdict != result.Broken {
			refuse(fmt.Sprintf("%s of the level %s is %s, among what was only observed", text.Quote(p.ID), text.Quote(string(p.Level)), text.Quote(string(p.Verdict))), "")
		}
	}
	for _, list := range [][]Promise{c.Promises, c.Observed} {
		for _, p := range list {
			if seen[p.ID] {
				refuse(fmt.Sprintf("%s stands in it twice", text.Quote(p.ID)), "")
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
		refuse(fmt.Sprintf("%s is no rule's id", text.Quote(p.ID)), "")
	case p.Passed < 0 || p.Flaky < 0:
		refuse(fmt.Sprintf("%s counts %d passed and %d flaky scenarios", text.Quote(p.ID), p.Passed, p.Flaky), "")
	case p.Flaky > p.Passed:
		refuse(fmt.Sprintf("of %s %d scenarios passed, %d of them only after retries", text.Quote(p.ID), p.Passed, p.Flaky), "")
	case p.Verdict == result.Passed && p.Passed == 0:
		refuse(fmt.Sprintf("%s is passed, and none of its scenarios did", text.Quote(p.ID)), "")
	case p.Verdict == result.Passed && p.Reason != "":
		refuse(fmt.Sprintf("%s is passed, with a reason why it is not: %s", text.Quote(p.ID), text.Quote(p.Reason)), "")
	case (p.Verdict == result.Skipped || p.Level == result.Observe) && p.Passed > 0:
		refuse(fmt.Sprintf("%s is %s, and %d of its scenarios passed", text.Quote(p.ID), p.Verdict, p.Passed), "")
	}
}

// waivers holds the waivers to the promises that need one.
func (c *Certificate) waivers(waived map[string]bool, refuse refuser) {
	found := map[string]bool{}
	for _, w := range c.Waivers {
		until, err := time.Parse(time.DateOnly, w.Until)
		switch {
		case found[w.Rule]:
			refuse(fmt.Sprintf("the waiver of %s stands in it twice", text.Quote(w.Rule)), "")
		case !waived[w.Rule]:
			refuse(fmt.Sprintf("it holds a waiver of %s, which is not waived", text.Quote(w.Rule)), "")
		case w.Reason == "":
			refuse(fmt.Sprintf("the waiver of %s gives no reason", text.Quote(w.Rule)), "")
		case err != nil:
			refuse(fmt.Sprintf("the waiver of %s ends on %s, which is no day", text.Quote(w.Rule), text.Quote(w.Until)), "")
		case !c.Finished.UTC().Before(until.AddDate(0, 0, 1)): // until is inclusive, UTC
			refuse(fmt.Sprintf("the waiver of %s ended on %s, before the run", text.Quote(w.Rule), text.Quote(w.Until)), "")
		}
		found[w.Rule] = true
	}
	for _, id := range slices.Sorted(maps.Keys(waived)) {
		if !found[id] {
			refuse(fmt.Sprintf("%s is waived, and no waiver covers it", text.Quote(id)), "")
		}
	}
}
