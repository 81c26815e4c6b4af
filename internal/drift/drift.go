// Package drift tells what changed in a provider between two runs, promised or not. It is pure: two results in,
// a report out, which is plain data that can be written as JSON and shown as text.
//
// Only what the provider did is drift. A scenario that one of the runs could not judge, or that only one of them
// holds, is named apart; values that differ in every run (ids, times, tokens, lengths) are not looked at.
package drift

import (
	"time"

	"verifik-contract/internal/result"
)

// Report is what changed from the baseline to the current run.
type Report struct {
	Baseline     Side          `json:"baseline"`
	Current      Side          `json:"current"`
	Notes        []string      `json:"notes,omitempty"` // why the two runs are not quite comparable
	Compared     int           `json:"compared"`        // scenarios that both runs judged or observed
	Groups       []Group       `json:"groups"`          // worst first; a group without a change is left out
	NotCompared  []NotCompared `json:"notCompared,omitempty"`
	OnlyBaseline []Unmatched   `json:"onlyBaseline,omitempty"`
	OnlyCurrent  []Unmatched   `json:"onlyCurrent,omitempty"`
}

// Side is which run is meant.
type Side struct {
	Started     time.Time      `json:"started"`
	Tool        result.Tool    `json:"tool"`
	Target      result.Target  `json:"target"`
	Environment string         `json:"environment"`
	Digests     result.Digests `json:"digests"`
	Exit        int            `json:"exit"`
}

// Kind is what sort of change it is.
type Kind string

// The kinds, worst first.
const (
	Broken    Kind = "newly-failing" // a promise that was kept is not any more
	Status    Kind = "status"
	Code      Kind = "code"
	Shape     Kind = "shape"      // of a body: a field added, gone, of another type
	MediaType Kind = "media-type" // without its parameters
	Header    Kind = "header"
	Observed  Kind = "observed" // what is answered where the documentation is silent
	Latency   Kind = "latency"
	Kept      Kind = "newly-kept" // a promise that was broken is kept again
)

// Kinds is every kind, worst first.
func Kinds() []Kind {
	return []Kind{Broken, Status, Code, Shape, MediaType, Header, Observed, Latency, Kept}
}

// Title is the kind as a heading.
func (k Kind) Title() string {
	switch k {
	case Broken:
		return "Promises newly broken"
	case Status:
		return "Statuses"
	case Code:
		return "Error codes"
	case Shape:
		return "Shape of bodies"
	case MediaType:
		return "Media types"
	case Header:
		return "Headers"
	case Observed:
		return "Answers where the documentation is silent"
	case Latency:
		return "Latency"
	case Kept:
		return "Promises kept again"
	default:
		return string(k)
	}
}

// Group is every change of one kind.
type Group struct {
	Kind    Kind     `json:"kind"`
	Title   string   `json:"title"`
	Changes []Change `json:"changes"`
}

// Change is one thing that changed. The same change in many scenarios is one change with many places.
type Change struct {
	What   string  `json:"what"`   // "$.data.phone", "header Cache-Control", "p95"
	Before string  `json:"before"` // "" where there was nothing
	After  string  `json:"after"`
	Detail string  `json:"detail,omitempty"` // why a promise is broken now
	Places []Place `json:"places,omitempty"`
}

// Place is where a change shows.
type Place struct {
	Rule  string       `json:"rule"`
	Level result.Level `json:"level"`
	Title string       `json:"title,omitempty"` // of the rule
	Name  string       `json:"name,omitempty"`  // of the scenario; "" where the rule as a whole is meant
	File  string       `json:"file,omitempty"`  // in the current run
	Line  int          `json:"line,omitempty"`
}

// NotCompared is a scenario, or an every-exchange rule, that both runs hold and that one of them did not judge.
type NotCompared struct {
	Place
	Reason string `json:"reason"`
}

// Unmatched is a scenario that only one run holds.
type Unmatched struct {
	Place
	Verdict result.Verdict `json:"verdict"`
}

// Drifted tells whether anything changed in the provider.
func (r *Report) Drifted() bool { return len(r.Groups) > 0 }

// Changes counts the changes of all groups.
func (r *Report) Changes() int {
	n := 0
	for _, g := range r.Groups {
		n += len(g.Changes)
	}
	return n
}

// Options tunes a comparison; a zero member means its default.
type Options struct {
	// Headers are compared by value, and Presence only by whether they are there. nil: DefaultHeaders and
	// DefaultPresence.
	Headers  []string
	Presence []string
	Noise    Noise
}

// Compare tells what changed from the baseline to the current run.
func Compare(baseline, current *result.Run, o Options) *Report {
	report := &Report{
		Baseline: side(baseline),
		Current:  side(current),
		Notes:    notes(baseline, current),
	}
	found := newChanges()
	matched := match(baseline, current)
	report.OnlyBaseline, report.OnlyCurrent = matched.onlyBaseline, matched.onlyCurrent
	seen := valuesSeen(matched.pairs, o.headers())
	for _, p := range matched.pairs {
		if reason := p.unjudged(); reason != "" {
			report.NotCompared = append(report.NotCompared, NotCompared{p.place, reason})
			continue
		}
		report.Compared++
		p.verdicts(found)
		p.answers(found, o, seen)
		p.observations(found)
	}
	report.NotCompared = append(report.NotCompared, everyExchange(baseline, current, found)...)
	latency(baseline.Latency, current.Latency, o.Noise, found)
	report.Groups = found.groups()
	return report
}

func side(r *result.Run) Side {
	return Side{Started: r.Started, Tool: r.Tool, Target: r.Target, Environment: r.Environment, Digests: r.Digests, Exit: r.Exit}
}
