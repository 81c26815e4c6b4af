package report

import (
	"regexp"
	"sort"

	"verifik-contract/internal/result"
)

// trouble is one thing that is wrong, shown once: a scenario that failed or was broken, with the others that did so
// by the same cause, or an every-exchange rule that was broken.
type trouble struct {
	rule     *result.Rule
	verdict  result.Verdict
	level    result.Level
	scenario *result.Scenario   // nil: an every-exchange rule
	others   []*result.Scenario // by the same cause
}

// rulesByID finds rules.
func rulesByID(run *result.Run) map[string]*result.Rule {
	rules := make(map[string]*result.Rule, len(run.Rules))
	for i := range run.Rules {
		rules[run.Rules[i].ID] = &run.Rules[i]
	}
	return rules
}

// troubles is what is wrong, worst first: failed before broken, the stronger level first, then in the features'
// order. Where the run was stopped, what the target's absence broke is left out: the reason for the stop says it.
func troubles(run *result.Run) []trouble {
	var found []trouble
	rules, byCause := rulesByID(run), map[string]int{}
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		if s.Verdict != result.Failed && s.Verdict != result.Broken || run.Stopped != "" && absent(s) {
			continue
		}
		cause := causeOf(s)
		if at, known := byCause[cause]; known {
			found[at].others = append(found[at].others, s)
			if weight(s.Level) > weight(found[at].level) {
				found[at].level = s.Level
			}
			continue
		}
		byCause[cause] = len(found)
		rule := rules[s.Rule]
		if rule == nil {
			rule = &result.Rule{ID: s.Rule, Level: s.Level}
		}
		found = append(found, trouble{rule: rule, verdict: s.Verdict, level: s.Level, scenario: s})
	}
	for i := range run.Rules {
		if r := &run.Rules[i]; r.EveryExchange && r.Verdict == result.Failed {
			found = append(found, trouble{rule: r, verdict: r.Verdict, level: r.Level})
		}
	}
	sort.SliceStable(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if a.verdict != b.verdict {
			return a.verdict == result.Failed
		}
		return weight(a.level) > weight(b.level)
	})
	return found
}

func weight(l result.Level) int {
	switch l {
	case result.Must:
		return 2
	case result.Should:
		return 1
	}
	return 0
}

// absent tells whether a scenario was broken because the target did not answer.
func absent(s *result.Scenario) bool {
	return s.Verdict == result.Broken && s.Cause != "state"
}

// causeOf is the same for scenarios that failed by the same cause: the same diagnosis, or the same expectation of
// the same rule missed in the same way. Ids, phones and times differ from scenario to scenario and do not count.
func causeOf(s *result.Scenario) string {
	if s.Verdict == result.Broken {
		return "broken\x00" + s.Cause + "\x00" + shape(s.Reason)
	}
	if s.Diagnosis != "" {
		return "diagnosis\x00" + shape(s.Diagnosis)
	}
	f := firstFinding(s)
	if f == nil {
		return "scenario\x00" + s.Rule + "\x00" + shape(s.Reason)
	}
	return "finding\x00" + s.Rule + "\x00" + shape(f.Expectation) + "\x00" + f.Path + "\x00" + shape(f.Actual)
}

var changing = regexp.MustCompile(`[0-9a-fA-F]{8,}|[0-9]{4,}`)

// shape is a text without what differs from scenario to scenario.
func shape(text string) string {
	if len(text) > 4*maxWords {
		text = text[:4*maxWords]
	}
	return changing.ReplaceAllString(text, "#")
}

// firstFinding is the first thing that was found wrong; nil: nothing, or only what is worth a warning.
func firstFinding(s *result.Scenario) *result.Finding {
	for i := range s.Findings {
		if !s.Findings[i].Warning {
			return &s.Findings[i]
		}
	}
	return nil
}

// exchangeOf is the exchange that shows what is wrong with a scenario; nil: none does.
func exchangeOf(s *result.Scenario) *result.Exchange {
	if f := firstFinding(s); f != nil {
		return exchangeAt(s, f.Exchange)
	}
	if s.Verdict != result.Broken {
		return nil
	}
	for i := len(s.Exchanges) - 1; i >= 0; i-- {
		if e := &s.Exchanges[i]; e.Failure != nil || e.Answer == nil || e.Answer.Status >= 400 {
			return e
		}
	}
	return nil
}

func exchangeAt(s *result.Scenario, index int) *result.Exchange {
	if s == nil || index < 0 || index >= len(s.Exchanges) {
		return nil
	}
	return &s.Exchanges[index]
}

// reasonOf is why a scenario is not passed, in a line that came from outside.
func reasonOf(s *result.Scenario) string {
	if s.Reason != "" {
		return s.Reason
	}
	if f := firstFinding(s); f != nil {
		return f.Expectation
	}
	return ""
}
