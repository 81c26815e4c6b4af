package explore

import (
	"context"
	"slices"

	"verifik-contract/internal/contract"
)

// The bounds of shrinking.
const (
	mostTries   = 400 // requests for one shrink
	mostShrinks = 3   // shrinks of one kind: most are the same again
)

// found shrinks what broke a property and adds it to the report, unless it is known already.
func (s *search) found(ctx context.Context, number int, o outcome, b breach, repeats bool) {
	var known []*Counterexample // of the same kind: they break the same property of the same rule
	seen := 0
	for i := range s.report.Counterexamples {
		if c := &s.report.Counterexamples[i]; c.Property == b.Property && c.Rule == b.Rule {
			known, seen = append(known, c), seen+c.Seen
		}
	}
	smallest, tries := o, 0
	if repeats && seen < mostShrinks {
		smallest, tries = s.smallest(ctx, o, b)
		b, _ = smallest.again(b) // the smallest may be answered otherwise
	}
	identity := smallest.trial.identity()
	if seen >= mostShrinks || slices.ContainsFunc(known, func(c *Counterexample) bool { return c.identity == identity }) {
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

// smallest reduces a trial as long as it breaks the same property of the same rule. Every try has a fresh state; the
// same request is not sent twice.
func (s *search) smallest(ctx context.Context, o outcome, b breach) (outcome, int) {
	tried := map[string]*outcome{o.trial.identity(): &o} // nil: it does not break it
	tries := 0
	small := s.make(&choices{replay: reduce(o.trial.choices, func(candidate []int) ([]int, bool) {
		t := s.make(&choices{replay: candidate})
		identity := t.identity()
		breaking, known := tried[identity]
		if !known && tries < mostTries && ctx.Err() == nil {
			tries++
			breaking = s.breaking(ctx, t, b)
			tried[identity] = breaking
		}
		return t.choices, breaking != nil
	})})
	smallest := *tried[small.identity()]
	smallest.trial = small
	return smallest, tries
}

// breaking tries a trial once and returns what came of it; nil where it does not break the same property of the same rule.
func (s *search) breaking(ctx context.Context, t trial, b breach) *outcome {
	o, err := s.once(ctx, t, true)
	if err == nil && b.Property == StillAnswers {
		var after outcome
		if after, err = s.plain(ctx); len(after.breaches) > 0 {
			o.breaches = []breach{b}
		}
	}
	if _, broken := o.again(b); err != nil || !broken {
		return nil
	}
	return &o
}
