package merge

import "verifik-contract/internal/result"

// exit is the code of the whole run, in the order 130, 1, 3, 0. It is worked out from what the whole run found; a
// shard's own code counts where its contents do not explain it (a report that could not be written, say), so that
// nothing a shard reported is lost.
func exit(runs []*result.Run, whole *result.Run) int {
	code := result.Exit(whole)
	for _, r := range runs {
		if r.Exit == result.ExitInterrupted || severity(r.Exit) > severity(result.Exit(r)) {
			code = worse(code, r.Exit)
		}
	}
	return code
}

func worse(a, b int) int {
	if severity(b) > severity(a) {
		return b
	}
	return a
}

// severity orders exit codes; one that no run ends with says that something could not be judged.
func severity(code int) int {
	switch code {
	case result.ExitKept:
		return 0
	case result.ExitBroken:
		return 2
	case result.ExitInterrupted:
		return 3
	default:
		return 1
	}
}
