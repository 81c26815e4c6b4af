// Package certificate turns a result into a document that a partner can rely on: which contract was judged, on which target,
// when, and the verdict of each promise. It is a DSSE envelope (schema: certificate.schema.json), signed with an Ed25519 key
// if one is given, so that any change of it is detected.
package certificate

import (
	"cmp"
	_ "embed" // the text for a person
	"fmt"
	"io"
	"text/template"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

// Version is the version of the certificate that this tool writes and verifies.
const Version = 1

// Certificate is the payload of the envelope.
type Certificate struct {
	Version     int            `json:"version"`
	Tool        result.Tool    `json:"tool"`
	Started     time.Time      `json:"started"`  // of the run, UTC
	Finished    time.Time      `json:"finished"` // of the run, UTC
	Target      Target         `json:"target"`
	Environment string         `json:"environment"`
	Digests     result.Digests `json:"digests"`
	Level       string         `json:"level"`    // the weakest level that was run: "should" or "observe"
	Promises    []Promise      `json:"promises"` // of the levels must and should, in the features' order
	Observed    []Promise      `json:"observed"` // recorded, never judged: certifies nothing
	Waivers     []Waiver       `json:"waivers"`  // that excuse one of the promises
}

// Target is the provider that is certified.
type Target struct {
	Kind    result.TargetKind `json:"kind"`
	BaseURL string            `json:"baseUrl"`
}

// Promise is one rule and how it was judged.
type Promise struct {
	ID        string         `json:"id"`
	Level     result.Level   `json:"level"`
	Title     string         `json:"title"`
	Verdict   result.Verdict `json:"verdict"`
	Passed    int            `json:"passed"`              // scenarios; of an every-exchange rule, exchanges
	Flaky     int            `json:"flaky,omitzero"`      // of those, the ones that passed only after retries
	Reason    string         `json:"reason,omitempty"`    // why it did not pass
	Unchecked []Unchecked    `json:"unchecked,omitempty"` // its scenarios that could not run
}

// Unchecked is a skipped scenario of a promise that is kept as far as it could be judged.
type Unchecked struct {
	Scenario string `json:"scenario"`
	Reason   string `json:"reason"`
}

// Waiver excuses one promise of the level should.
type Waiver struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Until  string `json:"until"` // the last day, "2027-01-31"
}

// of returns the certificate of a run that was not refused.
func of(run *result.Run) Certificate {
	c := Certificate{
		Version:     Version,
		Tool:        run.Tool,
		Started:     run.Started.UTC(),
		Finished:    run.Started.UTC().Add(run.Duration.Duration()).Truncate(time.Millisecond),
		Target:      Target{Kind: run.Target.Kind, BaseURL: run.Target.BaseURL},
		Environment: run.Environment,
		Digests:     run.Digests,
		Level:       cmp.Or(run.Selection.Level, string(result.Observe)),
	}
	waived := map[string]bool{}
	for _, rule := range run.Rules {
		p := promise(rule, run.Scenarios)
		if rule.Level == result.Observe {
			c.Observed = append(c.Observed, p)
			continue
		}
		c.Promises = append(c.Promises, p)
		waived[rule.ID] = rule.Verdict == result.Waived
	}
	used := group.Where(run.Waivers, func(w result.Waiver) bool { return waived[w.Rule] && w.State == result.WaiverUsed })
	c.Waivers = group.Map(used, func(w result.Waiver) Waiver { return Waiver{w.Rule, w.Reason, w.Until} })
	return c
}

func promise(rule result.Rule, scenarios []result.Scenario) Promise {
	p := Promise{ID: rule.ID, Level: rule.Level, Title: rule.Title, Verdict: rule.Verdict}
	if rule.Verdict != result.Passed {
		p.Reason = rule.Reason
	}
	if rule.EveryExchange {
		p.Passed = rule.Judged - rule.Breaches
		return p
	}
	for _, s := range scenarios {
		switch {
		case s.Rule != rule.ID:
		case s.Verdict == result.Passed:
			p.Passed++
			if s.Flaky {
				p.Flaky++
			}
		case s.Verdict == result.Skipped && rule.Verdict != result.Skipped:
			p.Unchecked = append(p.Unchecked, Unchecked{s.Name, s.Reason})
		}
	}
	return p
}

//go:embed certificate.tmpl
var shown string

// Write writes for a person what a certificate says, and what its signature is worth. Ids, digests and verdicts are written
// as they are: Verify has checked their form.
func Write(w io.Writer, v *Verification) error {
	functions := template.FuncMap{"line": line, "stamp": stamp, "kept": kept, "partly": partlyChecked}
	return template.Must(template.New("certificate").Funcs(functions).Parse(shown)).Execute(w, v)
}

// kept returns how many promises of a level are kept: "20 of 21 must".
func kept(all []Promise, level result.Level) string {
	of := group.Where(all, func(p Promise) bool { return p.Level == level })
	passed := group.Where(of, func(p Promise) bool { return p.Verdict == result.Passed })
	return fmt.Sprintf("%d of %d %s", len(passed), len(of), level)
}

// partlyChecked returns how many promises have scenarios that could not run.
func partlyChecked(all []Promise) int {
	return len(group.Where(all, func(p Promise) bool { return len(p.Unchecked) > 0 }))
}
