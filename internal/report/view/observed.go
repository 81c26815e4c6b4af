package view

import (
	"fmt"
	"strings"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// maxObserved is how many answers of one scenario are shown; equal ones in a row count as one.
const maxObserved = 12

// maxObservedLine is how long ObservedLine may be, in characters.
const maxObservedLine = 400

// ObservedLine returns the answers that a scenario observed, in one line: "200; 19× 403 otp_does_not_match".
func ObservedLine(s *result.Scenario) string {
	return Cut(strings.Join(Observations(s), "; "), maxObservedLine)
}

// Observations returns a text for each answer that a scenario observed; equal ones in a row are counted.
func Observations(s *result.Scenario) []string {
	var texts []string
	for i := 0; i < len(s.Observed); {
		words, times := observation(&s.Observed[i]), 1
		for i+times < len(s.Observed) && observation(&s.Observed[i+times]) == words {
			times++
		}
		i += times
		if times > 1 {
			words = fmt.Sprintf("%d× %s", times, words)
		}
		texts = append(texts, words)
	}
	if len(texts) > maxObserved {
		texts = append(texts[:maxObserved], fmt.Sprintf("… and %d more", len(texts)-maxObserved))
	}
	return texts
}

func observation(o *result.Observation) string {
	words := o.Words(Cut(o.Note, 200), Cut(o.Code, 120))
	if o.Label != "" {
		words = strings.TrimSpace(Inline(o.Label) + ": " + words)
	}
	return words
}

// ByRule returns the scenarios grouped by feature and rule, in the order of their first repetition.
func ByRule(run *result.Run) [][]*result.Scenario {
	return group.By(group.Pointers(run.Scenarios), func(s *result.Scenario) [2]string { return [2]string{s.Feature, s.Rule} })
}

// RuleWords returns why a rule is not kept, or how many exchanges kept it, in one line of clean text; "" if the result does
// not say.
func RuleWords(r *result.Rule) string {
	switch {
	case r.Breaches > 0:
		return BreachLine(r)
	case r.Verdict != result.Passed:
		return Cut(r.Reason, 200)
	case r.Judged > 0:
		return "kept by " + text.Count(r.Judged, "exchange")
	}
	return ""
}

// EveryExchangeWords returns what follows the title of an every-exchange rule: " (88 exchanges)", or its verdict and why.
func EveryExchangeWords(r *result.Rule) string {
	switch {
	case r.Verdict != result.Passed:
		return strings.TrimSuffix(" "+string(r.Verdict)+": "+RuleWords(r), ": ")
	case r.Judged > 0:
		return " (" + text.Count(r.Judged, "exchange") + ")"
	}
	return ""
}
