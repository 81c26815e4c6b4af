package html

import (
	"cmp"
	"slices"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// page is a run as the template shows it: each rule with its scenarios.
type page struct {
	*result.Run
	document

	Promises []*promise // sorted by id
	Failures []*view.Failure

	Counts           result.Tally // of the scenarios on the page
	Unshown          int          // failed and broken scenarios that are not on the page
	WithoutExchanges int          // scenarios on the page for whose exchanges there is no room

	byID map[string]*scenario // the first of each ID
}

// promise is a rule with its scenarios.
type promise struct {
	*result.Rule
	All []*scenario
}

func newPage(run *result.Run) *page {
	p := &page{Run: run, Failures: view.Failures(run), Counts: result.Tally{}, byID: map[string]*scenario{}}
	scenarios := map[string][]*scenario{}
	for _, s := range p.choose() {
		scenarios[s.Rule] = append(scenarios[s.Rule], s)
		p.byID[s.ID] = cmp.Or(p.byID[s.ID], s)
	}
	for id, rule := range view.RulesByID(run) {
		p.Promises = append(p.Promises, &promise{rule, scenarios[id]})
	}
	slices.SortFunc(p.Promises, func(a, b *promise) int { return result.CompareIDs(a.ID, b.ID) })
	return p
}

// Leads returns the anchor of a failure: that of its scenario, or of its promise.
func (p *page) Leads(f *view.Failure) string {
	if s := f.Scenario(); s != nil && p.byID[s.ID].Listed {
		return p.byID[s.ID].Anchor
	}
	return f.Rules[0].ID
}

// Title returns the title of the document.
func (p *page) Title() string {
	return view.Outcome(p.Run) + " – " + text.Line(cmp.Or(p.Target.BaseURL, string(p.Target.Kind))) + " – " + text.Line(cmp.Or(p.Tool.Name, "contract"))
}

// Waived returns the promises that are waived.
func (p *page) Waived() []*promise {
	return group.Where(p.Promises, func(r *promise) bool { return r.Verdict == result.Waived })
}

// Levels returns the promises grouped by level, the strongest first.
func (p *page) Levels() [][]*promise {
	var levels [][]*promise
	for _, level := range []result.Level{result.Must, result.Should, result.Observe} {
		if of := group.Where(p.Promises, func(r *promise) bool { return r.Level == level }); len(of) > 0 {
			levels = append(levels, of)
		}
	}
	return levels
}

func tally(rules []*promise) result.Tally {
	counts := result.Tally{}
	for _, r := range rules {
		counts[r.Verdict]++
	}
	return counts
}

// skip is a scenario that was not tested, or a promise without scenarios, and the reason.
type skip struct {
	*promise
	Why string
}

// Skips returns what was not tested, grouped by reason.
func (p *page) Skips() [][]skip {
	var all []skip
	for _, r := range p.Promises {
		if len(r.All) == 0 && r.Verdict == result.Skipped {
			all = append(all, skip{r, r.Reason})
		}
		skipped := group.Where(r.All, func(s *scenario) bool { return s.Verdict == result.Skipped })
		all = append(all, group.Map(skipped, func(s *scenario) skip { return skip{r, s.Reason} })...)
	}
	return group.By(all, func(s skip) string { return s.Why })
}

// skippedScenarios counts the scenarios among what was not tested.
func skippedScenarios(skips []skip) int {
	return len(group.Where(skips, func(s skip) bool { return len(s.All) > 0 }))
}
