package drift

import (
	"fmt"

	"verifik-contract/internal/result"
)

// notes is what a reader has to know before blaming the provider: what else differs between the two runs.
func notes(baseline, current *result.Run, d *result.Drift) []string {
	var found []string
	note := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	b, c := baseline, current
	if !d.SameTarget() {
		note("these are two targets, %s (%s) and now %s (%s): what follows is how they differ, not what changed in one of them", b.Target.BaseURL, b.Target.Kind, c.Target.BaseURL, c.Target.Kind)
	}
	if b.Environment != c.Environment {
		note("the environments differ: %s before, %s now", b.Environment, c.Environment)
	}
	if b.Tool != c.Tool {
		note("the tools differ: %s %s before, %s %s now; what one of them judges or records in another way stands below as well, until the baseline is renewed", b.Tool.Name, b.Tool.Version, c.Tool.Name, c.Tool.Version)
	}
	if b.Digests.Features != c.Digests.Features {
		note("the features differ: a promise that is newly broken may be one that asks for more, and scenarios that only one run holds say nothing about the provider")
	}
	if b.Digests.Schemas != c.Digests.Schemas {
		note("the schemas differ: a promise that is newly broken may come from them")
	}
	if chosen(b.Selection) != chosen(c.Selection) {
		note("the selections differ: scenarios that only one run holds say nothing about the provider")
	}
	for _, r := range []struct {
		name string
		run  *result.Run
	}{{"the baseline", baseline}, {"this run", current}} {
		if r.run.Stopped != "" {
			note("%s ended before its plan did: %s", r.name, r.run.Stopped)
		} else if r.run.Exit == result.ExitInterrupted {
			note("%s was interrupted", r.name)
		}
	}
	return found
}

// chosen is the part of a selection that decides which scenarios there are.
func chosen(s result.Selection) string {
	return fmt.Sprint(s.Rules, s.Tags, s.Level, s.Features, s.Shard)
}
