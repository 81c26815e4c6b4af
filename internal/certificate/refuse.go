package certificate

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Refusals returns every reason why a run cannot be certified; empty if it can.
//
// A must promise has to pass: failed, broken, waived and skipped ones are refused and named. So are should promises that
// failed or could not be judged; an intended deviation is declared as a waiver in the environment, and the certificate lists
// it. A promise is skipped if none of its scenarios ran. If some ran and passed, it is kept as far as it can be judged (no
// provider delivers by every gateway at once), and the certificate lists the scenarios that did not run.
func Refusals(run *result.Run) problem.List {
	var found problem.List
	refuse := found.Add
	if run.Traffic != nil {
		refuse("the result is of traffic that others sent", "It covers only what was seen: run the contract against the target.")
		return found
	}
	if run.Target.Unverified {
		refuse("the target's TLS certificate was not checked", "Anyone could have answered in its place. Remove insecure_skip_verify, and name the authority in ca_file.")
	}
	if run.Stopped != "" || run.Exit == result.ExitInterrupted {
		refuse(cmp.Or(line(run.Stopped), "the run was interrupted"), "Only a run that reached its end is certified.")
	}
	wholeContract(run.Selection, refuse)
	verdicts(run, refuse)
	if len(found) == 0 && run.Exit != result.ExitKept {
		why := line(group.First(result.Checks(run), func(c result.Check) bool { return c.Verdict.NeedsAttention() }).Message)
		if why != "" {
			why = ": " + why
		}
		refuse(fmt.Sprintf("the run ended with exit code %d%s", run.Exit, why), "Only a run that ended 0 is certified; `help exit-codes` explains the others.")
	}
	return found
}

type refuser func(summary, detail string)

// wholeContract refuses a selection that leaves out a must or should promise.
func wholeContract(s result.Selection, refuse refuser) {
	type way struct {
		flag     string
		narrowed bool
	}
	ways := []way{{"--rule", len(s.Rules) > 0}, {"--tags", s.Tags != ""}, {"feature files", len(s.Features) > 0}, {"--level must", s.Level == string(result.Must)}}
	if by := group.Where(ways, func(w way) bool { return w.narrowed }); len(by) > 0 {
		refuse("only a part of the contract was run: selected by "+strings.Join(group.Map(by, func(w way) string { return w.flag }), ", "), "Run it without, so that every promise of the levels must and should is judged.")
	}
	if s.Shard != "" {
		refuse("only shard "+line(s.Shard)+" of the contract was run", "Merge the results of all shards first, and certify the merged one.")
	}
}

// certifiable returns the verdicts that a certificate may have for promises of a level.
func certifiable(level result.Level) []result.Verdict {
	return map[result.Level][]result.Verdict{
		result.Must: {result.Passed}, result.Should: {result.Passed, result.Skipped, result.Waived}, result.Observe: {result.Observed, result.Skipped, result.Broken},
	}[level]
}

// verdicts refuses each promise whose verdict cannot be certified.
func verdicts(run *result.Run, refuse refuser) {
	advice := map[result.Verdict]string{
		result.Waived:  "A waiver excuses a build, not a promise of the level must: the certificate has no room for it.",
		result.Skipped: "`plan` says what to add to the environment so that it can be judged.",
		result.Broken:  "It could not be judged: run it again when the target answers.",
	}
	for _, r := range run.Rules {
		if r.Level == result.Observe || slices.Contains(certifiable(r.Level), r.Verdict) {
			continue
		}
		what := advice[r.Verdict]
		if r.Level == result.Should {
			what = "A deviation that is meant is declared as a waiver in the environment, and stands in the certificate."
		}
		refuse(fmt.Sprintf("%s (%s: %s) is %s", line(r.ID), r.Level, line(r.Title), r.Verdict), strings.TrimPrefix(line(r.Reason)+"\n"+what, "\n"))
	}
	if !slices.ContainsFunc(run.Rules, func(r result.Rule) bool { return r.Level == result.Must }) {
		refuse("no promise of the level must was judged", "Run the whole contract.")
	}
}

