package html

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// htmlPage is what the template shows. Strings in it are the tool's own words or have gone through htmlPlain;
// whatever comes from a run is htmlText.
type htmlPage struct {
	CSS    template.CSS
	JS     template.JS
	Policy string
	Title  string

	Headline                 string
	Tone                     string // kept, broken, unjudged
	ToneIcon                 htmlVerdict
	Lead                     string
	Stopped                  htmlText
	Facts                    []htmlFact
	Drift                    *htmlDrift
	Attention                []htmlAttention
	MoreCauses, MoreFailures string
	Diagnosis                []htmlText
	Warnings                 []htmlText
	Waivers                  []htmlWaiver

	Levels   []htmlLevel
	Verdicts []htmlVerdictCount // of the scenarios, for the filter
	RuleIDs  []htmlRuleOption
	Listed   int // scenarios on the page
	Shown    string

	Skips     []htmlSkip
	Observed  []htmlObservedRule
	Webhooks  []htmlDelivery
	MoreHooks string
	Latency   *htmlLatency
	About     []htmlFact
	Cuts      []string // how this page is shorter than the result file
}

type htmlFact struct {
	Name  string
	Value htmlText
	Code  bool
}

// htmlVerdict is a verdict that the page has a word, a sign and a colour for; "unknown" for all others.
type htmlVerdict string

func newHTMLVerdict(v result.Verdict) htmlVerdict {
	if slices.Contains(result.Verdicts(), v) {
		return htmlVerdict(v)
	}
	return "unknown"
}

type htmlVerdictCount struct {
	Verdict htmlVerdict
	Count   int
	Text    string
}

type htmlRuleOption struct{ ID, Label string }

// htmlAttention is one cause of failures, or a promise that is waived.
type htmlAttention struct {
	Verdict   htmlVerdict
	Leak      bool
	Level     string
	Anchor    string // of the scenario that shows it, or of its promise
	Words     htmlText
	Diagnosis htmlText
	Count     string
	Rules     []htmlAttentionRule
	MoreRules string
}

type htmlAttentionRule struct {
	ID, Title htmlText
	Anchor    string
}

type htmlWaiver struct {
	Rule, Reason, Until, State htmlText
	Note                       string
}

// htmlSkip is one reason and what it kept from being tested.
type htmlSkip struct {
	Reason htmlText
	Rules  []htmlLink
	Count  string
}

type htmlLink struct {
	Text   htmlText
	Anchor string // "": it is not on the page
	Whole  bool   // all of the rule
}

type htmlDelivery struct {
	Kind, Type, Reason, Received, Scenario htmlText
	Anchor                                 string
	Body                                   htmlBody
}

func newHTMLPage(run *result.Run) *htmlPage {
	index := newHTMLIndex(run)
	page := &htmlPage{
		Stopped: htmlProse(run.Stopped, htmlLineLimit),
		Levels:  index.levels(),
		Latency: newHTMLLatency(run.Latency),
	}
	page.verdict(run, index)
	page.Drift = newHTMLDrift(run.Drift, index)
	page.attention(index)
	page.Facts = htmlFacts(run)
	page.About = htmlAbout(run)
	for _, line := range htmlFirst(run.Diagnosis, htmlListLimit) {
		page.Diagnosis = append(page.Diagnosis, htmlProse(line, htmlFieldLimit))
	}
	for _, line := range htmlFirst(run.Warnings, htmlListLimit) {
		page.Warnings = append(page.Warnings, htmlProse(line, htmlFieldLimit))
	}
	for _, c := range view.Unsaid(run) {
		page.Warnings = append(page.Warnings, htmlShort(c.Name+": "+c.Text, htmlFieldLimit))
	}
	if more := htmlMore(len(run.Warnings), htmlListLimit, "warning", "warnings"); more != "" {
		page.Warnings = append(page.Warnings, htmlLine(more))
	}
	for _, w := range run.Waivers {
		page.Waivers = append(page.Waivers, newHTMLWaiver(w))
	}
	page.filter(run, index)
	page.Skips = index.skips()
	page.Observed = index.observed()
	for _, d := range htmlFirst(run.Webhooks, htmlListLimit) {
		page.Webhooks = append(page.Webhooks, index.delivery(d))
	}
	page.MoreHooks = htmlMore(len(run.Webhooks), htmlListLimit, "notification", "notifications")
	page.Cuts = index.cuts()
	return page
}

