// Package traffic judges exchanges that others made: recorded ones, those that pass through the proxy, those that clients
// send. It keeps what a result shows of them, however many there are: counts, and the first exchange of each cause.
package traffic

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// The bounds of what is kept: a million exchanges take no more room than a thousand.
const (
	mostCauses  = 20      // of one rule; what breaks it in more ways is counted only
	mostReasons = 100     // for which exchanges are silent; further ones are counted as one
	mostSecrets = 5_000   // of requests that are remembered, twice
	mostKept    = 8 << 20 // bytes of exchanges that are shown
)

// Traffic is a stream of exchanges that is judged. It is safe for concurrent use.
type Traffic struct {
	mutex   sync.Mutex
	run     result.Run
	started time.Time
	given   *secret.Set

	causes map[string]int // index of the finding of its rule, by what tells causes apart
	beyond map[int]int    // by rule: findings of causes that are too many to be told apart
	silent map[string]int
	kept   map[string]bool // exchanges, by their IDs
	size   int             // of what is kept

	secrets      *secret.Set // that no result shows: those that were given, and those of the last requests
	older, newer []string    // of the last requests
}

// Found is a finding of one exchange. Its Times is how often its cause was seen by now; 1: it is new.
type Found struct {
	result.Finding
	Level result.Level
}

// New returns a stream of which nothing was seen. run has what is known before the first exchange: the tool, the target, the
// digests, the selection, the kind of traffic, and the rules that are judged, in the features' order. secrets is what no result
// shows beside what the requests themselves hold.
func New(run result.Run, secrets *secret.Set) *Traffic {
	run.Version = result.Version
	for i := range run.Rules {
		run.Rules[i].EveryExchange = true // none has a scenario here
	}
	return &Traffic{
		run: run, started: time.Now(), given: secrets, secrets: secrets.Clone(),
		causes: map[string]int{}, beyond: map[int]int{}, silent: map[string]int{}, kept: map[string]bool{},
	}
}

// Source adds where traffic comes from: a recording, or an address.
func (t *Traffic) Source(name string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.run.Traffic.Sources = append(t.run.Traffic.Sources, name)
}

// Target names the provider that was judged, where it is not known yet.
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

// Unread counts an entry that could not be read. The first of them are named in the result: it is not whole.
func (t *Traffic) Unread(problem string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.run.Traffic.Unread++; t.run.Traffic.Unread <= mostCauses {
		t.run.Problems = append(t.run.Problems, problem)
	}
}

// Place is where an exchange stands: ID is unique in the result ("a.har#12"), Name is for a person ("entry 12"), File is the
// recording, "" where there is none.
type Place struct{ ID, Name, File string }

// Add adds an exchange as it was judged, and returns what was found, redacted. The judgement's own rules that the result does not
// have are left out.
func (t *Traffic) Add(e exchange.Exchange, j contract.Judgement, at Place) []Found {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	traffic := t.run.Traffic
	traffic.Exchanges++
	t.learn(e.Request)
	found := slices.DeleteFunc(slices.Clone(j.Findings), func(f contract.Finding) bool { return t.rule(f.Rule) < 0 })
	partly := traffic.Kind == result.Received && len(j.Judged) > 0 // a request is judged in parts, an answer as a whole
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
	var all []Found
	broken := map[string]bool{}
	for _, f := range found {
		rule := &t.run.Rules[t.rule(f.Rule)]
		if !broken[f.Rule] {
			broken[f.Rule] = true
			rule.Breaches++
		}
		all = append(all, t.find(e, f, at))
	}
	return all
}

func (t *Traffic) rule(id string) int {
	return slices.IndexFunc(t.run.Rules, func(r result.Rule) bool { return r.ID == id })
}

// countSilent counts a silent exchange.
func (t *Traffic) countSilent(reason string) {
	if _, known := t.silent[reason]; !known && len(t.silent) >= mostReasons {
		reason = "another reason"
	}
	t.silent[strings.Clone(contract.Clip(t.secrets.Redact(reason)))]++
}

// find adds a finding: one cause is one finding, however often it is seen.
func (t *Traffic) find(e exchange.Exchange, f contract.Finding, at Place) Found {
	i := t.rule(f.Rule)
	rule := &t.run.Rules[i]
	found := Found{t.recorder(e).Finding(f), rule.Level}
	found.Exchange = -1
	key := f.Rule + "\x00" + f.Path + "\x00" + text.Shape(found.Expectation) + "\x00" + text.Shape(found.Expected) + "\x00" + text.Shape(found.Actual)
	known, again := t.causes[key]
	switch {
	case again:
		rule.Findings[known].Times++
		found.Times = rule.Findings[known].Times
	case len(rule.Findings) == mostCauses: // the rest counts together, or a view that shows each cause once would never rest
		t.beyond[i]++
		found.Times = t.beyond[i]
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

// keep keeps an exchange for whoever wants to see it, as what a scenario of no promise did.
func (t *Traffic) keep(e exchange.Exchange, at Place, rule string) bool {
	if t.kept[at.ID] {
		return true
	}
	if t.size >= mostKept {
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

// Shown returns an exchange that was added as anybody may see it.
func (t *Traffic) Shown(e exchange.Exchange) result.Exchange {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.recorder(e).Exchange(e)
}

// recorder records an exchange by what its request tells. What that sent openly stays, also where it holds the digits of an OTP by
// chance.
func (t *Traffic) recorder(e exchange.Exchange) record.Recorder {
	all, token, otp := contract.SecretsOf(e.Request)
	sent := contract.SentIn(e)
	open := []string{sent["phone"], strings.ReplaceAll(sent["phone"], " ", ""), sent["countryCode"] + sent["phone"]}
	return record.Recorder{
		Secrets: t.secrets, Own: providerstate.Values{Token: token, OTP: otp},
		Keep: slices.DeleteFunc(open, func(text string) bool { return text == "" || slices.Contains(all, text) }),
	}
}

// Miss counts an exchange that nobody looked at.
func (t *Traffic) Miss(why string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.run.Traffic.Exchanges++
	t.countSilent(why)
}

// Result returns what was judged by now.
func (t *Traffic) Result() *result.Run {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	run, traffic := t.run, *t.run.Traffic
	run.Rules, run.Scenarios, run.Problems, run.Traffic = slices.Clone(run.Rules), slices.Clone(run.Scenarios), slices.Clone(run.Problems), &traffic
	for i := range run.Rules {
		run.Rules[i].Findings = slices.Clone(run.Rules[i].Findings)
	}
	traffic.Silent = nil
	for reason, n := range t.silent {
		traffic.Silent = append(traffic.Silent, result.Silent{Reason: reason, Count: n})
	}
	slices.SortFunc(traffic.Silent, func(a, b result.Silent) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Reason, b.Reason))
	})
	now := time.Now()
	run.Started, run.Duration = record.Moment(t.started), result.ToMillis(now.Sub(t.started))
	result.Conclude(&run, now)
	return &run
}

// Exchanges returns how many exchanges of the endpoint were seen.
func (t *Traffic) Exchanges() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.run.Traffic.Exchanges
}

// learn remembers what nobody must see of a request. Those of long ago are forgotten: nothing of them is shown any more.
func (t *Traffic) learn(r exchange.Request) {
	all, _, _ := contract.SecretsOf(r)
	for _, value := range all {
		t.newer = append(t.newer, strings.Clone(value))
	}
	t.secrets.Add(all...)
	if len(t.newer) < mostSecrets {
		return
	}
	t.older, t.newer = t.newer, nil
	t.secrets = t.given.Clone()
	t.secrets.Add(t.older...)
}
