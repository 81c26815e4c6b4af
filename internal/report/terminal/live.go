package terminal

import (
	"io"
	"sync"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// Live is the view of a run while it goes on: each scenario under its rule and feature, with its verdict and time.
// It may be told of scenarios in any order and from several goroutines. A write that fails is not reported: a
// terminal that is gone must not end a run.
type Live struct {
	mu      sync.Mutex
	w       io.Writer
	o       Options
	groups  []*liveGroup
	byID    map[string]*liveGroup // of a scenario that the plan holds
	feature string                // the last headers that were written
	rule    string
	next    int // group that is written next, where they are written in order
	closed  bool
}

// liveGroup is the scenarios of one rule: written together when the last of them is done, in the plan's order.
type liveGroup struct {
	feature, rule, level, title string
	ids                         []string
	done                        map[string]*result.Scenario
	skipped                     map[string]bool
	awaited                     int
	written                     bool
}

// NewLive returns a live view. With o.Quiet it shows nothing.
func NewLive(w io.Writer, o Options) *Live {
	return &Live{w: w, o: o, byID: map[string]*liveGroup{}}
}

// Expect tells which scenarios will come, so that those of one rule are shown together even where many run at
// once. Without it each is shown as it comes.
func (l *Live) Expect(p *plan.Plan) {
	l.mu.Lock()
	defer l.mu.Unlock()
	titles := map[string]string{}
	for _, r := range p.Rules {
		titles[r.ID] = r.Title
	}
	type key struct{ feature, rule string }
	groups := map[key]*liveGroup{}
	for _, s := range p.Scenarios {
		k := key{s.Feature, s.Rule}
		g := groups[k]
		if g == nil {
			g = &liveGroup{feature: s.Feature, rule: s.Rule, level: s.Level, title: titles[s.Rule], done: map[string]*result.Scenario{}, skipped: map[string]bool{}}
			groups[k] = g
			l.groups = append(l.groups, g)
		}
		g.ids = append(g.ids, s.ID)
		l.byID[s.ID] = g
		if s.Skip == "" {
			g.awaited++
			continue
		}
		g.skipped[s.ID] = true
		g.done[s.ID] = &result.Scenario{Name: s.Name, File: s.File, Line: s.Line, Verdict: result.Skipped, Reason: s.Skip}
	}
}

// Scenario shows a scenario that is done.
func (l *Live) Scenario(s result.Scenario) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.o.Quiet || l.closed {
		return
	}
	g := l.byID[s.ID]
	if g == nil || g.written && !g.skipped[s.ID] {
		l.write(s.Feature, s.Rule, string(s.Level), "", []*result.Scenario{&s})
		return
	}
	if g.skipped[s.ID] {
		return // it stands there since the plan was made
	}
	if _, again := g.done[s.ID]; !again {
		g.awaited--
	}
	g.done[s.ID] = &s
	if l.o.Ordered {
		for l.next < len(l.groups) && l.groups[l.next].awaited <= 0 {
			l.writeGroup(l.groups[l.next])
			l.next++
		}
		return
	}
	if g.awaited <= 0 && !g.written {
		l.writeGroup(g)
	}
}

// Close shows what is left: rules that were not finished, and those of which nothing runs.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	if l.o.Quiet {
		return
	}
	for _, g := range l.groups {
		if !g.written {
			l.writeGroup(g)
		}
	}
}

func (l *Live) writeGroup(g *liveGroup) {
	g.written = true
	var done []*result.Scenario
	for _, id := range g.ids {
		if s := g.done[id]; s != nil {
			done = append(done, s)
		}
	}
	g.done = nil
	if len(done) > 0 {
		l.write(g.feature, g.rule, g.level, g.title, done)
	}
}

// write writes scenarios under their headers, in one piece.
func (l *Live) write(feature, rule, level, title string, scenarios []*result.Scenario) {
	p := newScreen(l.o)
	if feature != l.feature {
		p.Line(0, p.Bold(p.Fit(0, view.Inline(feature), "")))
	}
	if feature != l.feature || rule != l.rule {
		p.ruleHeader(rule, level, title)
	}
	l.feature, l.rule = feature, rule
	p.scenarios(scenarios)
	_, _ = l.w.Write(p.Bytes())
}
