package runner

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"unique"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/result"
)

// shownFindings bounds how many findings an every-exchange rule shows: a thousand answers may break it alike.
const shownFindings = 20

// gather takes what the run needs of the scenarios before an index of the plan that ended since it was last called, those of one
// repetition, and lets go of the rest.
func (r *run) gather(last int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	slices.SortFunc(r.outcome, func(a, b ended) int { return a.at - b.at })
	all, n := &r.gathered, 0
	for ; n < len(r.outcome) && r.outcome[n].at < last; n++ {
		e := &r.outcome[n]
		r.addBreaches(e)
		for _, w := range e.warnings {
			if w = fmt.Sprintf("%s %s: %s", e.scenario.Rule, e.scenario.Name, w); !all.warned[w] { // a repetition before may have said it
				all.warned[w], all.warnings = true, append(all.warnings, w)
			}
		}
		if len(e.notified) > 0 {
			all.awaited[e.scenario.ID] = e.notified
		}
		if e.lost > 0 {
			all.lost[e.at] = e.lost
		}
		if e.diagnosis != nil {
			all.diagnosed = append(all.diagnosed, diagnosed{e.at, unique.Make(*e.diagnosis)})
		}
		all.sent = append(all.sent, e.sent...)
	}
	r.outcome = slices.Delete(r.outcome, 0, n)
}

// addBreaches adds what a scenario showed of the every-exchange rules.
func (r *run) addBreaches(e *ended) {
	for k, found := range e.every {
		at := slices.IndexFunc(r.whole.Rules, func(rule result.Rule) bool { return rule.ID == r.sought[k].Rule })
		rule := &r.whole.Rules[at]
		rule.Judged += found.judged
		rule.Breaches += found.breaches
		rule.Findings = append(rule.Findings, found.findings[:min(len(found.findings), shownFindings-len(rule.Findings))]...)
		for _, l := range found.lacking {
			r.lack(l)
		}
	}
}

// reconsider explains failures anew by what the whole run shows of the way to the provider, and returns why each may be.
func (r *run) reconsider() []contract.Diagnosis {
	traces := []contract.Trace{r.trace}
	stripped, all := r.Checks.Stripped(traces)
	texts := map[contract.Diagnosis]string{} // redacted
	diagnoses := make([]contract.Diagnosis, 0, len(r.gathered.diagnosed))
	for _, d := range r.gathered.diagnosed {
		before := d.diagnosis.Value()
		after := before.Reconsider(traces)
		if all {
			after = stripped
		}
		diagnoses = append(diagnoses, after)
		if after == before {
			continue
		}
		if _, known := texts[after]; !known {
			texts[after] = r.redact(after.Text)
		}
		r.whole.Scenarios[d.at].Diagnosis = texts[after]
	}
	return diagnoses
}

// conclude puts what the scenarios told into the result.
func (r *run) conclude(ctx context.Context) {
	whole, why := r.whole, r.halted(ctx)
	if why == "" {
		why = "it was not reached"
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	whole.Stopped, whole.Latency = r.stopped, result.Measure(r.latencies, r.Budget)
	for i := range whole.Scenarios {
		if whole.Scenarios[i].Verdict == "" {
			whole.Scenarios[i] = unrun(r.Plan.Scenarios[i], result.Skipped, why)
		}
	}
	diagnoses := r.reconsider()
	r.leaveMembers()
	if r.stopped == "" {
		r.crashes()
	}
	whole.Warnings = append(whole.Warnings, r.gathered.warnings...)
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
