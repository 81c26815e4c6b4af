package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"verifik-contract/internal/result"
)

// Summary writes what a person has to know after a run: what is wrong, the verdicts by level, and in the last line
// what it all comes to. What was observed stands in the live view and in the text form.
func Summary(w io.Writer, run *result.Run, o TextOptions) error {
	p := newPage(o)
	p.changes(run)
	p.summary(run, o.Quiet)
	_, err := w.Write(p.Bytes())
	return err
}

// Text writes what changed since the baseline, the listing that the live view shows, and the summary.
func Text(w io.Writer, run *result.Run, o TextOptions) error {
	p := newPage(o)
	p.changes(run)
	p.listing(run)
	p.WriteByte('\n')
	p.summary(run, false)
	_, err := w.Write(p.Bytes())
	return err
}

func renderText(w io.Writer, run *result.Run) error { return Text(w, run, TextOptions{}) }

// changes writes what changed since the baseline, before all else.
func (p *page) changes(run *result.Run) {
	if run.Drift != nil {
		p.drift(run.Drift)
		p.line(0, "")
	}
}

// maxTroubles is how many different troubles are shown in full.
const maxTroubles = 50

func (p *page) summary(run *result.Run, quiet bool) {
	found := troubles(run)
	for i, t := range found {
		if i == maxTroubles {
			p.linef(0, "… and %s: they are in the result file", count(len(found)-i, "more failure"))
			p.line(0, "")
			break
		}
		p.trouble(run, t)
		p.line(0, "")
	}
	p.facts(run, quiet)
	if !quiet {
		p.table(run)
	}
	p.causes(found)
	for _, line := range conclusion(run) {
		p.prose(0, p.bold(p.verdict(verdictOf(run), line)))
	}
}

// maxCauses is how many causes the last lines name: with what a run comes to they fit a terminal of 24 rows.
const maxCauses = 16

// causes names every cause in a line: what was shown of each may be far above.
func (p *page) causes(found []trouble) {
	for i, t := range found {
		if i == maxCauses {
			p.linef(2, "… and %s above", count(len(found)-i, "more cause"))
			break
		}
		p.line(0, p.cause(t))
	}
	if len(found) > 0 {
		p.line(0, "")
	}
}

// facts writes what is worth knowing, a line each; where it is to be quiet, what bears on the verdict.
func (p *page) facts(run *result.Run, quiet bool) {
	shown := false
	for _, f := range facts(run) {
		over := run.Latency != nil && run.Latency.Budget != nil && len(run.Latency.Budget.Over) > 0
		if quiet && run.Stopped != "" {
			break // why it stopped is all there is to say
		}
		if quiet && !slices.Contains([]string{"Flaky", "Waiver", "Warning", "Diagnosis", "Scope"}, f.name) && !(f.name == latencyOf && over) {
			continue
		}
		p.prose(0, p.bold(f.name+":")+" "+f.text)
		shown = true
	}
	if shown {
		p.line(0, "")
	}
}

const latencyOf = "Latency of the PUT"

// fact is one line of a summary: clean text under a name.
type fact struct{ name, text string }

// through names the proxy that calls went through.
func through(proxy string) string {
	if proxy == "" {
		return ""
	}
	return ", through the proxy " + inline(proxy)
}

// facts is what is worth knowing of a run beside its failures.
func facts(run *result.Run) []fact {
	var all []fact
	add := func(name, text string) { all = append(all, fact{name, text}) }
	if run.Target.BaseURL != "" {
		add("Target", fmt.Sprintf("%s (%s), environment %s", inline(run.Target.BaseURL), inline(run.Target.Kind), inline(run.Environment))+through(run.Target.Proxy))
	} else {
		add("Target", fmt.Sprintf("%s, environment %s", inline(run.Target.Kind), inline(run.Environment)))
	}
	if s := selection(run.Selection); s != "" {
		add("Selected", s)
	}
	if run.Latency != nil {
		add(latencyOf, latencyLine(run.Latency))
	}
	if text := deliveries(run); text != "" {
		add("Notifications", text)
	}
	if flaky := flakyOf(run); len(flaky) > 0 {
		add("Flaky", count(len(flaky), "scenario")+" passed only after retries: "+few(flaky, 5))
	}
	for _, w := range run.Waivers {
		if text := waiverLine(w); text != "" && !warned(run, w) {
			add("Waiver", text)
		}
	}
	for i, w := range run.Warnings {
		if i == maxLines {
			add("Warning", fmt.Sprintf("… and %d more", len(run.Warnings)-i))
			break
		}
		add("Warning", inline(w))
	}
	for _, c := range unsaid(run) {
		add(c.name, inline(c.text))
	}
	for _, d := range run.Diagnosis {
		add("Diagnosis", inline(d))
	}
	for _, line := range without(run) {
		add("Scope", line)
	}
	return all
}

