package html

import (
	"cmp"
	"fmt"
	"slices"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// page is a run as the template shows it: its rules and scenarios joined, each with its place on the page.
type page struct {
	*result.Run
	document

	Promises []*promise
	Failures []view.Failure

	Listed  int // scenarios on the page
	Unshown int // of those that are not, how many did not pass

	shown            []*scenario // every scenario of the run
	byID             map[string]*scenario
	withoutExchanges int
}

// promise is a rule with its scenarios.
type promise struct {
	result.Rule
	page *page
	all  []*scenario
}

func newPage(run *result.Run) *page {
	p := &page{Run: run, Failures: view.Failures(run), byID: map[string]*scenario{}}
	p.choose()
	promises := map[string]*promise{}
	add := func(r result.Rule) {
		if promises[r.ID] == nil {
			promises[r.ID] = &promise{Rule: r, page: p}
			p.Promises = append(p.Promises, promises[r.ID])
		}
	}
	for _, r := range run.Rules {
		add(r)
	}
	for _, s := range p.shown {
		// A result that lacks the rule of a scenario still shows the scenario.
		add(result.Rule{ID: s.Rule, Level: s.Level, Title: "not described in the result", Verdict: s.Verdict, File: s.File})
		promises[s.Rule].all = append(promises[s.Rule].all, s)
		if p.byID[s.ID] == nil {
			p.byID[s.ID] = s
		}
	}
	slices.SortStableFunc(p.Promises, func(a, b *promise) int { return result.CompareIDs(a.ID, b.ID) })
	return p
}

// link is a name, and where on the page it leads; "": nowhere.
type link struct{ Name, Anchor string }

// See leads to the scenario with that ID, if the page lists it.
func (p *page) See(name, id string) link {
	if s := p.byID[id]; s != nil && s.listed {
		return link{name, s.Anchor}
	}
	return link{Name: name}
}

// Leads returns where a failure is shown: at its scenario, or at its promise.
func (p *page) Leads(f view.Failure) string {
	if s := f.Scenario(); s != nil {
		if to := p.See("", s.ID); to.Anchor != "" {
			return to.Anchor
		}
	}
	return f.Rules[0].ID
}

// Lead counts the promises.
func (p *page) Lead() string {
	counts := tally(p.Promises)
	return "Of " + text.Count(len(p.Promises), "promise") + ": " + cmp.Or(counts.Words(), "none was looked at") + "."
}

// Title returns the title of the document.
func (p *page) Title() string {
	return view.Outcome(p.Run) + " – " + text.Line(cmp.Or(p.Target.BaseURL, string(p.Target.Kind))) + " – " + text.Line(cmp.Or(p.Tool.Name, "contract"))
}

// Tests counts the verdicts.
func (p *page) Tests() string { return cmp.Or(result.Count(p.Run).Words(), "none") }

// Cautions returns what is worth a warning.
func (p *page) Cautions() []string {
	all := slices.Clone(p.Warnings[:min(len(p.Warnings), listLimit)])
	for _, c := range view.Unsaid(p.Run) {
		all = append(all, c.Name+": "+c.Text)
	}
	if left := more(listLimit, len(p.Warnings), "warning"); left != "" {
		all = append(all, left)
	}
	return all
}

// Waived returns the promises that are waived.
func (p *page) Waived() []*promise {
	return slices.DeleteFunc(slices.Clone(p.Promises), func(r *promise) bool { return r.Verdict != result.Waived })
}

// level is one row of the matrix and one group of the list.
type level struct {
	Key, Name, Words string
	Rules            []*promise
}

// Kept counts the promises of a level that are kept.
func (l level) Kept() string {
	counts := tally(l.Rules)
	if l.Key == "observe" {
		return fmt.Sprintf("%d looked at", counts[result.Observed])
	}
	return fmt.Sprintf("%d of %d kept", counts[result.Passed], len(l.Rules))
}

func tally(rules []*promise) result.Tally {
	counts := result.Tally{}
	for _, r := range rules {
		counts[r.Verdict]++
	}
	return counts
}

// Levels returns the promises by their levels.
func (p *page) Levels() []level {
	levels := []level{
		{Key: "must", Name: "Must", Words: "The documentation shows it literally."},
		{Key: "should", Name: "Should", Words: "It follows from the documentation’s words."},
		{Key: "observe", Name: "Observe", Words: "The documentation is silent: recorded, never judged."},
	}
	for _, r := range p.Promises {
		n := slices.IndexFunc(levels, func(l level) bool { return l.Key == string(r.Level) })
		if n >= 0 {
			levels[n].Rules = append(levels[n].Rules, r)
		}
	}
	return slices.DeleteFunc(levels, func(l level) bool { return len(l.Rules) == 0 })
}

// Counts returns how many of the page's scenarios ended in each way.
func (p *page) Counts() result.Tally {
	counts := result.Tally{}
	for _, s := range p.shown {
		if s.listed {
			counts[s.Verdict]++
		}
	}
	return counts
}

// Noun returns what the page lists below its promises. What is kept of traffic are examples of what was seen.
func (p *page) Noun() string {
	if p.Traffic != nil {
		return "example"
	}
	return "scenario"
}

// Cuts returns how the page is shorter than the result file.
func (p *page) Cuts() []string {
	cuts := []string{"Bodies are shown up to " + bytesIn(bodyLimit) + "; JSON is indented, its values are as they came."}
	if n := len(p.Scenarios) - p.Listed; n > 0 {
		cuts = append(cuts, fmt.Sprintf("%s not listed: the page holds %s, the worst and the first repetitions.", are(n, p.Noun()), text.Number(scenarioLimit)))
	}
	if n := p.withoutExchanges; n > 0 {
		cuts = append(cuts, fmt.Sprintf("%s listed without exchanges: the page holds %s of them.", are(n, p.Noun()), bytesIn(exchangeBudget)))
	}
	return cuts
}

// skip is one reason and what it kept from being tested.
type skip struct {
	Reason string
	Rules  []*promise
	Count  int // of scenarios
}

// Skips groups what was not tested by its reason.
func (p *page) Skips() []skip {
	type one struct {
		reason    string
		rule      *promise
		scenarios int
	}
	var all []one
	for _, r := range p.Promises {
		if len(r.all) == 0 && r.Verdict == result.Skipped {
			all = append(all, one{r.Reason, r, 0})
		}
		for _, s := range r.all {
			if s.Verdict == result.Skipped {
				all = append(all, one{s.Reason, r, 1})
			}
		}
	}
	var skips []skip
	for _, alike := range group.By(all, func(o one) string { return o.reason }) {
		s := skip{Reason: cmp.Or(alike[0].reason, "No reason was given.")}
		for _, o := range alike {
			s.Count += o.scenarios
			if !slices.Contains(s.Rules, o.rule) {
				s.Rules = append(s.Rules, o.rule)
			}
		}
		skips = append(skips, s)
	}
	return skips
}
