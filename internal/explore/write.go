package explore

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"verifik-contract/internal/text"
)

// Write shows a report to a person. Whatever an answer holds, nothing but printable characters comes out. The error
// is the writer's.
func Write(w io.Writer, r *Report) error {
	var b strings.Builder
	verdict := "no counterexample"
	if n := len(r.Counterexamples); n > 0 {
		verdict = text.Count(n, "counterexample")
	}
	fmt.Fprintf(&b, "%s in %s, seed %d\n", verdict, text.Count(r.Cases, "case"), r.Seed)
	for i, c := range r.Counterexamples {
		b.WriteByte('\n')
		writeCounterexample(&b, i+1, c)
	}
	if len(r.Counterexamples) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s in %s", text.Count(r.Requests, "request"), text.Duration(r.Duration))
	if r.Messages > 0 {
		fmt.Fprintf(&b, ", %s", text.Count(r.Messages, "OTP message"))
	}
	if r.Resent > 0 {
		fmt.Fprintf(&b, ", %d sent again because no answer came, or 429, 502, 503 or 504", r.Resent)
	}
	b.WriteByte('\n')
	if r.LeftOut > 0 {
		fmt.Fprintf(&b, "%s left out: the messages or the prepared records are used up\n", text.Count(r.LeftOut, "case"))
	}
	fmt.Fprintf(&b, "Ended: %s.\n", strings.TrimRight(text.Line(r.Stopped), "."))
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCounterexample(b *strings.Builder, number int, c Counterexample) {
	fmt.Fprintf(b, "%d. %s %s\n", number, c.Rule, text.Line(c.Words))
	line := func(label, foreign string) { fmt.Fprintf(b, "   %-9s %s\n", label, text.Cut(foreign, mostShown)) }
	line("property", asks(c.Property))
	switch {
	case c.Case == 0:
		line("found", "before the first case")
	case c.Repeats:
		line("found", fmt.Sprintf("by case %d, shrunk in %s, seen in %s", c.Case, text.Count(c.Tries, "request"), text.Count(c.Seen, "case")))
	default:
		line("found", fmt.Sprintf("by case %d; it did not break again, or could not be sent again, so it is not shrunk", c.Case))
	}
	writeShown(b, line, c.Smallest)
}

func writeShown(b *strings.Builder, line func(label, text string), s Shown) {
	message := func(headers map[string][]string, body string, size int) {
		for _, name := range slices.Sorted(maps.Keys(headers)) {
			for _, value := range headers[name] {
				line("", name+": "+value)
			}
		}
		line("", cmp.Or(body, "(no body)"))
		if size > mostShown {
			line("", fmt.Sprintf("(%d bytes)", size))
		}
	}
	line("state", s.State)
	line("changes", cmp.Or(strings.Join(s.Changes, "; "), "none: it is the documented request"))
	line("request", s.Method+" "+s.URL)
	message(s.Headers, s.Body, s.Size)
	if s.Status == 0 {
		line("answer", "none: "+s.Failure)
	} else {
		line("answer", fmt.Sprint(s.Status))
		message(s.Answered, s.Answer, len(s.Answer))
	}
	fmt.Fprintf(b, "   %-9s %s\n", "repeat", text.Line(s.Curl)) // whole: a command that is cut is none
}

// mostShown is how many characters of one line of a text are shown.
const mostShown = 300
