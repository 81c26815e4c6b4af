package explore

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/providerstate"
)

// plain sends the documented request with a fresh state: a pending validation as long as one can be made. The outcome breaks
// StillAnswers if the answer is not the documented one.
func (s *search) plain(ctx context.Context) (outcome, error) {
	o, err := s.attempt(ctx, trial{state: providerstate.Pending})
	if errors.Is(err, errLeftOut) {
		o, err = s.attempt(ctx, trial{state: providerstate.None})
	}
	o.breaches = nil
	if err != nil {
		return o, err
	}
	if failure := contract.Unanswered(o.exchange); failure != nil {
		return o, goneError("the target no longer answers: " + failure.Message)
	}
	rule, findings := contract.RuleNotFound, s.o.Checks.NothingFound(o.exchange)
	if o.trial.state == providerstate.Pending {
		rule, findings = contract.RuleSuccess, s.o.Checks.Validated(o.exchange, contract.SentIn(o.exchange))
		if o.exchange.Answer.Status >= http.StatusInternalServerError {
			rule = contract.RuleStatuses
		}
	}
	if len(findings) > 0 {
		o.breaches = []breach{{StillAnswers, rule, findings[0].Sentence()}}
	}
	return o, nil
}

// check finds out whether the provider still answers the documented request rightly after a case, or before the first, for
// which number is 0. The error is why the search ends.
func (s *search) check(ctx context.Context, number int) error {
	o, err := s.plain(ctx)
	switch {
	case errors.Is(err, errLeftOut):
		return nil
	case err != nil:
		return err
	case len(o.breaches) > 0:
		err = s.regression(ctx, number, o)
	}
	s.window = s.window[:0]
	return err
}

// regression finds out which case made the provider answer the documented request wrongly.
func (s *search) regression(ctx context.Context, number int, o outcome) error {
	b, since := o.breaches[0], ""
	if number > 0 {
		since = " after what was sent before"
	}
	b.Words = "a correct request is not answered as documented" + since + ": " + b.Words
	again, err := s.plain(ctx)
	switch {
	case err != nil:
		return err
	case len(again.breaches) > 0: // the provider stays wrong, so the case cannot be found
		s.add(Counterexample{Case: number, Repeats: true, Smallest: s.show(o), Found: s.show(o)}, b)
		if number == 0 {
			return errors.New("a correct request is not answered as documented: there is nothing to compare with; see what run says")
		}
		return errors.New("the provider no longer answers a correct request as documented")
	}
	for _, earlier := range slices.Backward(s.window) {
		if culprit := s.tryBreak(ctx, s.make(drawChoices(s.o.Seed, earlier)), b); culprit != nil {
			s.found(ctx, earlier, *culprit, b, true)
			return nil
		}
	}
	s.add(Counterexample{Case: number, Smallest: s.show(o), Found: s.show(o)}, b)
	return nil
}
