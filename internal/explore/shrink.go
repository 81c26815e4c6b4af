package explore

import (
	"cmp"
	"context"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
)

// The bounds of shrinking.
const (
	maxTries   = 400 // requests to shrink one counterexample
	maxShrinks = 3   // counterexamples of a property and rule that are shrunk: most turn out the same
)

// found shrinks a counterexample and adds it to the report, or counts it if it is known.
func (s *search) found(ctx context.Context, number int, o outcome, b breach, repeats bool) {
	known := group.Where(group.Pointers(s.report.Counterexamples), func(c *Counterexample) bool { return c.Property == b.Property && c.Rule == b.Rule })
	seen := 0
	for _, c := range known {
		seen += c.Seen
	}
	smallest, tries := o, 0
	if repeats && seen < maxShrinks {
		smallest, tries = s.smallest(ctx, o, b)
		b = cmp.Or(smallest.breachLike(b), b) // the smallest may be answered differently
	}
	identity := smallest.trial.identity()
	if seen >= maxShrinks || slices.ContainsFunc(known, func(c *Counterexample) bool { return c.identity == identity }) {
		known[0].Seen++
		return
	}
	s.add(Counterexample{Case: number, Repeats: repeats, Tries: tries, Smallest: s.show(smallest), Found: s.show(o), identity: identity}, b)
}

// add completes a counterexample and adds it to the report.
func (s *search) add(c Counterexample, b breach) {
	c.Property, c.Rule, c.Words, c.Seen = b.Property, b.Rule, contract.Clip(s.o.Secrets.Redact(b.Words)), 1
	s.report.Counterexamples = append(s.report.Counterexamples, c)
}

// smallest reduces a trial as long as it breaks the same property and rule, and returns the outcome and the number of tries.
// Every try has a fresh state; no request is sent twice.
func (s *search) smallest(ctx context.Context, o outcome, b breach) (outcome, int) {
	tried := map[string]*outcome{o.trial.identity(): &o} // nil: not broken
	tries := 0
	small := s.make(&choices{replay: reduce(o.trial.choices, func(candidate []int) ([]int, bool) {
		t := s.make(&choices{replay: candidate})
		identity := t.identity()
		breaking, known := tried[identity]
		if !known && tries < maxTries && ctx.Err() == nil {
			tries++
			breaking = s.tryBreak(ctx, t, b)
			tried[identity] = breaking
		}
		return t.choices, breaking != nil
	})})
	smallest := *tried[small.identity()]
	smallest.trial = small
	return smallest, tries
}

// tryBreak tries a trial once and returns the outcome; nil if it does not break the same property and rule.
func (s *search) tryBreak(ctx context.Context, t trial, b breach) *outcome {
	o, err := s.sendOnce(ctx, t, true)
	if err == nil && b.Property == StillAnswers {
		var after outcome
		if after, err = s.plain(ctx); len(after.breaches) > 0 {
			o.breaches = []breach{b}
		}
	}
	if err != nil || o.breachLike(b) == (breach{}) {
		return nil
	}
	return &o
}
