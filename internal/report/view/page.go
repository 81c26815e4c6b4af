// Package view holds what the report forms share: failures grouped by cause, counts and wording, and plain text of them.
// Foreign text is bounded and made harmless here.
package view

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"text/template"

	"github.com/charmbracelet/x/ansi"

	"verifik-contract/internal/history"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Page is text for a person. It is built whole before it is written, so that others who write to the same terminal do not
// tear it apart.
type Page struct {
	bytes.Buffer
	paint
	width int
}

// NewPage returns an empty page of a width in columns; with 0 its lines are never wrapped or cut.
func NewPage(color bool, width int) *Page { return &Page{paint: paint(color), width: width} }

// Line writes one line as it is, unless it would be a workflow command of GitHub Actions: foreign text may begin a line with
// two colons, a report never does.
func (p *Page) Line(indent int, content string) {
	if content != "" {
		p.WriteString(text.Begin(strings.Repeat(" ", indent) + content))
	}
	p.WriteByte('\n')
}

// narrow is the smallest width that text is wrapped to: below it, wrapping makes text harder to read.
const narrow = 40

// Prose writes clean text, wrapped to the width; the second and later lines are indented by two columns more. Lines break
// at spaces only: a path or a command that was broken at a hyphen could not be copied.
func (p *Page) Prose(indent int, text string) {
	width := p.width - indent - 2
	wrapped := text
	if p.width > 0 && width >= narrow-2 && ansi.StringWidth(text) > p.width-indent {
		wrapped = ansi.Wordwrap(strings.ReplaceAll(text, "-", hyphen), width, "")
	}
	for i, l := range strings.Split(strings.NewReplacer(hyphen, "-", space, " ").Replace(wrapped), "\n") {
		if i == 1 {
			indent += 2
		}
		p.Line(indent, strings.TrimLeft(l, " "))
	}
}

// Template parses a template for this page, with functions besides those that every template has. Foreign text has to go
// through inline or cut. It panics if the source is not a template.
func (p *Page) Template(source string, functions template.FuncMap) *template.Template {
	return template.Must(template.New("text").Funcs(template.FuncMap{
		"bold": p.Bold, "dim": p.Dim, "green": p.green, "yellow": p.yellow, "cyan": p.cyan, "red": p.red, "count": text.Count, "first": First,
		"left":   func(limit int, list any) int { return max(0, reflect.ValueOf(list).Len()-limit) },
		"inline": func(foreign any) string { return Inline(fmt.Sprint(foreign)) }, "cut": Cut, "few": Few, "place": Place,
	}).Funcs(functions).Parse(source))
}

// Fill writes one template of those in words, each line as prose with the indentation that it has in the template. It panics
// if the template does not fit the type of the data.
func (p *Page) Fill(words *template.Template, part string, of any) {
	var filled strings.Builder
	if err := words.ExecuteTemplate(&filled, part, of); err != nil {
		panic(err)
	}
	for line := range strings.Lines(filled.String()) {
		content := strings.TrimLeft(line, " ")
		p.Prose(len(line)-len(content), strings.TrimRight(content, " \n"))
	}
}

// First returns at most limit elements of a list, for templates.
func First(limit int, list any) any {
	all := reflect.ValueOf(list)
	return all.Slice(0, min(all.Len(), limit)).Interface()
}

// These stand for a hyphen, and for a space at which a line must not break, while text is wrapped: private characters of one
// column, which clean text never contains.
const (
	hyphen = "\ue000"
	space  = "\ue001"
)

// Together returns clean text that Prose does not break.
func Together(text string) string { return strings.ReplaceAll(text, " ", space) }

// Fit cuts clean text so that it fits into one line together with the text after it.
func (p *Page) Fit(indent int, text, after string) string {
	room := p.width - indent - ansi.StringWidth(after)
	if p.width == 0 || room < narrow/2 || ansi.StringWidth(text) <= room {
		return text
	}
	return ansi.Truncate(text, room, "…")
}

// Span returns a duration in words: "20 µs", "1.5 ms", "12 ms", "1.3 s", "1 min 30 s".
func Span(m result.Millis) string { return text.Duration(m.Duration()) }

// Few joins clean texts, up to a limit, and counts the others.
func Few(texts []string, limit int) string {
	if len(texts) <= limit {
		return strings.Join(texts, ", ")
	}
	return strings.Join(texts[:limit], ", ") + fmt.Sprintf(" and %d more", len(texts)-limit)
}

// The bounds of foreign text in a report; the result file has all of it.
const (
	maxWords = 600     // characters of a name, a reason or a value
	maxCurl  = 8 << 10 // bytes of a command
	maxBody  = 4 << 10 // bytes of a body
	maxLines = 40      // lines of a body
)

// Inline returns foreign text as one clean line.
func Inline[S ~string](foreign S) string { return text.Cut(string(foreign), maxWords) }

// Cut returns foreign text as one clean line of at most limit characters.
func Cut(foreign string, limit int) string { return text.Cut(foreign, limit) }

// block returns foreign text as clean lines: at most limit bytes and maxLines lines, then one that says how much is left
// out. size is the length of the whole text if the given one is only its beginning.
func block(foreign string, size, limit int) []string {
	size = max(size, len(foreign))
	shown, cut := text.Beginning(foreign, limit)
	complete := !cut && len(shown) == size
	lines := text.Lines(shown)
	if len(lines) > maxLines {
		lines, complete = lines[:maxLines], false
	}
	if !complete {
		lines = append(lines, fmt.Sprintf("… the beginning of %d bytes", size))
	}
	return lines
}

// paint colours clean text for a terminal if it is true.
type paint bool

func (p paint) sgr(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) Bold(text string) string   { return p.sgr("1", text) }
func (p paint) Dim(text string) string    { return p.sgr("2", text) }
func (p paint) red(text string) string    { return p.sgr("31", text) }
func (p paint) green(text string) string  { return p.sgr("32", text) }
func (p paint) yellow(text string) string { return p.sgr("33", text) }
func (p paint) cyan(text string) string   { return p.sgr("36", text) }

// Verdict returns text in the colour of a verdict.
func (p paint) Verdict(v result.Verdict, text string) string {
	colors := map[result.Verdict]string{
		result.Passed: "32", result.Failed: "31", result.Broken: "33", result.Waived: "33", result.Observed: "36", history.Flaky: "33",
	}
	return p.sgr(cmp.Or(colors[v], "2"), text)
}

// Mark returns the sign of a verdict. Words beside it have to say the same, for those who do not see signs or colours.
func Mark(v result.Verdict) string {
	signs := map[result.Verdict]string{
		result.Passed: "✓", result.Failed: "✗", result.Broken: "!", result.Waived: "~", result.Observed: "○", history.Flaky: "≈",
	}
	return cmp.Or(signs[v], "-")
}
