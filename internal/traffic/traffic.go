// Package traffic judges exchanges that others made: recorded ones, those that pass through the proxy, and those of clients of
// serve --judge. However many there are, it keeps only counts and the first exchange of each cause.
package traffic

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// The bounds of what is kept: a million exchanges take no more memory than a thousand.
const (
	maxCauses  = 20      // of one rule; further ones are only counted
	maxReasons = 100     // why exchanges are silent; further ones are counted as one
	maxSecrets = 5_000   // of requests, in each of two generations
	maxKept    = 8 << 20 // bytes of exchanges
)

// Traffic collects judged exchanges. It is safe for concurrent use.
type Traffic struct {
	mutex   sync.Mutex
	run     result.Run
	started time.Time
	given   *secret.Set

	causes map[string]int // by cause, the index among the findings of its rule
	excess map[int]int    // by rule, the number of findings whose cause is beyond maxCauses
	silent map[string]int
	kept   map[string]bool // IDs of the exchanges that are kept
	size   int             // of those, in bytes

	secrets      *secret.Set // those that were given, and those of the last requests
	older, newer []string    // secrets of the last requests
}

// Found is a finding in an exchange. Times is how often its cause has been seen by now; 1: it is new.
type Found struct {
	result.Finding
	Level result.Level
}

// New returns a Traffic without exchanges. run has what is known beforehand: the tool, the target, the digests, the selection,
// the kind of traffic, and the rules that are judged, in the features' order. secrets are redacted in addition to those that
// requests contain.
func New(run result.Run, secrets *secret.Set) *Traffic {
	run.Version = result.Version
	for i := range run.Rules {
		run.Rules[i].EveryExchange = true // none has a scenario here
	}
	return &Traffic{
		run: run, started: time.Now(), given: secrets, secrets: secrets.Clone(),
		causes: map[string]int{}, excess: map[int]int{}, silent: map[string]int{}, kept: map[string]bool{},
	}
}

// Source adds a source of the traffic: a recording, or an address.
func (t *Traffic) Source(name string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.run.Traffic.Sources = append(t.run.Traffic.Sources, name)
}

// Target sets the base URL of the provider, unless it is already known.
func (t *Traffic) Target(baseURL string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.run.Target.BaseURL == "" {
		t.run.Target.BaseURL = t.given.Redact(baseURL)
	}
}

// LeaveOut counts an exchange of another endpoint.
func (t *Traffic) LeaveOut() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.run.Traffic.LeftOut++
}

// Unread counts an entry that could not be read. The result names the first of them as problems.
func (t *Traffic) Unread(problem string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.run.Traffic.Unread++; t.run.Traffic.Unread <= maxCauses {
		t.run.Problems = append(t.run.Problems, problem)
	}
}

// Place is where an exchange was found: ID is unique in the result ("a.har#12"), Name is for a person ("entry 12"), File is the
// recording, if there is one.
type Place struct{ ID, Name, File string }

// Add adds an exchange and its judgement, and returns the findings, redacted. Findings of rules that the result does not have are
// left out.
func (t *Traffic) Add(e exchange.Exchange, j contract.Judgement, at Place) []Found {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	traffic := t.run.Traffic
	traffic.Exchanges++
	t.keepRecentSecrets(e.Request)
	found := slices.DeleteFunc(slices.Clone(j.Findings), func(f contract.Finding) bool { return t.rule(f.Rule) < 0 })
	partly := traffic.Kind == result.Received && len(j.Judged) > 0 // some rules can judge a request where others are silent
	judged := j.Silent == "" || len(found) > 0 || partly
	if judged {
		traffic.Judged++
	}
	if j.Silent != "" && (partly || !judged) {
		t.countSilent(j.Silent)
	}
	for _, id := range j.Judged {
		if i := t.rule(id); i >= 0 {
			t.run.Rules[i].Judged++
		}
	}
	for _, broken := range group.By(found, func(f contract.Finding) string { return f.Rule }) {
		t.run.Rules[t.rule(broken[0].Rule)].Breaches++
	}
	return group.Map(found, func(f contract.Finding) Found { return t.find(e, f, at) })
}

func (t *Traffic) rule(id string) int {
	return slices.IndexFunc(t.run.Rules, func(r result.Rule) bool { return r.ID == id })
}

// countSilent counts a silent exchange.
func (t *Traffic) countSilent(reason string) {
	if _, known := t.silent[reason]; !known && len(t.silent) >= maxReasons {
		reason = "another reason"
	}
	t.silent[strings.Clone(contract.Clip(t.secrets.Redact(reason)))]++
}

