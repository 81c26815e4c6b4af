package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/history"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// SeriesName returns the environment, or the kind of traffic, and the target of a series, unescaped.
func SeriesName(s *history.Series) string {
	name, target := s.Environment, s.Target
	if s.Traffic != "" { // it has no environment
		name = string(s.Traffic) + " traffic"
	}
	if s.Kind == result.Embedded {
		target = "the embedded reference provider"
	}
	return strings.TrimSuffix(name+", "+target, ", ")
}

// NightsOf returns how many nights a series has, with the first and the last day.
func NightsOf(s *history.Series) string {
	return text.Count(len(s.Nights), "night") + ", " + days(s.Nights[0].Started, s.Last().Started, "", " to ")
}

// Day returns the day of a time, in UTC.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// days returns one day, or two with text before and between them if they differ.
func days(first, last time.Time, before, between string) string {
	if Day(first) == Day(last) {
		return Day(first)
	}
	return before + Day(first) + between + Day(last)
}

// RuleHistory returns how often a rule failed or was flaky; "" if it never was.
func RuleHistory(r *history.Rule) string {
	var parts []string
	if r.Failed > 0 {
		parts = append(parts, fmt.Sprintf("failed in %d of %s, %s", r.Failed, text.Count(r.Failed+r.Kept, "night"), days(*r.FirstFailure, *r.LastFailure, "first ", ", last ")))
	}
	if r.Flaky > 0 {
		parts = append(parts, fmt.Sprintf("flaky in %.0f %% of the nights that kept it", 100*r.FlakyRate))
	}
	return strings.Join(parts, "; ")
}

// VerdictsSeen returns the verdicts that rules had in any night, worst first.
func VerdictsSeen(rules ...*history.Rule) []result.Verdict {
	return slices.DeleteFunc(append(result.Verdicts(), history.Flaky), func(v result.Verdict) bool {
		return !slices.ContainsFunc(rules, func(r *history.Rule) bool { return slices.Contains(r.Verdicts, v) })
	})
}

// LatencyHistory returns the latency of the last night that has one, and its trend; "" if none has.
func LatencyHistory(s *history.Series) string {
	words := ""
	for _, n := range slices.Backward(s.Nights) {
		if n.Latency != nil {
			words = LatencyLine(n.Latency) + " on " + Day(n.Started)
			break
		}
	}
	if t := s.Trend; t != nil {
		words += fmt.Sprintf("; p95 in the median %s in the earlier half of the nights, %s in the later", Span(t.Earlier), Span(t.Later))
	}
	return words
}
