package prove

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Write shows a report for a person: the matrix of rules and faults, then what is not as it should be.
func Write(w io.Writer, r *Report) error {
	var b strings.Builder
	faults := map[string][]Trial{}
	var wrong []Trial
	faithful, passed, all, caught, spread, heard := 0, 0, 0, 0, 0, 0
	for _, t := range r.Trials {
		if t.Kind == Fault {
			faults[t.Rule] = append(faults[t.Rule], t)
			all++
		} else {
			faithful++
		}
		switch {
		case !t.Right():
			wrong = append(wrong, t)
		case t.Kind == Fault:
			caught++
		default:
			passed++
		}
		if len(t.Others) > 0 {
			spread++
		}
		if slices.Contains(t.Heard, t.Rule) {
			heard++
		}
	}
	rules := slices.Sorted(maps.Keys(faults))
	for _, rule := range rules {
		writeFaults(&b, rule, faults[rule])
	}
	if all > 0 {
		fmt.Fprintf(&b, "%-7s %7s %7s %8s %10s %9s\n", "rule", "faults", "caught", "explored", "elsewhere", "survived")
	}
	for _, rule := range rules {
		writeCounts(&b, rule, faults[rule])
	}
	writeWrong(&b, wrong)
	b.WriteByte('\n')
	if faithful > 0 {
		fmt.Fprintf(&b, "%d of %d faithful providers pass. ", passed, faithful)
	}
	fmt.Fprintf(&b, "%d of %d faults are caught by the rule whose promise they break. %.1f s\n", caught, all, float64(r.Duration)/1000)
	if heard > 0 {
		fmt.Fprintf(&b, "%d of them show in their traffic alone, with no state known.\n", heard)
	}
	if spread > 0 {
		fmt.Fprintf(&b, "%d faults turn other rules red too.\n", spread)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCounts(b *strings.Builder, rule string, trials []Trial) {
	count := map[Outcome]int{}
	explored := 0
	for _, t := range trials {
		count[t.Outcome]++
		if t.Explored && t.Outcome == Caught {
			explored++
		}
	}
	fmt.Fprintf(b, "%-7s %7d %7d %8s %10s %9s\n", rule, len(trials), count[Caught]-explored, dash(explored), dash(count[Elsewhere]), dash(count[Survived]))
}

func writeWrong(b *strings.Builder, trials []Trial) {
	if len(trials) > 0 {
		b.WriteString("\nNot as it should be:\n")
	}
	for _, t := range trials {
		name := fmt.Sprintf("%s %s", t.Kind, t.Name)
		if t.Rule != "" {
			name += " (" + t.Rule + ")"
		}
		how := string(t.Outcome)
		if len(t.By) > 0 {
			how += ", red: " + strings.Join(t.By, ", ")
		}
		fmt.Fprintf(b, "  %s: %s\n      %s\n", name, how, t.Doc)
		if t.Reason != "" {
			fmt.Fprintf(b, "      %s\n", t.Reason)
		}
	}
}

// writeFaults writes a rule's row of the matrix: each fault, and who caught it.
func writeFaults(b *strings.Builder, rule string, trials []Trial) {
	for i, t := range trials {
		label := rule
		if i > 0 {
			label = ""
		}
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
		fmt.Fprintf(b, "%-7s %-45s %s\n", label, t.Name, how)
	}
	b.WriteByte('\n')
}

func dash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
