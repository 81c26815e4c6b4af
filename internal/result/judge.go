package result

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// ExitCode is the exit code of a run.
type ExitCode int

// The exit codes of a run.
const (
	ExitKept        ExitCode = 0   // every judged promise is kept
	ExitBroken      ExitCode = 1   // a promise is broken
	ExitInput       ExitCode = 2   // the input is wrong; nothing was sent
	ExitUnjudged    ExitCode = 3   // not all could be judged
	ExitInterrupted ExitCode = 130 // SIGINT or SIGTERM
)

// Verdict returns the verdict of a whole run that ended with c.
func (c ExitCode) Verdict() Verdict {
	return cmp.Or(map[ExitCode]Verdict{ExitKept: Passed, ExitBroken: Failed}[c], Broken)
}

// Exit returns the exit code that follows from a result: what could not be judged does not hide a proven breach. It does not
// know of an interruption.
func Exit(run *Run) ExitCode {
	l := run.Latency
	switch {
	case breaks(run), l.Exceeded() && l.Budget.Fail, run.Drift.Drifted() && run.Drift.Fails:
		return ExitBroken
	case !Complete(run):
		return ExitUnjudged
	}
	return ExitKept
}

// Complete reports whether everything could be judged that had to be, and all outputs be written.
func Complete(run *Run) bool {
	return !unjudged(run) && !allSkipped(run) && run.Stopped == "" && len(Unjudged(run)) == 0 && len(run.Problems) == 0
}

// Unjudged returns the rules that --require asks for and of which nothing was judged. A shard has none: other shards may judge
// the rule, so only the merged result is held to it.
func Unjudged(run *Run) []Rule {
	if run.Selection.Require == "" || run.Selection.Shard != "" {
		return nil
	}
	return group.Where(run.Rules, func(r Rule) bool { return r.Verdict == Skipped && Counts(r.Level, run.Selection.Require) })
}

// WorseExit returns the worse of two exit codes, in the order 130, 1, 3, 0. Any other code ranks as 3.
func WorseExit(a, b ExitCode) ExitCode {
	for _, code := range []ExitCode{ExitInterrupted, ExitBroken} {
		if a == code || b == code {
			return code
		}
	}
	return cmp.Or(a, b)
}

// Counts reports whether a breach of a rule of this level fails the run. If the level is weaker than --fail-on, it is a warning.
func Counts(level Level, failOn string) bool {
	return level == Must || level == Should && failOn != string(Must)
}

// Conclude sets what follows from the scenarios: the rules' verdicts, the waivers' states, and the exit code. The verdict of an
// every-exchange rule follows from its breaches; if nothing was judged of it, its reason stays.
func Conclude(run *Run, now time.Time) {
	waived := InForce(run.Waivers, now)
	for _, s := range group.Pointers(run.Scenarios) {
		if w, ok := waived[s.Rule]; ok && s.Verdict == Failed {
			s.Verdict, s.Reason = Waived, fmt.Sprintf("waived until %s: %s (%s)", w.Until, w.Reason, s.Reason)
		}
	}
	unseen, judged := "no answer that it is about was seen", "answers"
	switch {
	case run.Traffic != nil && run.Traffic.Kind == Received:
		unseen, judged = "never seen: no request shows it", "requests"
	case run.Traffic != nil:
		unseen = "never seen: no exchange shows it"
	}
	for i := range run.Rules {
		concludeRule(&run.Rules[i], run.Scenarios, waived, unseen, judged)
	}
	concludeWaivers(run, waived)
	for _, r := range Unjudged(run) {
		run.warn(fmt.Sprintf("%s (%s) was not judged, and --require %s asks for it: %s", r.ID, r.Level, run.Selection.Require, r.Reason))
	}
	run.Exit = Exit(run)
}