// find adds a finding: each cause is one finding, however often it is seen.
func (t *Traffic) find(e exchange.Exchange, f contract.Finding, at Place) Found {
	i := t.rule(f.Rule)
	rule := &t.run.Rules[i]
	found := Found{t.recorder(e).Finding(f), rule.Level}
	found.Exchange = -1
	key := f.Rule + "\x00" + f.Path + "\x00" + text.Shape(found.Expectation) + "\x00" + text.Shape(found.Expected) + "\x00" + text.Shape(found.Actual)
	known, seen := t.causes[key]
	switch {
	case seen:
		rule.Findings[known].Times++
		found.Times = rule.Findings[known].Times
	case len(rule.Findings) == maxCauses: // counted together: a view shows a cause only when it is new
		t.excess[i]++
		found.Times = t.excess[i]
	default:
		t.causes[key] = len(rule.Findings)
		if t.keep(e, at, f.Rule) {
			found.Scenario, found.Exchange = at.ID, 0
		}
		found.Times = 1
		rule.Findings = append(rule.Findings, found.Finding)
	}
	return found
}

// keep adds an exchange to the result, as an observed scenario, and reports whether there was room for it.
func (t *Traffic) keep(e exchange.Exchange, at Place, rule string) bool {
	if t.kept[at.ID] {
		return true
	}
	if t.size >= maxKept {
		return false
	}
	one := t.recorder(e).Exchange(e)
	t.size += len(one.Request.Body) + 1<<10
	if one.Answer != nil {
		t.size += len(one.Answer.Body) + 1<<10
	}
	t.kept[at.ID] = true
	t.run.Scenarios = append(t.run.Scenarios, result.Scenario{
		ID: at.ID, Rule: rule, Level: result.Observe, Feature: "Traffic", Name: at.Name, File: at.File,
		Verdict: result.Observed, Reason: "it shows what is broken", Duration: result.ToMillis(e.Duration), Exchanges: []result.Exchange{one},
	})
	return true
}

// Shown returns an exchange that was added, redacted.
func (t *Traffic) Shown(e exchange.Exchange) *result.Exchange {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return new(t.recorder(e).Exchange(e))
}

// recorder returns the recorder of an exchange, with the secrets of its request. The phone that it sent is not redacted, even if
// an OTP happens to be part of it.
func (t *Traffic) recorder(e exchange.Exchange) record.Recorder {
	all, token, otp := contract.SecretsOf(e.Request)
	sent := contract.SentIn(e)
	phones := []string{sent["phone"], strings.ReplaceAll(sent["phone"], " ", ""), sent["countryCode"] + sent["phone"]}
	return record.Recorder{
		Secrets: t.secrets, Own: providerstate.Values{Token: token, OTP: otp},
		Keep: slices.DeleteFunc(phones, func(text string) bool { return text == "" || slices.Contains(all, text) }),
	}
}

// Miss counts an exchange that could not be looked at.
func (t *Traffic) Miss(why string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.run.Traffic.Exchanges++
	t.countSilent(why)
}

// Result returns the result so far.
func (t *Traffic) Result() *result.Run {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	run, traffic := t.run, *t.run.Traffic
	run.Rules, run.Scenarios, run.Problems, run.Traffic = slices.Clone(run.Rules), slices.Clone(run.Scenarios), slices.Clone(run.Problems), &traffic
	for i := range run.Rules {
		run.Rules[i].Findings = slices.Clone(run.Rules[i].Findings)
	}
	traffic.Silent = group.Map(mostFrequent(t.silent), func(reason string) result.Silent {
		return result.Silent{Reason: reason, Count: t.silent[reason]}
	})
	now := time.Now()
	run.Started, run.Duration = record.Moment(t.started), result.ToMillis(now.Sub(t.started))
	result.Conclude(&run, now)
	return &run
}

// mostFrequent returns what was counted, the most frequent first.
func mostFrequent(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
}

// Exchanges returns the number of exchanges of the endpoint so far.
func (t *Traffic) Exchanges() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.run.Traffic.Exchanges
}

// keepRecentSecrets adds the secrets of a request, and forgets those of long ago: nothing of their requests is shown any more.
func (t *Traffic) keepRecentSecrets(r exchange.Request) {
	all, _, _ := contract.SecretsOf(r)
	t.newer = append(t.newer, group.Map(all, strings.Clone)...)
	t.secrets.Add(all...)
	if len(t.newer) < maxSecrets {
		return
	}
	t.older, t.newer = t.newer, nil
	t.secrets = t.given.Clone()
	t.secrets.Add(t.older...)
}
