package view

import (
	"cmp"
	_ "embed" // the facts' words
	"fmt"
	"strings"
	"text/template"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// Fact is one line of a summary: a name and clean text.
type Fact struct{ Name, Text string }

//go:embed facts.tmpl
var factsText string

// Facts returns what is worth knowing about a run besides its failures. Waivers that are stale or expired are among the
// warnings.
func Facts(run *result.Run) []Fact { return facts("facts", run) }

// Traffic returns what is worth knowing about traffic that others sent.
func Traffic(run *result.Run) []Fact { return facts("traffic", run) }

// fill returns what a part of the facts says.
func fill(part string, of any) string {
	p := &Page{}
	p.Fill(p.Template(factsText, template.FuncMap{"selection": Selection, "span": Span, "flaky": Flaky, "unsaid": Unsaid, "without": Without}), part, of)
	return p.String()
}

func facts(part string, run *result.Run) []Fact {
	var all []Fact
	for line := range strings.Lines(fill(part, run)) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		all = append(all, Fact{name, text})
	}
	return all
}

// Unsaid returns the failed checks that nothing else in a report for a person mentions.
func Unsaid(run *result.Run) []Fact {
	names := map[string]string{"problems": "Not done", "judged": "Not judged", "exit": "Exit code"}
	said := Outcome(run)
	named := group.Where(result.Checks(run), func(c result.Check) bool { return names[c.ID] != "" && !strings.Contains(said, Inline(c.Message)) })
	return group.Map(named, func(c result.Check) Fact { return Fact{names[c.ID], c.Message} })
}

// Selection returns a selection in one line; "" if everything was selected.
func Selection(s result.Selection) string {
	return strings.TrimPrefix(strings.TrimSpace(fill("selection", s)), "; ")
}

// LatencyLine returns the latency of a run in one line, with its budget and whether it was kept.
func LatencyLine(l *result.Latency) string { return strings.TrimSpace(fill("latency", l)) }

// Flaky returns the scenarios that passed only after retries, each by rule, file and line.
func Flaky(run *result.Run) []string {
	flaky := group.Where(group.Pointers(run.Scenarios), func(s *result.Scenario) bool { return s.Flaky })
	return group.Map(flaky, func(s *result.Scenario) string { return Inline(s.Rule) + " " + Place(s.File, s.Line) })
}

// Without returns what the certification leaves out, a line for each reason: "certified without PV-14: no webhook can be
// received". First come the must and should rules of which nothing was judged, then those that were judged in part. For a
// run that certifies nothing it says "judged" instead of "certified".
func Without(run *result.Run) []string {
	all, reasons := map[string]int{}, map[string][]string{}
	for _, s := range group.Pointers(run.Scenarios) {
		all[s.Rule]++
		if s.Verdict == result.Skipped {
			reasons[s.Rule] = append(reasons[s.Rule], s.Reason)
		}
	}
	type gap struct{ what, why string }
	var none, part []gap
	for _, r := range group.Pointers(run.Rules) {
		switch why := reasons[r.ID]; {
		case r.Level == result.Observe:
		case r.Verdict == result.Skipped:
			none = append(none, gap{Inline(r.ID), cmp.Or(r.Reason, cmp.Or(why...))})
		default:
			for _, same := range group.By(why, func(reason string) string { return reason }) {
				part = append(part, gap{fmt.Sprintf("%d of %d scenarios of %s", len(same), all[r.ID], Inline(r.ID)), same[0]})
			}
		}
	}
	word := "judged"
	if run.Exit == result.ExitKept && run.Traffic == nil {
		word = "certified"
	}
	reason := func(g gap) string { return cmp.Or(Inline(g.why), "no reason is given") }
	return group.Map(append(group.By(none, reason), group.By(part, reason)...), func(same []gap) string {
		what := group.Map(same, func(g gap) string { return g.what })
		return fmt.Sprintf("%s without %s: %s", word, strings.Join(what, ", "), reason(same[0]))
	})
}
