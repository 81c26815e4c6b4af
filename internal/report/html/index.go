package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// htmlIndex joins rules and scenarios, and knows where each is on the page.
type htmlIndex struct {
	run        *result.Run
	choice     htmlChoice
	rules      []*htmlIndexRule
	scenarios  map[string]int // index by ID
	ruleCounts map[result.Verdict]int
	troubles   []view.Failure
}

type htmlIndexRule struct {
	rule      result.Rule
	anchor    string
	scenarios []int
}

func newHTMLIndex(run *result.Run) *htmlIndex {
	found := view.Failures(run)
	x := &htmlIndex{
		run: run, troubles: found, choice: chooseHTML(run.Scenarios, found),
		scenarios: map[string]int{}, ruleCounts: map[result.Verdict]int{},
	}
	byID := map[string]*htmlIndexRule{}
	add := func(r result.Rule) {
		if byID[r.ID] != nil {
			return
		}
		byID[r.ID] = &htmlIndexRule{rule: r, anchor: htmlAnchor(r.ID, len(x.rules))}
		x.rules = append(x.rules, byID[r.ID])
	}
	for _, r := range run.Rules {
		add(r)
	}
	for i, s := range run.Scenarios {
		// A result that lacks the rule of a scenario still shows the scenario.
		add(result.Rule{ID: s.Rule, Level: s.Level, Title: "not described in the result", Verdict: s.Verdict, File: s.File})
		byID[s.Rule].scenarios = append(byID[s.Rule].scenarios, i)
		if _, doubled := x.scenarios[s.ID]; !doubled {
			x.scenarios[s.ID] = i
		}
	}
	for _, r := range x.rules {
		x.ruleCounts[r.rule.Verdict]++
	}
	slices.SortStableFunc(x.rules, func(a, b *htmlIndexRule) int { return view.CompareIDs(a.rule.ID, b.rule.ID) })
	return x
}

