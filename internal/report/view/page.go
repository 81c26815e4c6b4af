// Package view is what the forms of a report share: what is wrong and by which cause, counts and words, and the plain
// text that says both, with bounds on what it takes from outside and made harmless.
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

// Page is a text for a person, made before it is written, so that nothing of it is torn by others who write to the
// same terminal.
type Page struct {
	bytes.Buffer
	paint
	width int
}

// NewPage returns an empty page of that width; 0: its lines are never wrapped or cut.
func NewPage(color bool, width int) *Page { return &Page{paint: paint(color), width: width} }

// Line writes one line as it is, but for one that GitHub Actions would obey: a foreign text may begin a line with
// two colons, a report never does.
func (p *Page) Line(indent int, content string) {
	if content != "" {
		p.WriteString(text.Begin(strings.Repeat(" ", indent) + content))
	}
	p.WriteByte('\n')
}

// narrow is the least width that text is wrapped to: below it, wrapping makes text worse.
const narrow = 40

// Prose writes clean text in as many lines as the width asks for; the second and later ones are indented by two
// columns more.
//
// Lines break at spaces alone: a path or a command that was broken at a hyphen could not be copied.
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

// Template parses the words of a text for this page. functions join those that every text has; whatever is foreign goes
// through inline. It panics where the text is no template, which no data can make it be.
func (p *Page) Template(source string, functions template.FuncMap) *template.Template {
	return template.Must(template.New("text").Funcs(template.FuncMap{
		"bold": p.Bold, "dim": p.Dim, "green": p.green, "yellow": p.yellow, "cyan": p.cyan, "red": p.red, "count": text.Count, "first": First,
		"left":   func(limit int, list any) int { return max(0, reflect.ValueOf(list).Len()-limit) },
		"inline": func(foreign any) string { return Inline(fmt.Sprint(foreign)) }, "cut": Cut, "few": Few, "place": Place,
	}).Funcs(functions).Parse(source))
}

// Fill writes what a part of a text says, each line as prose with the indentation that it has there. It panics where the
// text does not fit, which no data can make it do.
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

// First returns the beginning of a list, for templates.
func First(limit int, list any) any {
	all := reflect.ValueOf(list)
	return all.Slice(0, min(all.Len(), limit)).Interface()
}

// What stands for a hyphen, and for a space that is to stay in its line, while text is wrapped: private characters of
// one column, which clean text does not hold.
const (
	hyphen = "\ue000"
	space  = "\ue001"
)

// Together keeps clean text in one line.
func Together(text string) string { return strings.ReplaceAll(text, " ", space) }

// Fit cuts clean text so that it and what follows it fit into one line.
func (p *Page) Fit(indent int, text, after string) string {
	room := p.width - indent - ansi.StringWidth(after)
	if p.width == 0 || room < narrow/2 || ansi.StringWidth(text) <= room {
		return text
	}
	return ansi.Truncate(text, room, "…")
}

// Span returns a duration in words: "20 µs", "1.5 ms", "12 ms", "1.3 s", "1 min 30 s".
func Span(m result.Millis) string { return text.Duration(m.Duration()) }

// Few joins clean texts, the first of them only where they are many.
func Few(texts []string, limit int) string {
	if len(texts) <= limit {
		return strings.Join(texts, ", ")
	}
	return strings.Join(texts[:limit], ", ") + fmt.Sprintf(" and %d more", len(texts)-limit)
}

// The bounds of what a report shows of a foreign text; the result file holds all of it.
const (
	maxWords = 600     // characters of a name, a reason or a value
	maxCurl  = 8 << 10 // bytes of a command
	maxBody  = 4 << 10 // bytes of a body
	maxLines = 40      // lines of a body
)

// Inline shows a foreign text in one line.
func Inline[S ~string](foreign S) string { return text.Cut(string(foreign), maxWords) }

// Cut shows a foreign text in one line of so many characters at most.
func Cut(foreign string, limit int) string { return text.Cut(foreign, limit) }

// block shows a foreign text line by line, at most a number of bytes and lines of it. The last line says how much
// is left out; size is how long the whole text is where the text is only its beginning.
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

// paint colours text for a terminal; off, it leaves it as it is. Only ever given clean text.
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

// look is the sign and the colour of a verdict.
func look(v result.Verdict) (sign, color string) {
	shown := map[result.Verdict][2]string{
		result.Passed: {"✓", "32"}, result.Failed: {"✗", "31"}, result.Broken: {"!", "33"}, result.Waived: {"~", "33"}, result.Observed: {"○", "36"},
		history.Flaky: {"≈", "33"},
	}[v]
	return cmp.Or(shown[0], "-"), cmp.Or(shown[1], "2")
}

// Verdict colours text as its verdict.
func (p paint) Verdict(v result.Verdict, text string) string {
	_, color := look(v)
	return p.sgr(color, text)
}

// Mark returns the sign of a verdict; the words beside it say the same to who does not see colours or signs.
func Mark(v result.Verdict) string {
	sign, _ := look(v)
	return sign
}
