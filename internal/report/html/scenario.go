package html

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Open reports whether the page shows it open.
func (r *promise) Open() bool {
	return r.OnExchanges() && needsEyes(r.Verdict) || slices.ContainsFunc(r.All, func(s *scenario) bool { return s.Open })
}

// Again returns the command that runs again what broke an every-exchange rule.
func (r *promise) Again() string {
	if !r.Open() || len(r.Rule.Findings) == 0 {
		return ""
	}
	if s := r.page.byID[r.Rule.Findings[0].Scenario]; s != nil {
		return view.Again(r.page.Run, s.Scenario, &r.Rule)
	}
	return ""
}

// Unlisted returns how many of its scenarios the page does not list.
func (r *promise) Unlisted() int { return len(r.All) - len(r.Scenarios()) }

// Found returns what the exchanges showed.
func (r *promise) Found() []finding { return r.page.findings(r.Rule.Findings, r.ID, 0) }

// Scenarios returns those that the page lists.
func (r *promise) Scenarios() []*scenario {
	return slices.DeleteFunc(slices.Clone(r.All), func(s *scenario) bool { return !s.listed })
}

// scenario is one scenario as the template shows it.
type scenario struct {
	*result.Scenario
	page   *page
	Anchor string
	listed bool // on the page
	Open   bool // from the start
	Full   bool // the page has no room for its exchanges
}

// Again returns the command that runs it again.
func (s *scenario) Again() string {
	if !needsEyes(s.Verdict) {
		return ""
	}
	return view.Again(s.page.Run, s.Scenario, nil)
}

// Finds reports whether a finding comes from a step.
func (s *scenario) Finds(step result.Step) bool {
	return step.Line > 0 && slices.ContainsFunc(s.Findings, func(f result.Finding) bool { return f.Step == step.Line && !f.Warning })
}

// anchor is a rule's id as a link may have it: as it is, but for what a result that somebody wrote by hand may hold.
func anchor(id string) string {
	return notOfAnchor.ReplaceAllStringFunc(id, func(s string) string { return fmt.Sprintf("_%x", s) })
}

var notOfAnchor = regexp.MustCompile(`[^A-Za-z0-9-]`)

// stepVerdict returns how a step ended; a result that somebody wrote by hand may hold anything.
func stepVerdict(step result.Step) result.Verdict {
	if slices.Contains(result.Verdicts(), step.Verdict) {
		return step.Verdict
	}
	return result.Skipped
}

// Found returns its findings.
func (s *scenario) Found() []finding { return s.page.findings(s.Findings, s.Rule, len(s.Exchanges)) }

// Calls returns its exchanges, as far as the page has room for them.
func (s *scenario) Calls() []exchange {
	if s.Full {
		return nil
	}
	var all []exchange
	for n, e := range s.Exchanges[:min(len(s.Exchanges), exchangeLimit)] {
		all = append(all, newExchange(n, e, s))
	}
	return all
}

// finding is one expectation that is not met, its two sides marked where they differ.
type finding struct {
	result.Finding
	Expected, Actual []piece
	Missing          bool   // what stands at the path
	Foreign          bool   // of another rule than the one it is shown under
	Exchange         string // which of several
	Seen             link   // the scenario that shows it
}

func (p *page) findings(all []result.Finding, under string, exchanges int) []finding {
	var shown []finding
	for _, f := range all[:min(len(all), listLimit)] {
		one := finding{Finding: f, Foreign: f.Rule != "" && f.Rule != under, Missing: f.Path != "" && f.Actual == view.Missing}
		if one.Missing {
			f.Actual = ""
		}
		one.Expected, one.Actual = difference(text.Cut(f.Expected, fieldLimit), text.Cut(f.Actual, fieldLimit))
		if exchanges > 1 && f.Exchange >= 0 && f.Exchange < exchanges {
			one.Exchange = fmt.Sprintf("exchange %d", f.Exchange+1)
		}
		if f.Scenario != "" {
			one.Seen = p.See(f.Scenario)
		}
		shown = append(shown, one)
	}
	return shown
}

// exchange is one call.
type exchange struct {
	result.Exchange
	Paths         []string // JSON paths at which the answer differs
	StatusDiffers bool
	Open          bool
}

func newExchange(n int, e result.Exchange, s *scenario) exchange {
	shown := exchange{Exchange: e}
	if s.Attempts <= 1 {
		shown.Attempt = 0
	}
	for _, f := range s.Findings[:min(len(s.Findings), listLimit)] {
		if f.Exchange != n || f.Warning {
			continue
		}
		shown.Paths = append(shown.Paths, cmp.Or(f.Path, "$"))
		// A finding about the status has it as its actual value: "200", "200 OK".
		if f.Path == "" && e.Answer != nil && strings.HasPrefix(f.Actual, strconv.Itoa(e.Answer.Status)) {
			shown.StatusDiffers = true
		}
	}
	shown.Open = s.Open && (len(shown.Paths) > 0 || e.Failure != nil)
	return shown
}

// path is what a request asks of its host.
func path(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return cmp.Or(u.RequestURI(), "/")
}
