package terminal

import (
	_ "embed" // the plan's text
	"io"
	"strings"
	"text/template"

	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

//go:embed plan.tmpl
var planText string

// Plan writes a plan: what would run, what would not and what it lacks, and what the run costs.
func Plan(w io.Writer, pl *plan.Plan, o Options) error {
	return write(w, o, func(p *screen) { p.plan("text", pl) })
}

// Costs returns in one line what a plan spends that cannot be taken back.
func Costs(pl *plan.Plan) string {
	p := newScreen(Options{})
	p.plan("costs", pl)
	return strings.TrimSpace(p.String())
}

// plan writes a part of the text of a plan.
func (p *screen) plan(part string, pl *plan.Plan) {
	rules := group.Keyed(pl.Rules, ruleID)
	p.Fill(p.Template(planText, template.FuncMap{
		"features": byFeature, "title": func(rule string) string { return rules[rule].Title },
		"charged": func(c plan.Cost) int { return c.Messages - c.Possible },
		"selection": func(s plan.Selection) string {
			return view.Selection(result.Selection{Rules: s.Rules, Tags: s.Tags, Level: s.Level, Features: s.Features, Repeat: s.Repeat, Shard: s.Shard})
		},
		"every": func(rules []plan.Rule) []plan.Rule {
			return group.Where(rules, func(r plan.Rule) bool { return r.EveryExchange })
		},
		// Rules for which the same is missing are one line.
		"without": func(pl *plan.Plan) [][]plan.Without {
			return group.By(pl.Without, func(w plan.Without) string { return w.Reason + "\x00" + w.Advice })
		},
		"skipped": func(all []plan.Scenario) int {
			return len(group.Where(all, func(s plan.Scenario) bool { return s.Skip != "" }))
		},
	}), part, pl)
}

// byFeature returns the scenarios grouped by feature and rule, without repetitions, which are like the first.
func byFeature(pl *plan.Plan) [][][]plan.Scenario {
	firsts := group.Where(pl.Scenarios, func(s plan.Scenario) bool { return s.Repeat <= 1 })
	all := group.By(firsts, func(s plan.Scenario) string { return s.Feature })
	return group.Map(all, func(of []plan.Scenario) [][]plan.Scenario {
		return group.By(of, func(s plan.Scenario) string { return s.Rule })
	})
}

func ruleID(r plan.Rule) string { return r.ID }
