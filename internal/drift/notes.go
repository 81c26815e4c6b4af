package drift

import (
	"fmt"

	"verifik-contract/internal/result"
)

// notes is what a reader has to know before blaming the provider: what else differs between the two runs.
func notes(baseline, current *result.Run, sameTarget bool) []string {
	var found []string
	note := func(holds bool, format string, args ...any) {
		if holds {
			found = append(found, fmt.Sprintf(format, args...))
		}
	}
	b, c := baseline, current
	note(!sameTarget, "these are two targets, %s (%s) and now %s (%s): what follows is how they differ, not what changed in one of them",
		b.Target.BaseURL, b.Target.Kind, c.Target.BaseURL, c.Target.Kind)
	note(b.Environment != c.Environment, "the environments differ: %s before, %s now", b.Environment, c.Environment)
	note(b.Tool != c.Tool, "the tools differ: %s %s before, %s %s now; what one of them judges or records in another way stands below as well, until the baseline is renewed",
		b.Tool.Name, b.Tool.Version, c.Tool.Name, c.Tool.Version)
	note(b.Digests.Features != c.Digests.Features,
		"the features differ: a promise that is newly broken may be one that asks for more, and scenarios that only one run holds say nothing about the provider")
	note(b.Digests.Schemas != c.Digests.Schemas, "the schemas differ: a promise that is newly broken may come from them")
	note(chosen(b.Selection) != chosen(c.Selection), "the selections differ: scenarios that only one run holds say nothing about the provider")
	for i, r := range []*result.Run{baseline, current} {
		name := []string{"the baseline", "this run"}[i]
		note(r.Stopped != "", "%s ended before its plan did: %s", name, r.Stopped)
		note(r.Stopped == "" && r.Exit == result.ExitInterrupted, "%s was interrupted", name)
	}
	return found
}

// chosen is the part of a selection that decides which scenarios there are.
func chosen(s result.Selection) string {
	return fmt.Sprint(s.Rules, s.Tags, s.Level, s.Features, s.Shard)
}
