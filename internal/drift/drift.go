// Package drift finds what changed in a provider's behaviour between two runs, promised or not. It is pure: two results
// in, plain data out.
//
// Only what the provider did is drift. A scenario that one of the runs could not judge, or that only one of them
// has, is listed separately; values that differ in every run (ids, times, tokens, lengths) are ignored.
package drift

import (
	"fmt"
	"slices"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// kinds returns an empty group for each kind of change, worst first.
func kinds() []result.DriftGroup {
	return []result.DriftGroup{
		{Kind: result.NewlyFailing, Title: "Promises newly broken"},
		{Kind: result.NewStatus, Title: "Statuses"},
		{Kind: result.NewCode, Title: "Error codes"},
		{Kind: result.NewShape, Title: "Shape of bodies"},
		{Kind: result.NewMediaType, Title: "Media types"},
		{Kind: result.NewHeader, Title: "Headers"},
		{Kind: result.NewlyObserved, Title: "Answers where the documentation is silent"},
		{Kind: result.NewLatency, Title: "Latency"},
		{Kind: result.NewlyKept, Title: "Promises kept again"},
	}
}

// comparison is a drift under construction.
type comparison struct {
	*result.Drift
	changes map[key]*result.Change
	order   []key // of the changes, as they were found
}

// Compare returns what changed from the baseline to the current run.
func Compare(baseline, current *result.Run) *result.Drift {
	c := &comparison{Drift: &result.Drift{Baseline: side(baseline), Current: side(current)}, changes: map[key]*result.Change{}}
	c.Notes = notes(baseline, current, c.SameTarget())
	pairs := c.match(baseline, current)
	seen := valuesSeen(pairs)
	for _, p := range pairs {
		if c.comparable(p.place, unjudged(p.baseline), unjudged(p.current)) {
			c.Compared++
			before, now := worst(judged(p.baseline)), worst(judged(p.current))
			c.verdicts(p.place, before.Verdict, now.Verdict, now.Reason)
			c.answers(p, seen)
			c.observations(p)
		}
	}
	c.everyExchange(baseline, current)
	c.latency(baseline.Latency, current.Latency)
	c.Groups = c.groups()
	return c.Drift
}

func side(r *result.Run) result.DriftSide {
	return result.DriftSide{Started: r.Started, Tool: r.Tool, Target: r.Target, Environment: r.Environment, Digests: r.Digests, Exit: r.Exit}
}

// notes returns what else differs between the two runs, which a reader has to know before blaming the provider.
func notes(baseline, current *result.Run, sameTarget bool) []string {
	var found []string
	note := func(holds bool, format string, args ...any) {
		if holds {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	b, c := baseline, current
	note(!sameTarget, "these are two targets, %s (%s) and now %s (%s): what follows is how they differ, not what changed in one of them",
		b.Target.BaseURL, b.Target.Kind, c.Target.BaseURL, c.Target.Kind)
	note(b.Environment != c.Environment, "the environments differ: %s before, %s now", b.Environment, c.Environment)
	note(b.Tool != c.Tool, "the tools differ: %s %s before, %s %s now; what they judge or record differently is listed below too, until the baseline is renewed",
		b.Tool.Name, b.Tool.Version, c.Tool.Name, c.Tool.Version)
	note(b.Digests.Features != c.Digests.Features,
		"the features differ: a promise that is newly broken may be one that asks for more, and scenarios that only one run holds say nothing about the provider")
	note(b.Digests.Schemas != c.Digests.Schemas, "the schemas differ: a promise that is newly broken may come from them")
	note(scenariosOf(b.Selection) != scenariosOf(c.Selection), "the selections differ: scenarios that only one run holds say nothing about the provider")
	for i, r := range []*result.Run{baseline, current} {
		name := []string{"the baseline", "this run"}[i]
		note(r.Stopped != "", "%s ended before its plan did: %s", name, r.Stopped)
		note(r.Stopped == "" && r.Exit == result.ExitInterrupted, "%s was interrupted", name)
	}
	return found
}

// scenariosOf returns the part of a selection that decides which scenarios run.
func scenariosOf(s result.Selection) string {
	return fmt.Sprint(s.Rules, s.Tags, s.Level, s.Features, s.Shard)
}

// pair is one scenario in both runs, each with all its repetitions.
type pair struct {
	place             result.Place
	baseline, current []*result.Scenario
}

// match pairs the scenarios of the two runs by rule and name, in the current run's order: lines move when a feature is
// edited, and a feature may be renamed. Scenarios that only one run has are recorded as such.
func (c *comparison) match(baseline, current *result.Run) []pair {
	rules := group.Keyed(slices.Concat(baseline.Rules, current.Rules), ruleID)
	before := group.Keyed(repetitions(baseline), func(s []*result.Scenario) [2]string { return nameOf(s[0]) })
	var pairs []pair
	for _, s := range repetitions(current) {
		p := pair{placeOf(s[0], rules), before[nameOf(s[0])], s}
		if delete(before, nameOf(s[0])); p.baseline != nil {
			pairs = append(pairs, p)
		} else {
			c.OnlyCurrent = append(c.OnlyCurrent, result.Unmatched{Place: p.place, Verdict: worst(s).Verdict})
		}
	}
	for _, s := range repetitions(baseline) {
		if before[nameOf(s[0])] != nil {
			c.OnlyBaseline = append(c.OnlyBaseline, result.Unmatched{Place: placeOf(s[0], rules), Verdict: worst(s).Verdict})
		}
	}
	return pairs
}

// repetitions returns the scenarios of a run, each with its repetitions.
func repetitions(r *result.Run) [][]*result.Scenario {
	return group.By(group.Pointers(r.Scenarios), nameOf)
}

// nameOf returns what identifies a scenario across runs.
func nameOf(s *result.Scenario) [2]string { return [2]string{s.Rule, s.Name} }

func ruleID(r result.Rule) string { return r.ID }

func placeOf(s *result.Scenario, rules map[string]result.Rule) result.Place {
	return result.Place{Rule: s.Rule, Level: s.Level, Title: rules[s.Rule].Title, Name: s.Name, File: s.File, Line: s.Line}
}

// judged returns the repetitions that say something about the provider: not those that were broken or skipped, or that
// passed only after retries.
func judged(repetitions []*result.Scenario) []*result.Scenario {
	return group.Where(repetitions, func(r *result.Scenario) bool {
		return r.Verdict != result.Broken && r.Verdict != result.Skipped && !r.Flaky
	})
}

// latency compares the median and the 95th percentile of the PUT. A figure has drifted, up or down, if it moved by more
// than the ratio and by more than the floor, and if both runs have enough PUTs: the ratio alone would report 2 ms
// instead of 1 ms, the floor alone 3.1 s instead of 3 s. The p95 of a hundred PUTs is the fifth slowest and varies more
// by chance, so at least three PUTs have to lie above it.
func (c *comparison) latency(before, after *result.Latency) {
	if before == nil || after == nil {
		return
	}
	for _, p := range []struct {
		name          string
		before, after result.Millis
		ratio         float64
		floor         result.Millis
		samples       int
	}{
		{"p50", before.P50, after.P50, 1.5, 20, 20},
		{"p95", before.P95, after.P95, 2, 50, 60},
	} {
		if min(before.Count, after.Count) < p.samples {
			continue
		}
		low, high := min(p.before, p.after), max(p.before, p.after)
		if float64(high) > p.ratio*float64(low) && high-low > p.floor {
			took := func(m result.Millis) string { return text.Duration(m.Duration()) }
			c.add(key{kind: result.NewLatency, what: p.name, before: took(p.before), after: took(p.after)}, result.Place{}, "")
		}
	}
}
