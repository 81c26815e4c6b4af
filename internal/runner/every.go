package runner

import (
	"cmp"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// shownFindings is how many findings of an every-exchange rule are kept: a thousand answers may break it in the same way.
const shownFindings = 20

// everyRule is an every-exchange rule that is judged, and its breaches. The run's mutex guards it.
type everyRule struct {
	contract.Every
	result   *result.Rule
	breaches []*breach
}

// breach is a number of answers that break an every-exchange rule.
type breach struct {
	missingMembers []member // all that is wrong with them is that they lack these; empty: something else is wrong
	answers        int
	findings       []result.Finding
}

// member is a member of an error answer's body that is missing or is not text.
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

// everyFound is what an every-exchange rule found in a scenario so far, not redacted.
type everyFound struct {
	judged   int
	findings []contract.Finding
}

// breaches adds what the every-exchange rules found to the run. It reports whether any of it is shown, and returns the rules that
// are broken for certain, whatever other scenarios find (see reportedByAnswer). When enough is shown, a repetition after the first
// is only counted.
func (s *scenario) breaches() (shown bool, broken []string) {
	r := s.run
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for i, found := range s.every {
		rule := r.everyRules[i]
		rule.result.Judged += found.judged
		unreported := slices.DeleteFunc(found.findings, func(f contract.Finding) bool { return rule.ReportedBy(f, s.world.Findings) })
		for _, answer := range group.By(unreported, func(f contract.Finding) int { return f.Exchange }) {
			b := rule.breach(s.missingMembers(rule.Rule, answer))
			b.answers++
			if len(b.missingMembers) == 0 {
				broken = group.With(broken, rule.Rule)
			}
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
	return shown, broken
}

// missingMembers returns the members that an answer lacks, if the rule of all error answers finds nothing else wrong with it.
func (s *scenario) missingMembers(rule string, found []contract.Finding) (all []member) {
	for _, f := range found {
		m, ok := memberOf(f, s.world.Exchanges)
		if !ok || rule != contract.RuleTwoFields {
			return nil
		}
		all = append(all, m)
	}
	return all
}

// breach returns the breach of answers that lack these members.
func (s *everyRule) breach(lacks []member) *breach {
	b := group.First(s.breaches, func(b *breach) bool { return slices.Equal(b.missingMembers, lacks) })
	if b == nil {
		b = &breach{missingMembers: lacks}
		s.breaches = append(s.breaches, b)
	}
	return b
}

// noteReported records the members that a scenario's own findings are about, unless a waiver covers them.
func (r *run) noteReported(findings []contract.Finding, exchanges []exchange.Exchange) {
	for _, f := range findings {
		m, ok := memberOf(f, exchanges)
		if _, waived := r.waived[f.Rule]; ok && !waived {
			r.reported[m] = true
		}
	}
}

// concludeBreaches adds the breaches to the every-exchange rules of the result, in the plan's order.
func (r *run) concludeBreaches() {
	place := map[string]int{}
	for i, s := range r.whole.Scenarios {
		place[s.ID] = i
	}
	inOrder := func(a, b result.Finding) int {
		return cmp.Or(place[a.Scenario]-place[b.Scenario], a.Exchange-b.Exchange)
	}
	for _, sought := range r.everyRules {
		rule, left := sought.result, false
		for _, b := range sought.breaches {
			if r.reportedByAnswer(b, sought.breaches) {
				rule.Judged, left = rule.Judged-b.answers, true
				continue
			}
			rule.Breaches += b.answers
			rule.Findings = append(rule.Findings, b.findings...)
		}
		slices.SortStableFunc(rule.Findings, inOrder)
		rule.Findings = slices.Clip(rule.Findings[:min(len(rule.Findings), shownFindings)])
		if left && rule.Judged == 0 {
			rule.Reason = "every error answer that breaks it is reported by that answer's own promise"
		}
	}
}

// reportedByAnswer reports whether a breach is left to the promise of the answer that lacks the members: that promise names them
// too, and one fault belongs to one promise. But if answers of several statuses lack them, the form of errors itself is wrong,
// and each promise that says so reports it; and if the answer's own promise does not report it (waived, not selected, in another
// shard, not judged), the rule of all error answers does.
func (r *run) reportedByAnswer(b *breach, all []*breach) bool {
	return len(b.missingMembers) > 0 &&
		!slices.ContainsFunc(b.missingMembers, func(m member) bool { return !r.reported[m] }) &&
		!slices.ContainsFunc(all, func(other *breach) bool {
			return len(other.missingMembers) > 0 && other.missingMembers[0].status != b.missingMembers[0].status
		})
}
