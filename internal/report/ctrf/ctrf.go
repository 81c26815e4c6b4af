// Package ctrf writes a result as CTRF JSON.
package ctrf

import (
	"cmp"
	"io"
	"maps"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// object is a part of a CTRF document (ctrf.io, specification 0.1.0). Times are in milliseconds.
type object map[string]any

// Render writes a test for each scenario, each every-exchange rule and each check of the run. What could not be judged is
// "failed", so that whoever is notified of failed tests hears of it; rawStatus is the verdict itself.
func Render(w io.Writer, run *result.Run) error {
	tests := group.Map(view.Tests(run), func(t view.Test) test { return test(t) })
	counts, start := result.Count(run), run.Started.UnixMilli()
	return text.Encode(w, object{
		"reportFormat": "CTRF", "specVersion": "0.1.0",
		"timestamp": run.Started.UTC().Format("2006-01-02T15:04:05.000Z"), "generatedBy": view.Inline(run.Tool.Name),
		"results": object{
			"tool":        object{"name": cmp.Or(view.Inline(run.Tool.Name), "verifik-contract"), "version": view.Inline(run.Tool.Version)},
			"environment": object{"appName": view.Inline(run.Target.BaseURL), "testEnvironment": view.Inline(run.Environment)},
			"summary": object{
				"tests": counts.Total(), "pending": 0, "other": 0, "flaky": len(view.Flaky(run)),
				"passed":  counts.Kept(),
				"failed":  counts[result.Failed] + counts[result.Broken],
				"skipped": counts[result.Skipped] + counts[result.Waived],
				"start":   start, "stop": start + int64(run.Duration), "duration": int64(run.Duration),
			},
			"tests": tests,
		},
	})
}

// test becomes an object only when it is encoded: there may be 100,000.
type test view.Test

// MarshalJSONTo implements json.MarshalerTo.
func (t test) MarshalJSONTo(e *jsontext.Encoder) error {
	return json.MarshalEncode(e, newTest(view.Test(t)))
}

func newTest(t view.Test) object {
	suite := []string{view.Inline(t.Suite.Name)}
	made := object{
		"name": t.Name, "status": view.Status(t.Verdict), "rawStatus": t.Verdict, "duration": 0,
		"message": t.Message, "trace": t.Details, "filePath": view.Inline(t.File),
	}
	if t.Line > 0 {
		made["line"] = t.Line
	}
	if t.Rule != nil {
		suite = append(suite, view.Inline(t.ID))
		made["labels"] = object{"rule": view.Inline(t.ID), "level": t.Rule.Level}
	}
	made["suite"] = suite
	s := t.Scenario
	if s == nil {
		return made
	}
	attempts, tags := []object{}, group.Map(s.Tags, view.Inline[string])
	for i, f := range view.Earlier(s) {
		attempts = append(attempts, object{"attempt": i + 1, "status": view.Status(result.Broken), "message": view.Inline(f.Cause) + ": " + view.Inline(f.Message)})
	}
	steps := group.Map(s.Steps, func(step result.Step) object {
		return object{"name": view.StepText(&step), "status": view.Status(step.Verdict)}
	})
	maps.Copy(made, object{
		"duration": int64(s.Duration), "flaky": s.Flaky, "retries": len(attempts), "steps": steps, "tags": tags,
	})
	if len(attempts) > 0 { // the format allows no empty list
		made["retryAttempts"] = attempts
	}
	if s.Repeat > 0 {
		made["parameters"] = object{"repetition": s.Repeat}
	}
	if s.Verdict == result.Observed {
		made["stdout"] = view.Observations(s)
	}
	return made
}
