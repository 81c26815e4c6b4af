package terminal

import (
	_ "embed" // the plan's text
	"fmt"
	"io"
	"text/template"

	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

//go:embed plan.tmpl
var planText string

// Plan writes a plan: what would run, what would not and what it lacks, and what the run costs.
func Plan(w io.Writer, pl *plan.Plan, o Options) error {
	titles := planTitles(pl)
	functions := template.FuncMap{
		"messages": messages, "features": features, "title": func(rule string) string { return titles[rule] },
		"selection": func(pl *plan.Plan) string {
			s := pl.Selection
			return view.Selection(result.Selection{Rules: s.Rules, Tags: s.Tags, Level: s.Level, Features: s.Features, Repeat: s.Repeat, Shard: s.Shard})
		},
		"every": func(pl *plan.Plan) []plan.Rule {
			return group.Where(pl.Rules, func(r plan.Rule) bool { return r.EveryExchange })
		},
		"skipped": func(pl *plan.Plan) int {
			return len(group.Where(pl.Scenarios, func(s plan.Scenario) bool { return s.Skip != "" }))
		},
	}
	return write(w, o, func(p *screen) { p.Fill(p.Template(planText, functions), "text", pl) })
}

// features returns the scenarios grouped by feature and rule, without repetitions, which are like the first.
func features(pl *plan.Plan) [][][]plan.Scenario {
	firsts := group.Where(pl.Scenarios, func(s plan.Scenario) bool { return s.Repeat <= 1 })
	all := group.By(firsts, func(s plan.Scenario) string { return s.Feature })
	return group.Map(all, func(of []plan.Scenario) [][]plan.Scenario {
		return group.By(of, func(s plan.Scenario) string { return s.Rule })
	})
}

func planTitles(pl *plan.Plan) map[string]string {
	titles := map[string]string{}
	for _, r := range pl.Rules {
		titles[r.ID] = r.Title
	}
	return titles
}

// Costs returns in one line what a plan spends that cannot be taken back.
func Costs(pl *plan.Plan) string {
	words := text.Count(pl.Cost.Calls, "PUT")
	if pl.Cost.Calls == 0 {
		words = text.Count(pl.Cost.States, "provider state")
	}
	if n := pl.Cost.Registrations; n > 0 {
		words += ", " + text.Count(n, "app registration")
	}
	return words + messages(pl)
}

// messages returns how many OTP messages are sent, as far as it is known: the reference provider and prepared records send
// none; of a state handler only the upper bound is known.
func messages(pl *plan.Plan) (words string) {
	c := pl.Cost
	if pl.Target.Kind == string(result.Embedded) {
		return ""
	}
	if n := c.Messages - c.Possible; n > 0 {
		words += ", " + text.Count(n, "OTP message") + " (the provider charges for them)"
	}
	if c.Possible > 0 {
		words += fmt.Sprintf(", %s at most if the state handler sends any", text.Count(c.Possible, "OTP message"))
	}
	return words
}
