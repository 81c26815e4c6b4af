// Package markdown writes a result as a GitHub job summary.
package markdown

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// maxMarkdown is how long a job summary may become, in bytes: GitHub refuses one over 1 MiB as a whole, and other
// steps of the job write to the same one.
const maxMarkdown = 900 << 10

// summary is a job summary that stops growing before its limit.
type summary struct {
	bytes.Buffer
	left int // sections that did not fit
}

// section adds a part if it fits.
func (m *summary) section(text string) {
	if m.Len()+len(text) > maxMarkdown {
		m.left++
		return
	}
	m.WriteString(text)
}

// Render writes a summary as GitHub shows it under a job: what it comes to first, then what failed, the
// promises, what was observed.
func Render(w io.Writer, run *result.Run) error {
	m := &summary{}
	lines := view.Conclusion(run)
	m.section("# " + view.Mark(run.Exit.Verdict()) + " " + plain(lines[len(lines)-1]) + "\n\n")
	for _, line := range lines[:len(lines)-1] {
		m.section("**" + plain(line) + "**\n\n")
	}
	if run.Drift != nil {
		m.section(drift(run.Drift))
	}
	m.section(table(run))
	m.section(facts(run))
	m.section(rules(run))
	found := view.Failures(run)
	if len(found) > 0 {
		m.section("## What is wrong\n\n")
	}
	for i := range found {
		if m.left > 0 {
			m.left += len(found) - i
			break
		}
		m.section(failure(run, found[i]))
	}
	observed(m, run)
	if m.left > 0 {
		fmt.Fprintf(m, "%s did not fit here: the result file holds them.\n", text.Count(m.left, "more part"))
	}
	_, err := w.Write(m.Bytes())
	return err
}

func table(run *result.Run) string {
	rows := result.Groups(run)
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	verdicts := view.VerdictsIn(rows)
	b.WriteString("| |")
	for _, v := range verdicts {
		fmt.Fprintf(&b, " %s %s |", view.Mark(v), v)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(verdicts)) + "\n")
	for _, row := range rows {
		b.WriteString("| " + row.Name + " |")
		for _, v := range verdicts {
			fmt.Fprintf(&b, " %d |", row.Tally[v])
		}
		b.WriteByte('\n')
	}
	return b.String() + "\n"
}

// drift is what changed since the baseline as the terminal shows it, under what it comes to.
func drift(d *result.Drift) string {
	head := "## " + plain(view.Headline(d)) + "\n\n"
	if !d.Drifted() {
		return head
	}
	text := view.DriftText(d)
	fence := fenceFor(text)
	return head + fence + "text\n" + text + fence + "\n\n"
}

func facts(run *result.Run) string {
	var b strings.Builder
	for _, f := range view.Facts(run) {
		fmt.Fprintf(&b, "- **%s:** %s\n", f.Name, plain(f.Text))
	}
	return b.String() + "\n"
}

func rules(run *result.Run) string {
	if len(run.Rules) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<details><summary>The promises</summary>\n\n| rule | level | verdict | promise |\n|---|---|---|---|\n")
	for i := range run.Rules {
		r := &run.Rules[i]
		title := view.Inline(r.Title)
		switch {
		case r.Breaches > 0:
			title += ": " + view.BreachLine(r)
		case r.Verdict != result.Passed && r.Reason != "":
			title += ": " + view.Cut(r.Reason, 200)
		case r.Judged > 0:
			title += ": kept by " + text.Count(r.Judged, "exchange")
		}
		fmt.Fprintf(&b, "| %s | %s | %s %s | %s |\n", plain(view.Inline(r.ID)), r.Level, view.Mark(r.Verdict), r.Verdict, plain(title))
	}
	return b.String() + "\n</details>\n\n"
}

// failure is what is wrong under its headline; the details are what the terminal shows, as they are.
func failure(run *result.Run, t view.Failure) string {
	p := &view.Page{}
	p.Block(run, t)
	text := p.String()
	fence := fenceFor(text)
	return "### " + plain((&view.Page{}).Headline(t)) + "\n\n" + fence + "text\n" + text + fence + "\n\n"
}

func observed(m *summary, run *result.Run) {
	var b strings.Builder
	for _, s := range slices.Concat(view.ByRule(run)...) {
		if s.Verdict != result.Observed || s.Repeat > 1 {
			continue
		}
		fmt.Fprintf(&b, "- %s %s: %s\n", plain(view.Inline(s.Rule)), plain(view.Inline(s.Name)), plain(view.ObservedLine(s)))
	}
	if b.Len() > 0 {
		m.section("<details><summary>Observed where the documentation is silent</summary>\n\n" + b.String() + "\n</details>\n\n")
	}
}

// fenceFor is a fence that does not occur in a text.
func fenceFor(text string) string { return strings.Repeat("`", max(backticks(text)+1, 3)) }

// backticks is how many stand in a row at most.
func backticks(text string) int {
	longest := 0
	for _, row := range rows.FindAllString(text, -1) {
		longest = max(longest, len(row))
	}
	return longest
}

var rows = regexp.MustCompile("`+")

// linked finds what a renderer makes a link of though nothing marks it as one: addresses, and the mentions and
// references of the systems that show summaries. An escape does not help, since some look for them in the page that
// they have made.
var linked = regexp.MustCompile(`(?i)//|www\.|mailto:|xmpp:|@|#\d|\bgh-\d`)

// plain shows clean text as text: nothing in it is HTML, a link, an image, a mention or formatting. What would
// become a link is shown as code, in which there is none.
func plain(text string) string {
	words := strings.Split(text, " ")
	escapes := escapes()
	for i, word := range words {
		if linked.MatchString(word) {
			words[i] = code(word)
		} else {
			words[i] = escapes.Replace(word)
		}
	}
	return strings.Join(words, " ")
}

func code(word string) string {
	fence, pad := strings.Repeat("`", backticks(word)+1), ""
	if len(fence) > 1 {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(word, "|", `\|`) + pad + fence // or it ends the cell of a table
}

func escapes() *strings.Replacer {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;",
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`,
		"!", `\!`, "$", `\$`)
}