// unsaid is what makes a run red and is said by nothing else that a person is shown.
func unsaid(run *result.Run) []fact {
	names := map[string]string{"problems": "Not done", "judged": "Not judged", "exit": "Exit code"}
	var all []fact
	for _, c := range result.Checks(run) {
		if name := names[c.ID]; name != "" {
			all = append(all, fact{name, c.Message})
		}
	}
	return all
}

func selection(s result.Selection) string {
	var parts []string
	if len(s.Rules) > 0 {
		parts = append(parts, "rules "+inline(strings.Join(s.Rules, ", ")))
	}
	if s.Tags != "" {
		parts = append(parts, "tags "+inline(s.Tags))
	}
	if s.Level != "" {
		parts = append(parts, "level "+inline(s.Level))
	}
	if len(s.Features) > 0 {
		parts = append(parts, "features "+inline(strings.Join(s.Features, ", ")))
	}
	if s.Shard != "" {
		parts = append(parts, "shard "+inline(s.Shard))
	}
	if s.Repeat > 1 {
		parts = append(parts, fmt.Sprintf("%d repetitions", s.Repeat))
	}
	return strings.Join(parts, "; ")
}

func latencyLine(l *result.Latency) string {
	text := fmt.Sprintf("p50 %s, p95 %s, max %s over %s", span(l.P50), span(l.P95), span(l.Max), count(l.Count, "answer"))
	b := l.Budget
	if b == nil {
		return text
	}
	var limits []string
	if b.P95 > 0 {
		limits = append(limits, "p95 "+span(b.P95))
	}
	if b.Max > 0 {
		limits = append(limits, "max "+span(b.Max))
	}
	text += "; budget " + strings.Join(limits, ", ")
	if len(b.Over) == 0 {
		return text + ": kept"
	}
	over := ": exceeded (a warning): "
	if b.Fail {
		over = ": exceeded: "
	}
	return text + over + inline(strings.Join(b.Over, "; "))
}

// deliveries counts the notifications that the webhook receiver got, by what they were.
func deliveries(run *result.Run) string {
	counts := map[string]int{}
	for i := range run.Webhooks {
		counts[run.Webhooks[i].Kind]++
	}
	var parts []string
	for _, kind := range []string{"accepted", "ignored", "refused", "doubled", "late", "foreign"} {
		if counts[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
		}
	}
	return strings.Join(parts, ", ")
}

// flakyOf names the scenarios that passed only after retries.
func flakyOf(run *result.Run) []string {
	var names []string
	for i := range run.Scenarios {
		if s := &run.Scenarios[i]; s.Flaky {
			names = append(names, fmt.Sprintf("%s %s", inline(s.Rule), place(s.File, s.Line)))
		}
	}
	return names
}

// warned tells whether a warning of the run speaks of a waiver already.
func warned(run *result.Run, w result.Waiver) bool {
	for _, text := range run.Warnings {
		if strings.Contains(text, "waiver of "+w.Rule+" ") {
			return true
		}
	}
	return false
}

// waiverLine is what became of a waiver, and what to do about it.
func waiverLine(w result.Waiver) string {
	text := fmt.Sprintf("%s until %s (%s)", inline(w.Rule), inline(w.Until), inline(w.Reason))
	switch w.State {
	case "used":
		return text + " covers its failures"
	case "stale":
		return text + " is stale: its rule passes; remove it"
	case "expired":
		return text + " has expired: it covers nothing; remove it or renew it"
	}
	return "" // its rule was not selected: nothing to say
}
