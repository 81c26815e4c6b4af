package runner

import (
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// member is a member of an error answer's body that is missing or no text.
type member struct {
	status int
	path   string
}

// memberOf returns the member that a finding is about; false: it is about something else.
func memberOf(f contract.Finding, exchanges []exchange.Exchange) (member, bool) {
	if f.Warning || f.Exchange < 0 || f.Path != "$.code" && f.Path != "$.message" {
		return member{}, false
	}
	status := exchanges[f.Exchange].Answer.Status
	return member{status, f.Path}, status >= 400
}

// lacking is error answers that the rule of all of them finds nothing wrong with but members that are missing or no text: that
// may be told by the promise of the answer that has them, as it words them both.
type lacking struct {
	members  []member
	answers  int
	found    []contract.Finding // raw, in its scenario
	findings []result.Finding
}

// lack adds answers to those that lack the same, and shows them where fewer are shown than may be, or anyway.
func (r *run) lack(more lacking, anyway bool, show func([]contract.Finding) []result.Finding) {
	at := slices.IndexFunc(r.lacking, func(l lacking) bool { return slices.Equal(l.members, more.members) })
	if at < 0 {
		at, r.lacking = len(r.lacking), append(r.lacking, lacking{members: more.members})
	}
	l := &r.lacking[at]
	l.answers += more.answers
	if anyway || len(l.findings) < shownFindings {
		l.findings = append(l.findings, show(more.found)...)
	}
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

// split takes from what the rule of all error answers found the answers that lack members, and are else as documented.
func (s *scenario) split(findings []contract.Finding) (others []contract.Finding, all []lacking) {
	for _, found := range group.By(findings, func(f contract.Finding) int { return f.Exchange }) {
		one := lacking{answers: 1, found: found}
		for _, f := range found {
			if m, ok := memberOf(f, s.world.Exchanges); ok {
				one.members = append(one.members, m)
			}
		}
		if len(one.members) == len(found) {
			all = append(all, one)
		} else {
			others = append(others, found...)
		}
	}
	return others, all
}

// leaveMembers leaves answers whose code or message is missing or no text to the promise of the answer that has them: one
// fault is one promise's, and the rule of all error answers does not count them. Where several statuses lack them it is the form
// of errors, and every promise tells of it that is broken as it is worded; and where the answer's own promise does not tell of
// it, as it is waived, not selected, in another shard or was not judged, that rule does.
func (r *run) leaveMembers() {
	at := slices.IndexFunc(r.whole.Rules, func(rule result.Rule) bool { return rule.ID == contract.RuleTwoFields })
	if at < 0 || len(r.lacking) == 0 {
		return
	}
	rule, left := &r.whole.Rules[at], 0
	oneStatus := !slices.ContainsFunc(r.lacking, func(l lacking) bool { return l.members[0].status != r.lacking[0].members[0].status })
	for _, l := range r.lacking {
		if oneStatus && !slices.ContainsFunc(l.members, func(m member) bool { return !r.reported[m] }) {
			left += l.answers
			continue
		}
		rule.Judged, rule.Breaches = rule.Judged+l.answers, rule.Breaches+l.answers
		rule.Findings = append(rule.Findings, l.findings...)
	}
	if left > 0 && rule.Judged == 0 {
		rule.Reason = "what is wrong with every error answer that was seen is told by that answer's own promise"
	}
}
