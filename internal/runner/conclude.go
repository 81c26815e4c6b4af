package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/result"
)

// shownFindings bounds how many findings an every-exchange rule shows: a thousand answers may break it alike.
const shownFindings = 20

// reconsider explains failures anew by what the whole run shows of the way to the provider, and returns why each may be.
func (r *run) reconsider() []contract.Diagnosis {
	traces := []contract.Trace{r.trace}
	stripped, all := r.Checks.Stripped(traces)
	texts := map[contract.Diagnosis]string{} // redacted
	slices.SortFunc(r.diagnosed, func(a, b diagnosed) int { return a.at - b.at })
	diagnoses := make([]contract.Diagnosis, 0, len(r.diagnosed))
	for _, d := range r.diagnosed {
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

// cutFindings puts what the every-exchange rules found in the plan's order, and cuts what is not shown.
func (r *run) cutFindings() {
	place := map[string]int{}
	for i, s := range r.whole.Scenarios {
		place[s.ID] = i
	}
	for i := range r.whole.Rules {
		rule := &r.whole.Rules[i]
		slices.SortStableFunc(rule.Findings, func(a, b result.Finding) int { return place[a.Scenario] - place[b.Scenario] })
		rule.Findings = slices.Clip(rule.Findings[:min(len(rule.Findings), shownFindings)])
	}
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
	r.cutFindings()
	if r.stopped == "" {
		r.crashes()
	}
	inOrder := func(a, b string) int { return cmp.Or(r.warned[a]-r.warned[b], strings.Compare(a, b)) }
	whole.Warnings = append(whole.Warnings, slices.SortedFunc(maps.Keys(r.warned), inOrder)...)
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
