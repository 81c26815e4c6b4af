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

// answers compares the answers to each judged call of a scenario. Observe scenarios are left to observations: their calls
// may be made all at once, in no order.
func (c *comparison) answers(p pair, seen headerValues) {
	if p.place.Level == result.Observe {
		return
	}
	record := func(kind result.DriftKind, what, before, after string) {
		c.add(key{kind: kind, what: what, before: before, after: after}, p.place, "")
	}
	old := calls(p.baseline)
	for _, now := range calls(p.current) {
		if i := slices.IndexFunc(old, func(o result.Exchange) bool { return o.Label == now.Label }); i >= 0 {
			compareAnswers(old[i], now, seen, record)
		}
	}
}

// calls returns the judged exchanges of a scenario's last attempt, from the first repetition that has any. Calls of the
// same label are numbered, so that each can be found in the other run.
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

// recorder records two values, which may be equal, as a change.
type recorder func(kind result.DriftKind, what, before, after string)

// compareAnswers compares two answers to the same call. Where the status differs nothing else is compared: the body and
// the headers follow from it.
func compareAnswers(before, now result.Exchange, seen headerValues, record recorder) {
	if before.Answer == nil || now.Answer == nil || before.Answer.Status != now.Answer.Status {
		record(result.NewStatus, "status", outcome(before), outcome(now))
		return
	}
	b, n := *before.Answer, *now.Answer
	of := fmt.Sprintf(" of a %d", n.Status)
	if complete(b) && complete(n) {
		record(result.NewCode, "code"+of, errorCode(b), errorCode(n))
		for _, d := range differences(b.Body, n.Body) {
			record(result.NewShape, d.path+of, d.before, d.now)
		}
	}
	compareHeaders(b, n, seen, record)
}

// outcome returns the status and the error code, or why there is no answer.
func outcome(e result.Exchange) string {
	switch {
	case e.Answer != nil:
		return strings.TrimSpace(strconv.Itoa(e.Answer.Status) + " " + errorCode(*e.Answer))
	case e.Failure != nil:
		return "no answer (" + string(e.Failure.Cause) + ")"
	}
	return "no answer"
}

// complete reports whether the result holds the whole body; one that was cut cannot be compared.
func complete(a result.Answer) bool { return a.Size == 0 && !a.TooLong }

// errorCode returns the body's `code`, or that of its `error` object; "" if it has none.
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
// order, so the answers to calls of the same label are counted rather than paired.
func (c *comparison) observations(p pair) {
	before, after := observed(p.baseline), observed(p.current)
	labels := maps.Clone(before)
	maps.Copy(labels, after)
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		c.add(key{kind: result.NewlyObserved, rule: p.place.Rule, what: cmp.Or(label, "answer"), before: count(before[label]), after: count(after[label])}, p.place, "")
	}
}

// observed returns the observations of a scenario by label, from the first repetition that has any.
func observed(repetitions []*result.Scenario) map[string][]string {
	by := map[string][]string{}
	for _, r := range judged(repetitions) {
		for _, o := range r.Observed {
			by[o.Label] = append(by[o.Label], o.Words(maskVolatile(o.Note), o.Code, o.Shape))
		}
		if len(by) > 0 {
			break
		}
	}
	return by
}

// count returns how often each answer came: "19 x 409 already_validated, 200".
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
