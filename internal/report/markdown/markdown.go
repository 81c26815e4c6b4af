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

// maxMarkdown is how long a job summary may become, in bytes: GitHub refuses one over 1 MiB as a whole, and other
// steps of the job write to the same one.
const maxMarkdown = 900 << 10

//go:embed markdown.tmpl
var parts string

// Render writes a summary as GitHub shows it under a job: what it comes to first, then the promises, what failed, what was
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

// functions is what the template asks of a run. Whatever they return is clean, and not yet plain.
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

// observed is the scenarios that observed something, each in its first repetition.
func observed(run *result.Run) []*result.Scenario {
	return slices.DeleteFunc(slices.Concat(view.ByRule(run)...), func(s *result.Scenario) bool { return s.Verdict != result.Observed || s.Repeat > 1 })
}

// fenceFor is a fence, at least the given one, that does not occur in a text.
func fenceFor(text, fence string) string {
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}

// linked finds what a renderer makes a link of though nothing marks it as one: addresses, and the mentions and
// references of the systems that show summaries. An escape does not help, since some look for them in the page that
// they have made.
var linked = regexp.MustCompile(`(?i)//|www\.|mailto:|xmpp:|@|#\d|\bgh-\d`)

// plain shows clean text as text: nothing in it is HTML, a link, an image, a mention or formatting. What would
// become a link is shown as code, in which there is none.
func plain(text string) string {
	all := strings.Split(text, " ")
	escapes := escapes()
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

func escapes() *strings.Replacer {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;",
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "{", `\{`, "}", `\}`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`, "#", `\#`,
		"!", `\!`, "$", `\$`)
}
