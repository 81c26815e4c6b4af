package result

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// Drift is what changed in a provider between a baseline and a later run, promised or not.
type Drift struct {
	Baseline     DriftSide     `json:"baseline"`
	Current      DriftSide     `json:"current"`
	Fails        bool          `json:"fails,omitempty"` // a change ends the run with 1 (--fail-on-drift)
	Notes        []string      `json:"notes,omitempty"` // why the two runs are not fully comparable
	Compared     int           `json:"compared"`        // scenarios that both runs judged or observed
	Groups       []DriftGroup  `json:"groups"`          // worst first; empty ones are left out
	NotCompared  []NotCompared `json:"notCompared,omitempty"`
	OnlyBaseline []Unmatched   `json:"onlyBaseline,omitempty"`
	OnlyCurrent  []Unmatched   `json:"onlyCurrent,omitempty"`
}

// DriftSide identifies one of the two runs.
type DriftSide struct {
	Started     time.Time `json:"started"`
	Tool        Tool      `json:"tool"`
	Target      Target    `json:"target"`
	Environment string    `json:"environment"`
	Digests     Digests   `json:"digests"`
	Exit        ExitCode  `json:"exit"`
}

// DriftKind is a kind of change.
type DriftKind string

// The kinds, worst first.
const (
	NewlyFailing  DriftKind = "newly-failing" // a promise is no longer kept
	NewStatus     DriftKind = "status"
	NewCode       DriftKind = "code"
	NewShape      DriftKind = "shape"      // of a body: a field was added or removed, or its type changed
	NewMediaType  DriftKind = "media-type" // without its parameters
	NewHeader     DriftKind = "header"
	NewlyObserved DriftKind = "observed" // an answer where the documentation is silent
	NewLatency    DriftKind = "latency"
	NewlyKept     DriftKind = "newly-kept" // a broken promise is kept again
)

// DriftGroup is all changes of one kind.
type DriftGroup struct {
	Kind    DriftKind `json:"kind"`
	Title   string    `json:"title"`
	Changes []Change  `json:"changes"`
}

// Change is one change, however many scenarios it is in.
type Change struct {
	What   string  `json:"what"`   // "$.data.phone", "header Cache-Control", "p95"
	Before string  `json:"before"` // "": nothing
	After  string  `json:"after"`
	Detail string  `json:"detail,omitempty"` // why a promise is broken now
	Places []Place `json:"places,omitempty"`
}

// Place is a scenario, or a rule, that shows a change.
type Place struct {
	Rule  string `json:"rule"`
	Level Level  `json:"level"`
	Title string `json:"title,omitempty"` // of the rule
	Name  string `json:"name,omitempty"`  // of the scenario; "": the rule as a whole
	File  string `json:"file,omitempty"`  // in the current run
	Line  int    `json:"line,omitempty"`
}

// NotCompared is a scenario, or an every-exchange rule, that both runs have but one of them did not judge.
type NotCompared struct {
	Place
	Reason string `json:"reason"`
}

// Unmatched is a scenario that only one run has.
type Unmatched struct {
	Place
	Verdict Verdict `json:"verdict"`
}

// Drifted reports whether anything changed in the provider. Nil means that nothing was compared.
func (d *Drift) Drifted() bool { return d != nil && len(d.Groups) > 0 }

// Changes counts the changes of all groups.
func (d *Drift) Changes() int {
	return group.Sum(slices.Values(group.Map(d.Groups, func(g DriftGroup) int { return len(g.Changes) })))
}

// SameTarget reports whether both runs judged the same provider. The port of one on this machine does not count: it often differs
// between runs.
func (d *Drift) SameTarget() bool {
	b, c := d.Baseline.Target, d.Current.Target
	return b.Kind == c.Kind && b.Address() == c.Address()
}

// Address returns the base URL, without its port on a loopback address.
func (t Target) Address() string {
	u, err := url.Parse(t.BaseURL)
	if err != nil {
		return t.BaseURL
	}
	if ip, _ := netip.ParseAddr(u.Hostname()); ip.IsLoopback() || u.Hostname() == "localhost" {
		u.Host = u.Hostname()
	}
	return u.String()
}

// Since returns the start of the baseline's run, for people.
func (d *Drift) Since() string { return d.Baseline.Started.UTC().Format(time.DateOnly + " 15:04 UTC") }

// Headline sums the comparison up in a line: "3 changes since 2026-11-22 03:00 UTC".
func (d *Drift) Headline() string {
	switch {
	case !d.Drifted():
		return "Nothing changed since " + d.Since() + ", " + text.Count(d.Compared, "scenario") + " compared"
	case !d.SameTarget():
		return text.Count(d.Changes(), "difference") + " between two targets"
	}
	return text.Count(d.Changes(), "change") + " since " + d.Since()
}

// Summary returns the headline and the number of changes of each kind, with the names of promises.
func (d *Drift) Summary() string {
	var kinds []string
	for _, g := range d.Groups {
		kind := fmt.Sprintf("%s (%d)", strings.ToLower(g.Title), len(g.Changes))
		if g.Kind == NewlyFailing || g.Kind == NewlyKept {
			kind += ": " + strings.Join(group.Map(g.Changes, func(c Change) string { return c.What }), ", ")
		}
		kinds = append(kinds, kind)
	}
	if len(kinds) == 0 {
		return d.Headline()
	}
	return d.Headline() + ": " + strings.Join(kinds, "; ")
}
