package result

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// Drift is what changed in a provider from one run, the baseline, to another, promised or not.
type Drift struct {
	Baseline     DriftSide     `json:"baseline"`
	Current      DriftSide     `json:"current"`
	Fails        bool          `json:"fails,omitempty"` // a change ends the run with 1 (--fail-on-drift)
	Notes        []string      `json:"notes,omitempty"` // why the two runs are not quite comparable
	Compared     int           `json:"compared"`        // scenarios that both runs judged or observed
	Groups       []DriftGroup  `json:"groups"`          // worst first; a group without a change is left out
	NotCompared  []NotCompared `json:"notCompared,omitempty"`
	OnlyBaseline []Unmatched   `json:"onlyBaseline,omitempty"`
	OnlyCurrent  []Unmatched   `json:"onlyCurrent,omitempty"`
}

// DriftSide is which run is meant.
type DriftSide struct {
	Started     time.Time `json:"started"`
	Tool        Tool      `json:"tool"`
	Target      Target    `json:"target"`
	Environment string    `json:"environment"`
	Digests     Digests   `json:"digests"`
	Exit        ExitCode  `json:"exit"`
}

// DriftKind is what sort of change it is.
type DriftKind string

// The kinds, worst first.
const (
	NewlyFailing  DriftKind = "newly-failing" // a promise that was kept is not any more
	NewStatus     DriftKind = "status"
	NewCode       DriftKind = "code"
	NewShape      DriftKind = "shape"      // of a body: a field added, gone, of another type
	NewMediaType  DriftKind = "media-type" // without its parameters
	NewHeader     DriftKind = "header"
	NewlyObserved DriftKind = "observed" // what is answered where the documentation is silent
	NewLatency    DriftKind = "latency"
	NewlyKept     DriftKind = "newly-kept" // a promise that was broken is kept again
)

// DriftGroup is every change of one kind.
type DriftGroup struct {
	Kind    DriftKind `json:"kind"`
	Title   string    `json:"title"`
	Changes []Change  `json:"changes"`
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
	Rule  string `json:"rule"`
	Level Level  `json:"level"`
	Title string `json:"title,omitempty"` // of the rule
	Name  string `json:"name,omitempty"`  // of the scenario; "" where the rule as a whole is meant
	File  string `json:"file,omitempty"`  // in the current run
	Line  int    `json:"line,omitempty"`
}

// NotCompared is a scenario, or an every-exchange rule, that both runs hold and that one of them did not judge.
type NotCompared struct {
	Place
	Reason string `json:"reason"`
}

// Unmatched is a scenario that only one run holds.
type Unmatched struct {
	Place
	Verdict Verdict `json:"verdict"`
}

// Drifted reports whether anything changed in the provider; nil: nothing was compared.
func (d *Drift) Drifted() bool { return d != nil && len(d.Groups) > 0 }

// Changes counts the changes of all groups.
func (d *Drift) Changes() int {
	n := 0
	for _, g := range d.Groups {
		n += len(g.Changes)
	}
	return n
}

// SameTarget reports whether both runs judged the same provider. One on this machine, the embedded one too, listens
// on another port each time.
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

// Since returns when the baseline was made, in words.
func (d *Drift) Since() string { return d.Baseline.Started.UTC().Format(time.DateOnly + " 15:04 UTC") }

// Headline returns what the comparison comes to, in a line: "3 changes since 2026-11-22 03:00 UTC".
func (d *Drift) Headline() string {
	switch {
	case !d.Drifted():
		return "Nothing changed since " + d.Since() + ", " + text.Count(d.Compared, "scenario") + " compared"
	case !d.SameTarget():
		return text.Count(d.Changes(), "difference") + " between two targets"
	}
	return text.Count(d.Changes(), "change") + " since " + d.Since()
}

// Summary returns the headline, and of which kind the changes are; promises are named.
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