// verdict fills the top of the page: one headline, and a sentence that counts the promises.
func (p *htmlPage) verdict(run *result.Run, index *htmlIndex) {
	failed := index.ruleCounts[result.Failed]
	switch run.Exit {
	case 0:
		p.Headline, p.Tone, p.ToneIcon = "The contract is kept", "kept", "passed"
		if failed > 0 {
			p.Headline = "Every binding promise is kept"
		}
	case 1:
		p.Headline, p.Tone, p.ToneIcon = "The contract is not kept", "broken", "failed"
		if len(view.Breaking(run)) == 0 {
			p.Headline = view.Outcome(run)
		}
	case 2:
		p.Headline, p.Tone, p.ToneIcon = "Nothing was sent", "unjudged", "broken"
	case 3:
		p.Headline, p.Tone, p.ToneIcon = "Not everything could be judged", "unjudged", "broken"
		if len(run.Problems) > 0 {
			p.Headline = view.Outcome(run)
		}
	case 130:
		p.Headline, p.Tone, p.ToneIcon = "The run was interrupted", "unjudged", "broken"
	default:
		p.Headline, p.Tone, p.ToneIcon = fmt.Sprintf("The run ended with exit code %d", run.Exit), "unjudged", "broken"
	}
	if why, nothing := view.JudgedNothing(run); nothing {
		p.Headline, p.Stopped = "Nothing could be judged", nil
		if why != "" {
			p.Headline += ": " + why
		}
	}
	parts := []string{}
	for _, part := range []struct {
		verdict result.Verdict
		words   string
	}{
		{result.Failed, "failed"}, {result.Broken, "could not be judged"}, {result.Waived, "waived"},
		{result.Passed, "kept"}, {result.Observed, "only observed"}, {result.Skipped, "not tested"},
	} {
		if n := index.ruleCounts[part.verdict]; n > 0 {
			parts = append(parts, htmlNumber(n)+" "+part.words)
		}
	}
	p.Lead = "No promise was looked at."
	if len(parts) > 0 {
		p.Lead = "Of " + htmlCount(len(index.rules), "promise", "promises") + ": " + strings.Join(parts, ", ") + "."
	}
	p.Title = p.Headline + " – " + htmlPlain(cmp.Or(run.Target.BaseURL, run.Target.Kind)) + " – " + htmlPlain(cmp.Or(run.Tool.Name, "contract"))
}

// attention lists what a reader came for: what is wrong, one entry a cause, the worst first, then what is waived.
func (p *htmlPage) attention(index *htmlIndex) {
	const limit = 50
	causes := index.troubles
	for _, t := range htmlFirst(causes, limit) {
		entry := htmlAttention{
			Verdict: newHTMLVerdict(t.Verdict), Leak: t.Leak, Level: htmlPlain(string(t.Level)), Words: htmlProse(t.Words, htmlLineLimit),
			MoreRules: htmlMore(len(t.Rules), htmlListLimit, "promise", "promises"),
		}
		if t.Diagnosis != t.Words {
			entry.Diagnosis = htmlProse(t.Diagnosis, htmlLineLimit)
		}
		if n := len(t.Scenarios()); n > 0 {
			entry.Count, entry.Anchor = htmlCount(n, "scenario", "scenarios"), index.anchor(t.Scenario.ID)
		}
		for _, r := range htmlFirst(t.Rules, htmlListLimit) {
			entry.Rules = append(entry.Rules, index.attentionRule(*r))
		}
		if entry.Anchor == "" {
			entry.Anchor = entry.Rules[0].Anchor
		}
		p.Attention = append(p.Attention, entry)
	}
	for _, r := range index.rules {
		if r.rule.Verdict == result.Waived {
			p.Attention = append(p.Attention, htmlAttention{
				Verdict: newHTMLVerdict(result.Waived), Level: htmlPlain(string(r.rule.Level)), Anchor: r.anchor,
				Words: htmlProse(index.reason(r), htmlLineLimit), Rules: []htmlAttentionRule{index.attentionRule(r.rule)},
			})
		}
	}
	if len(causes) > limit {
		p.MoreCauses = htmlCount(len(causes)-limit, "more cause", "more causes") + " below."
	}
	if n := index.choice.unshown; n > 0 {
		p.MoreFailures = htmlCount(n, "more scenario", "more scenarios") + " did not pass: " + htmlNumber(htmlFailureLimit) + " are shown here, the result file holds all."
	}
}

