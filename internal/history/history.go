// Package history follows the verdicts of each rule over the results of many nights. It is pure: results are added one by
// one, and only what is shown is kept of each.
package history

import (
	"cmp"
	"slices"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// History is the results of many nights.
type History struct {
	Series  []*Series `json:"series"`            // sorted by environment and target
	LeftOut []LeftOut `json:"leftOut,omitempty"` // files that are not part of it
}

// LeftOut is a file that is not part of a history, and the reason.
type LeftOut struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Series is the nights of one environment and target.
type Series struct {
	Environment string             `json:"environment"`
	Kind        result.TargetKind  `json:"kind"`
	Target      string             `json:"target"`            // its base URL; on a loopback address without the port, which differs each time
	Traffic     result.TrafficKind `json:"traffic,omitempty"` // kind of the traffic that was judged; "" if the tool ran the contract itself
	Nights      []Night            `json:"nights"`            // sorted by start
	Run         *Rule              `json:"run"`               // the run as a whole: a verdict for each exit code
	Rules       []*Rule            `json:"rules"`             // sorted by id
	Trend       *Trend             `json:"latencyTrend,omitempty"`
}

// Night is one result.
type Night struct {
	File     string          `json:"file"`
	Started  time.Time       `json:"started"`
	Duration result.Millis   `json:"duration"`
	Exit     result.ExitCode `json:"exit"`
	Version  string          `json:"version"` // of the tool
	Digests  result.Digests  `json:"digests"`
	Latency  *result.Latency `json:"latency,omitempty"`
	Messages int             `json:"messages,omitempty"`

	rules map[string]result.Rule
}

// Trend is the median of the nights' p95, in the earlier and in the later half of them.
type Trend struct {
	Earlier result.Millis `json:"earlier"`
	Later   result.Millis `json:"later"`
}

// Rule is the history of one rule.
type Rule struct {
	ID           string           `json:"id"`
	Level        result.Level     `json:"level"` // in the last night, like the title
	Title        string           `json:"title"`
	Verdicts     []result.Verdict `json:"verdicts"`               // one a night: a result's verdict, or Flaky; "" if the night does not have the rule
	Kept         int              `json:"kept"`                   // nights
	Failed       int              `json:"failed"`                 // nights, including waived ones
	Flaky        int              `json:"flaky"`                  // nights that kept it only after retries
	FlakyRate    float64          `json:"flakyRate"`              // Flaky as a part of Kept
	FirstFailure *time.Time       `json:"firstFailure,omitempty"` // when that night's run started
	LastFailure  *time.Time       `json:"lastFailure,omitempty"`
}

// Flaky replaces passed for a rule that was kept only after retries.
const Flaky result.Verdict = "flaky"

// Add adds a result. A shard of a run, and a result that was added already, are left out.
func (h *History) Add(file string, run *result.Run) {
	if run.Selection.Shard != "" {
		h.LeaveOut(file, "it is shard "+run.Selection.Shard+" of a run: merge the shards, and give the merged result")
		return
	}
	n := Night{File: file, Started: run.Started.UTC(), Duration: run.Duration, Exit: run.Exit, Version: run.Tool.Version, Digests: run.Digests, Messages: run.Messages, rules: map[string]result.Rule{}}
	if l := run.Latency; l != nil {
		n.Latency = &result.Latency{Count: l.Count, P50: l.P50, P95: l.P95, Max: l.Max}
	}
	flaky := map[string]bool{}
	for _, s := range run.Scenarios {
		flaky[s.Rule] = flaky[s.Rule] || s.Flaky
	}
	for _, r := range run.Rules {
		v := r.Verdict
		if v == result.Passed && flaky[r.ID] {
			v = Flaky
		}
		n.rules[r.ID] = result.Rule{Level: r.Level, Title: r.Title, Verdict: v}
	}
	target := run.Target.Address()
	traffic := cmp.Or(run.Traffic, &result.Traffic{}).Kind
	s := group.First(h.Series, func(s *Series) bool {
		return s.Environment == run.Environment && s.Kind == run.Target.Kind && s.Target == target && s.Traffic == traffic
	})
	if s == nil {
		s = &Series{Environment: run.Environment, Kind: run.Target.Kind, Target: target, Traffic: traffic}
		h.Series = append(h.Series, s)
	}
	if same := slices.IndexFunc(s.Nights, func(o Night) bool { return o.Started.Equal(n.Started) && o.Duration == n.Duration }); same >= 0 {
		h.LeaveOut(file, "it is the same run as "+s.Nights[same].File)
		return
	}
	s.Nights = append(s.Nights, n)
}

// LeaveOut records a file that is not part of the history.
func (h *History) LeaveOut(file, reason string) { h.LeftOut = append(h.LeftOut, LeftOut{file, reason}) }

// Conclude sorts the nights and counts the verdicts, once all results were added.
func (h *History) Conclude() {
	slices.SortStableFunc(h.Series, func(a, b *Series) int {
		return cmp.Or(cmp.Compare(a.Environment, b.Environment), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Traffic, b.Traffic))
	})
	for _, s := range h.Series {
		slices.SortStableFunc(s.Nights, func(a, b Night) int { return a.Started.Compare(b.Started) })
		s.conclude()
	}
}

// Last returns the last night.
func (s *Series) Last() Night { return s.Nights[len(s.Nights)-1] }

// All returns the run as a whole, and then the rules.
func (s *Series) All() []*Rule { return append([]*Rule{s.Run}, s.Rules...) }

func (s *Series) conclude() {
	rules := map[string]*Rule{}
	s.Run = &Rule{ID: "the run", Verdicts: make([]result.Verdict, len(s.Nights))}
	for i, n := range s.Nights {
		s.Run.Verdicts[i] = n.Exit.Verdict()
		for id, m := range n.rules {
			r := rules[id]
			if r == nil {
				r = &Rule{ID: id, Verdicts: make([]result.Verdict, len(s.Nights))}
				rules[id] = r
				s.Rules = append(s.Rules, r)
			}
			r.Level, r.Title, r.Verdicts[i] = m.Level, m.Title, m.Verdict
		}
	}
	for _, r := range s.All() {
		r.count(s.Nights)
	}
	for i := range s.Nights {
		s.Nights[i].rules = nil
	}
	slices.SortFunc(s.Rules, func(a, b *Rule) int { return result.CompareIDs(a.ID, b.ID) })
	measured := group.Where(s.Nights, func(n Night) bool { return n.Latency != nil })
	p95 := group.Map(measured, func(n Night) result.Millis { return n.Latency.P95 })
	if half := len(p95) / 2; half > 0 {
		s.Trend = &Trend{Earlier: median(p95[:half]), Later: median(p95[len(p95)-half:])}
	}
}

func (r *Rule) count(nights []Night) {
	for i, v := range r.Verdicts {
		switch v {
		case result.Passed:
			r.Kept++
		case Flaky:
			r.Kept++
			r.Flaky++
		case result.Failed, result.Waived:
			r.Failed++
			when := nights[i].Started
			r.FirstFailure, r.LastFailure = cmp.Or(r.FirstFailure, &when), &when
		}
	}
	r.FlakyRate = float64(r.Flaky) / float64(max(r.Kept, 1))
}

// median returns the middle one of the values; of an even number the lower one.
func median(values []result.Millis) result.Millis {
	return slices.Sorted(slices.Values(values))[(len(values)-1)/2]
}
