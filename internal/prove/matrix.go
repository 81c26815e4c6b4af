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
	var all, faithful []Trial
	byRule := map[string][]Trial{}
	for _, t := range r.Trials {
		if t.Kind != Fault {
			faithful = append(faithful, t)
			continue
		}
		all = append(all, t)
		byRule[t.Rule] = append(byRule[t.Rule], t)
	}
	rules := slices.Sorted(maps.Keys(byRule))
	for _, rule := range rules {
		writeFaults(&b, rule, byRule[rule])
	}
	if len(rules) > 0 {
		fmt.Fprintf(&b, "%-7s %7s %7s %8s %10s %9s\n", "rule", "faults", "caught", "explored", "elsewhere", "survived")
	}
	for _, rule := range rules {
		of := func(outcome Outcome, explored bool) int {
			return count(byRule[rule], func(t Trial) bool { return t.Outcome == outcome && t.Explored == explored })
		}
		fmt.Fprintf(&b, "%-7s %7d %7d %8s %10s %9s\n", rule, len(byRule[rule]), of(Caught, false), dash(of(Caught, true)),
			dash(of(Elsewhere, false)+of(Elsewhere, true)), dash(of(Survived, false)+of(Survived, true)))
	}
	writeWrong(&b, r.Trials)
	b.WriteByte('\n')
	if len(faithful) > 0 {
		fmt.Fprintf(&b, "%d of %d faithful providers pass. ", count(faithful, Trial.Right), len(faithful))
	}
	fmt.Fprintf(&b, "%d of %d faults are caught by the rule whose promise they break. %.1f s\n", count(all, Trial.Right), len(all), float64(r.Duration)/1000)
	if n := count(all, func(t Trial) bool { return slices.Contains(t.Heard, t.Rule) }); n > 0 {
		fmt.Fprintf(&b, "%d of them show in their traffic alone, with no state known.\n", n)
	}
	if n := count(all, func(t Trial) bool { return len(t.Others) > 0 }); n > 0 {
		fmt.Fprintf(&b, "%d faults turn other rules red too.\n", n)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func count(trials []Trial, is func(Trial) bool) (n int) {
	for _, t := range trials {
		if is(t) {
			n++
		}
	}
	return n
}

func writeWrong(b *strings.Builder, trials []Trial) {
	if count(trials, Trial.Right) < len(trials) {
		b.WriteString("\nNot as it should be:\n")
	}
	for _, t := range trials {
		if t.Right() {
			continue
		}
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
	for _, t := range trials {
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
		fmt.Fprintf(b, "%-7s %-45s %s\n", rule, t.Name, how)
		rule = "" // once
	}
	b.WriteByte('\n')
}

func dash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
