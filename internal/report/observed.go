package report

import (
	"fmt"
	"strings"

	"verifik-contract/internal/result"
)

// maxObserved is how many answers of one scenario are shown; equal ones in a row are one.
const maxObserved = 12

// maxObservedLine is how long the line of one scenario is, in characters.
const maxObservedLine = 400

// observedLine is what was answered, in a line: "200; 19× 403 otp_does_not_match".
func observedLine(s *result.Scenario) string {
	return cut(strings.Join(observations(s), "; "), maxObservedLine)
}

// observations is one text for each answer; equal ones in a row are counted.
func observations(s *result.Scenario) []string {
	var texts []string
	var times []int
	for i := range s.Observed {
		text := observation(&s.Observed[i])
		if n := len(texts); n > 0 && texts[n-1] == text {
			times[n-1]++
			continue
		}
		texts, times = append(texts, text), append(times, 1)
	}
	for i := range texts {
		if times[i] > 1 {
			texts[i] = fmt.Sprintf("%d× %s", times[i], texts[i])
		}
	}
	if len(texts) > maxObserved {
		texts = append(texts[:maxObserved], fmt.Sprintf("… and %d more", len(texts)-maxObserved))
	}
	return texts
}

func observation(o *result.Observation) string {
	var parts []string
	if o.Label != "" {
		parts = append(parts, inline(o.Label)+":")
	}
	switch {
	case o.Status != 0:
		parts = append(parts, fmt.Sprint(o.Status))
	case o.Shape == "": // a notification has a shape, and no status
		parts = append(parts, "no answer")
	}
	if o.Code != "" {
		parts = append(parts, cut(o.Code, 120))
	}
	if o.Note != "" {
		parts = append(parts, "("+cut(o.Note, 200)+")")
	}
	return strings.Join(parts, " ")
}
