package state

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
)

// Planner decides which source makes the states of each scenario. It sends nothing. It is not safe for concurrent use,
// except that the retries of a run may take spare records.
type Planner struct {
	maker *Maker
	mutex sync.Mutex
	taken map[*record]bool // the prepared records that are reserved
}

func refusal(reason, advice string) *Skip { return &Skip{Reason: reason, Advice: advice} }

// Planner returns a planner for a new plan, with no prepared record reserved.
func (m *Maker) Planner() *Planner {
	return &Planner{maker: m, taken: map[*record]bool{}}
}

// Reserve finds the first source in the environment's file for each need of one scenario, and returns what making them
// costs. A prepared record is reserved for this scenario alone. If a need cannot be met, it returns a refusal and
// reserves nothing.
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

// choose finds the first source that can meet a need beside those already chosen.
func (p *Planner) choose(request Request, others []pick) (pick, *Skip) {
	var reasons, advice []string
	for _, from := range p.maker.sources {
		one, refused := from.assign(p, request, others)
		if refused == nil {
			one.Request, one.source = request, from
			return one, nil
		}
		reasons = append(reasons, refused.Reason)
		advice = group.With(advice, refused.Advice)
	}
	if len(reasons) == 0 {
		return pick{}, refusal("the environment has no source of provider states",
			`add a states "pact", states "verifik" or states "static" block`)
	}
	return pick{}, refusal(fmt.Sprintf("needs %q: %s", request.Name, strings.Join(slices.Compact(reasons), "; ")),
		strings.Join(advice, "; or "))
}

// unknown returns the refusal of a source that makes only the built-in contract's states; nil if the state is one of them.
func unknown(from source, request Request) *Skip {
	if slices.Contains(providerstate.Names(), request.Name) {
		return nil
	}
	return refusal(from.title()+" does not know it", fmt.Sprintf(`use a states "pact" or states "static" block that makes %q`, request.Name))
}
