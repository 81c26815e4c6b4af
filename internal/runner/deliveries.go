package runner

import (
	"fmt"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/webhook"
	"verifik-contract/steps"
)

// sortDeliveries tells apart what came to the webhook receiver.
func (r *run) sortDeliveries(whole *result.Run) {
	if r.Webhook == nil {
		return
	}
	awaited, passed := r.awaited, map[string]bool{}
	for _, s := range whole.Scenarios {
		if len(awaited[s.ID]) > 0 {
			passed[s.ID] = s.Verdict == result.Passed
		}
	}
	accepted, refused := map[*steps.Notified]int{}, map[string]string{}
	for _, d := range r.Webhook.Deliveries() {
		one, leaks := r.delivery(d, awaited[d.Scenario], accepted)
		claim := steps.ToldBy(d).Claim
		switch {
		case leaks && passed[d.Scenario]:
			f := contract.Differs("a notification tells of the validation", "", "neither the OTP nor a token in any notification", "another one came, and "+one.Reason)
			f.Leak = true
			r.fail(whole, d.Scenario, f)
		case claim != "" && passed[d.Scenario] && slices.ContainsFunc(awaited[d.Scenario], func(n *steps.Notified) bool { return n.Refused }):
			r.fail(whole, d.Scenario, contract.TooEarly(claim))
			passed[d.Scenario] = false
		case one.Kind == result.Refused && passed[d.Scenario]:
			refused[d.Scenario] = one.Reason
		}
		whole.Webhooks = append(whole.Webhooks, one)
	}
	warn := func(s result.Scenario, what string) {
		if text := fmt.Sprintf("%s %s: %s", s.Rule, s.Name, what); !slices.Contains(whole.Warnings, text) {
			whole.Warnings = append(whole.Warnings, text)
		}
	}
	for _, s := range whole.Scenarios {
		for _, n := range awaited[s.ID] {
			if accepted[n] > 1 {
				warn(s, "more than one notification told of the same validation")
			}
		}
		if reason, ok := refused[s.ID]; ok {
			warn(s, "beside the notification that was promised came one that is not as promised: "+reason)
		}
	}
}

// fail fails a scenario that had ended when a delivery came.
func (r *run) fail(whole *result.Run, id string, f contract.Finding) {
	at := slices.IndexFunc(whole.Scenarios, func(s result.Scenario) bool { return s.ID == id })
	s := &whole.Scenarios[at]
	f.Rule = s.Rule
	if s.Verdict == result.Passed {
		s.Verdict, s.Reason = result.Failed, f.Sentence()
	}
	s.Findings = append(s.Findings, r.finding(f, "", 0, nil))
}

// delivery says what one delivery is, of those that the attempts of its scenario await, and counts it.
func (r *run) delivery(d webhook.Delivery, attempts []*steps.Notified, accepted map[*steps.Notified]int) (_ result.Delivery, leaks bool) {
	var keep []string
	for _, n := range attempts {
		keep = append(keep, n.Private.Keep...)
	}
	one := result.Delivery{Scenario: d.Scenario, Received: record.Moment(d.Received)}
	one.Body, one.Size = record.Body(d.Body, func(text []byte) string { return r.Secrets.RedactBody(text, keep...) }, d.TooLong)
	if d.TooLong {
		one.Size = d.Size // the receiver has kept its beginning, or nothing
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
	judged := steps.ToldBy(d)
	if of := judged.Of; of == nil || of.Sent.IsZero() || d.Received.Before(of.Sent) {
		judged = steps.Told{Notification: contract.Notification{Ignored: true, Type: judged.Type, Reason: "it came before the OTP was typed"}}
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