// htmlAnchor is where a rule is found on the page: its id, so that a link to it keeps its meaning, or its number
// where the id has characters that an address does not take. No other anchor of the page looks like either.
func htmlAnchor(id string, number int) string {
	between := strings.TrimRight(strings.TrimLeft(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "0123456789")
	if between == "-" && id[0] != '-' && !strings.HasSuffix(id, "-") {
		return id
	}
	return fmt.Sprintf("promise-%d", number+1)
}

func htmlScenarioAnchor(i int) string { return fmt.Sprintf("scenario-%d", i+1) }

// anchor is where the scenario with that ID is; "" if the page does not list it.
func (x *htmlIndex) anchor(id string) string {
	if i, known := x.scenarios[id]; known && x.choice.listed[i] {
		return htmlScenarioAnchor(i)
	}
	return ""
}

// reason is why the rule is not passed, in a line: its own, or that of the first scenario that ended as it did.
func (x *htmlIndex) reason(r *htmlIndexRule) string {
	if r.rule.Reason != "" {
		return r.rule.Reason
	}
	for _, i := range r.scenarios {
		if s := x.run.Scenarios[i]; s.Verdict == r.rule.Verdict && s.Reason != "" {
			return s.Reason
		}
	}
	return ""
}

// htmlLevel is one row of the matrix and one group of the list.
type htmlLevel struct {
	Key, Name, Words string
	Kept             string
	Rules            []htmlRule
}

func (x *htmlIndex) levels() []htmlLevel {
	levels := []htmlLevel{
		{Key: "must", Name: "Must", Words: "The documentation shows it literally."},
		{Key: "should", Name: "Should", Words: "It follows from the documentation’s words."},
		{Key: "observe", Name: "Observe", Words: "The documentation is silent: recorded, never judged."},
		{Key: "other", Name: "Other", Words: "Of a level that this version does not know."},
	}
	at := map[result.Level]int{result.Must: 0, result.Should: 1, result.Observe: 2}
	for _, r := range x.rules {
		n, known := at[r.rule.Level]
		if !known {
			n = 3
		}
		levels[n].Rules = append(levels[n].Rules, x.rule(r))
	}
	var shown []htmlLevel
	for _, l := range levels {
		if len(l.Rules) > 0 {
			l.Kept = htmlKept(l)
			shown = append(shown, l)
		}
	}
	return shown
}

func htmlKept(l htmlLevel) string {
	if l.Key == "observe" {
		return fmt.Sprintf("%d looked at", htmlCountRules(l.Rules, "observed"))
	}
	return fmt.Sprintf("%d of %d kept", htmlCountRules(l.Rules, "passed"), len(l.Rules))
}

func htmlCountRules(rules []htmlRule, verdict htmlVerdict) int {
	n := 0
	for _, r := range rules {
		if r.Verdict == verdict {
			n++
		}
	}
	return n
}

// skips groups what was not tested by its reason.
func (x *htmlIndex) skips() []htmlSkip {
	type group struct {
		skip  htmlSkip
		count int
	}
	var groups []*group
	byReason := map[string]*group{}
	add := func(reason string, r *htmlIndexRule, scenarios int) {
		g := byReason[reason]
		if g == nil {
			g = &group{skip: htmlSkip{Reason: htmlProse(cmp.Or(reason, "No reason was given."), htmlFieldLimit)}}
			byReason[reason] = g
			groups = append(groups, g)
		}
		g.count += scenarios
		g.skip.Rules = append(g.skip.Rules, htmlLink{
			Text: htmlShort(r.rule.ID, 60), Anchor: r.anchor, Whole: r.rule.Verdict == result.Skipped,
		})
	}
	for _, r := range x.rules {
		if len(r.scenarios) == 0 && r.rule.Verdict == result.Skipped {
			add(r.rule.Reason, r, 0)
			continue
		}
		counts := map[string]int{}
		var reasons []string
		for _, i := range r.scenarios {
			if s := x.run.Scenarios[i]; s.Verdict == result.Skipped {
				if counts[s.Reason]++; counts[s.Reason] == 1 {
					reasons = append(reasons, s.Reason)
				}
			}
		}
		for _, reason := range reasons {
			add(reason, r, counts[reason])
		}
	}
	var skips []htmlSkip
	for _, g := range groups {
		if g.count > 0 {
			g.skip.Count = htmlCount(g.count, "scenario", "scenarios")
		}
		skips = append(skips, g.skip)
	}
	if more := htmlMore(len(skips), htmlListLimit, "reason", "reasons"); more != "" {
		skips = append(htmlFirst(skips, htmlListLimit), htmlSkip{Reason: htmlLine(more)})
	}
	return skips
}

func (x *htmlIndex) delivery(d result.Delivery) htmlDelivery {
	return htmlDelivery{
		Kind: htmlShort(d.Kind, 60), Type: htmlShort(d.Type, 120), Reason: htmlShort(d.Reason, htmlLineLimit),
		Received: htmlLine(htmlTime(d.Received)), Scenario: htmlShort(d.Scenario, htmlLineLimit), Anchor: x.anchor(d.Scenario),
		Body: newHTMLBody(d.Body, 0, htmlBodyLimit/2, nil),
	}
}

// cuts says how the page is shorter than the result file.
func (x *htmlIndex) cuts() []string {
	cuts := []string{"Bodies are shown up to " + htmlBytes(htmlBodyLimit) + "; JSON is indented, its values are as they came."}
	if n := x.choice.unlisted; n > 0 {
		cuts = append(cuts, fmt.Sprintf("%s not listed: the page holds %s, the worst and the first repetitions.",
			htmlCount(n, "scenario is", "scenarios are"), htmlNumber(htmlScenarioLimit)))
	}
	if n := x.choice.withoutExchanges; n > 0 {
		cuts = append(cuts, fmt.Sprintf("%s listed without exchanges: the page holds %s of them.",
			htmlCount(n, "scenario is", "scenarios are"), htmlBytes(htmlExchangeBudget)))
	}
	return cuts
}

// htmlObservedRule is what was answered where the documentation is silent.
type htmlObservedRule struct {
	ID, Title htmlText
	Anchor    string
	Answers   []htmlObserved
	More      string
}

type htmlObserved struct {
	Scenario, Label, Code, Shape, Note htmlText
	Anchor                             string
	Status                             int
	Times                              int // how many repetitions were answered so
}

func (x *htmlIndex) observed() []htmlObservedRule {
	var rules []htmlObservedRule
	for _, r := range x.rules {
		shown := htmlObservedRule{ID: htmlShort(r.rule.ID, 60), Title: htmlShort(r.rule.Title, htmlLineLimit), Anchor: r.anchor}
		at := map[string]int{}
		for _, i := range r.scenarios {
			s := x.run.Scenarios[i]
			for _, o := range s.Observed {
				key := strings.Join([]string{s.Name, o.Label, fmt.Sprint(o.Status), o.Code, o.Shape, o.Note}, "\x00")
				if n, again := at[key]; again {
					shown.Answers[n].Times++
					continue
				}
				at[key] = len(shown.Answers)
				answer := newHTMLObserved(o)
				answer.Scenario, answer.Anchor = htmlShort(s.Name, htmlLineLimit), x.anchor(s.ID)
				shown.Answers = append(shown.Answers, answer)
			}
		}
		shown.More = htmlMore(len(shown.Answers), htmlListLimit, "answer", "answers")
		shown.Answers = htmlFirst(shown.Answers, htmlListLimit)
		if len(shown.Answers) > 0 {
			rules = append(rules, shown)
		}
	}
	return rules
}

func newHTMLObserved(o result.Observation) htmlObserved {
	return htmlObserved{
		Label: htmlShort(o.Label, htmlLineLimit), Code: htmlShort(o.Code, htmlLineLimit), Shape: htmlShort(o.Shape, htmlLineLimit),
		Note: htmlShort(o.Note, htmlLineLimit), Status: o.Status, Times: 1,
	}
}
