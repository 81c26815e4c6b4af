package runner

import (
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/result"
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

// formed is what a run shows of the members of error answers.
type formed struct {
	told  map[member]bool // by the promises of the answers that have them
	found map[member]bool // by the rule of all error answers
	more  bool            // that rule found something else
}

// add adds what a scenario showed. every is what the rule of all error answers found in it; nil: nothing was judged.
func (f *formed) add(told []member, every *everyOutcome) {
	if f.told == nil {
		f.told, f.found = map[member]bool{}, map[member]bool{}
	}
	for _, m := range told {
		f.told[m] = true
	}
	if every == nil {
		return
	}
	f.more = f.more || !every.membersOnly
	for _, m := range every.members {
		f.found[m] = true
	}
}

// leaveMembers leaves a code or a message that is missing or no text to the promise of the answer that has it, where one
// status alone has it: one fault is one promise's. Where several have it, it is the form of errors, and every promise tells
// of it that is broken as it is worded.
func (r *run) leaveMembers() {
	statuses := map[int]bool{}
	for m := range r.formed.found {
		if statuses[m.status] = true; !r.formed.told[m] {
			return
		}
	}
	at := slices.IndexFunc(r.whole.Rules, func(rule result.Rule) bool { return rule.ID == contract.RuleTwoFields })
	if at >= 0 && !r.formed.more && len(statuses) <= 1 {
		r.whole.Rules[at].Breaches, r.whole.Rules[at].Findings = 0, nil
	}
}
