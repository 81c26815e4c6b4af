package contract

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"

	"verifik-contract/internal/exchange"
)

// Trace is what one scenario tells of the way between the tool and the provider. The zero value is that of a scenario
// without an answer.
type Trace struct {
	With, Without []string        // an answer each to a request with the registration's own token, or with none: its status and a digest of its body
	Rewritten     map[int]int     // documented bodies that came under another status: by their own, the one that they came under; several
	Passed        map[string]bool // explanations, by their key, that are ruled out: what they say is mangled came through
}

// several stands for more than one status.
const several = -1

// Add adds what another scenario tells. What says no more than what is known is not kept: a run may have any number of them.
func (t *Trace) Add(other Trace) {
	t.With, t.Without = withAnswers(t.With, other.With), withAnswers(t.Without, other.Without)
	for own, under := range other.Rewritten {
		if known, ok := t.Rewritten[own]; ok && known != under {
			under = several
		}
		if t.Rewritten == nil {
			t.Rewritten = map[int]int{}
		}
		t.Rewritten[own] = under
	}
	for key, passed := range other.Passed {
		if t.Passed == nil {
			t.Passed = map[string]bool{}
		}
		t.Passed[key] = t.Passed[key] || passed
	}
}

// withAnswers adds answers: each twice at most, which tells that it came again, and of those of one status so many that they are
// known to differ.
func withAnswers(known, more []string) []string {
	const most = 50
	for _, seen := range more {
		times, alike := 0, 0
		for _, one := range known {
			if one == seen {
				times++
			}
			if one[:3] == seen[:3] {
				alike++
			}
		}
		if times < 2 && alike < most {
			known = append(known, seen)
		}
	}
	return known
}

// mostTraced is the size in bytes of the largest answer that is looked into: a documented one is much smaller.
const mostTraced = 16 << 10

// Traces looks at the exchanges of one scenario, whose registration has the token.
func (c Checks) Traces(token string, exchanges []exchange.Exchange) Trace {
	t := Trace{Passed: map[string]bool{}, Rewritten: map[int]int{}}
	for _, e := range exchanges {
		if e.Purpose != exchange.Judged || e.Answer == nil {
			continue
		}
		digest := fnv.New64a()
		_, _ = digest.Write(e.Answer.Body) // never fails
		seen := strconv.Itoa(e.Answer.Status) + " " + strconv.FormatUint(digest.Sum64(), 16)
		switch carried := e.Request.Header["Authorization"]; {
		case carried == nil:
			t.Without = append(t.Without, seen)
		case slices.Equal(carried, []string{"Bearer " + token}):
			t.With = append(t.With, seen)
		}
		if len(e.Answer.Body) > mostTraced {
			continue
		}
		clue := c.clueOf("", e)
		switch shown := clue.shownFor(); {
		case shown < 400:
		case shown == e.Answer.Status:
			t.Passed[statusRewritten] = true
		default:
			t.Rewritten[shown] = e.Answer.Status
		}
		if c.documents(e.Answer.Status) && e.Answer.Status != c.of(RuleAllMissing).Status { // what was sent was read
			t.Passed[plusMangled] = t.Passed[plusMangled] || wellWritten.MatchString(clue.text("countryCode"))
			for _, key := range []string{bodyNotRead, otpNotANumber, parameterLost} {
				t.Passed[key] = t.Passed[key] || clue.complete() && e.Answer.Status != c.of(RuleNotFound).Status
			}
		}
	}
	return t
}

// Reconsider is what a diagnosis of one scenario is in the light of the whole run: where what lies on the way let
// others through, the provider alone is to blame.
func (d Diagnosis) Reconsider(traces []Trace) Diagnosis {
	if d.alone != "" && slices.ContainsFunc(traces, func(t Trace) bool { return t.Passed[d.Key] }) {
		d.Text = d.alone
		return d
	}
	if status := rewritten(traces); d.Key == statusRewritten && status != 0 {
		d.Text = fmt.Sprintf("whatever is refused comes under status %d, with the right body: does a gateway on the way rewrite the status, or does the provider answer every refusal so?", status)
	}
	return d
}

// rewritten is the one status that several documented bodies came under, each of which has another; 0: there is none.
func rewritten(traces []Trace) int {
	kinds, under := map[int]bool{}, 0
	for _, t := range traces {
		for shown, status := range t.Rewritten {
			if status == several || under != 0 && status != under {
				return 0
			}
			kinds[shown], under = true, status
		}
	}
	if len(kinds) < 2 {
		return 0
	}
	return under
}

// Stripped explains a run in which whatever carries the registration's own token is answered like what carries none,
// and reports whether it is one. A provider that looks at the parameters first may call something missing before that.
func (c Checks) Stripped(traces []Trace) (Diagnosis, bool) {
	refusal, conflict := "", strconv.Itoa(c.of(RuleAllMissing).Status)+" "
	alike := 0
	for _, t := range traces {
		for _, seen := range t.Without {
			if seen[0] != '4' && seen[0] != '3' || refusal != "" && refusal != seen {
				return Diagnosis{}, false
			}
			refusal = seen
		}
	}
	for _, t := range traces {
		for _, seen := range t.With {
			switch {
			case seen == refusal:
				alike++
			case len(seen) < len(conflict) || seen[:len(conflict)] != conflict:
				return Diagnosis{}, false
			}
		}
	}
	if refusal == "" || alike < 2 {
		return Diagnosis{}, false
	}
	return because("token-stripped", "the answer is the same with the app registration's token and without any: does a gateway on the way drop the Authorization header?")
}
