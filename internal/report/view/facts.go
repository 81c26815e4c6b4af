package view

import (
	"cmp"
	"fmt"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// LatencyOf is the name of the fact that tells the latency.
const LatencyOf = "Latency of the PUT"

// Fact is one line of a summary: clean text under a name.
type Fact struct{ Name, Text string }

// Through names the proxy that calls went through.
func Through(proxy string) string {
	if proxy == "" {
		return ""
	}
	return ", through the proxy " + Inline(proxy)
}

// Facts returns what is worth knowing of a run beside its failures.
func Facts(run *result.Run) []Fact {
	var all []Fact
	add := func(name, text string) { all = append(all, Fact{name, text}) }
	if run.Traffic != nil {
		all = Traffic(run)
	}
	switch {
	case run.Traffic != nil && run.Target.BaseURL == "":
	case run.Traffic != nil:
		add("Target", Inline(run.Target.BaseURL))
	case run.Target.BaseURL != "":
		add("Target", fmt.Sprintf("%s (%s), environment %s", Inline(run.Target.BaseURL), Inline(run.Target.Kind), Inline(run.Environment))+Through(run.Target.Proxy))
	default:
		add("Target", fmt.Sprintf("%s, environment %s", Inline(run.Target.Kind), Inline(run.Environment)))
	}
	if s := Selection(run.Selection); s != "" {
		add("Selected", s)
	}
	if run.Latency != nil {
		add(LatencyOf, LatencyLine(run.Latency))
	}
	if flaky := Flaky(run); len(flaky) > 0 {
		add("Flaky", text.Count(len(flaky), "scenario")+" passed only after retries: "+Few(flaky, 5))
	}
	for _, w := range run.Waivers {
		if w.State == result.WaiverUsed { // of one that is stale, or has expired, a warning tells
			add("Waiver", fmt.Sprintf("%s until %s (%s) covers its failures", Inline(w.Rule), Inline(w.Until), Inline(w.Reason)))
		}
	}
	for i, w := range run.Warnings {
		if i == maxLines {
			add("Warning", fmt.Sprintf("… and %d more", len(run.Warnings)-i))
			break
		}
		add("Warning", Inline(w))
	}
	for _, c := range Unsaid(run) {
		add(c.Name, Inline(c.Text))
	}
	for _, d := range run.Diagnosis {
		add("Diagnosis", Inline(d))
	}
	for _, line := range Without(run) {
		add("Scope", line)
	}
	return all
}

// maxSilent is how many reasons are told for which exchanges were silent.
const maxSilent = 8

// Traffic returns what is worth knowing of traffic that others sent.
func Traffic(run *result.Run) []Fact {
	t := run.Traffic
	unit := "exchange"
	if t.Kind == result.Received {
		unit = "request"
	}
	line := fmt.Sprintf("%s of the endpoint, %d judged", text.Count(t.Exchanges, unit), t.Judged)
	if len(t.Sources) > 0 {
		var sources []string
		for _, name := range t.Sources {
			sources = append(sources, Inline(name))
		}
		line += "; " + Inline(t.Kind) + ": " + Few(sources, 5)
	}
	if t.LeftOut > 0 {
		line += fmt.Sprintf("; %d of other endpoints or methods left out", t.LeftOut)
	}
	if t.Unread > 0 {
		line += fmt.Sprintf("; %d could not be read", t.Unread)
	}
	all := []Fact{{"Traffic", line}}
	for i, silent := range t.Silent {
		if i == maxSilent {
			all = append(all, Fact{"Silent", "… for " + text.Count(len(t.Silent)-i, "more reason")})
			break
		}
		all = append(all, Fact{"Silent", fmt.Sprintf("%s: %s", text.Count(silent.Count, unit), Inline(silent.Reason))})
	}
	for i := range run.Scenarios {
		if s := &run.Scenarios[i]; len(s.Observed) > 0 {
			all = append(all, Fact{"Observed", Inline(s.Name) + ": " + text.Cut(s.Reason, 200)})
		}
	}
	if t.Kind == result.Received {
		return all
	}
	return append(all, Fact{"Certificate", "none: traffic that others sent certifies nothing"})
}

// Unsaid returns what makes a run red and is said by nothing else that a person is shown.
func Unsaid(run *result.Run) []Fact {
	names := map[string]string{"problems": "Not done", "judged": "Not judged", "exit": "Exit code"}
	var all []Fact
	for _, c := range result.Checks(run) {
		if name := names[c.ID]; name != "" {
			all = append(all, Fact{name, c.Message})
		}
	}
	return all
}

// Selection returns what was asked for, in a line; "": everything.
func Selection(s result.Selection) string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+Inline(value))
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

// LatencyLine returns the latency of a run and what became of its budget, in a line.
func LatencyLine(l *result.Latency) string {
	text := fmt.Sprintf("p50 %s, p95 %s, max %s over %s", Span(l.P50), Span(l.P95), Span(l.Max), text.Count(l.Count, "answer"))
	b := l.Budget
	if b == nil {
		return text
	}
	var limits []string
	if b.P95 > 0 {
		limits = append(limits, "p95 "+Span(b.P95))
	}
	if b.Max > 0 {
		limits = append(limits, "max "+Span(b.Max))
	}
	text += "; budget " + strings.Join(limits, ", ")
	if len(b.Over) == 0 {
		return text + ": kept"
	}
	over := ": exceeded (a warning): "
	if b.Fail {
		over = ": exceeded: "
	}
	return text + over + Inline(strings.Join(b.Over, "; "))
}

// Flaky names the scenarios that passed only after retries.
func Flaky(run *result.Run) []string {
	var names []string
	for i := range run.Scenarios {
		if s := &run.Scenarios[i]; s.Flaky {
			names = append(names, fmt.Sprintf("%s %s", Inline(s.Rule), Place(s.File, s.Line)))
		}
	}
	return names
}

// Without returns what the certification leaves out, a line each: "certified without PV-14: no webhook can be
// received". A run that certifies nothing says "judged" instead. It is the must and should rules of which nothing was
// judged, then those of which a part was not, what has the same reason together.
func Without(run *result.Run) []string {
	all, skipped, reasons := map[string]int{}, map[string]int{}, map[string]string{}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		all[s.Rule]++
		if s.Verdict == result.Skipped {
			skipped[s.Rule]++
			reasons[s.Rule] = cmp.Or(reasons[s.Rule], s.Reason)
		}
	}
	var none, part [][2]string // what, and why
	for i := range run.Rules {
		r := &run.Rules[i]
		switch n := skipped[r.ID]; {
		case r.Level == result.Observe:
		case r.Verdict == result.Skipped:
			none = append(none, [2]string{Inline(r.ID), Inline(cmp.Or(r.Reason, reasons[r.ID]))})
		case n > 0:
			part = append(part, [2]string{fmt.Sprintf("%d of %d scenarios of %s", n, all[r.ID], Inline(r.ID)), Inline(reasons[r.ID])})
		}
	}
	word := "judged"
	if run.Exit == result.ExitKept && run.Traffic == nil {
		word = "certified"
	}
	var lines []string
	why := func(gap [2]string) string { return cmp.Or(gap[1], "no reason is given") }
	for _, gaps := range append(group.By(none, why), group.By(part, why)...) {
		what := gaps[0][0]
		for _, gap := range gaps[1:] {
			what += ", " + gap[0]
		}
		lines = append(lines, fmt.Sprintf("%s without %s: %s", word, what, why(gaps[0])))
	}
	return lines
}
