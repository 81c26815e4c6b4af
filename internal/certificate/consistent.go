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
	if c.Tool.Name == "" || c.Tool.Version == "" || c.Environment == "" {
		refuse(fmt.Sprintf("it does not name the tool, its version and the environment: %s, %s, %s", text.Quote(c.Tool.Name), text.Quote(c.Tool.Version), text.Quote(c.Environment)), "")
	}
	if c.Target.Kind != result.HTTP && c.Target.Kind != result.Embedded || c.Target.BaseURL == "" {
		refuse(fmt.Sprintf("it does not name the target: kind %s, base URL %s", text.Quote(string(c.Target.Kind)), text.Quote(c.Target.BaseURL)), "")
	}
	for _, d := range []struct{ of, digest string }{{"features", c.Digests.Features}, {"schemas", c.Digests.Schemas}} {
		if !digestForm.MatchString(d.digest) {
			refuse(fmt.Sprintf("the digest of the %s is %s, which is none", d.of, text.Quote(d.digest)), "")
		}
	}
	if c.Started.IsZero() || c.Finished.Before(c.Started) {
		refuse(fmt.Sprintf("the run started at %s and ended at %s", stamp(c.Started), stamp(c.Finished)), "")
	}
	if c.Level != string(result.Should) && c.Level != string(result.Observe) {
		refuse(fmt.Sprintf("the weakest level that was run is %s, not should or observe", text.Quote(c.Level)), "")
	}
	c.waivers(c.rules(refuse), refuse)
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
	if !ruleForm.MatchString(p.ID) {
		refuse(fmt.Sprintf("%s is no rule's id", text.Quote(p.ID)), "")
	}
	none := p.Verdict == result.Skipped || p.Level == result.Observe // of its scenarios passed
	kept := p.Verdict == result.Passed
	if p.Passed < 0 || p.Flaky < 0 || p.Flaky > p.Passed || none && p.Passed > 0 || kept && (p.Passed == 0 || p.Reason != "") {
		refuse(fmt.Sprintf("%s contradicts itself: %s, %d passed, %d of them only after retries, reason %s", text.Quote(p.ID), p.Verdict, p.Passed, p.Flaky, text.Quote(p.Reason)), "")
	}
}

// waivers holds the waivers to the promises that need one.
func (c *Certificate) waivers(waived map[string]bool, refuse refuser) {
	for _, w := range c.Waivers {
		until, err := time.Parse(time.DateOnly, w.Until)
		if !waived[w.Rule] || w.Reason == "" || err != nil || !c.Finished.UTC().Before(until.AddDate(0, 0, 1)) { // until is inclusive, UTC
			refuse(fmt.Sprintf("the waiver of %s until %s, reason %s, covers no promise that is waived on the day of the run", text.Quote(w.Rule), text.Quote(w.Until), text.Quote(w.Reason)), "")
		}
		delete(waived, w.Rule)
	}
	for _, id := range slices.Sorted(maps.Keys(waived)) {
		refuse(fmt.Sprintf("%s is waived, and no waiver covers it", text.Quote(id)), "")
	}
}
