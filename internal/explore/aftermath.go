package explore

import (
	"context"
	"errors"
	"net/http"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/providerstate"
)

// plainGround is the state that a plain request is sent against: a pending validation as long as there may be one.
func (s *search) plainGround() providerstate.Name {
	if s.o.MaxMessages > 0 && s.cost(providerstate.Pending) > s.o.MaxMessages-s.report.Messages {
		return providerstate.None
	}
	return providerstate.Pending
}

// plain sends a plain right request against a fresh state, and says what is wrong with its answer; "" is nothing.
func (s *search) plain(ctx context.Context) (outcome, string, error) {
	o, err := s.attempt(ctx, trial{ground: s.plainGround()})
	if errors.Is(err, errLeftOut) {
		o, err = s.attempt(ctx, trial{ground: providerstate.None})
	}
	if err != nil || o.unanswered() {
		return o, "", err
	}
	var findings []contract.Finding
	if o.trial.ground == providerstate.None {
		findings = s.judge.checks.NothingFound(o.exchange)
	} else {
		findings = s.judge.checks.Validated(o.exchange, contract.Sent{Phone: o.values.Phone, CountryCode: o.values.CountryCode})
	}
	if len(findings) == 0 {
		return o, "", nil
	}
	return o, findings[0].Sentence(), nil
}

// check asks whether the provider still answers rightly after a case, or before the first, which is number 0. It returns
// why the search ends; "" where it goes on.
func (s *search) check(ctx context.Context, number int) string {
	o, wrong, err := s.plain(ctx)
	switch {
	case errors.Is(err, errLeftOut):
		return ""
	case err != nil:
		return s.lost(err)
	case o.unanswered():
		s.report.Gone = true
		return "the target answers no more: " + contract.Unanswered(o.exchange).Message
	case wrong == "":
		s.window = s.window[:0]
		return ""
	}
	return s.aftermath(ctx, number, o, wrong)
}

// aftermath finds out which case made the provider answer a plain right request wrongly.
func (s *search) aftermath(ctx context.Context, number int, o outcome, wrong string) string {
	b := breach{StillAnswers, ruleOf(o), "a plain right request is not answered as documented"}
	if number > 0 {
		b.words += " after what was sent before"
	}
	b.words += ": " + wrong
	_, still, err := s.plain(ctx)
	if err != nil {
		return s.lost(err)
	}
	if still != "" { // for good, so that nothing can be told from what
		s.add(Counterexample{Case: number, Repeats: true, Smallest: s.show(o), Found: s.show(o)}, b)
		if number == 0 {
			return "a plain right request is not answered as documented: there is nothing to compare with; see what run says"
		}
		return "the provider no longer answers a plain right request as documented"
	}
	for i := len(s.window) - 1; i >= 0 && ctx.Err() == nil; i-- {
		if culprit, spoils := s.spoils(ctx, s.make(drawing(s.o.Seed, s.window[i]))); spoils {
			s.found(ctx, s.window[i], culprit, b, true)
			s.window = s.window[:0]
			return ""
		}
	}
	s.add(Counterexample{Case: number, Smallest: s.show(o), Found: s.show(o)}, b)
	s.window = s.window[:0]
	return ""
}

// spoils tells whether a plain right request is answered wrongly after a trial.
func (s *search) spoils(ctx context.Context, t trial) (outcome, bool) {
	o, err := s.once(ctx, t)
	if err != nil {
		return o, false
	}
	_, wrong, err := s.plain(ctx)
	return o, err == nil && wrong != ""
}

func ruleOf(plain outcome) string {
	switch {
	case plain.trial.ground == providerstate.None:
		return "PV-03"
	case plain.exchange.Answer != nil && plain.exchange.Answer.Status >= http.StatusInternalServerError:
		return "PV-20"
	}
	return "PV-01"
}
