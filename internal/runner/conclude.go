package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unique"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// reconsider revises the diagnoses of failures by what the whole run shows of the way to the provider, and returns them.
func (r *run) reconsider() []contract.Diagnosis {
	stripped, all := r.Checks.AuthorizationStripped(r.trace)
	scenarios := slices.Sorted(maps.Keys(r.diagnosed))
	diagnoses := group.Map(scenarios, func(at int) contract.Diagnosis {
		if all {
			return stripped
		}
		return r.diagnosed[at].Value().Reconsider(r.trace)
	})
	contract.NameCommonStatus(diagnoses)
	for i, at := range scenarios {
		if after := diagnoses[i]; after != r.diagnosed[at].Value() {
			r.whole.Scenarios[at].Diagnosis = unique.Make(r.redact(after.Text)).Value() // a thousand may have the same
		}
	}
	return diagnoses
}

// conclude adds to the result what follows from all scenarios.
func (r *run) conclude(ctx context.Context) {
	whole, halted := r.whole, r.stopReason(ctx)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	stopped := whole.Stopped != "" // the target was down
	whole.Latency = result.Measure(r.latencies, r.Budget)
	if id := r.markUnrun(result.Skipped, cmp.Or(halted, "it was not reached"), exchange.CauseUnreached); id != "" && halted == "" {
		whole.Stopped = "godog did not run " + id
	}
	diagnoses := r.reconsider()
	r.concludeBreaches()
	if !stopped {
		r.diagnoseCrashes()
	}
	r.sortDeliveries()
	inOrder := func(a, b string) int { return cmp.Or(r.warned[a]-r.warned[b], strings.Compare(a, b)) }
	whole.Warnings = append(whole.Warnings, slices.SortedFunc(maps.Keys(r.warned), inOrder)...)
	for _, flaw := range slices.Sorted(maps.Keys(r.flawed)) {
		whole.Warnings = append(whole.Warnings, fmt.Sprintf("HTTP forbids %s: answers that have it: %d", flaw, r.flawed[flaw]))
	}
	if common := contract.CommonDiagnosis(diagnoses); common != "" {
		whole.Diagnosis = []string{common}
	}
	if why := r.wrongServer(); why != "" {
		discardJudgement(whole, why)
	}
}

// warn adds a warning about a scenario to the run. Other repetitions may have the same.
func (r *run) warn(scenario int, text string) {
	s := &r.whole.Scenarios[scenario]
	text = fmt.Sprintf("%s %s: %s", s.Rule, s.Name, text)
	if first, known := r.warned[text]; !known || scenario < first {
		r.warned[text] = scenario
	}
}

// minRules is how many rules must have had an answer before the target is taken for the wrong server: the right one may give
// any answer to a single request.
const minRules = 3

// countAnswer counts an answer by what HTTP forbids in its head, and by what it is if it is not the endpoint's.
func (r *run) countAnswer(rule, foreign string, flaws []string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, flaw := range flaws {
		r.flawed[flaw]++
	}
	r.rules[rule] = true
	if foreign == "" {
		r.atEndpoint = true
		return
	}
	if _, known := r.foreign[foreign]; known || len(r.foreign) < 100 {
		r.foreign[foreign]++
	}
}

// wrongServer says that no answer of the whole run was the endpoint's; "": one was.
func (r *run) wrongServer() string {
	if r.atEndpoint || len(r.rules) < minRules {
		return ""
	}
	most := slices.MaxFunc(slices.Sorted(maps.Keys(r.foreign)), func(a, b string) int { return r.foreign[a] - r.foreign[b] })
	text := fmt.Sprintf("%d of %d answers are %s", r.foreign[most], group.Sum(maps.Values(r.foreign)), most)
	switch {
	case r.allForeign("429"):
		text = "the target limits how often it is called: " + text + "; a rate in the environment makes fewer calls a second"
	case r.allForeign("429", "502", "503", "504"):
		text = "the target is not available: " + text
	default:
		text = "nothing here speaks like the endpoint: " + text + ". Is the base URL right? " + r.Checks.Endpoint().Path + " is added to it"
	}
	if proxy := r.Plan.Target.Proxy; proxy != "" {
		text += "; a proxy, " + proxy + ", is in between"
	}
	return r.Secrets.Redact(text)
}

// allForeign reports whether all answers that are not the endpoint's have one of these statuses.
func (r *run) allForeign(statuses ...string) bool {
	for foreign := range r.foreign {
		if !slices.Contains(statuses, foreign[:min(3, len(foreign))]) {
			return false
		}
	}
	return true
}

// discardJudgement changes a result to that of a run which reached the wrong server: its answers say nothing about the provider.
// The exchanges stay, to show who answered.
func discardJudgement(whole *result.Run, why string) {
	whole.Stopped, whole.Diagnosis, whole.Latency = why, nil, nil
	for i := range whole.Rules {
		whole.Rules[i].Judged, whole.Rules[i].Breaches, whole.Rules[i].Findings = 0, 0, nil
	}
	for _, s := range group.Pointers(whole.Scenarios) {
		if s.Verdict == result.Skipped || s.Verdict == result.Broken {
			continue
		}
		s.Verdict, s.Cause, s.Reason, s.Diagnosis, s.Flaky = result.Broken, exchange.CauseForeign, why, "", false
		s.Findings, s.Observed = nil, nil
		for j := range s.Steps {
			s.Steps[j].Verdict = result.Skipped
		}
	}
}
