package explore

import (
	"context"
	"errors"
	"net/http"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/providerstate"
)

// plain sends a plain right request against a fresh state: a pending validation as long as there may be one. wrong is
// what is wrong with its answer, "" where nothing is.
func (s *search) plain(ctx context.Context) (o outcome, wrong string, err error) {
	o, err = s.attempt(ctx, trial{state: providerstate.Pending})
	if errors.Is(err, errLeftOut) {
		o, err = s.attempt(ctx, trial{state: providerstate.None})
	}
	if err != nil {
		return o, "", err
	}
	if failure := contract.Unanswered(o.exchange); failure != nil {
		return o, "", gone("the target answers no more: " + failure.Message)
	}
	checks := contract.Checks{Schemas: s.o.Schemas}
	findings := checks.NothingFound(o.exchange)
	if o.trial.state == providerstate.Pending {
		findings = checks.Validated(o.exchange, contract.SentIn(o.exchange))
	}
	if len(findings) > 0 {
		wrong = findings[0].Sentence()
	}
	return o, wrong, nil
}

// check asks whether the provider still answers rightly after a case, or before the first, which is number 0. The error
// is why the search ends.
func (s *search) check(ctx context.Context, number int) error {
	o, wrong, err := s.plain(ctx)
	switch {
	case errors.Is(err, errLeftOut):
		return nil
	case err != nil:
		return err
	case wrong != "":
		err = s.regression(ctx, number, o, wrong)
	}
	s.window = s.window[:0]
	return err
}

// regression finds out which case made the provider answer a plain right request wrongly.
func (s *search) regression(ctx context.Context, number int, o outcome, wrong string) error {
	b := breach{Property: StillAnswers, Rule: contract.RuleSuccess, Words: "a plain right request is not answered as documented"}
	switch {
	case o.trial.state == providerstate.None:
		b.Rule = contract.RuleNotFound
	case o.exchange.Answer.Status >= http.StatusInternalServerError:
		b.Rule = contract.RuleStatuses
	}
	if number > 0 {
		b.Words += " after what was sent before"
	}
	b.Words += ": " + wrong
	_, still, err := s.plain(ctx)
	switch {
	case err != nil:
		return err
	case still != "": // for good, so that nothing can be told from what
		s.add(Counterexample{Case: number, Repeats: true, Smallest: s.show(o), Found: s.show(o)}, b)
		if number == 0 {
			return errors.New("a plain right request is not answered as documented: there is nothing to compare with; see what run says")
		}
		return errors.New("the provider no longer answers a plain right request as documented")
	}
	for i := len(s.window) - 1; i >= 0 && ctx.Err() == nil; i-- {
		if culprit, spoils := s.spoils(ctx, s.make(drawing(s.o.Seed, s.window[i]))); spoils {
			s.found(ctx, s.window[i], culprit, b, true)
			return nil
		}
	}
	s.add(Counterexample{Case: number, Smallest: s.show(o), Found: s.show(o)}, b)
	return nil
}

// spoils reports whether a plain right request is answered wrongly after a trial.
func (s *search) spoils(ctx context.Context, t trial) (outcome, bool) {
	o, err := s.once(ctx, t, true)
	if err != nil {
		return o, false
	}
	_, wrong, err := s.plain(ctx)
	return o, err == nil && wrong != ""
}
