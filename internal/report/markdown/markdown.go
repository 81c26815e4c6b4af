// Package markdown writes a result as a GitHub job summary.
package markdown

import (
	"bytes"
	_ "embed" // the summary's parts
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// maxMarkdown is how long a summary may be, in bytes: GitHub rejects job summaries over 1 MiB, and other steps of the job
// write to the same one.
const maxMarkdown = 900 << 10

//go:embed markdown.tmpl
var parts string

// Render writes a summary as GitHub shows it under a job: the outcome first, then the promises, what failed, and what was
// observed.
func Render(w io.Writer, run *result.Run) error {
	parsed := template.Must(template.New("markdown").Funcs(functions(run)).Parse(parts))
	type part struct {
		name string
		of   any
	}
	all := []part{{"conclusion", run}, {"table", run}, {"facts", run}, {"rules", run}}
	for i, f := range view.Failures(run) {
		if i == 0 {
			all = append(all, part{"wrong", run})
		}
		all = append(all, part{"failure", f})
	}
	var page bytes.Buffer
	left := 0 // parts that do not fit
	for _, p := range append(all, part{"observed", run}) {
		before := page.Len()
		if left == 0 || p.name != "failure" {
			if err := parsed.ExecuteTemplate(&page, p.name, p.of); err != nil {
				return fmt.Errorf("the summary: %w", err)
			}
		}
		if page.Len() > maxMarkdown || left > 0 && p.name == "failure" {
			page.Truncate(before)
			left++
		}
	}
	if left > 0 {
		fmt.Fprintf(&page, "%s did not fit here: the result file holds them.\n", text.Count(left, "more part"))
	}
	_, err := w.Write(page.Bytes())
	return err
}

// functions returns the functions of the template. Their texts are clean, but not yet plain.
func functions(run *result.Run) template.FuncMap {
	p := (&view.Page{}).Details(run)
	return template.FuncMap{
		"plain": plain, "mark": view.Mark, "inline": func(s string) string { return view.Inline(s) },
		"outcome": view.Conclusion, "stopped": view.Stopped,
		"driftText": view.DriftText,
		"groups":    result.Groups, "verdictsIn": view.VerdictsIn, "facts": view.Facts,
		"words": func(r result.Rule) string {
			return strings.TrimSuffix(view.Inline(r.Title)+": "+view.RuleWords(&r), ": ")
		},
		"title": p.Headline, "details": p.Text,
		"fenced": func(text string) string {
			fence := fenceFor(text, "```")
			return fence + "text\n" + text + fence + "\n\n"
		},
		"observed": observed, "observedLine": view.ObservedLine,
	}
}

// observed returns the first repetition of each scenario that observed something.
func observed(run *result.Run) []*result.Scenario {
	return slices.DeleteFunc(slices.Concat(view.ByRule(run)...), func(s *result.Scenario) bool { return s.Verdict != result.Observed || s.Repeat > 1 })
}

// fenceFor lengthens a fence until it does not occur in a text.
func fenceFor(text, fence string) string {
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}

// linked matches what renderers turn into links without any markup: addresses, and mentions and references of the systems
// that show summaries. Escaping does not help: some look for them in the rendered page.
var linked = regexp.MustCompile(`(?i)//|www\.|mailto:|xmpp:|@|#\d|\bgh-\d`)

// plain returns clean text as Markdown without HTML, links, images, mentions or formatting. What would become a link is
// shown as code.
func plain(text string) string {
	all := strings.Split(text, " ")
	escapes := strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;",
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`,
		"!", `\!`, "$", `\$`)
	for i, word := range all {
		if linked.MatchString(word) {
			all[i] = code(word)
		} else {
			all[i] = escapes.Replace(word)
		}
	}
	return strings.Join(all, " ")
}

func code(word string) string {
	fence, pad := fenceFor(word, "`"), ""
	if len(fence) > 1 {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(word, "|", `\|`) + pad + fence // or it ends the cell of a table
}
