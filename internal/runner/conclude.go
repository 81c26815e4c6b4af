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
	traces := []contract.Trace{r.trace}
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
func (r *run) gather(ctx context.Context) {
	whole, why := r.whole, r.halted(ctx)
	if why == "" {
		why = "it was not reached"
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	whole.Stopped, whole.Latency = r.stopped, result.Measure(r.latencies, r.Budget)
	for i := range r.outcome {
		if e := &r.outcome[i]; !e.done {
			whole.Scenarios[i] = unrun(r.Plan.Scenarios[i], result.Skipped, why)
			e.scenario = &whole.Scenarios[i]
		}
	}
	var diagnoses []contract.Diagnosis
	r.reconsider()
	r.leaveMembers()
	if r.stopped == "" {
		r.crashes()
	}
	for _, e := range r.outcome {
		for _, w := range e.warnings {
			whole.Warnings = append(whole.Warnings, fmt.Sprintf("%s %s: %s", e.scenario.Rule, e.scenario.Name, w))
		}
		if e.diagnosis != nil {
			diagnoses = append(diagnoses, *e.diagnosis)
		}
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

// addBreaches adds what the scenarios of one repetition showed of the every-exchange rules, and lets go of it.
func (r *run) addBreaches(repetition []ended) {
	for i := range repetition {
		e := &repetition[i]
		var form *everyOutcome
		for k, found := range e.every {
			if r.sought[k].Rule == contract.RuleTwoFields {
				form = &e.every[k]
			}
			at := slices.IndexFunc(r.whole.Rules, func(rule result.Rule) bool { return rule.ID == r.sought[k].Rule })
			rule := &r.whole.Rules[at]
			rule.Judged += found.judged
			rule.Breaches += found.breaches
			rule.Findings = append(rule.Findings, found.findings[:min(len(found.findings), shownFindings-len(rule.Findings))]...)
			r.breached[k] = len(rule.Findings)
		}
		r.formed.add(e.members, form)
		e.every, e.members = nil, nil
	}
}
