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

// kind is what breaks the same property of the same rule.
type kind struct {
	first    int      // index of its first counterexample
	shrunk   int      // how often one was shrunk
	smallest []string // identities of the smallest requests that are reported
}

func (s *search) kind(b breach) *kind {
	name := string(b.Property) + " " + b.Rule
	if s.kinds[name] == nil {
		s.kinds[name] = &kind{first: len(s.report.Counterexamples)}
	}
	return s.kinds[name]
}

// found shrinks what broke a property and adds it to the report, unless it is known already.
func (s *search) found(ctx context.Context, number int, o outcome, b breach, repeats bool) {
	k := s.kind(b)
	if k.shrunk >= mostShrinks {
		s.report.Counterexamples[k.first].Seen++
		return
	}
	k.shrunk++
	smallest, tries := o, 0
	if repeats {
		smallest, tries = s.smallest(ctx, o, b)
		b, _ = smallest.again(b) // the smallest may be answered otherwise
	}
	identity := smallest.trial.identity()
	if slices.Contains(k.smallest, identity) {
		s.report.Counterexamples[k.first].Seen++
		return
	}
	k.smallest = append(k.smallest, identity)
	s.add(Counterexample{Case: number, Repeats: repeats, Tries: tries, Smallest: s.show(smallest), Found: s.show(o)}, b)
}

// add completes a counterexample and adds it to the report.
func (s *search) add(c Counterexample, b breach) {
	s.kind(b)
	c.Property, c.Rule, c.Words, c.Seen = b.Property, b.Rule, contract.Clip(s.o.Secrets.Redact(b.Words)), 1
	s.report.Counterexamples = append(s.report.Counterexamples, c)
}

// smallest reduces a trial as long as it breaks the same property of the same rule. Every try has a fresh state; the
// same request is not sent twice.
func (s *search) smallest(ctx context.Context, o outcome, b breach) (outcome, int) {
	type known struct {
		outcome outcome
		breaks  bool
	}
	tried := map[string]known{o.trial.identity(): {o, true}}
	tries := 0
	small := s.make(&choices{replay: reduce(o.trial.choices, func(candidate []int) ([]int, bool) {
		t := s.make(&choices{replay: candidate})
		identity := t.identity()
		k, ok := tried[identity]
		if !ok && tries < mostTries && ctx.Err() == nil {
			tries++
			k.outcome, k.breaks = s.stillBreaks(ctx, t, b)
			tried[identity] = k
		}
		return t.choices, k.breaks
	})})
	smallest := tried[small.identity()].outcome
	smallest.trial = small
	return smallest, tries
}

// stillBreaks tries a smaller trial.
func (s *search) stillBreaks(ctx context.Context, t trial, b breach) (outcome, bool) {
	if b.Property == StillAnswers {
		return s.spoils(ctx, t)
	}
	o, err := s.once(ctx, t, true)
	switch {
	case err != nil:
		return o, false
	case o.unanswered():
		silence, broken := blame(o)
		return o, broken && silence.Property == b.Property
	}
	_, broken := o.again(b)
	return o, broken
}
