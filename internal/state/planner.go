package state

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"verifik-contract/internal/providerstate"
)

// Planner decides for one scenario after the other which source makes its states. It sends nothing. It is not safe
// for concurrent use, but that a run takes spare records for its retries.
type Planner struct {
	maker *Maker
	mutex sync.Mutex
	taken map[*record]bool // of the prepared ones
}

func refusal(reason, advice string) *Skip { return &Skip{Reason: reason, Advice: advice} }

// Planner starts a new plan, with every prepared record still to be had.
func (m *Maker) Planner() *Planner {
	return &Planner{maker: m, taken: map[*record]bool{}}
}

// Reserve finds a source for each need of one scenario, in the order of the environment's file, and what making
// them costs. A prepared record is reserved for this scenario alone. The refusal is nil where all can be made;
// otherwise nothing is reserved.
func (p *Planner) Reserve(needs []Request) (Assignment, Cost, *Skip) {
	var cost Cost
	var picks []pick
	for _, request := range needs {
		one, refusal := p.choose(request, picks)
		if refusal != nil {
			p.mutex.Lock()
			defer p.mutex.Unlock()
			for _, one := range picks {
				delete(p.taken, one.prepared)
			}
			return Assignment{}, Cost{}, refusal
		}
		picks = append(picks, one)
		cost.Add(one.cost)
	}
	return Assignment{picks: picks, planner: p}, cost, nil
}

// choose finds the first source that can make a need beside those that are chosen already.
func (p *Planner) choose(request Request, others []pick) (pick, *Skip) {
	var reasons, advice []string
	for _, from := range p.maker.sources {
		one, refused := from.assign(p, request, others)
		if refused == nil {
			one.Request, one.source = request, from
			return one, nil
		}
		reasons = append(reasons, refused.Reason)
		if !slices.Contains(advice, refused.Advice) {
			advice = append(advice, refused.Advice)
		}
	}
	if len(reasons) == 0 {
		return pick{}, refusal("the environment has no source of provider states",
			`add a states "pact", states "verifik" or states "static" block`)
	}
	return pick{}, refusal(fmt.Sprintf("needs %q: %s", request.Name, strings.Join(slices.Compact(reasons), "; ")),
		strings.Join(advice, "; or "))
}

// unknown says that a source makes no states but those of the carried contract; nil: the state is one of these.
func unknown(from source, request Request) *Skip {
	if slices.Contains(providerstate.Names(), request.Name) {
		return nil
	}
	return refusal(from.title()+" does not know it", fmt.Sprintf(`use a states "pact" or states "static" block that makes %q`, request.Name))
}
