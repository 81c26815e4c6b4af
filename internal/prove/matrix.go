package prove

import (
	"cmp"
	_ "embed" // the report's words
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"

	"verifik-contract/internal/group"
)

//go:embed report.tmpl
var reportText string

// Write writes a report for a person: the matrix of rules and faults, then what is not as it should be.
func Write(w io.Writer, r *Report) error {
	isFault := func(t Trial) bool { return t.Kind == Fault }
	rule := func(t Trial) string { return t.Rule }
	faults := group.Where(r.Trials, isFault)
	slices.SortStableFunc(faults, func(a, b Trial) int { return cmp.Compare(a.Rule, b.Rule) })
	functions := template.FuncMap{
		"how": describe, "outcomes": outcomes, "join": strings.Join,
		"right": func(trials []Trial) int { return len(group.Where(trials, Trial.Right)) },
	}
	return template.Must(template.New("").Funcs(functions).Parse(reportText)).Execute(w, map[string]any{
		"Rules": group.By(faults, rule), "Faults": faults, "Seconds": float64(r.Duration) / 1000,
		"Faithful": group.Where(r.Trials, func(t Trial) bool { return !isFault(t) }),
		"Wrong":    group.Where(r.Trials, func(t Trial) bool { return !t.Right() }),
		"Heard":    group.Where(faults, func(t Trial) bool { return slices.Contains(t.Heard, t.Rule) }),
		"Spread":   group.Where(faults, func(t Trial) bool { return len(t.Others) > 0 }),
	})
}

// outcomes counts the outcomes of faults, with those caught by explore under a name of their own.
func outcomes(faults []Trial) map[string]int {
	ended := map[string]int{}
	for _, t := range faults {
		if t.Outcome == Caught && t.Explored {
			ended["explored"]++
		} else {
			ended[string(t.Outcome)]++
		}
	}
	return ended
}

// describe returns the outcome of a fault in words.
func describe(t Trial) string {
	how := string(t.Outcome)
	switch {
	case t.Outcome == Caught && t.Explored:
		how = "caught by explore"
	case t.Outcome == Caught && !slices.Contains(t.By, t.Rule):
		how = "caught: nothing could be judged"
	case t.Outcome == Elsewhere:
		how += ": " + strings.Join(t.By, ", ")
	}
	if n := len(t.Others); n > 0 && t.Outcome == Caught {
		how += fmt.Sprintf(", and %d more: %s", n, strings.Join(t.Others, ", "))
	}
	return how
}
