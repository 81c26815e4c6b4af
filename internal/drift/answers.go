package drift

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// answers compares what was answered to each judged call of the scenario. Where the documentation is silent the
// observations say it better: many calls at once have no order.
func (c *comparison) answers(p pair, seen headerValues) {
	if p.place.Level == result.Observe {
		return
	}
	note := func(kind result.DriftKind, what, before, after string) {
		c.changes.add(key{kind: kind, what: what, before: before, after: after}, p.place, "")
	}
	old := calls(p.baseline)
	for _, now := range calls(p.current) {
		if i := slices.IndexFunc(old, func(o result.Exchange) bool { return o.Label == now.Label }); i >= 0 {
			compareAnswers(old[i], now, seen, note)
		}
	}
}

// calls is the judged exchanges of the scenario's last attempt, in its first repetition that kept any. Those of one
// label are numbered, so that each is found again in another run.
func calls(repetitions []*result.Scenario) []result.Exchange {
	for _, r := range judged(repetitions) {
		var found []result.Exchange
		last, times := 0, map[string]int{}
		for _, e := range r.Exchanges {
			switch {
			case e.Purpose != exchange.Judged:
				continue
			case e.Attempt > last:
				found, last, times = nil, e.Attempt, map[string]int{}
			}
			times[e.Label]++
			e.Label += "#" + strconv.Itoa(times[e.Label])
			found = append(found, e)
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// noting takes what may have changed.
type noting func(kind result.DriftKind, what, before, after string)

// compareAnswers compares two answers to the same call. Another status explains another body and other headers, so where
// it differs nothing else is compared.
func compareAnswers(before, now result.Exchange, seen headerValues, note noting) {
	if before.Answer == nil || now.Answer == nil || before.Answer.Status != now.Answer.Status {
		note(result.NewStatus, "status", outcome(before), outcome(now))
		return
	}
	b, n := *before.Answer, *now.Answer
	of := fmt.Sprintf(" of a %d", n.Status)
	if complete(b) && complete(n) {
		note(result.NewCode, "code"+of, errorCode(b), errorCode(n))
		for _, d := range differences(b.Body, n.Body) {
			note(result.NewShape, d.path+of, d.before, d.now)
		}
	}
	compareHeaders(b, n, seen, note)
}

// outcome is the status with the code that explains it, or why there is no answer.
func outcome(e result.Exchange) string {
	switch {
	case e.Answer != nil:
		return strings.TrimSpace(strconv.Itoa(e.Answer.Status) + " " + errorCode(*e.Answer))
	case e.Failure != nil:
		return "no answer (" + string(e.Failure.Cause) + ")"
	}
	return "no answer"
}

// complete reports whether the result holds the whole body: of a cut one nothing can be said.
func complete(a result.Answer) bool { return a.Size == 0 && !a.TooLong }

// errorCode is the body's `code`, or that of an `error` object in it: "" where there is none.
func errorCode(a result.Answer) string {
	body, _ := decode(a.Body).(map[string]any)
	inner, _ := body["error"].(map[string]any)
	for _, object := range []map[string]any{body, inner} {
		if code, ok := object["code"].(string); ok {
			return code
		}
	}
	return ""
}

// observations compares what was answered where the documentation is silent. Calls that were made at once have no
// order, so the answers to calls of one label are counted, not paired.
func (c *comparison) observations(p pair) {
	before, after := observed(p.baseline), observed(p.current)
	labels := maps.Clone(before)
	maps.Copy(labels, after)
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		c.changes.add(key{kind: result.NewlyObserved, rule: p.place.Rule, what: cmp.Or(label, "answer"), before: count(before[label]), after: count(after[label])}, p.place, "")
	}
}

// observed is the observations of the scenario's first repetition that has any, by label.
func observed(repetitions []*result.Scenario) map[string][]string {
	by := map[string][]string{}
	for _, r := range judged(repetitions) {
		for _, o := range r.Observed {
			by[o.Label] = append(by[o.Label], o.Words(stable(o.Note), o.Code, o.Shape))
		}
		if len(by) > 0 {
			break
		}
	}
	return by
}

// count says how often each answer came: "19 x 409 already_validated, 200".
func count(answers []string) string {
	alike := group.By(answers, func(answer string) string { return answer })
	texts := group.Map(alike, func(same []string) string {
		if len(same) == 1 {
			return same[0]
		}
		return fmt.Sprintf("%d x %s", len(same), same[0])
	})
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}
