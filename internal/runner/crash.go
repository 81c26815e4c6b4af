package runner

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
)

// sending is one PUT: when it was sent, of which scenario of the plan, and whether it was answered.
type sending struct {
	at       int64 // in nanoseconds since 1970
	scenario int32
	lost     bool
}

// sendings returns the PUTs of a scenario, and how often the one by which it is broken was sent; 0 where it was answered
// once, or never sent.
func (s *scenario) sendings() (all []sending, lost int) {
	type attempt struct {
		answered int
		lost     bool
	}
	attempts := map[int]attempt{}
	last := 0
	for _, e := range s.world.Exchanges {
		if e.Purpose != exchange.Judged || e.Failure != nil && e.Failure.Stale {
			continue
		}
		failure, a := s.run.Checks.Unanswered(e), attempts[e.Attempt]
		all = append(all, sending{e.Started.UnixNano(), int32(s.index), failure != nil})
		if a.lost = mayFail(failure); failure == nil {
			a.answered++
		}
		attempts[e.Attempt], last = a, e.Attempt
	}
	if s.verdict() != result.Broken || !attempts[last].lost || last != s.world.Attempt {
		return all, 0
	}
	for _, a := range attempts {
		switch {
		case a.answered > attempts[last].answered || a.lost && a.answered < attempts[last].answered:
			return all, 0 // another request was lost, or this one was answered
		case a.lost:
			lost++
		}
	}
	return all, lost
}

// mayFail reports whether a provider that fails on a request may leave it so. One that limits, or is not there, does not
// fail.
func mayFail(failure *exchange.Failure) bool {
	return failure != nil && slices.Contains([]exchange.Cause{exchange.CauseLost, exchange.CauseTimeout, exchange.CauseProtocol, exchange.CauseUnavailable}, failure.Cause)
}

// crash is requests that were never answered: those of one scenario in all its repetitions, or of several scenarios of
// one rule.
type crash struct {
	rule      string
	scenarios []int // in the plan's order
	times     int   // how often they were sent
}

// crashes finds what is not broken by chance: requests that are never answered while others around them are.
func (r *run) crashes() {
	if len(r.gathered.lost) == 0 {
		return
	}
	var found []*crash
	at, answered := map[name]*crash{}, map[name]bool{}
	sent := map[string]map[name]bool{} // the scenarios of each rule
	for _, one := range r.gathered.sent {
		s := &r.Plan.Scenarios[one.scenario]
		scenario := name{s.Key, s.Name}
		if s.Level != string(result.Observe) {
			if sent[s.Rule] == nil {
				sent[s.Rule] = map[name]bool{}
			}
			sent[s.Rule][scenario] = true
		}
		if r.gathered.lost[int(one.scenario)] == 0 {
			answered[scenario] = true
		}
	}
	for _, i := range slices.Sorted(maps.Keys(r.gathered.lost)) {
		s, lost := &r.Plan.Scenarios[i], r.gathered.lost[i]
		scenario := name{s.Key, s.Name}
		if c := at[scenario]; c != nil {
			c.scenarios, c.times = append(c.scenarios, i), c.times+lost
			continue
		}
		c := &crash{s.Rule, []int{i}, lost}
		at[scenario], found = c, append(found, c)
	}
	found = slices.DeleteFunc(found, func(c *crash) bool {
		first := r.Plan.Scenarios[c.scenarios[0]]
		return answered[name{first.Key, first.Name}]
	})
	kinds, many := map[string]*crash{}, map[string]int{}
	for _, c := range found {
		kind := cmp.Or(kinds[c.rule], &crash{rule: c.rule})
		kind.scenarios, kind.times = append(kind.scenarios, c.scenarios...), kind.times+c.times
		kinds[c.rule] = kind
		many[c.rule]++
	}
	// What is explained is no sign that the target was away: it may explain more.
	for before := -1; len(found) != before; {
		before = len(found)
		found = slices.DeleteFunc(found, func(c *crash) bool {
			kind, n := kinds[c.rule], many[c.rule]
			switch {
			case n > 1 && r.byChance(kind, float64(len(sent))*choose(len(sent[c.rule]), n)) < unlikely:
				r.explainCrash(c, fmt.Sprintf("only requests of this kind (%s), each time: the provider fails on them", c.rule))
			case c.times > 1 && r.byChance(c, float64(len(at)+len(answered))) < unlikely:
				r.explainCrash(c, "only this request, each time: the provider fails on it")
			default:
				return false
			}
			return true
		})
	}
}

func (r *run) explainCrash(c *crash, text string) {
	for _, i := range c.scenarios {
		r.whole.Scenarios[i].Diagnosis = text
	}
}

// unlikely is below which probability a loss is none by chance.
const unlikely = 0.05

// byChance returns how likely it is that any of so many requests is lost each time it is sent, if each is lost as often
// as the others of the run are; 1 where those around it were lost as well: the target was away then.
func (r *run) byChance(c *crash, choices float64) float64 {
	var own, others []sending
	all, lost := 2.0, 1.0 // as if one more had been lost, and one not
	for _, s := range r.gathered.sent {
		i := int(s.scenario)
		times := r.gathered.lost[i]
		if slices.Contains(c.scenarios, i) {
			own = append(own, s)
			continue
		}
		if times > 0 && r.whole.Scenarios[i].Diagnosis != "" {
			continue
		}
		others = append(others, s)
		if times > 1 {
			continue // it is lost each time itself
		}
		all++
		if s.lost {
			lost++
		}
	}
	if !answeredAround(own, others) {
		return 1
	}
	return choices * math.Pow(lost/all, float64(c.times))
}

// neighbours is how many PUTs before and after one count as around it.
const neighbours = 3

// answeredAround reports whether most PUTs were answered that were sent while some were lost, and right before and after.
func answeredAround(own, others []sending) bool {
	byTime := func(a, b sending) int { return cmp.Compare(a.at, b.at) }
	own = slices.DeleteFunc(own, func(s sending) bool { return !s.lost })
	slices.SortFunc(own, byTime)
	slices.SortFunc(others, byTime)
	place := func(t int64) int {
		at, _ := slices.BinarySearchFunc(others, t, func(s sending, t int64) int { return cmp.Compare(s.at, t) })
		return at
	}
	first, last := place(own[0].at), place(own[len(own)-1].at)
	around := others[max(0, first-neighbours):min(len(others), last+neighbours)]
	lost := 0
	for _, s := range around {
		if s.lost {
			lost++
		}
	}
	return len(around) > 0 && lost*4 <= len(around)
}

// choose returns in how many ways k of n can be lost.
func choose(n, k int) float64 {
	ways := 1.0
	for i := range k {
		ways *= float64(n-i) / float64(i+1)
	}
	return ways
}
