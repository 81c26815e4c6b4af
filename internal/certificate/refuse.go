package certificate

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Refusals returns every reason why a run certifies nothing; empty where it does.
//
// A promise of the level must has to be passed: failed, broken, waived and skipped ones are refused and named. So
// is one of the level should that failed or could not be judged; where the provider means to deviate, a waiver in the
// environment says so and stands in the certificate. A promise is skipped where none of its scenarios ran. Where some
// did and passed, it is kept as far as it can be judged (no provider delivers by every gateway at once), and
// the certificate lists the scenarios that did not run.
func Refusals(run *result.Run) problem.List {
	var found problem.List
	refuse := found.Add
	if run.Traffic != nil {
		refuse("the result is of traffic that others sent", "Nobody asked there for what was not seen: run the contract against the target.")
		return found
	}
	if run.Target.Unverified {
		refuse("the target's TLS certificate was not checked", "Anyone could have answered in its place. Remove insecure_skip_verify, and name the authority in ca_file.")
	}
	if run.Stopped != "" || run.Exit == result.ExitInterrupted {
		refuse(cmp.Or(line(run.Stopped), "the run was interrupted"), "Only a run that reached its end is certified.")
	}
	narrower(run.Selection, refuse)
	verdicts(run, refuse)
	if len(found) == 0 && run.Exit != result.ExitKept {
		why := ""
		for _, c := range result.Checks(run) {
			if c.Verdict == result.Failed || c.Verdict == result.Broken {
				why = ": " + line(c.Message)
				break
			}
		}
		refuse(fmt.Sprintf("the run ended with exit code %d%s", run.Exit, why), "Only a run that ended 0 is certified; `help exit-codes` explains the others.")
	}
	return found
}

type refuser func(summary, detail string)

// narrower refuses a selection that leaves a promise of the levels must and should out.
func narrower(s result.Selection, refuse refuser) {
	var by []string
	for _, one := range []struct {
		narrows bool
		way     string
	}{
		{len(s.Rules) > 0, "--rule"}, {s.Tags != "", "--tags"}, {len(s.Features) > 0, "feature files"}, {s.Level == string(result.Must), "--level must"},
	} {
		if one.narrows {
			by = append(by, one.way)
		}
	}
	if len(by) > 0 {
		refuse("only a part of the contract was run: selected by "+strings.Join(by, ", "), "Run it without, so that every promise of the levels must and should is judged.")
	}
	if s.Shard != "" {
		refuse("only shard "+line(s.Shard)+" of the contract was run", "Merge the results of all shards first, and certify the merged one.")
	}
}

// verdicts refuses what the promises themselves do not allow, naming each.
func verdicts(run *result.Run, refuse refuser) {
	musts := 0
	advice := map[result.Verdict]string{
		result.Waived:  "A waiver excuses a build, not a promise of the level must: the certificate has no room for it.",
		result.Skipped: "`plan` says what to add to the environment so that it can be judged.",
		result.Broken:  "It could not be judged: run it again when the target answers.",
	}
	for _, r := range run.Rules {
		name := fmt.Sprintf("%s (%s: %s)", line(r.ID), r.Level, line(r.Title))
		switch r.Level {
		case result.Must:
			musts++
			if r.Verdict != result.Passed {
				refuse(fmt.Sprintf("%s is %s", name, orNothing(r.Verdict)), because(r, advice[r.Verdict]))
			}
		case result.Should:
			if r.Verdict != result.Passed && r.Verdict != result.Skipped && r.Verdict != result.Waived {
				refuse(fmt.Sprintf("%s is %s", name, orNothing(r.Verdict)), because(r, "A deviation that is meant is declared as a waiver in the environment, and stands in the certificate."))
			}
		case result.Observe:
		default:
			refuse(fmt.Sprintf("%s has no level that this tool knows", name), "")
		}
	}
	if musts == 0 {
		refuse("no promise of the level must was judged", "Run the whole contract.")
	}
}

func because(r result.Rule, advice string) string {
	return strings.TrimPrefix(line(r.Reason)+"\n"+advice, "\n")
}

func orNothing(v result.Verdict) string {
	if v == "" {
		return "not judged"
	}
	return line(string(v))
}

// line shows a text that a provider or a file may have chosen in one line.
func line(foreign string) string { return text.Line(strings.TrimSpace(foreign)) }

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
