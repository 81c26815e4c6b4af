package runner

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// sentPut is one PUT.
type sentPut struct {
	at       int64 // when it was sent, in Unix nanoseconds
	scenario int   // in the plan
	lost     bool  // it was not answered
}

// sentPuts returns the PUTs of a scenario, and how often the one that breaks it was sent; 0: it was answered once, or there is
// none.
func (s *scenario) sentPuts() (all []sentPut, lost int) {
	answered := map[int]int{}   // PUTs, by attempt
	lostBehind := map[int]int{} // lost PUTs, by how many of their attempt had been answered
	furthest, lastLost := 0, 0
	for _, e := range s.world.Exchanges {
		if e.Purpose != exchange.Judged || e.Failure != nil && e.Failure.Stale {
			continue
		}
		failure := s.run.Checks.Unanswered(e)
		all = append(all, sentPut{e.Started.UnixNano(), s.index, failure != nil})
		switch {
		case failure == nil:
			answered[e.Attempt]++
			furthest = max(furthest, answered[e.Attempt])
		case mayBeCrash(failure):
			lostBehind[answered[e.Attempt]]++
			lastLost = e.Attempt
		}
	}
	if s.verdict() != result.Broken || lastLost != s.world.Attempt || len(lostBehind) > 1 {
		return all, 0
	}
	return all, lostBehind[furthest]
}

// mayBeCrash reports whether a provider that fails on a request may leave it so. One that limits requests, or is down, does not
// fail on them.
func mayBeCrash(failure *exchange.Failure) bool {
	return slices.Contains([]exchange.Cause{exchange.CauseLost, exchange.CauseTimeout, exchange.CauseProtocol, exchange.CauseUnavailable}, failure.Cause)
}

// maxChance is the probability below which losses are not taken for chance.
const maxChance = 0.05

// diagnoseCrashes diagnoses requests that are never answered while others around them are: those of one scenario in all its
// repetitions, or those of several scenarios of one rule.
func (r *run) diagnoseCrashes() {
	if len(r.lost) == 0 {
		return
	}
	slices.SortFunc(r.sent, func(a, b sentPut) int { return cmp.Compare(a.at, b.at) })
	ruleOf := func(i int) string { return r.Plan.Scenarios[i].Rule }
	answered := map[name]bool{} // whether a request was, in any repetition
	for _, one := range r.sent {
		answered[r.nameOf(one.scenario)] = answered[r.nameOf(one.scenario)] || r.lost[one.scenario] == 0
	}
	requests := map[string]int64{} // different ones, by rule
	for _, request := range group.By(r.sent, func(s sentPut) name { return r.nameOf(s.scenario) }) {
		requests[ruleOf(request[0].scenario)]++
	}
	lost, times := slices.DeleteFunc(slices.Sorted(maps.Keys(r.lost)), func(i int) bool { return answered[r.nameOf(i)] }), map[name]int{}
	for _, i := range lost {
		times[r.nameOf(i)] += r.lost[i]
	}
	var kinds [][]int // scenarios of one rule each
	// An explained loss is no sign that the target was down; without it others may be explained as well.
	for before := -1; len(lost) != before; {
		before = len(lost)
		for _, kind := range group.By(lost, ruleOf) {
			rule, each := ruleOf(kind[0]), group.By(kind, r.nameOf)
			ways, _ := new(big.Int).Binomial(requests[rule], int64(len(each))).Float64()
			if len(each) > 1 && float64(len(requests))*ways*r.lossProbability(kind, times) < maxChance {
				kinds = append(kinds, kind)
				r.diagnose(kind, fmt.Sprintf("only requests of this kind (%s), each time: the provider fails on them", rule))
				continue
			}
			for _, request := range each {
				if float64(len(answered))*r.lossProbability(request, times) < maxChance {
					r.diagnose(request, "only this request, each time: the provider fails on it")
				}
			}
		}
		lost = slices.DeleteFunc(lost, r.explained)
	}
	// Kinds that fail in the same way most likely do so by one cause.
	for _, alike := range group.By(kinds, func(kind []int) exchange.Cause { return r.whole.Scenarios[kind[0]].Cause }) {
		if len(alike) > 1 {
			rules := group.Map(alike, func(kind []int) string { return ruleOf(kind[0]) })
			slices.SortFunc(rules, result.CompareIDs)
			r.diagnose(slices.Concat(alike...), fmt.Sprintf("only requests of these kinds (%s), each time: the provider fails on them", strings.Join(rules, ", ")))
		}
	}
}

// explained reports whether the request of a scenario has been diagnosed as one that the provider fails on.
func (r *run) explained(scenario int) bool {
	return r.lost[scenario] > 0 && r.whole.Scenarios[scenario].Diagnosis != ""
}

func (r *run) nameOf(scenario int) name {
	return name{r.Plan.Scenarios[scenario].Key, r.Plan.Scenarios[scenario].Name}
}

func (r *run) diagnose(scenarios []int, text string) {
	for _, i := range scenarios {
		r.whole.Scenarios[i].Diagnosis = text
	}
}

// neighbours is how many PUTs before and after one are looked at.
const neighbours = 3

// lossProbability returns the probability that the requests of some scenarios are lost each time they are sent, given how often
// the other requests of the run are lost, without those that are lost several times and never answered. It is 1 if they were sent
// once, or if the requests around them were lost too: the target was down then.
func (r *run) lossProbability(scenarios []int, times map[name]int) float64 {
	sent := group.Sum(slices.Values(group.Map(scenarios, func(i int) int { return r.lost[i] })))
	if sent < 2 {
		return 1
	}
	var others []sentPut
	from, to := -1, 0     // where the first and the last of them were sent among the others
	all, lost := 2.0, 1.0 // as if one more had been lost, and one not
	for _, s := range r.sent {
		switch own := slices.Contains(scenarios, s.scenario); {
		case own && s.lost:
			if to = len(others); from < 0 {
				from = to
			}
		case !own && !r.explained(s.scenario):
			others = append(others, s)
			if times[r.nameOf(s.scenario)] > 1 {
				continue
			}
			if all++; s.lost {
				lost++
			}
		}
	}
	around := others[max(0, from-neighbours):min(len(others), to+neighbours)]
	missing := group.Where(around, func(s sentPut) bool { return s.lost })
	if len(around) == 0 || len(missing)*4 > len(around) {
		return 1
	}
	chance := 1.0
	for _, i := range scenarios { // each is lost by any one of its requests
		chance *= math.Min(1, float64(max(1, r.Plan.Scenarios[i].Cost.Calls))*math.Pow(lost/all, float64(r.lost[i])))
	}
	return chance
}
