package report

import (
	"fmt"
	"io"
	"strings"

	"verifik-contract/internal/plan"
)

// Plan writes a plan for a person: what would run, what would not and what to add so that it would, what it costs.
// With o.Quiet the scenarios are left out.
func Plan(w io.Writer, pl *plan.Plan, o TextOptions) error {
	p := newPage(o)
	p.planTarget(pl)
	if !o.Quiet {
		p.planScenarios(pl)
	}
	p.planCost(pl)
	_, err := w.Write(p.Bytes())
	return err
}

func (p *page) planTarget(pl *plan.Plan) {
	where := "the embedded reference provider"
	if pl.Target.BaseURL != "" {
		where = inline(pl.Target.BaseURL)
	} else if pl.Target.Kind != "embedded" {
		where = inline(pl.Target.Kind)
	}
	if pl.Target.Proxy != "" {
		where += ", through the proxy " + inline(pl.Target.Proxy)
	}
	if pl.Target.Protected {
		where += ", protected: run asks first"
	}
	p.prose(0, p.bold("Plan for environment "+inline(pl.Environment))+" ("+where+")")
	if s := planSelection(pl.Selection); s != "" {
		p.prose(0, "Selected: "+s)
	}
	p.line(0, "")
}

func planSelection(s plan.Selection) string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+inline(value))
		}
	}
	add("rules", strings.Join(s.Rules, ", "))
	add("tags", s.Tags)
	add("level", s.Level)
	add("features", strings.Join(s.Features, ", "))
	add("shard", s.Shard)
	if s.Repeat > 1 {
		parts = append(parts, fmt.Sprintf("%d repetitions", s.Repeat))
	}
	return strings.Join(parts, "; ")
}

func (p *page) planScenarios(pl *plan.Plan) {
	titles := map[string]string{}
	for _, r := range pl.Rules {
		titles[r.ID] = r.Title
	}
	feature, rule := "", ""
	for i := range pl.Scenarios {
		s := &pl.Scenarios[i]
		if s.Repeat > 1 {
			continue // as its first repetition; the cost counts all
		}
		if s.Feature != feature {
			p.line(0, p.bold(inline(s.Feature)))
		}
		if s.Feature != feature || s.Rule != rule {
			p.ruleHeader(s.Rule, s.Level, titles[s.Rule])
		}
		feature, rule = s.Feature, s.Rule
		if s.Skip == "" {
			p.prose(4, p.green("+")+" "+inline(s.Name))
			continue
		}
		p.prose(4, p.yellow("-")+" "+inline(s.Name))
		p.prose(8, "does not run: "+inline(s.Skip))
		if s.Advice != "" {
			p.prose(8, "so that it would: "+inline(s.Advice))
		}
	}
	head := false
	for _, r := range pl.Rules {
		if !r.EveryExchange {
			continue
		}
		if !head {
			p.line(0, p.bold("On every exchange"))
			head = true
		}
		p.line(2, p.green("+")+" "+p.fit(2, inline(r.ID)+" "+inline(r.Level)+" "+inline(r.Title), "+ "))
	}
	p.line(0, "")
}

func (p *page) planCost(pl *plan.Plan) {
	runs, skips := 0, 0
	for i := range pl.Scenarios {
		if pl.Scenarios[i].Skip == "" {
			runs++
		} else {
			skips++
		}
	}
	p.prose(0, p.bold("Plan:")+fmt.Sprintf(" %s, %d to run, %d not to run.", count(runs+skips, "scenario"), runs, skips))
	c := pl.Cost
	p.prose(0, p.bold("Calls:")+fmt.Sprintf(" %s to the endpoint, %s.", count(c.Calls, "PUT"), count(c.ReadBacks, "read-back")))
	p.prose(0, p.bold("States:")+fmt.Sprintf(" %s made, %s%s.", count(c.States, "provider state"), count(c.Registrations, "app registration"), messages(c, pl.Target)))
	if n := pl.Target.Retries; n > 0 {
		p.prose(2, fmt.Sprintf("A scenario that gets no answer starts again with fresh states, up to %s: at worst %d times as much.", retries(n), n+1))
	}
	for _, w := range pl.Without {
		p.prose(0, planWithout(w))
		if w.Advice != "" {
			p.prose(2, "so that it would: "+inline(w.Advice))
		}
	}
}

// Costs is what a plan spends that cannot be taken back, in a line.
func Costs(pl *plan.Plan) string {
	text := count(pl.Cost.Calls, "PUT")
	if n := pl.Cost.Registrations; n > 0 {
		text += ", " + count(n, "app registration")
	}
	return text + messages(pl.Cost, pl.Target)
}

// messages says how many OTP messages are sent, as far as it can be known: the reference provider and prepared records
// send none, a state handler knows for itself.
func messages(c plan.Cost, target plan.Target) string {
	if target.Kind == "embedded" {
		return ""
	}
	var parts []string
	if n := c.Messages - c.Possible; n > 0 {
		parts = append(parts, ", "+count(n, "OTP message")+" (the provider charges for them)")
	}
	if c.Possible > 0 {
		parts = append(parts, fmt.Sprintf(", %s at most if the state handler sends any", count(c.Possible, "OTP message")))
	}
	return strings.Join(parts, "")
}

func planWithout(w plan.Without) string {
	if w.All {
		return fmt.Sprintf("certified without %s: %s", inline(w.Rule), inline(w.Reason))
	}
	return fmt.Sprintf("certified without %s of %s: %s", count(w.Scenarios, "scenario"), inline(w.Rule), inline(w.Reason))
}

func retries(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
