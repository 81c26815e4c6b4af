package terminal

import (
	"io"
	"slices"
	"sync"

	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

// Live shows a run while it goes on: each scenario under its rule and feature, with its verdict and time. Scenarios may come
// in any order and from several goroutines. Write errors are ignored: a terminal that is gone must not end a run.
type Live struct {
	mu      sync.Mutex
	w       io.Writer
	o       Options
	groups  []*liveGroup // not written yet
	awaited map[string]func(*result.Scenario)
	at      heading // the last one written
}

// liveGroup is the scenarios of one rule, which are written together when the last of them is done.
type liveGroup struct {
	title   string
	done    []*result.Scenario // in the plan's order; nil where one is not done yet
	awaited int
}

// NewLive returns a view of the scenarios of a plan. With o.Quiet it shows nothing.
func NewLive(w io.Writer, p *plan.Plan, o Options) *Live {
	l := &Live{w: w, o: o, awaited: map[string]func(*result.Scenario){}}
	rules := group.Keyed(p.Rules, ruleID)
	for _, scenarios := range group.By(p.Scenarios, func(s plan.Scenario) heading { return heading{s.Feature, s.Rule} }) {
		g := &liveGroup{title: rules[scenarios[0].Rule].Title, done: make([]*result.Scenario, len(scenarios)), awaited: len(scenarios)}
		for i, s := range scenarios {
			l.awaited[s.ID] = func(done *result.Scenario) { g.done[i], g.awaited = done, g.awaited-1 }
		}
		if !o.Quiet {
			l.groups = append(l.groups, g)
		}
	}
	return l
}

// Scenario takes a scenario that is done, and shows it with its rule's other scenarios.
func (l *Live) Scenario(s *result.Scenario) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if done := l.awaited[s.ID]; done != nil {
		delete(l.awaited, s.ID)
		done(s)
		l.write(false)
	}
}

// Close shows the rules that were not finished.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(true)
	l.awaited = nil
}

// write writes the rules that are finished, or all, each in one piece.
func (l *Live) write(all bool) {
	blocked := false // by an unfinished rule before
	l.groups = slices.DeleteFunc(l.groups, func(g *liveGroup) bool {
		ready := all || g.awaited == 0 && !blocked
		blocked = blocked || l.o.Ordered && !ready
		if !ready {
			return false
		}
		scenarios := slices.DeleteFunc(g.done, func(s *result.Scenario) bool { return s == nil })
		g.done = nil
		if len(scenarios) == 0 {
			return true
		}
		p := newScreen(l.o)
		p.scenarios(&l.at, g.title, scenarios)
		_, _ = l.w.Write(p.Bytes())
		return true
	})
}
