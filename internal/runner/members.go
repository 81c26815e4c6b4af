package runner

import (
	"slices"

	"verifik-contract/internal/contract"
)

// member is a member of an error answer's body that is not as documented.
type member struct {
	status int
	path   string
}

// members returns which members of error answers the findings are about, and whether they are about nothing else.
func (s *scenario) members(findings []contract.Finding) (about []member, only bool) {
	only = true
	for _, f := range findings {
		switch {
		case f.Warning:
		case f.Exchange >= 0 && (f.Path == "$.code" || f.Path == "$.message") && s.world.Exchanges[f.Exchange].Answer.Status >= 400:
			about = append(about, member{s.world.Exchanges[f.Exchange].Answer.Status, f.Path})
		default:
			only = false
		}
	}
	return about, only
}

// leaveMembers leaves a code or a message that is missing or no text to the promise of the answer that has it, where one
// status alone has it: one fault is one promise's. Where several have it, it is the form of errors, and every promise tells
// of it that is broken as it is worded.
func (r *run) leaveMembers() {
	at := slices.IndexFunc(r.sought, func(every contract.Every) bool { return every.Rule == contract.RuleTwoFields })
	if at < 0 {
		return
	}
	told, found := map[member]bool{}, []member(nil)
	for _, e := range r.outcome {
		for _, m := range e.members {
			told[m] = true
		}
		if at < len(e.every) && !e.every[at].membersOnly {
			return
		}
		if at < len(e.every) {
			found = append(found, e.every[at].members...)
		}
	}
	if slices.ContainsFunc(found, func(m member) bool { return !told[m] || m.status != found[0].status }) {
		return
	}
	for _, e := range r.outcome {
		if at < len(e.every) {
			e.every[at].breaches, e.every[at].findings = 0, nil
		}
	}
}