func concludeRule(r *Rule, scenarios []Scenario, waived map[string]Waiver, unseen, judged string) {
	why := cmp.Or(r.Reason, unseen)
	r.Verdict, r.Reason = "", ""
	switch w, ok := waived[r.ID]; {
	case r.Breaches > 0 && ok:
		r.Verdict, r.Reason = Waived, fmt.Sprintf("waived until %s: %s", w.Until, w.Reason)
	case r.Breaches > 0:
		r.Verdict, r.Reason = Failed, fmt.Sprintf("%d of %d %s", r.Breaches, r.Judged, judged)
	case !r.EveryExchange:
	case r.Judged == 0:
		r.Verdict, r.Reason = Skipped, why
	default:
		r.Verdict = Passed
	}
	for _, s := range scenarios {
		if merged := Merge(r.Verdict, s.Verdict); s.Rule == r.ID && merged != r.Verdict {
			r.Verdict, r.Reason = merged, s.Reason
		}
	}
	if r.Verdict == "" {
		r.Verdict, r.Reason = Skipped, "none of its scenarios is part of this run"
	}
}

// InForce returns the waivers that have not ended, by their rule.
func InForce(waivers []Waiver, now time.Time) map[string]Waiver {
	today := now.UTC().Format(time.DateOnly)
	current := group.Where(waivers, func(w Waiver) bool { return w.Until >= today })
	return group.Keyed(current, func(w Waiver) string { return w.Rule })
}

func concludeWaivers(run *Run, current map[string]Waiver) {
	for _, w := range group.Pointers(run.Waivers) {
		at := slices.IndexFunc(run.Rules, func(r Rule) bool { return r.ID == w.Rule })
		_, inForce := current[w.Rule]
		switch {
		case !inForce:
			w.State = WaiverExpired
			run.warn(fmt.Sprintf("the waiver of %s ended on %s: it covers nothing any more", w.Rule, w.Until))
		case at >= 0 && run.Rules[at].Verdict == Waived || slices.ContainsFunc(run.Scenarios, func(s Scenario) bool { return s.Rule == w.Rule && s.Verdict == Waived }):
			w.State = WaiverUsed // also if another scenario of the rule was broken
		case at >= 0 && run.Rules[at].Verdict == Passed && run.Stopped == "": // if it stopped, other scenarios might have failed
			w.State = WaiverStale
			run.warn(fmt.Sprintf("the waiver of %s is stale: the promise is kept, remove the waiver", w.Rule))
		default:
			w.State = WaiverUnused
		}
	}
}

func (r *Run) warn(text string) { r.Warnings = group.With(r.Warnings, text) }

// maxSamples is how many latencies a result keeps.
const maxSamples = 1000

// Measure summarises latencies, with quantiles by nearest rank, and holds them to a budget as ApplyBudget does. It returns nil if
// there are none.
func Measure(samples []time.Duration, budget *Budget) *Latency {
	if len(samples) == 0 {
		return nil
	}
	samples = slices.Sorted(slices.Values(samples))
	rank := func(q float64) Millis { return ToMillis(samples[int(math.Ceil(q*float64(len(samples))))-1]) }
	l := &Latency{Count: len(samples), P50: rank(0.5), P95: rank(0.95), Max: ToMillis(samples[len(samples)-1])}
	thin := max(1, (len(samples)+maxSamples-1)/maxSamples)
	for i := 0; i < len(samples); i += thin {
		l.Samples = append(l.Samples, ToMillis(samples[i]))
	}
	l.ApplyBudget(budget)
	return l
}

// Exceeded reports whether a latency exceeds its budget; nil does not.
func (l *Latency) Exceeded() bool { return l != nil && l.Budget != nil && len(l.Budget.Over) > 0 }

// ApplyBudget sets the budget of a latency, and in it which limits are exceeded; nil: there is none.
func (l *Latency) ApplyBudget(budget *Budget) {
	if budget == nil {
		return
	}
	judged := *budget
	judged.Over = nil
	over := func(name string, limit, actual Millis) {
		if limit > 0 && actual > limit {
			judged.Over = append(judged.Over, fmt.Sprintf("%s is %s, the budget %s", name, text.Duration(actual.Duration()), text.Duration(limit.Duration())))
		}
	}
	over("p95", judged.P95, l.P95)
	over("max", judged.Max, l.Max)
	l.Budget = &judged
}
