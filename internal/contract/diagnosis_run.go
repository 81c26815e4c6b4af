package contract

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
)

// Trace is what a scenario, or several, tell of the way between the tool and the provider. The zero value is that of a
// scenario without an answer.
type Trace struct {
	With, Without map[string]int  // how often each answer came to requests with the registration's own token, or with none: its status and a digest of its body
	Rewritten     map[[2]int]bool // documented bodies that came under another status: their own, and that
	Passed        map[string]bool // explanations, by their key, that are ruled out: what they say is mangled came through
}

func newTrace() Trace {
	return Trace{With: map[string]int{}, Without: map[string]int{}, Rewritten: map[[2]int]bool{}, Passed: map[string]bool{}}
}

// Add adds what another scenario tells.
func (t *Trace) Add(other Trace) {
	if t.Passed == nil {
		*t = newTrace()
	}
	addAnswers(t.With, other.With)
	addAnswers(t.Without, other.Without)
	maps.Copy(t.Rewritten, other.Rewritten)
	maps.Copy(t.Passed, other.Passed)
}

// addAnswers adds answers, of those of one status so many that they are known to differ: a run may have any number of them.
func addAnswers(known, more map[string]int) {
	const most = 50
	for seen, times := range more {
		alike := 0
		for one := range known {
			if one[:3] == seen[:3] {
				alike++
			}
		}
		if known[seen] > 0 || alike < most {
			known[seen] += times
		}
	}
}

// mostTraced is the size in bytes of the largest answer that is looked into: a documented one is much smaller.
const mostTraced = 16 << 10

// Traces looks at the exchanges of one scenario, whose registration has the token.
func (c Checks) Traces(token string, exchanges []exchange.Exchange) Trace {
	t := newTrace()
	for _, e := range exchanges {
		if e.Purpose != exchange.Judged || e.Answer == nil {
			continue
		}
		status, digest := e.Answer.Status, fnv.New64a()
		_, _ = digest.Write(e.Answer.Body) // never fails
		seen := fmt.Sprintf("%d %x", status, digest.Sum64())
		switch carried := e.Request.Header["Authorization"]; {
		case carried == nil:
			t.Without[seen]++
		case slices.Equal(carried, []string{"Bearer " + token}):
			t.With[seen]++
		}
		if len(e.Answer.Body) > mostTraced {
			continue
		}
		clue := c.clueOf("", e)
		switch shown := clue.shownFor(); {
		case shown < http.StatusBadRequest:
		case shown == status:
			t.Passed[statusRewritten] = true
		default:
			t.Rewritten[[2]int{shown, status}] = true
		}
		if !c.documents(status) || status == c.of(RuleAllMissing).Status {
			continue
		}
		if wellWritten.MatchString(clue.text("countryCode")) { // what was sent was read
			t.Passed[plusMangled] = true
		}
		if clue.complete() && status != c.of(RuleNotFound).Status {
			t.Passed[bodyNotRead], t.Passed[otpNotANumber], t.Passed[parameterLost] = true, true, true
		}
	}
	return t
}

// Reconsider is what a diagnosis of one scenario is in the light of the whole run: where what lies on the way let
// others through, the provider alone is to blame.
func (d Diagnosis) Reconsider(run Trace) Diagnosis {
	if d.alone != "" && run.Passed[d.Key] {
		d.Text = d.alone
	} else if status := run.rewritten(); d.Key == statusRewritten && status != 0 {
		d.Text = fmt.Sprintf("whatever is refused comes under status %d, with the right body: does a gateway on the way rewrite the status, or does the provider answer every refusal so?", status)
	}
	return d
}

// rewritten is the one status that several documented bodies came under, each of which has another; 0: there is none.
func (t Trace) rewritten() (under int) {
	for pair := range t.Rewritten {
		if under != 0 && pair[1] != under {
			return 0
		}
		under = pair[1]
	}
	if len(t.Rewritten) < 2 {
		return 0
	}
	return under
}

// Stripped explains a run in which whatever carries the registration's own token is answered like what carries none,
// and reports whether it is one. A provider that looks at the parameters first may call something missing before that.
func (c Checks) Stripped(run Trace) (Diagnosis, bool) {
	refusals := slices.Collect(maps.Keys(run.Without))
	if len(refusals) != 1 || refusals[0][0] != '4' && refusals[0][0] != '3' || run.With[refusals[0]] < 2 {
		return Diagnosis{}, false
	}
	conflict := strconv.Itoa(c.of(RuleAllMissing).Status) + " "
	for seen := range run.With {
		if seen != refusals[0] && !strings.HasPrefix(seen, conflict) {
			return Diagnosis{}, false
		}
	}
	return Diagnosis{Key: "token-stripped", Text: "the answer is the same with the app registration's token and without any: does a gateway on the way drop the Authorization header?"}, true
}
