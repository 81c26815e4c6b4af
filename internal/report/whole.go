package report

import "verifik-contract/internal/result"

// theRun is the name of what is judged of a run as a whole.
const theRun = "The run"

// wholeCheck is something that is judged of a run as a whole and that no scenario shows. Without it a report of
// tests would look green where the exit code is not.
type wholeCheck struct {
	id, name string
	verdict  result.Verdict
	message  string // clean
}

func wholeChecks(run *result.Run) []wholeCheck {
	var checks []wholeCheck
	if run.Stopped != "" {
		checks = append(checks, wholeCheck{"stopped", "It goes to its end", result.Broken, inline(run.Stopped)})
	}
	if l := run.Latency; l != nil && l.Budget != nil && l.Budget.Fail {
		c := wholeCheck{"latency", "The latency of the PUT keeps its budget", result.Passed, latencyLine(l)}
		if len(l.Budget.Over) > 0 {
			c.verdict = result.Failed
		}
		checks = append(checks, c)
	}
	return checks
}
