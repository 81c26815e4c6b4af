package drift

import (
	"fmt"
	"io"
	"strings"
	"time"

	"verifik-contract/internal/text"
)

// Bounds of what a person is shown; the report as data holds everything.
const (
	maxPlaces = 3   // of one change
	maxLines  = 10  // of what was not compared, and of what only one run holds
	maxText   = 160 // characters of a value that a provider sent
)

// Write shows the report for a person: what is new since the baseline first.
func Write(w io.Writer, r *Report) error {
	var b strings.Builder
	since := r.Baseline.Started.UTC().Format(time.DateOnly + " 15:04 UTC")
	if r.Drifted() {
		fmt.Fprintf(&b, "New since %s: %s\n", since, plural(r.Changes(), "change", "changes"))
	} else {
		fmt.Fprintf(&b, "No drift since %s: %s compared, nothing changed\n", since, plural(r.Compared, "scenario", "scenarios"))
	}
	for _, g := range r.Groups {
		fmt.Fprintf(&b, "\n%s (%d)\n", g.Title, len(g.Changes))
		for _, c := range g.Changes {
			writeChange(&b, g.Kind, c)
		}
	}
	if r.Drifted() {
		fmt.Fprintf(&b, "\n%s compared\n", plural(r.Compared, "scenario", "scenarios"))
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "Note: %s\n", clean(note))
	}
	writeList(&b, "Not compared", len(r.NotCompared), func(i int) string {
		n := r.NotCompared[i]
		return place(n.Place) + ": " + clean(n.Reason)
	})
	writeList(&b, "Only in the baseline", len(r.OnlyBaseline), func(i int) string {
		return place(r.OnlyBaseline[i].Place) + ": " + string(r.OnlyBaseline[i].Verdict)
	})
	writeList(&b, "Only in this run", len(r.OnlyCurrent), func(i int) string {
		return place(r.OnlyCurrent[i].Place) + ": " + string(r.OnlyCurrent[i].Verdict)
	})
	_, err := io.WriteString(w, b.String())
	return err
}

func writeChange(b *strings.Builder, kind Kind, c Change) {
	what := c.What
	if (kind == Broken || kind == Kept) && len(c.Places) > 0 {
		what = fmt.Sprintf("%s %s  %s", c.Places[0].Rule, c.Places[0].Level, c.Places[0].Title)
	}
	fmt.Fprintf(b, "  %s: %s\n", clean(what), movement(c.Before, c.After))
	if c.Detail != "" {
		fmt.Fprintf(b, "      %s\n", clean(c.Detail))
	}
	for i, p := range c.Places {
		if i == maxPlaces {
			fmt.Fprintf(b, "      and in %d more\n", len(c.Places)-maxPlaces)
			break
		}
		if at := location(p); at != "" {
			fmt.Fprintf(b, "      --> %s  %s\n", at, place(p))
		}
	}
}

// movement is what a value became.
func movement(before, after string) string {
	switch {
	case before == "":
		return "added: " + clean(after)
	case after == "":
		return "gone, was " + clean(before)
	}
	return clean(before) + " -> " + clean(after)
}

func writeList(b *strings.Builder, title string, n int, line func(int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s (%d)\n", title, n)
	for i := range n {
		if i == maxLines {
			fmt.Fprintf(b, "  and %d more\n", n-maxLines)
			return
		}
		fmt.Fprintf(b, "  %s\n", line(i))
	}
}

func place(p Place) string {
	if p.Name == "" {
		return clean(p.Rule + " on every exchange")
	}
	return clean(p.Rule + " " + p.Name)
}

func location(p Place) string {
	if p.File == "" {
		return ""
	}
	return clean(fmt.Sprintf("%s:%d", p.File, p.Line))
}

// clean shows a text that a provider or a file may have chosen in one line, and no more than a line holds.
func clean(foreign string) string { return text.Cut(strings.TrimSpace(foreign), maxText) }

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
