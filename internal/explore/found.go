package explore

import (
	"context"

	"verifik-contract/internal/contract"
)

// The bounds of shrinking.
const (
	mostTries   = 400 // requests for one shrink
	mostShrinks = 3   // shrinks of what breaks the same property of the same rule: most are the same again
)

// found shrinks what broke a property and adds it to the report, unless it is known already.
func (s *search) found(ctx context.Context, number int, o outcome, b breach, repeats bool) {
	kind := string(b.property) + " " + b.rule
	if s.shrunk[kind] >= mostShrinks {
		s.report.Counterexamples[s.indexes[kind]].Seen++
		return
	}
	s.shrunk[kind]++
	smallest, tries := o, 0
	if repeats {
		smallest, tries = s.smallest(ctx, o, b)
		for _, other := range smallest.breaches {
			if other.property == b.property && other.rule == b.rule {
				b.words = other.words // the smallest may be answered otherwise
			}
		}
	}
	identity := kind + "\n" + smallest.trial.identity()
	if s.settled[identity] {
		s.report.Counterexamples[s.indexes[kind]].Seen++
		return
	}
	s.settled[identity] = true
	s.add(Counterexample{Case: number, Repeats: repeats, Tries: tries, Smallest: s.show(smallest), Found: s.show(o)}, b)
}

// add completes a counterexample and adds it to the report.
func (s *search) add(c Counterexample, b breach) {
	kind := string(b.property) + " " + b.rule
	if _, known := s.indexes[kind]; !known {
		s.indexes[kind] = len(s.report.Counterexamples)
	}
	c.Property, c.Rule, c.Words, c.Seen = b.property, b.rule, contract.Clip(s.o.Secrets.Redact(b.words)), 1
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
	k := tried[small.identity()]
	k.outcome.trial = small
	return k.outcome, tries
}

// stillBreaks tries a smaller trial.
func (s *search) stillBreaks(ctx context.Context, t trial, b breach) (outcome, bool) {
	if b.property == StillAnswers {
		return s.spoils(ctx, t)
	}
	o, err := s.once(ctx, t)
	if err != nil {
		return o, false
	}
	if o.unanswered() {
		silence, broken := blame(o)
		return o, broken && silence.property == b.property
	}
	return o, breaks(o, b)
}
