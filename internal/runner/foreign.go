package runner

import (
	"fmt"
	"net/url"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
)

// fewRules is how many rules have to have had an answer before the target is taken for another one: an answer to one
// request may be as bad as can be, and its provider still be the one that was meant.
const fewRules = 3

// hear counts an answer by what it is, where it is none of the endpoint's.
func (r *run) hear(rule, foreign string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.rules[rule] = true
	if foreign == "" {
		r.native = true
		return
	}
	if _, known := r.foreign[foreign]; known || len(r.foreign) < 100 {
		r.foreign[foreign]++
	}
}

// elsewhere says that no answer of the whole run was the endpoint's; "": one was.
func (r *run) elsewhere() string {
	if r.native || len(r.rules) < fewRules {
		return ""
	}
	answers, most := 0, ""
	for kind, n := range r.foreign {
		answers += n
		if n > r.foreign[most] || n == r.foreign[most] && kind < most {
			most = kind
		}
	}
	text := fmt.Sprintf("nothing here speaks like the endpoint: %d of %d answers are %s. Is the base URL right? %s is added to it", r.foreign[most], answers, most, r.Checks.Endpoint().Path)
	if proxy, err := url.Parse(r.Client.Proxy(r.BaseURL)); err == nil && proxy.Host != "" {
		text += "; a proxy, " + proxy.Host + ", is in between"
	}
	return r.Secrets.Redact(text)
}

// unjudge makes a result that of a run which met another server: nothing that it answered says anything of the
// provider. What was sent and got stays, so that it can be seen who answered.
func unjudge(whole *result.Run, why string) {
	whole.Stopped, whole.Diagnosis, whole.Latency = why, nil, nil
	for i := range whole.Rules {
		whole.Rules[i].Judged, whole.Rules[i].Breaches, whole.Rules[i].Findings = 0, 0, nil
	}
	for i := range whole.Scenarios {
		s := &whole.Scenarios[i]
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
