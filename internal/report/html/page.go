package html

import (
	"cmp"
	"slices"

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

	Listed           int          // scenarios on the page
	Counts           result.Tally // of them
	Unshown          int          // of those that are not, how many did not pass
	WithoutExchanges int          // of the listed

	shown []*scenario // every scenario of the run
	byID  map[string]*scenario
}

// promise is a rule with its scenarios.
type promise struct {
	result.Rule
	page *page
	All  []*scenario
}

func newPage(run *result.Run) *page {
	p := &page{Run: run, Failures: view.Failures(run), Counts: result.Tally{}, byID: map[string]*scenario{}}
	p.choose()
	promises := map[string]*promise{}
	add := func(r result.Rule) {
		if promises[r.ID] == nil {
			promises[r.ID] = &promise{Rule: r, page: p}
			p.Promises = append(p.Promises, promises[r.ID])
		}
	}
	// Where somebody wrote a rule twice, the worst of it counts.
	for _, r := range slices.SortedStableFunc(slices.Values(run.Rules), func(a, b result.Rule) int { return cmp.Compare(rank(a.Verdict), rank(b.Verdict)) }) {
		add(r)
	}
	for _, s := range p.shown {
		// A result that lacks the rule of a scenario still shows the scenario.
		add(result.Rule{ID: s.Rule, Level: s.Level, Title: "not described in the result", Verdict: s.Verdict, File: s.File})
		promises[s.Rule].All = append(promises[s.Rule].All, s)
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
func (p *page) See(id string) link {
	s := p.byID[id]
	switch {
	case s == nil:
		return link{Name: id}
	case !s.listed:
		return link{Name: cmp.Or(s.Name, id)}
	}
	return link{cmp.Or(s.Name, id), s.Anchor}
}

// Leads returns where a failure is shown: at its scenario, or at its promise.
func (p *page) Leads(f view.Failure) string {
	if s := f.Scenario(); s != nil {
		if to := p.See(s.ID); to.Anchor != "" {
			return to.Anchor
		}
	}
	return f.Rules[0].ID
}

// Title returns the title of the document.
func (p *page) Title() string {
	return view.Outcome(p.Run) + " – " + text.Line(cmp.Or(p.Target.BaseURL, string(p.Target.Kind))) + " – " + text.Line(cmp.Or(p.Tool.Name, "contract"))
}

// Waived returns the promises that are waived.
func (p *page) Waived() []*promise {
	return p.promises(func(r *promise) bool { return r.Verdict == result.Waived })
}

func (p *page) promises(wanted func(*promise) bool) []*promise {
	return slices.DeleteFunc(slices.Clone(p.Promises), func(r *promise) bool { return !wanted(r) })
}

// level is one row of the matrix and one group of the list.
type level struct {
	Key   result.Level
	Rules []*promise
	Kept  int // or observed
}

// Levels returns the promises by their levels.
func (p *page) Levels() []level {
	var levels []level
	for _, l := range []result.Level{result.Must, result.Should, result.Observe} {
		if rules := p.promises(func(r *promise) bool { return r.Level == l }); len(rules) > 0 {
			counts := tally(rules)
			levels = append(levels, level{l, rules, counts[result.Passed] + counts[result.Observed]})
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

// skip is one reason and what it kept from being tested.
type skip struct {
	Reason string
	Rules  []*promise
	Count  int // of scenarios
}

// Skips groups what was not tested by its reason.
func (p *page) Skips() []*skip {
	var all []*skip
	known := map[string]*skip{}
	add := func(reason string, r *promise, scenarios int) {
		if known[reason] == nil {
			known[reason] = &skip{Reason: cmp.Or(reason, "No reason was given.")}
			all = append(all, known[reason])
		}
		s := known[reason]
		s.Count += scenarios
		if !slices.Contains(s.Rules, r) {
			s.Rules = append(s.Rules, r)
		}
	}
	for _, r := range p.Promises {
		if len(r.All) == 0 && r.Verdict == result.Skipped {
			add(r.Reason, r, 0)
		}
		for _, s := range r.All {
			if s.Verdict == result.Skipped {
				add(s.Reason, r, 1)
			}
		}
	}
	return all
}
