package certificate

import (
	"cmp"
	"fmt"
	"strings"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Refusals returns every reason why a run certifies nothing; empty where it does.
//
// A promise of the level must has to be passed: failed, broken, waived and skipped ones are refused and named. So
// is one of the level should that failed or could not be judged; where the provider means to deviate, a waiver in the
// environment says so and stands in the certificate. A promise is skipped where none of its scenarios ran. Where some
// did and passed, it is kept as far as it can be judged (no provider delivers by every gateway at once), and
// the certificate lists the scenarios that did not run.
func Refusals(run *result.Run) problem.List {
	var found problem.List
	refuse := found.Add
	if run.Traffic != nil {
		refuse("the result is of traffic that others sent", "Nobody asked there for what was not seen: run the contract against the target.")
		return found
	}
	if run.Target.Unverified {
		refuse("the target's TLS certificate was not checked", "Anyone could have answered in its place. Remove insecure_skip_verify, and name the authority in ca_file.")
	}
	if run.Stopped != "" || run.Exit == result.ExitInterrupted {
		refuse(cmp.Or(line(run.Stopped), "the run was interrupted"), "Only a run that reached its end is certified.")
	}
	narrower(run.Selection, refuse)
	verdicts(run, refuse)
	if len(found) == 0 && run.Exit != result.ExitKept {
		why := ""
		for _, c := range result.Checks(run) {
			if c.Verdict == result.Failed || c.Verdict == result.Broken {
				why = ": " + line(c.Message)
				break
			}
		}
		refuse(fmt.Sprintf("the run ended with exit code %d%s", run.Exit, why), "Only a run that ended 0 is certified; `help exit-codes` explains the others.")
	}
	return found
}

type refuser func(summary, detail string)

// narrower refuses a selection that leaves a promise of the levels must and should out.
func narrower(s result.Selection, refuse refuser) {
	var by []string
	for _, one := range []struct {
		narrows bool
		way     string
	}{
		{len(s.Rules) > 0, "--rule"}, {s.Tags != "", "--tags"}, {len(s.Features) > 0, "feature files"}, {s.Level == string(result.Must), "--level must"},
	} {
		if one.narrows {
			by = append(by, one.way)
		}
	}
	if len(by) > 0 {
		refuse("only a part of the contract was run: selected by "+strings.Join(by, ", "), "Run it without, so that every promise of the levels must and should is judged.")
	}
	if s.Shard != "" {
		refuse("only shard "+line(s.Shard)+" of the contract was run", "Merge the results of all shards first, and certify the merged one.")
	}
}

// verdicts refuses what the promises themselves do not allow, naming each.
func verdicts(run *result.Run, refuse refuser) {
	musts := 0
	advice := map[result.Verdict]string{
		result.Waived:  "A waiver excuses a build, not a promise of the level must: the certificate has no room for it.",
		result.Skipped: "`plan` says what to add to the environment so that it can be judged.",
		result.Broken:  "It could not be judged: run it again when the target answers.",
	}
	for _, r := range run.Rules {
		name := fmt.Sprintf("%s (%s: %s)", line(r.ID), r.Level, line(r.Title))
		switch r.Level {
		case result.Must:
			musts++
			if r.Verdict != result.Passed {
				refuse(fmt.Sprintf("%s is %s", name, orNothing(r.Verdict)), because(r, advice[r.Verdict]))
			}
		case result.Should:
			if r.Verdict != result.Passed && r.Verdict != result.Skipped && r.Verdict != result.Waived {
				refuse(fmt.Sprintf("%s is %s", name, orNothing(r.Verdict)), because(r, "A deviation that is meant is declared as a waiver in the environment, and stands in the certificate."))
			}
		case result.Observe:
		default:
			refuse(fmt.Sprintf("%s has no level that this tool knows", name), "")
		}
	}
	if musts == 0 {
		refuse("no promise of the level must was judged", "Run the whole contract.")
	}
}

func because(r result.Rule, advice string) string {
	return strings.TrimPrefix(line(r.Reason)+"\n"+advice, "\n")
}

func orNothing(v result.Verdict) string {
	if v == "" {
		return "not judged"
	}
	return line(string(v))
}

// line shows a text that a provider or a file may have chosen in one line.
func line(foreign string) string { return text.Line(strings.TrimSpace(foreign)) }
