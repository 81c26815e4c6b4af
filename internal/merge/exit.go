package merge

import (
	"slices"

	"verifik-contract/internal/result"
)

// exit is the code of the whole run, in the order 130, 1, 3, 0. It is worked out from what the whole run found; a
// shard's own code counts where its contents do not explain it (a report that could not be written, say), so that
// nothing a shard reported is lost.
func exit(runs []*result.Run, whole *result.Run) result.ExitCode {
	code := result.Exit(whole)
	for _, r := range runs {
		kept := *r
		kept.Drift, kept.Problems = nil, nil // the whole has no drift of its own yet: these stand in its problems
		if r.Exit == result.ExitInterrupted || result.WorseExit(r.Exit, result.Exit(&kept)) != result.Exit(&kept) {
			code = result.WorseExit(code, r.Exit)
		}
	}
	return code
}

// problems is what else made a shard's exit code what it is.
func problems(runs []*result.Run) []string {
	return lines(runs, func(r *result.Run) []string {
		found := r.Problems
		if r.Drift.Drifted() && r.Drift.Fails {
			found = append(slices.Clone(found), ofShard(r)+r.Drift.Headline()+" (--fail-on-drift)")
		}
		return found
	})
}
