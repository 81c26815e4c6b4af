package runner

import (
	"cmp"
	"fmt"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/webhook"
	"verifik-contract/steps"
)

// sortDeliveries classifies what came to the webhook receiver, and judges scenarios by it.
func (r *run) sortDeliveries() {
	if r.Webhook == nil {
		return
	}
	whole := r.whole
	all := group.Where(group.Pointers(whole.Scenarios), func(s *result.Scenario) bool { return len(r.awaited[s.ID]) > 0 })
	awaiting := group.Keyed(all, func(s *result.Scenario) string { return s.ID })
	judged := func(s *result.Scenario) bool { return s.Verdict == result.Passed || s.Verdict == result.Failed }
	shows := func(s *result.Scenario) bool {
		return slices.ContainsFunc(s.Findings, func(f result.Finding) bool { return f.Leak })
	}
	accepted, refused, leaking := map[*steps.Notified]int{}, map[string]string{}, map[*result.Scenario]contract.Finding{}
	for _, d := range r.Webhook.Deliveries() {
		attempts := r.awaited[d.Scenario]
		one, leaks := r.delivery(d, attempts, accepted)
		whole.Webhooks = append(whole.Webhooks, one)
		s, claim := awaiting[d.Scenario], steps.JudgedOf(d).Claim
		if leaks && s != nil && judged(s) {
			f := contract.Differs("a notification tells of the validation", "", "neither the OTP nor a token in any notification", "another one came, and "+one.Reason)
			f.Leak = true
			leaking[s] = f
		}
		switch {
		case s == nil || s.Verdict != result.Passed:
		case claim != "" && slices.ContainsFunc(attempts, func(n *steps.Notified) bool { return n.Refused }):
			r.fail(s, contract.TooEarly(claim))
		case one.Kind == result.Refused && !leaks:
			refused[s.ID] = one.Reason
		}
	}
	// A leak in a notification breaks PV-14, whichever scenario shows it. It fails that scenario only if there is none of PV-14.
	var own *result.Scenario
	shown := false
	for _, s := range all {
		if s.Rule == contract.RuleNotified && judged(s) {
			own, shown = cmp.Or(own, s), shown || leaking[s].Leak || shows(s)
		}
	}
	for _, s := range all {
		switch {
		case !leaking[s].Leak || shows(s):
		case own == nil || s.Rule == own.Rule:
			r.fail(s, leaking[s])
		case !shown:
			f := leaking[s]
			f.Actual += fmt.Sprintf(" (in the scenario %q of %s)", s.Name, s.Rule)
			r.fail(own, f)
			shown = true
		}
	}
	for i, s := range whole.Scenarios {
		if slices.ContainsFunc(r.awaited[s.ID], func(n *steps.Notified) bool { return n.Awaited && accepted[n] > 1 }) {
			r.warn(i, "more than one notification told of the same validation")
		}
		if reason, ok := refused[s.ID]; ok {
			r.warn(i, "beside the notification that was promised came one that is not as promised: "+reason)
		}
	}
}

// fail adds a finding to a scenario that has ended, and fails it.
func (r *run) fail(s *result.Scenario, f contract.Finding) {
	f.Rule = s.Rule
	s.Verdict, s.Flaky, s.Reason = result.Failed, false, cmp.Or(s.Reason, f.Sentence())
	s.Findings = append(s.Findings, record.Recorder{Secrets: r.Secrets}.Finding(f))
}

// delivery returns the result of one delivery, given what the attempts of its scenario await, and whether it leaks a secret. It
// counts accepted deliveries.
func (r *run) delivery(d webhook.Delivery, attempts []*steps.Notified, accepted map[*steps.Notified]int) (_ result.Delivery, leaks bool) {
	keep := slices.Concat(group.Map(attempts, func(n *steps.Notified) []string { return n.Known.Keep })...)
	one := result.Delivery{Scenario: d.Scenario, Received: record.Moment(d.Received)}
	one.Body, one.Size = record.Body(d.Body, func(text []byte) string { return r.Secrets.RedactBody(text, keep...) }, d.TooLong)
	if d.TooLong {
		one.Size = d.Size // the receiver kept only the beginning, or nothing
	}
	switch {
	case d.Foreign && d.Scenario == "":
		one.Kind, one.Reason = result.Foreign, "it came to no scenario's address"
		return one, false
	case d.Foreign:
		one.Kind, one.Reason = result.Foreign, fmt.Sprintf("it is a %s, and a notification is a POST", r.Secrets.Redact(d.Method))
		return one, false
	case len(attempts) == 0:
		one.Kind, one.Reason = result.Ignored, "its scenario awaited no notification: the state was not made, or the scenario did not end"
		return one, false
	}
	judged := steps.JudgedOf(d)
	if of := judged.Of; of == nil || of.Sent.IsZero() || d.Received.Before(of.Sent) {
		judged = steps.Judged{Notification: contract.Notification{Ignored: true, Type: judged.Type, Reason: "it came before the OTP was typed"}}
	}
	one.Type, one.Reason = contract.Clip(r.redact(judged.Type)), judged.Reason
	switch one.Kind = result.Accepted; {
	case judged.Ignored:
		one.Kind = result.Ignored
	case !judged.Accepted:
		one.Kind = result.Refused
	case accepted[judged.Of] > 0:
		one.Kind, one.Reason = result.Duplicate, "one before it told of the same validation"
	case d.Late:
		one.Kind, one.Reason = result.Late, "it came after the scenario had ended"
	}
	if judged.Accepted {
		accepted[judged.Of]++
	}
	return one, judged.Leaks
}
