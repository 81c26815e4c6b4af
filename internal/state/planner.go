package state

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
)

// Planner decides for one scenario after the other which source makes its states. It sends nothing. It is not safe
// for concurrent use, but that a run takes spare records for its retries.
type Planner struct {
	maker *Maker
	mutex sync.Mutex
	taken map[*record]bool // of the prepared ones
}

// Refusal is why the environment cannot make what a scenario needs.
type Refusal struct {
	Reason string // in plain words
	Advice string // what to add to the environment; "" where nothing helps
}

func refusal(reason, advice string) *Refusal { return &Refusal{Reason: reason, Advice: advice} }

// Error implements error.
func (r *Refusal) Error() string { return r.Reason }

// Planner starts a new plan, with every prepared record still to be had.
func (m *Maker) Planner() *Planner {
	return &Planner{maker: m, taken: map[*record]bool{}}
}

// Reserve finds a source for each need of one scenario, in the order of the environment's file, and what making
// them costs. A prepared record is reserved for this scenario alone. The refusal is nil where all can be made;
// otherwise nothing is reserved.
func (p *Planner) Reserve(needs []Request) (Assignment, Cost, *Refusal) {
	var cost Cost
	picks := make([]pick, 0, len(needs))
	for i, need := range needs {
		one, refusal := p.choose(needs, picks, i)
		if refusal != nil {
			p.mutex.Lock()
			defer p.mutex.Unlock()
			for _, one := range picks {
				delete(p.taken, one.record)
			}
			return Assignment{}, Cost{}, refusal
		}
		picks = append(picks, one)
		c := p.maker.sources[one.source].cost(need)
		cost.Registrations += c.Registrations
		cost.Messages += c.Messages
		cost.Possible += c.Possible
	}
	return Assignment{picks: picks, planner: p}, cost, nil
}

// take hands out a record that fits what is asked for and that the scenario, which has others already, can use beside them:
// the one that tells the least, so that what is rare is kept for who asks for it; nil: there is none. Records of None are
// reusable.
func (p *Planner) take(from *static, request Request, picks []pick) *record {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var best *record
	for i := range from.records {
		r := &from.records[i]
		if r.name == request.Name && !p.taken[r] && r.fits(request) && !r.conflicts(picks) && (best == nil || len(r.known) < len(best.known)) {
			best = r
		}
	}
	if best != nil && request.Name != providerstate.None {
		p.taken[best] = true
	}
	return best
}

// choose finds the first source that can make a need beside those that are chosen already.
func (p *Planner) choose(needs []Request, picks []pick, need int) (pick, *Refusal) {
	var refusals []Refusal
	for index, one := range p.maker.sources {
		refusal := refused(one, needs[need])
		if refusal == nil {
			switch from := one.(type) {
			case *static:
				if record := p.take(from, needs[need], picks); record != nil {
					return pick{index, record}, nil
				}
				refusal = from.spent(needs[need])
			case *verifik:
				chosen := append(slices.Clone(picks), pick{index, nil})
				if _, all := match(p.maker.wanted(chosen, needs), func(env.Phone) bool { return true }); all {
					return pick{index, nil}, nil
				}
				refusal = from.tooFew(needs[:need+1])
			default:
				return pick{index, nil}, nil
			}
		}
		refusals = append(refusals, *refusal)
	}
	return pick{}, joined(refusals, needs[need])
}

// refused returns why a source can never make what is asked for; nil: it can.
func refused(by source, request Request) *Refusal {
	if title, known := by.states(); known != nil && !slices.Contains(known, request.Name) {
		return refusal(title+" does not know it",
			fmt.Sprintf(`use a states "pact" or states "static" block that makes %q`, request.Name))
	}
	return by.refuse(request)
}

// wanted returns which phones would do for each need, nil where no pool serves it.
func (m *Maker) wanted(picks []pick, needs []Request) [][]env.Phone {
	wanted := make([][]env.Phone, len(picks))
	for i, one := range picks {
		if from, pooled := m.sources[one.source].(*verifik); pooled {
			wanted[i] = from.phones(needs[i].CountryCode)
		}
	}
	return wanted
}

func joined(refusals []Refusal, request Request) *Refusal {
	if len(refusals) == 0 {
		return refusal("the environment has no source of provider states",
			`add a states "pact", states "verifik" or states "static" block`)
	}
	var reasons, advice []string
	for _, r := range refusals {
		reasons = append(reasons, r.Reason)
		if r.Advice != "" && !slices.Contains(advice, r.Advice) {
			advice = append(advice, r.Advice)
		}
	}
	return refusal(fmt.Sprintf("needs %q: %s", request.Name, strings.Join(slices.Compact(reasons), "; ")),
		strings.Join(advice, "; or "))
}