func (x *htmlIndex) attentionRule(r result.Rule) htmlAttentionRule {
	shown := htmlAttentionRule{ID: htmlShort(r.ID, 60), Title: htmlShort(r.Title, htmlLineLimit)}
	for _, known := range x.rules {
		if known.rule.ID == r.ID {
			shown.Anchor = known.anchor
		}
	}
	return shown
}

func (p *htmlPage) filter(run *result.Run, index *htmlIndex) {
	counts := map[htmlVerdict]int{}
	for i, s := range run.Scenarios {
		if index.choice.listed[i] {
			counts[newHTMLVerdict(s.Verdict)]++
			p.Listed++
		}
	}
	for _, v := range append(result.Verdicts(), "unknown") {
		if key := htmlVerdict(v); counts[key] > 0 {
			p.Verdicts = append(p.Verdicts, htmlVerdictCount{Verdict: key, Count: counts[key], Text: htmlNumber(counts[key])})
		}
	}
	for _, r := range index.rules {
		p.RuleIDs = append(p.RuleIDs, htmlRuleOption{ID: r.anchor, Label: htmlShort(r.rule.ID, 60).String() + " " + htmlShort(r.rule.Title, 70).String()})
	}
	p.Shown = fmt.Sprintf("%s in %s", htmlCount(p.Listed, "scenario", "scenarios"), htmlCount(len(index.rules), "promise", "promises"))
}

func htmlFacts(run *result.Run) []htmlFact {
	target := cmp.Or(run.Target.BaseURL, "–")
	if run.Target.Kind == "embedded" {
		target += " (the embedded reference provider)"
	}
	return []htmlFact{
		{Name: "Target", Value: htmlShort(target, htmlLineLimit)},
		{Name: "Environment", Value: htmlShort(cmp.Or(run.Environment, "–"), htmlLineLimit)},
		{Name: "Started", Value: htmlLine(htmlTime(run.Started))},
		{Name: "Took", Value: htmlLine(htmlMillis(run.Duration))},
		{Name: "Tests", Value: htmlLine(cmp.Or(result.Count(run).Words(), "none"))},
		{Name: "Exit code", Value: htmlLine(fmt.Sprint(run.Exit))},
	}
}

func htmlAbout(run *result.Run) []htmlFact {
	s := run.Selection
	facts := []htmlFact{
		{Name: "Tool", Value: htmlShort(run.Tool.Name+" "+run.Tool.Version, htmlLineLimit)},
		{Name: "Result file", Value: htmlLine(fmt.Sprintf("version %d", run.Version))},
		{Name: "Features", Value: htmlShort(run.Digests.Features, htmlLineLimit), Code: true},
		{Name: "Schemas", Value: htmlShort(run.Digests.Schemas, htmlLineLimit), Code: true},
	}
	asked := []htmlFact{
		{Name: "Selected promises", Value: htmlShort(strings.Join(s.Rules, ", "), htmlLineLimit)},
		{Name: "Selected tags", Value: htmlShort(s.Tags, htmlLineLimit), Code: true},
		{Name: "Selected level", Value: htmlShort(s.Level, htmlLineLimit)},
		{Name: "Selected features", Value: htmlShort(strings.Join(s.Features, ", "), htmlLineLimit)},
		{Name: "Shard", Value: htmlShort(s.Shard, htmlLineLimit)},
		{Name: "Fails on", Value: htmlShort(s.FailOn, htmlLineLimit)},
	}
	if s.Repeat > 1 {
		asked = append(asked, htmlFact{Name: "Repetitions", Value: htmlLine(htmlNumber(s.Repeat))})
	}
	for _, f := range asked {
		if len(f.Value) > 0 {
			facts = append(facts, f)
		}
	}
	return facts
}

func newHTMLWaiver(w result.Waiver) htmlWaiver {
	shown := htmlWaiver{
		Rule: htmlShort(w.Rule, 60), Reason: htmlShort(w.Reason, htmlLineLimit),
		Until: htmlShort(w.Until, 60), State: htmlShort(w.State, 60),
	}
	switch w.State {
	case "used":
		shown.Note = "covers a promise that is not kept"
	case "stale":
		shown.Note = "its promise is kept: remove it"
	case "expired":
		shown.Note = "out of date: it covers nothing any more"
	case "unused":
		shown.Note = "its promise was not judged"
	}
	return shown
}

func htmlTime(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
}
