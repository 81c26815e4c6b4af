package terminal

import (
	"io"
	"slices"
	"sync"

	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/result"
)

// Live is the view of a run while it goes on: each scenario under its rule and feature, with its verdict and time.
// It may be told of scenarios in any order and from several goroutines. A write that fails is not reported: a
// terminal that is gone must not end a run.
type Live struct {
	mu     sync.Mutex
	w      io.Writer
	o      Options
	groups []*liveGroup
	byID   map[string]planned
	at     heading // the last that was written
	closed bool
}

// liveGroup is the scenarios of one rule: written together when the last of them is done, in the plan's order.
type liveGroup struct {
	title   string
	done    []*result.Scenario // in the plan's order; nil: not yet
	awaited int
	written bool
}

// planned is a scenario that the plan holds.
type planned struct {
	*liveGroup
	index int
	skip  bool
}

// NewLive returns a live view. With o.Quiet it shows nothing.
func NewLive(w io.Writer, o Options) *Live {
	return &Live{w: w, o: o, byID: map[string]planned{}}
}

// Expect tells which scenarios will come, so that those of one rule are shown together even where many run at
// once. Without it each is shown as it comes.
func (l *Live) Expect(p *plan.Plan) {
	if l.o.Quiet {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	titles := planTitles(p)
	for _, scenarios := range group.By(p.Scenarios, func(s plan.Scenario) heading { return heading{s.Feature, s.Rule} }) {
		g := &liveGroup{title: titles[scenarios[0].Rule], done: make([]*result.Scenario, len(scenarios)), awaited: len(scenarios)}
		l.groups = append(l.groups, g)
		for i, s := range scenarios {
			l.byID[s.ID] = planned{g, i, s.Skip != ""}
			if s.Skip != "" {
				g.awaited--
				g.done[i] = &result.Scenario{Rule: s.Rule, Level: result.Level(s.Level), Feature: s.Feature, Name: s.Name, File: s.File, Line: s.Line, Verdict: result.Skipped, Reason: s.Skip}
			}
		}
	}
}

// Scenario shows a scenario that is done. It is held until it is shown.
func (l *Live) Scenario(s *result.Scenario) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g, known := l.byID[s.ID]
	switch {
	case l.o.Quiet || l.closed || g.skip: // what is skipped stands there since the plan was made
		return
	case !known || g.written:
		l.write("", []*result.Scenario{s})
		return
	}
	if g.done[g.index] == nil {
		g.awaited--
	}
	g.done[g.index] = s
	if !l.o.Ordered && g.awaited == 0 {
		l.writeGroup(g.liveGroup)
	}
	for i := 0; l.o.Ordered && i < len(l.groups) && l.groups[i].awaited == 0; i++ {
		l.writeGroup(l.groups[i])
	}
}

// Close shows what is left: rules that were not finished, and those of which nothing runs.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.groups {
		if !l.o.Quiet {
			l.writeGroup(g)
		}
	}
	l.closed = true
}

func (l *Live) writeGroup(g *liveGroup) {
	done := slices.DeleteFunc(g.done, func(s *result.Scenario) bool { return s == nil })
	if !g.written && len(done) > 0 {
		l.write(g.title, done)
	}
	g.written, g.done = true, nil
}

// write writes scenarios of one rule under their heading, in one piece.
func (l *Live) write(title string, scenarios []*result.Scenario) {
	p := newScreen(l.o)
	s := scenarios[0]
	p.heading(&l.at, heading{s.Feature, s.Rule}, string(s.Level), title)
	p.scenarios(scenarios)
	_, _ = l.w.Write(p.Bytes())
}
