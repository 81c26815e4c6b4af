package env

import "github.com/hashicorp/hcl/v2/hclsyntax"

func (l *loader) readBudget(e *Environment, body *hclsyntax.Body) {
	found := blocks(body, "budget")
	if len(found) == 0 {
		return
	}
	spec, _ := fileGrammar().block("budget")
	r := l.reader("budget", spec.body(""), found[0].Body)
	b := &Budget{P95: r.duration("p95", 0), Max: r.duration("max", 0), Fail: r.boolean("fail")}
	if r.body.Attributes["p95"] == nil && r.body.Attributes["max"] == nil {
		l.warn(finding{at: found[0].DefRange(), summary: "The budget limits nothing", detail: `Give it p95 = "800ms" or max = "3s", or take it out.`})
	}
	if b.P95 > 0 && b.Max > 0 && b.Max < b.P95 {
		l.warn(finding{at: r.at("p95"), summary: "The budget's p95 is without effect: max is lower", detail: "No call may take longer than max, so no percentile does."})
	}
	e.Budget = b
}
