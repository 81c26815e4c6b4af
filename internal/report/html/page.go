package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// page is a run as the template shows it: its rules and scenarios joined, each with its place on the page.
type page struct {
	*result.Run
	document

	Head     head
	Promises []*promise
	Failures []view.Failure
	Plot     *latency

	Listed  int // scenarios on the page
	Unshown int // of those that are not, how many did not pass

	shown            []*scenario // every scenario of the run
	byID             map[string]*scenario
	withoutExchanges int
}

// promise is a rule with its scenarios.
type promise struct {
	result.Rule
	Anchor string
	page   *page
	all    []*scenario
}

func newPage(run *result.Run) *page {
	p := &page{Run: run, Failures: view.Failures(run), Plot: newLatency(run.Latency), byID: map[string]*scenario{}}
	p.choose()
	promises := map[string]*promise{}
	add := func(r result.Rule) {
		if promises[r.ID] == nil {
			promises[r.ID] = &promise{Rule: r, Anchor: anchorOf(r.ID, len(p.Promises)), page: p}
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
	p.Head = p.head()
	return p
}

// anchorOf is where a rule is found on the page: its id, so that a link to it keeps its meaning, or its number
// where the id has characters that an address does not take. No other anchor of the page looks like either.
func anchorOf(id string, number int) string {
	between := strings.TrimRight(strings.TrimLeft(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "0123456789")
	if between == "-" && id[0] != '-' && !strings.HasSuffix(id, "-") {
		return id
	}
	return fmt.Sprintf("promise-%d", number+1)
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
	return p.PromiseAnchor(f.Rules[0].ID)
}

// PromiseAnchor returns where the rule with that ID is; "": nowhere.
func (p *page) PromiseAnchor(id string) string {
	if i := slices.IndexFunc(p.Promises, func(r *promise) bool { return r.ID == id }); i >= 0 {
		return p.Promises[i].Anchor
	}
	return ""
}

// class is a verdict that the page has a word, a sign and a colour for; "unknown" for all others.
func class(v result.Verdict) string {
	if slices.Contains(result.Verdicts(), v) {
		return string(v)
	}
	return "unknown"
}

// head is the top of the page: one headline, and a sentence that counts the promises.
type head struct {
	Title, Line, Lead string
	Tone              string // kept, broken, unjudged
	Icon              string
	Stopped           string // why, where the headline does not say it
}

func (p *page) head() head {
	counts := map[result.Verdict]int{}
	for _, r := range p.Promises {
		counts[r.Verdict]++
	}
	h := head{Tone: "unjudged", Icon: "broken", Stopped: p.Stopped}
	switch p.Exit {
	case result.ExitKept:
		h.Line, h.Tone, h.Icon = "The contract is kept", "kept", "passed"
		if counts[result.Failed] > 0 {
			h.Line = "Every binding promise is kept"
		} else if p.Traffic != nil {
			h.Line = view.Outcome(p.Run)
		}
	case result.ExitBroken:
		h.Line, h.Tone, h.Icon = "The contract is not kept", "broken", "failed"
		switch {
		case len(view.Breaking(p.Run)) == 0:
			h.Line = view.Outcome(p.Run)
		case p.Traffic != nil && p.Traffic.Kind == result.Received:
			h.Line = "What the clients sent is not as documented"
		}
	case result.ExitInput:
		h.Line = "Nothing was sent"
	case result.ExitUnjudged:
		h.Line = "Not everything could be judged"
		if len(p.Problems) > 0 {
			h.Line = view.Outcome(p.Run)
		}
	case result.ExitInterrupted:
		h.Line = "The run was interrupted"
	default:
		h.Line = fmt.Sprintf("The run ended with exit code %d", p.Exit)
	}
	if why, nothing := view.JudgedNothing(p.Run); nothing {
		h.Line, h.Stopped = "Nothing could be judged", ""
		if why != "" {
			h.Line += ": " + why
		}
	}
	var parts []string
	for _, part := range []struct {
		verdict result.Verdict
		words   string
	}{
		{result.Failed, "failed"}, {result.Broken, "could not be judged"}, {result.Waived, "waived"},
		{result.Passed, "kept"}, {result.Observed, "only observed"}, {result.Skipped, "not tested"},
	} {
		if n := counts[part.verdict]; n > 0 {
			parts = append(parts, text.Number(n)+" "+part.words)
		}
	}
	h.Lead = "No promise was looked at."
	if len(parts) > 0 {
		h.Lead = "Of " + text.Count(len(p.Promises), "promise") + ": " + strings.Join(parts, ", ") + "."
	}
	h.Title = h.Line + " – " + plain(cmp.Or(p.Target.BaseURL, string(p.Target.Kind))) + " – " + plain(cmp.Or(p.Tool.Name, "contract"))
	return h
}

// Title returns the title of the document.
func (p *page) Title() string { return p.Head.Title }

// Tests counts the verdicts.
func (p *page) Tests() string { return cmp.Or(result.Count(p.Run).Words(), "none") }

// TrafficFacts returns what is worth knowing of traffic that others sent.
func (p *page) TrafficFacts() []view.Fact { return view.Traffic(p.Run) }

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

// group is the changes of one kind, as far as the page has room for them.
type group struct {
	Title string
	Shown []change
}

type change struct {
	Icon                    string
	What                    link // to the promise that is newly broken or kept again
	Movement, Detail, Where string
}

// Groups returns the changes since the baseline.
func (p *page) Groups() []group {
	var groups []group
	room := listLimit
	icons := map[result.DriftKind]string{result.NewlyFailing: "failed", result.NewlyKept: "passed"}
	for _, g := range p.Drift.Groups {
		shown := group{Title: g.Title}
		for i := range g.Changes[:min(len(g.Changes), room)] {
			c := &g.Changes[i]
			as := change{Icon: cmp.Or(icons[g.Kind], "observed"), What: link{Name: view.ChangeSubject(g.Kind, c)}, Movement: view.Movement(c), Detail: c.Detail, Where: view.DriftPlaces(c)}
			if icons[g.Kind] != "" {
				as.What.Anchor = p.PromiseAnchor(c.What)
			}
			shown.Shown = append(shown.Shown, as)
		}
		if room -= len(shown.Shown); len(shown.Shown) > 0 {
			groups = append(groups, shown)
		}
	}
	return groups
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
	wanted := result.Passed
	if l.Key == "observe" {
		wanted = result.Observed
	}
	n := 0
	for _, r := range l.Rules {
		if r.Verdict == wanted {
			n++
		}
	}
	if l.Key == "observe" {
		return fmt.Sprintf("%d looked at", n)
	}
	return fmt.Sprintf("%d of %d kept", n, len(l.Rules))
}

// Levels returns the promises by their levels.
func (p *page) Levels() []level {
	levels := []level{
		{Key: "must", Name: "Must", Words: "The documentation shows it literally."},
		{Key: "should", Name: "Should", Words: "It follows from the documentation’s words."},
		{Key: "observe", Name: "Observe", Words: "The documentation is silent: recorded, never judged."},
		{Key: "other", Name: "Other", Words: "Of a level that this version does not know."},
	}
	for _, r := range p.Promises {
		n := slices.IndexFunc(levels, func(l level) bool { return l.Key == string(r.Level) || l.Key == "other" })
		levels[n].Rules = append(levels[n].Rules, r)
	}
	return slices.DeleteFunc(levels, func(l level) bool { return len(l.Rules) == 0 })
}

// verdicts is how many scenarios of the page ended so.
type verdicts struct {
	Verdict string
	Count   int
}

// Verdicts returns what the filter offers.
func (p *page) Verdicts() []verdicts {
	counts := map[string]int{}
	for _, s := range p.shown {
		if s.listed {
			counts[class(s.Verdict)]++
		}
	}
	var all []verdicts
	for _, v := range append(result.Verdicts(), "unknown") {
		if n := counts[string(v)]; n > 0 {
			all = append(all, verdicts{string(v), n})
		}
	}
	return all
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
func (p *page) Skips() []*skip {
	var skips []*skip
	byReason := map[string]*skip{}
	add := func(reason string, r *promise, scenarios int) {
		s := byReason[reason]
		if s == nil {
			s = &skip{Reason: cmp.Or(reason, "No reason was given.")}
			byReason[reason] = s
			skips = append(skips, s)
		}
		s.Count += scenarios
		if len(s.Rules) == 0 || s.Rules[len(s.Rules)-1] != r {
			s.Rules = append(s.Rules, r)
		}
	}
	for _, r := range p.Promises {
		if len(r.all) == 0 && r.Verdict == result.Skipped {
			add(r.Reason, r, 0)
		}
		for _, s := range r.all {
			if s.Verdict == result.Skipped {
				add(s.Reason, r, 1)
			}
		}
	}
	return skips
}

// answer is an observation, made where the documentation is silent.
type answer struct {
	result.Observation
	Scenario *result.Scenario
	Times    int // how many repetitions were answered so
}

// Answers returns what was observed, each answer of a scenario's repetitions once.
func (r *promise) Answers() []answer {
	var answers []answer
	type key struct {
		name string
		was  result.Observation
	}
	at := map[key]int{}
	for _, s := range r.all {
		for _, o := range s.Observed {
			k := key{s.Name, o}
			if n, again := at[k]; again {
				answers[n].Times++
				continue
			}
			at[k] = len(answers)
			answers = append(answers, answer{o, s.Scenario, 1})
		}
	}
	return answers
}

// Observed returns the promises with answers.
func (p *page) Observed() []*promise {
	return slices.DeleteFunc(slices.Clone(p.Promises), func(r *promise) bool { return len(r.Answers()) == 0 })
}
