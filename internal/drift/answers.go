package drift

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
)

// answers compares what was answered to each judged call of the scenario. Where the documentation is silent the
// observations say it better: many calls at once have no order.
func (p pair) answers(found *changes, seen headerValues) {
	if p.current[0].Level == result.Observe {
		return
	}
	old := calls(p.baseline)
	for _, c := range calls(p.current) {
		if i := slices.IndexFunc(old, func(o call) bool { return o.name == c.name }); i >= 0 {
			p.answer(old[i].exchange, c.exchange, found, seen)
		}
	}
}

// call is one judged exchange, named so that it is found again in another run.
type call struct {
	name     string
	exchange result.Exchange
}

// calls is the judged exchanges of the scenario's last attempt, in its first repetition that kept any.
func calls(repetitions []*result.Scenario) []call {
	for _, r := range judged(repetitions) {
		var found []call
		last, times := 0, map[string]int{}
		for _, e := range r.Exchanges {
			switch {
			case e.Purpose != exchange.Judged:
				continue
			case e.Attempt > last:
				found, last, times = nil, e.Attempt, map[string]int{}
			}
			times[e.Label]++
			found = append(found, call{e.Label + "#" + strconv.Itoa(times[e.Label]), e})
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// answer compares two answers to the same call. Another status explains another body and other headers, so where
// it differs nothing else is compared.
func (p pair) answer(before, after result.Exchange, found *changes, seen headerValues) {
	if before.Answer == nil || after.Answer == nil || before.Answer.Status != after.Answer.Status {
		found.add(key{kind: result.NewStatus, what: "status", before: outcome(before), after: outcome(after)}, p.place)
		return
	}
	b, a := *before.Answer, *after.Answer
	of := fmt.Sprintf(" of a %d", a.Status)
	if comparable(b) && comparable(a) {
		found.add(key{kind: result.NewCode, what: "code" + of, before: errorCode(b), after: errorCode(a)}, p.place)
		for _, d := range differences("$", shapeOf(b.Body), shapeOf(a.Body)) {
			found.add(key{kind: result.NewShape, what: d.path + of, before: d.before, after: d.after}, p.place)
		}
	}
	p.headers(b, a, found, seen)
}

// outcome is the status with the code that explains it, or why there is no answer.
func outcome(e result.Exchange) string {
	if e.Answer == nil {
		if e.Failure != nil {
			return "no answer (" + string(e.Failure.Cause) + ")"
		}
		return "no answer"
	}
	return strings.TrimSpace(strconv.Itoa(e.Answer.Status) + " " + errorCode(*e.Answer))
}

// comparable reports whether the result holds the whole body: of a cut one nothing can be said.
func comparable(a result.Answer) bool { return a.Size == 0 && !a.TooLong }

// errorCode is the body's `code`, or that of an `error` object in it: "" where there is none.
func errorCode(a result.Answer) string {
	body, _ := decode(a.Body).(map[string]any)
	if code, ok := body["code"].(string); ok {
		return code
	}
	inner, _ := body["error"].(map[string]any)
	code, _ := inner["code"].(string)
	return code
}
