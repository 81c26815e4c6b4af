package drift

import (
	"fmt"

	"verifik-contract/internal/result"
)

// embedded is the kind of target that listens on another port each time.
const embedded = "embedded"

// notes is what a reader has to know before blaming the provider: what else differs between the two runs.
func notes(baseline, current *result.Run) []string {
	var found []string
	note := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	b, c := baseline, current
	if b.Target.Kind != c.Target.Kind || b.Target.Kind != embedded && b.Target.BaseURL != c.Target.BaseURL {
		note("the targets differ: the baseline judged %s (%s), this run %s (%s)", b.Target.BaseURL, b.Target.Kind, c.Target.BaseURL, c.Target.Kind)
	}
	if b.Environment != c.Environment {
		note("the environments differ: %s before, %s now", b.Environment, c.Environment)
	}
	if b.Tool != c.Tool {
		note("the tools differ: %s %s before, %s %s now", b.Tool.Name, b.Tool.Version, c.Tool.Name, c.Tool.Version)
	}
	if b.Digests.Features != c.Digests.Features {
		note("the features differ: scenarios that only one run holds say nothing about the provider")
	}
	if b.Digests.Schemas != c.Digests.Schemas {
		note("the schemas differ: a new verdict may come from them")
	}
	for _, r := range []struct {
		name string
		run  *result.Run
	}{{"the baseline", baseline}, {"this run", current}} {
		if r.run.Stopped != "" {
			note("%s ended before its plan did: %s", r.name, r.run.Stopped)
		} else if r.run.Exit == 130 {
			note("%s was interrupted", r.name)
		}
	}
	return found
}
