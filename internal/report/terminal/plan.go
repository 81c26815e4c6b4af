package terminal

import (
	"fmt"
	"io"
	"strings"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Plan writes a plan for a person: what would run, what would not and what to add so that it would, what it costs.
// With o.Quiet the scenarios are left out.
func Plan(w io.Writer, pl *plan.Plan, o Options) error {
	p := newScreen(o)
	p.planTarget(pl)
	if !o.Quiet {
		p.planScenarios(pl)
	}
	p.planCost(pl)
	_, err := w.Write(p.Bytes())
	return err
}

func (p *screen) planTarget(pl *plan.Plan) {
	where := "the embedded reference provider"
	if pl.Target.BaseURL != "" {
		where = view.Inline(pl.Target.BaseURL)
	} else if pl.Target.Kind != string(result.Embedded) {
		where = view.Inline(pl.Target.Kind)
	}
	where += view.Through(pl.Target.Proxy)
	if pl.Target.Protected {
		where += ", protected: run asks first"
	}
	p.Prose(0, p.Bold("Plan for environment "+view.Inline(pl.Environment))+" ("+where+")")
	s := pl.Selection
	if s := view.Selection(result.Selection{Rules: s.Rules, Tags: s.Tags, Level: s.Level, Features: s.Features, Repeat: s.Repeat, Shard: s.Shard}); s != "" {
		p.Prose(0, "Selected: "+s)
	}
	p.Line(0, "")
}

func (p *screen) planScenarios(pl *plan.Plan) {
	titles, at := planTitles(pl), heading{}
	for i := range pl.Scenarios {
		s := &pl.Scenarios[i]
		if s.Repeat > 1 {
			continue // as its first repetition; the cost counts all
		}
		p.heading(&at, heading{s.Feature, s.Rule}, s.Level, titles[s.Rule])
		if s.Skip == "" {
			p.Prose(4, p.Green("+")+" "+view.Inline(s.Name))
			continue
		}
		p.Prose(4, p.Yellow("-")+" "+view.Inline(s.Name))
		p.Prose(8, "does not run: "+view.Inline(s.Skip))
		if s.Advice != "" {
			p.Prose(8, "so that it would: "+view.Inline(s.Advice))
		}
	}
	head := false
	for _, r := range pl.Rules {
		if !r.EveryExchange {
			continue
		}
		if !head {
			p.Line(0, p.Bold("On every exchange"))
			head = true
		}
		p.Line(2, p.Green("+")+" "+p.Fit(2, view.Inline(r.ID)+" "+view.Inline(r.Level)+" "+view.Inline(r.Title), "+ "))
	}
	p.Line(0, "")
}

func planTitles(pl *plan.Plan) map[string]string {
	titles := map[string]string{}
	for _, r := range pl.Rules {
		titles[r.ID] = r.Title
	}
	return titles
}

func (p *screen) planCost(pl *plan.Plan) {
	skips := 0
	for i := range pl.Scenarios {
		if pl.Scenarios[i].Skip != "" {
			skips++
		}
	}
	all := len(pl.Scenarios)
	p.Prose(0, p.Bold("Plan:")+fmt.Sprintf(" %s, %d to run, %d not to run.", text.Count(all, "scenario"), all-skips, skips))
	c := pl.Cost
	p.Prose(0, p.Bold("Calls:")+fmt.Sprintf(" %s to the endpoint, %s.", text.Count(c.Calls, "PUT"), text.Count(c.ReadBacks, "read-back")))
	p.Prose(0, p.Bold("States:")+fmt.Sprintf(" %s made, %s%s.", text.Count(c.States, "provider state"), text.Count(c.Registrations, "app registration"), messages(c, pl.Target)))
	if n := pl.Target.Retries; n > 0 {
		p.Prose(2, fmt.Sprintf("A scenario that gets no answer starts again with fresh states, up to %s: at worst %d times as much.", retries(n), n+1))
	}
	for _, w := range pl.Without {
		p.Prose(0, planWithout(w))
		if w.Advice != "" {
			p.Prose(2, "so that it would: "+view.Inline(w.Advice))
		}
	}
}

// Costs returns what a plan spends that cannot be taken back, in a line.
func Costs(pl *plan.Plan) string {
	words := text.Count(pl.Cost.Calls, "PUT")
	if pl.Cost.Calls == 0 {
		words = text.Count(pl.Cost.States, "provider state")
	}
	if n := pl.Cost.Registrations; n > 0 {
		words += ", " + text.Count(n, "app registration")
	}
	return words + messages(pl.Cost, pl.Target)
}

// messages says how many OTP messages are sent, as far as it can be known: the reference provider and prepared records
// send none, a state handler knows for itself.
func messages(c plan.Cost, target plan.Target) string {
	if target.Kind == string(result.Embedded) {
		return ""
	}
	var parts []string
	if n := c.Messages - c.Possible; n > 0 {
		parts = append(parts, ", "+text.Count(n, "OTP message")+" (the provider charges for them)")
	}
	if c.Possible > 0 {
		parts = append(parts, fmt.Sprintf(", %s at most if the state handler sends any", text.Count(c.Possible, "OTP message")))
	}
	return strings.Join(parts, "")
}

func planWithout(w plan.Without) string {
	if w.All {
		return fmt.Sprintf("certified without %s: %s", view.Inline(w.Rule), view.Inline(w.Reason))
	}
	return fmt.Sprintf("certified without %s of %s: %s", text.Count(w.Scenarios, "scenario"), view.Inline(w.Rule), view.Inline(w.Reason))
}

func retries(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
