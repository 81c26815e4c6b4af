package merge

import "verifik-contract/internal/result"

// The exit codes of a run, as `help exit-codes` lists them.
const (
	exitKept        = 0
	exitBroken      = 1
	exitUnjudged    = 3
	exitInterrupted = 130
)

// exit is the code of the whole run. It is worked out from what the whole run found, in the order 130, 1, 3, 0;
// a shard's own code counts where its contents do not explain it (a report that could not be written, say), so that
// nothing a shard reported is lost.
func exit(runs []*result.Run, whole *result.Run) int {
	code := exitKept
	worsen := func(to int) {
		if severity(to) > severity(code) {
			code = to
		}
	}
	worsen(fromContents(whole))
	for _, r := range runs {
		switch {
		case r.Exit == exitInterrupted:
			worsen(exitInterrupted)
		case r.Exit != exitKept && severity(r.Exit) > severity(fromContents(r)):
			worsen(r.Exit)
		}
	}
	return code
}

// severity orders exit codes; one that the tool does not know says that something could not be judged.
func severity(code int) int {
	switch code {
	case exitKept:
		return 0
	case exitBroken:
		return 2
	case exitInterrupted:
		return 3
	default:
		return 1
	}
}

// fromContents is the code that a run's contents alone ask for.
func fromContents(r *result.Run) int {
	fails := map[result.Level]bool{result.Must: true, result.Should: r.Selection.FailOn != string(result.Must)}
	judged := map[result.Level]bool{result.Must: true, result.Should: true}
	failed := overBudget(r)
	unjudged, ran := r.Stopped != "", false
	for _, s := range r.Scenarios {
		failed = failed || s.Verdict == result.Failed && fails[s.Level]
		unjudged = unjudged || s.Verdict == result.Broken && judged[s.Level]
		ran = ran || s.Verdict != result.Skipped
	}
	for _, rule := range r.Rules {
		failed = failed || rule.EveryExchange && rule.Verdict == result.Failed && fails[rule.Level]
	}
	switch {
	case failed:
		return exitBroken
	case unjudged || !ran:
		return exitUnjudged
	default:
		return exitKept
	}
}

func overBudget(r *result.Run) bool {
	return r.Latency != nil && r.Latency.Budget != nil && r.Latency.Budget.Fail && len(r.Latency.Budget.Over) > 0
}
