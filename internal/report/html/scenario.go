package html

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Open reports whether the page shows the promise open.
func (r *promise) Open() bool {
	return r.OnExchanges() && r.Verdict.NeedsAttention() || slices.ContainsFunc(r.All, func(s *scenario) bool { return s.Open })
}

// Listed returns the scenarios that the page lists.
func (r *promise) Listed() []*scenario {
	return group.Where(r.All, func(s *scenario) bool { return s.Listed })
}

// scenario is one scenario as the template shows it.
type scenario struct {
	*result.Scenario
	Anchor   string
	Listed   bool // on the page
	Open     bool
	PageFull bool // the page has no room for its exchanges
}

// Finds reports whether a step made a finding.
func (s *scenario) Finds(step result.Step) bool {
	return step.Line > 0 && slices.ContainsFunc(s.Findings, func(f result.Finding) bool { return f.Step == step.Line && !f.Warning })
}

// anchor returns an id for use in links; characters that only a result written by hand has are escaped.
func anchor(id string) string {
	return notOfAnchor.ReplaceAllStringFunc(id, func(s string) string { return fmt.Sprintf("_%x", s) })
}

var notOfAnchor = regexp.MustCompile(`[^A-Za-z0-9-]`)

// stepVerdict returns the verdict of a step; skipped for an unknown one, which a result written by hand may have.
func stepVerdict(step result.Step) result.Verdict {
	if slices.Contains(result.Verdicts(), step.Verdict) {
		return step.Verdict
	}
	return result.Skipped
}

// findings is the findings of a scenario or a rule.
type findings struct {
	Findings  []result.Finding
	Under     string // the rule that they are shown under
	Exchanges int    // of the scenario
}

// sides returns the expected and the actual value, marked where they differ.
func sides(f result.Finding) [2][]piece {
	if view.IsMissing(&f) {
		f.Actual = ""
	}
	return difference(text.Cut(f.Expected, fieldLimit), text.Cut(f.Actual, fieldLimit))
}

// exchange is one call.
type exchange struct {
	result.Exchange
	Paths         []string // JSON paths at which the answer differs
	StatusDiffers bool
	Open          bool
}

func newExchange(s *scenario, n int) exchange {
	shown := exchange{Exchange: s.Exchanges[n]}
	if s.Attempts <= 1 {
		shown.Attempt = 0
	}
	for _, f := range s.Findings[:min(len(s.Findings), listLimit)] {
		if f.Exchange != n || f.Warning {
			continue
		}
		shown.Paths = append(shown.Paths, cmp.Or(f.Path, "$"))
		// The actual value of a finding about the status begins with it: "200", "200 OK".
		if f.Path == "" && shown.Answer != nil && strings.HasPrefix(f.Actual, strconv.Itoa(shown.Answer.Status)) {
			shown.StatusDiffers = true
		}
	}
	shown.Open = s.Open && (len(shown.Paths) > 0 || shown.Failure != nil)
	return shown
}

// path returns the path and query of a URL.
func path(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return cmp.Or(u.RequestURI(), "/")
}
