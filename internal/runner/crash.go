package runner

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
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
	answered, lostBehind := map[int]int{}, map[int]int{} // PUTs of an attempt; losses by how many PUTs of theirs were answered
	furthest, lastLost := 0, 0
	for _, e := range s.world.Exchanges {
		if e.Purpose != exchange.Judged || e.Failure != nil && e.Failure.Stale {
			continue
		}
		failure := s.run.Checks.Unanswered(e)
		all = append(all, sending{e.Started.UnixNano(), int32(s.index), failure != nil})
		switch {
		case failure == nil:
			answered[e.Attempt]++
			furthest = max(furthest, answered[e.Attempt])
		case mayFail(failure):
			lostBehind[answered[e.Attempt]]++
			lastLost = e.Attempt
		}
	}
	if s.verdict() != result.Broken || lastLost != s.world.Attempt || len(lostBehind) > 1 {
		return all, 0
	}
	return all, lostBehind[furthest]
}

// mayFail reports whether a provider that fails on a request may leave it so. One that limits, or is not there, does not
// fail.
func mayFail(failure *exchange.Failure) bool {
	return slices.Contains([]exchange.Cause{exchange.CauseLost, exchange.CauseTimeout, exchange.CauseProtocol, exchange.CauseUnavailable}, failure.Cause)
}

// unlikely is below which probability a loss is none by chance.
const unlikely = 0.05

// crashes finds what is not broken by chance: requests that are never answered while others around them are. They are those
// of one scenario in all its repetitions, or of several scenarios of one rule.
func (r *run) crashes() {
	if len(r.lost) == 0 {
		return
	}
	slices.SortFunc(r.sent, func(a, b sending) int { return cmp.Compare(a.at, b.at) })
	ruleOf := func(i int) string { return r.Plan.Scenarios[i].Rule }
	nameOf := func(i int) name { return name{r.Plan.Scenarios[i].Key, r.Plan.Scenarios[i].Name} }
	names, answered, judged := map[name]bool{}, map[name]bool{}, map[string]map[name]bool{}
	for _, one := range r.sent {
		i := int(one.scenario)
		names[nameOf(i)] = true
		if r.lost[i] == 0 {
			answered[nameOf(i)] = true
		}
		if r.Plan.Scenarios[i].Level != string(result.Observe) {
			if judged[ruleOf(i)] == nil {
				judged[ruleOf(i)] = map[name]bool{}
			}
			judged[ruleOf(i)][nameOf(i)] = true
		}
	}
	open := slices.DeleteFunc(slices.Sorted(maps.Keys(r.lost)), func(i int) bool { return answered[nameOf(i)] })
	// What is explained is no sign that the target was away: it may explain more.
	for before := -1; len(open) != before; {
		before = len(open)
		for _, kind := range group.By(open, ruleOf) {
			rule, requests := ruleOf(kind[0]), group.By(kind, nameOf)
			if n := len(requests); n > 1 && float64(len(judged))*choose(len(judged[rule]), n)*r.chance(kind) < unlikely {
				r.diagnose(kind, fmt.Sprintf("only requests of this kind (%s), each time: the provider fails on them", rule))
				continue
			}
			for _, request := range requests {
				if float64(len(names))*r.chance(request) < unlikely {
					r.diagnose(request, "only this request, each time: the provider fails on it")
				}
			}
		}
		open = slices.DeleteFunc(open, func(i int) bool { return r.whole.Scenarios[i].Diagnosis != "" })
	}
}

func (r *run) diagnose(scenarios []int, text string) {
	for _, i := range scenarios {
		r.whole.Scenarios[i].Diagnosis = text
	}
}

// neighbours is how many PUTs before and after one count as around it.
const neighbours = 3

// chance returns how likely it is that the requests of some scenarios are lost each time they are sent, if they are lost as
// often as the others of the run are; 1 where they were sent once, or those around them were lost as well: the target was
// away then.
func (r *run) chance(scenarios []int) float64 {
	times := 0
	for _, i := range scenarios {
		times += r.lost[i]
	}
	own := func(s sending) bool { return slices.Contains(scenarios, int(s.scenario)) }
	explained := func(s sending) bool {
		return r.lost[int(s.scenario)] > 0 && r.whole.Scenarios[s.scenario].Diagnosis != ""
	}
	var others []sending
	from, to := -1, 0     // where the first and the last of them were sent among the others
	all, lost := 2.0, 1.0 // as if one more had been lost, and one not
	for _, s := range r.sent {
		switch {
		case own(s) && s.lost:
			if to = len(others); from < 0 {
				from = to
			}
		case own(s), explained(s):
		default:
			others = append(others, s)
			if r.lost[int(s.scenario)] > 1 {
				continue // that one is lost each time itself
			}
			if all++; s.lost {
				lost++
			}
		}
	}
	around, missing := 0, 0
	for _, s := range others[max(0, from-neighbours):min(len(others), to+neighbours)] {
		if around++; s.lost {
			missing++
		}
	}
	if times < 2 || around == 0 || missing*4 > around {
		return 1
	}
	return math.Pow(lost/all, float64(times))
}

// choose returns in how many ways k of n can be lost.
func choose(n, k int) float64 {
	ways := 1.0
	for i := range k {
		ways *= float64(n-i) / float64(i+1)
	}
	return ways
}