// line returns foreign text as one clean line.
func line(foreign string) string { return text.Line(strings.TrimSpace(foreign)) }

var (
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	ruleForm   = regexp.MustCompile(`^[A-Z]+-[0-9]+$`)
)

// contradictions returns what no certificate of a run can say: a key can sign anything.
func (c *Certificate) contradictions() []string {
	var found []string
	holds := func(ok bool, format string, args ...any) {
		if !ok {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	holds(c.Version == Version, "the certificate is of version %d, this tool knows version %d", c.Version, Version)
	holds(c.Tool.Name != "" && c.Tool.Version != "" && c.Environment != "",
		"it does not name the tool, its version and the environment: %s, %s, %s", quoted(c.Tool.Name), quoted(c.Tool.Version), quoted(c.Environment))
	holds((c.Target.Kind == result.HTTP || c.Target.Kind == result.Embedded) && c.Target.BaseURL != "",
		"it does not name the target: kind %s, base URL %s", quoted(c.Target.Kind), quoted(c.Target.BaseURL))
	holds(digestForm.MatchString(c.Digests.Features), "the digest of the features is %s, which is not a digest", quoted(c.Digests.Features))
	holds(digestForm.MatchString(c.Digests.Schemas), "the digest of the schemas is %s, which is not a digest", quoted(c.Digests.Schemas))
	holds(!c.Started.IsZero() && !c.Finished.Before(c.Started), "the run started at %s and ended at %s", stamp(c.Started), stamp(c.Finished))
	holds(c.Level == string(result.Should) || c.Level == string(result.Observe), "the weakest level that was run is %s, not should or observe", quoted(c.Level))

	seen, waived := map[string]bool{}, map[string]bool{}
	for i, p := range slices.Concat(c.Promises, c.Observed) {
		holds(slices.Contains(certifiable(p.Level), p.Verdict), "%s of the level %s is %s", quoted(p.ID), quoted(p.Level), quoted(p.Verdict))
		holds((p.Level == result.Observe) == (i >= len(c.Promises)), "%s of the level %s is in the wrong list: observed promises are listed separately", quoted(p.ID), quoted(p.Level))
		holds(ruleForm.MatchString(p.ID), "%s is not a rule id", quoted(p.ID))
		holds(!seen[p.ID], "%s is listed twice", quoted(p.ID))
		holds(p.consistent(), "%s contradicts itself: %s, %d passed, %d of them only after retries, reason %s", quoted(p.ID), quoted(p.Verdict), p.Passed, p.Flaky, quoted(p.Reason))
		seen[p.ID] = true
		if p.Verdict == result.Waived {
			waived[p.ID] = true
		}
	}
	holds(slices.ContainsFunc(c.Promises, func(p Promise) bool { return p.Level == result.Must }), "it names no promise of the level must")
	for _, w := range c.Waivers {
		until, err := time.Parse(time.DateOnly, w.Until)
		inDate := err == nil && c.Finished.UTC().Before(until.AddDate(0, 0, 1)) // until is inclusive, UTC
		holds(waived[w.Rule] && w.Reason != "" && inDate,
			"the waiver of %s until %s, reason %s, covers no promise that is waived on the day of the run", quoted(w.Rule), quoted(w.Until), quoted(w.Reason))
		delete(waived, w.Rule)
	}
	for _, id := range slices.Sorted(maps.Keys(waived)) {
		holds(false, "%s is waived, and no waiver covers it", quoted(id))
	}
	return found
}

// consistent reports whether the figures of a promise agree with its verdict.
func (p *Promise) consistent() bool {
	unproved := p.Verdict == result.Skipped || p.Level == result.Observe
	kept := p.Verdict == result.Passed
	return p.Flaky >= 0 && p.Flaky <= p.Passed && !(unproved && p.Passed > 0) && !(kept && (p.Passed == 0 || p.Reason != ""))
}

func quoted[S ~string](foreign S) string { return text.Quote(string(foreign)) }
