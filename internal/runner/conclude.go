package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/result"
)

// shownFindings bounds how many findings an every-exchange rule shows: a thousand answers may break it alike.
const shownFindings = 20

// reconsider explains failures anew by what the whole run shows of the way to the provider.
func (r *run) reconsider() {
	traces := make([]contract.Trace, 0, len(r.outcome))
	for _, e := range r.outcome {
		traces = append(traces, e.trace)
	}
	stripped, all := r.Checks.Stripped(traces)
	for i := range r.outcome {
		e := &r.outcome[i]
		if e.diagnosis == nil {
			continue
		}
		before := *e.diagnosis
		if *e.diagnosis = before.Reconsider(traces); all {
			*e.diagnosis = stripped
		}
		if *e.diagnosis != before {
			e.scenario.Diagnosis = r.Secrets.Redact(e.diagnosis.Text)
		}
	}
}

// gather puts what the scenarios found into the result, in the plan's order.
func (r *run) gather(ctx context.Context, whole *result.Run) {
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
	whole.Stopped, whole.Latency = r.stopped, result.Measure(r.latencies, r.Budget)
	var diagnoses []contract.Diagnosis
	r.reconsider()
	r.leaveMembers()
	if r.stopped == "" {
		r.crashes()
	}
	for _, e := range r.outcome {
		whole.Scenarios = append(whole.Scenarios, e.scenario)
		for _, w := range e.warnings {
			whole.Warnings = append(whole.Warnings, fmt.Sprintf("%s %s: %s", e.scenario.Rule, e.scenario.Name, w))
		}
		if e.diagnosis != nil {
			diagnoses = append(diagnoses, *e.diagnosis)
		}
		r.addBreaches(whole, e.every)
	}
	for _, flaw := range slices.Sorted(maps.Keys(r.flawed)) {
		whole.Warnings = append(whole.Warnings, fmt.Sprintf("HTTP forbids %s: answers that have it: %d", flaw, r.flawed[flaw]))
	}
	if common := contract.Common(diagnoses); common != "" {
		whole.Diagnosis = []string{common}
	}
	r.tell(whole)
	if why := r.elsewhere(); why != "" {
		unjudge(whole, why)
	}
}

// addBreaches adds what one scenario showed of the every-exchange rules.
func (r *run) addBreaches(whole *result.Run, every []everyOutcome) {
	for i, found := range every {
		at := slices.IndexFunc(whole.Rules, func(rule result.Rule) bool { return rule.ID == r.sought[i].Rule })
		rule := &whole.Rules[at]
		rule.Judged += found.judged
		rule.Breaches += found.breaches
		for _, f := range found.findings {
			if len(rule.Findings) < shownFindings {
				rule.Findings = append(rule.Findings, f)
			}
		}
	}
}
