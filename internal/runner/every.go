package runner

import (
	"cmp"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// shownFindings bounds how many findings an every-exchange rule shows: a thousand answers may break it alike.
const shownFindings = 20

// soughtRule is an every-exchange rule that is judged, and what breaks it. The run's mutex guards it.
type soughtRule struct {
	contract.Every
	result   *result.Rule
	breaches []*breach
}

// breach is answers that break an every-exchange rule.
type breach struct {
	lacks    []member // nothing is wrong with any of them but that it lacks these; empty: something else is
	answers  int
	findings []result.Finding
}

// member is a member of an error answer's body that is missing or no text.
type member struct {
	status int
	path   string
}

// memberOf returns the member that a finding is about; false: it is about something else.
func memberOf(f contract.Finding, exchanges []exchange.Exchange) (member, bool) {
	if f.Exchange < 0 || f.Path != "$.code" && f.Path != "$.message" {
		return member{}, false
	}
	status := exchanges[f.Exchange].Answer.Status
	return member{status, f.Path}, status >= 400
}

// everyFound is what an every-exchange rule found in the scenario so far, raw.
type everyFound struct {
	judged   int
	findings []contract.Finding
}

// breaches adds to the run what the every-exchange rules found, and reports whether any of it is shown. In a repetition after
// the first it is counted only where others have found as many as are shown.
func (s *scenario) breaches() (shown bool) {
	r := s.run
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for i, found := range s.every {
		rule := r.sought[i]
		rule.result.Judged += found.judged
		untold := slices.DeleteFunc(found.findings, func(f contract.Finding) bool { return rule.ReportedBy(f, s.world.Findings) })
		for _, answer := range group.By(untold, func(f contract.Finding) int { return f.Exchange }) {
			b := rule.breach(s.lacks(rule.Rule, answer))
			b.answers++
			if s.plan.Repeat > 1 && len(b.findings) >= shownFindings {
				continue
			}
			shown = true
			for _, f := range answer {
				found := s.recorder(s.world.Exchanges[f.Exchange]).Finding(f)
				found.Scenario = s.plan.ID
				b.findings = append(b.findings, found)
			}
		}
	}
	return shown
}

// lacks returns the members that an answer lacks, where the rule of all error answers finds nothing else wrong with it.
func (s *scenario) lacks(rule string, found []contract.Finding) (all []member) {
	for _, f := range found {
		m, ok := memberOf(f, s.world.Exchanges)
		if !ok || rule != contract.RuleTwoFields {
			return nil
		}
		all = append(all, m)
	}
	return all
}

// breach returns what is known of the answers that lack these.
func (s *soughtRule) breach(lacks []member) *breach {
	for _, b := range s.breaches {
		if slices.Equal(b.lacks, lacks) {
			return b
		}
	}
	s.breaches = append(s.breaches, &breach{lacks: lacks})
	return s.breaches[len(s.breaches)-1]
}

// remember remembers the members that a scenario's own findings are about, where no waiver covers them.
func (r *run) remember(findings []contract.Finding, exchanges []exchange.Exchange) {
	for _, f := range findings {
		m, ok := memberOf(f, exchanges)
		if _, waived := r.waived[f.Rule]; ok && !waived {
			r.reported[m] = true
		}
	}
}

// concludeBreaches puts what was found into the every-exchange rules, in the plan's order.
func (r *run) concludeBreaches() {
	place := map[string]int{}
	for i, s := range r.whole.Scenarios {
		place[s.ID] = i
	}
	inOrder := func(a, b result.Finding) int {
		return cmp.Or(place[a.Scenario]-place[b.Scenario], a.Exchange-b.Exchange)
	}
	for _, sought := range r.sought {
		rule, left := sought.result, false
		for _, b := range sought.breaches {
			if r.toldByAnswer(b, sought.breaches) {
				rule.Judged, left = rule.Judged-b.answers, true
				continue
			}
			rule.Breaches += b.answers
			rule.Findings = append(rule.Findings, b.findings...)
		}
		slices.SortStableFunc(rule.Findings, inOrder)
		rule.Findings = slices.Clip(rule.Findings[:min(len(rule.Findings), shownFindings)])
		if left && rule.Judged == 0 {
			rule.Reason = "what is wrong with every error answer that was seen is told by that answer's own promise"
		}
	}
}

// toldByAnswer reports whether answers whose code or message is missing or no text are left to the promise of the answer that
// has them, as it words them both: one fault is one promise's, and the rule of all error answers does not count them. Where
// several statuses lack them it is the form of errors, and every promise tells of it that is broken as it is worded; and where
// the answer's own promise does not tell of it, as it is waived, not selected, in another shard or was not judged, that rule does.
func (r *run) toldByAnswer(b *breach, all []*breach) bool {
	return len(b.lacks) > 0 &&
		!slices.ContainsFunc(b.lacks, func(m member) bool { return !r.reported[m] }) &&
		!slices.ContainsFunc(all, func(other *breach) bool { return len(other.lacks) > 0 && other.lacks[0].status != b.lacks[0].status })
}
