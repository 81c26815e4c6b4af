package runner

import (
	"context"
	"fmt"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/result"
	"verifik-contract/steps"
)

type notified = steps.Notified

// shownFindings bounds how many findings an every-exchange rule shows: a thousand answers may break it alike.
const shownFindings = 20

// conclude puts the run's parts together, in the plan's order.
func (r *run) conclude(ctx context.Context) *Outcome {
	why := r.halted(ctx)
	if why == "" {
		why = "it was not reached"
	}
	for i, s := range r.Plan.Scenarios {
		if !r.outcome[i].done {
			r.outcome[i].scenario = unrun(s, result.Skipped, why)
		}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	o := &Outcome{Rules: rules(r.Plan), Latencies: r.latencies, Stopped: r.stopped}
	var diagnoses []contract.Diagnosis
	for _, e := range r.outcome {
		o.Scenarios = append(o.Scenarios, e.scenario)
		for _, w := range e.warnings {
			o.Warnings = append(o.Warnings, fmt.Sprintf("%s %s: %s", e.scenario.Rule, e.scenario.Name, w))
		}
		if e.diagnosis != nil {
			diagnoses = append(diagnoses, *e.diagnosis)
		}
		for i, found := range e.every {
			at := slices.IndexFunc(o.Rules, func(rule result.Rule) bool { return rule.ID == r.sought[i].Rule })
			rule := &o.Rules[at]
			rule.Judged += found.judged
			rule.Breaches += found.breaches
			for _, f := range found.findings {
				if len(rule.Findings) < shownFindings {
					rule.Findings = append(rule.Findings, r.finding(f, e.scenario.ID, 0))
				}
			}
		}
	}
	if common := contract.Common(diagnoses); common != "" {
		o.Diagnosis = []string{common}
	}
	r.deliveries(o)
	return o
}

// deliveries tells apart what came to the webhook receiver.
func (r *run) deliveries(o *Outcome) {
	if r.Webhook == nil {
		return
	}
	awaited := map[string]*ended{}
	for i := range r.outcome {
		if r.outcome[i].notified != nil {
			awaited[r.outcome[i].scenario.ID] = &r.outcome[i]
		}
	}
	accepted := map[string]int{}
	for _, d := range r.Webhook.Deliveries() {
		one := result.Delivery{Scenario: d.Scenario, Received: moment(d.Received), Body: r.text(d.Body)}
		e := awaited[d.Scenario]
		switch {
		case d.Foreign || e == nil:
			one.Kind, one.Reason = "foreign", "it came to no scenario's address"
		case d.Received.Before(e.notified.Sent) || e.notified.Sent.IsZero():
			one.Kind, one.Reason = "ignored", "it came before the OTP was typed"
		default:
			judged := contract.JudgeNotification(d.Body, e.notified.Notified)
			one.Type, one.Reason = r.Secrets.Redact(judged.Type), judged.Reason
			switch {
			case judged.Ignored:
				one.Kind = "ignored"
			case !judged.Accepted:
				one.Kind = "refused"
			case accepted[d.Scenario] > 0:
				one.Kind, one.Reason = "doubled", "one before it told of the same validation"
				accepted[d.Scenario]++
			case d.Late:
				one.Kind, one.Reason = "late", "it came after the scenario had ended"
				accepted[d.Scenario]++
			default:
				one.Kind = "accepted"
				accepted[d.Scenario]++
			}
		}
		o.Webhooks = append(o.Webhooks, one)
	}
	for _, s := range o.Scenarios {
		if n := accepted[s.ID]; n > 1 {
			text := fmt.Sprintf("%s %s: more than one notification told of the same validation", s.Rule, s.Name)
			if !slices.Contains(o.Warnings, text) {
				o.Warnings = append(o.Warnings, text)
			}
		}
	}
}
