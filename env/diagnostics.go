package env

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
)

// diagnostics collects what is wrong while an environment is loaded. The problems are made of it at the end, when
// every value that must not be shown is known.
type diagnostics struct {
	secrets  *secret.Set
	sources  []source
	hidden   []hcl.Range
	findings []finding
}

// source is a file whose lines may be shown.
type source struct {
	file    string
	data    []byte
	private bool // its lines hold values only: no line is shown
}

// finding is something wrong. Its texts never hold the value of an expression: the source line shows what was
// written, as far as it may be shown.
type finding struct {
	summary string
	detail  string
	at      hcl.Range // without a Line: no place, in the file if there is one
}

// maxLine bounds the length of a source line that is shown, in bytes: nobody finds anything in a longer one.
const maxLine = 4096

// maxProblems bounds how many problems are told: a file of another kind yields thousands.
const maxProblems = 100

func (d *diagnostics) note(at hcl.Range, summary, detail string) {
	d.findings = append(d.findings, finding{summary, detail, at})
}

// hide keeps a part of a source from being shown.
func (d *diagnostics) hide(part hcl.Range) { d.hidden = append(d.hidden, part) }

// keepSource keeps a file to show lines of. Files of variables stand before the environment, which is read first: what is
// wrong with one is why a variable has no value.
func (d *diagnostics) keepSource(s source) {
	if d.rank(s.file) < 0 {
		d.sources = slices.Insert(d.sources, max(0, len(d.sources)-1), s)
	}
}

// rank returns where among the sources a file stands; -1: it is none.
func (d *diagnostics) rank(file string) int {
	return slices.IndexFunc(d.sources, func(s source) bool { return s.file == file })
}

// problems makes the list: first what has no file, then by file and place.
func (d *diagnostics) problems() problem.List {
	slices.SortStableFunc(d.findings, func(x, y finding) int {
		return cmp.Or(
			cmp.Compare(d.rank(x.at.Filename), d.rank(y.at.Filename)),
			cmp.Compare(x.at.Start.Byte, y.at.Start.Byte),
			cmp.Compare(x.summary, y.summary),
		)
	})
	d.findings = slices.Compact(d.findings)
	list := problem.List(group.Map(d.findings[:min(len(d.findings), maxProblems)], d.problem))
	if more := len(d.findings) - maxProblems; more > 0 {
		list.Add(fmt.Sprintf("%d more problems", more), "Solve the first ones and try again.")
	}
	return list
}

func (d *diagnostics) problem(f finding) problem.Problem {
	p := problem.Problem{
		Severity: problem.Error,
		Summary:  d.secrets.Redact(f.summary),
		Detail:   d.secrets.Redact(strings.TrimSpace(f.detail)),
		File:     d.secrets.Redact(f.at.Filename),
	}
	at := d.rank(f.at.Filename)
	if p.Line = f.at.Start.Line; p.Line == 0 || at < 0 {
		return p
	}
	line, start := lineAt(d.sources[at].data, f.at.Start.Byte)
	from := min(f.at.Start.Byte-start, len(line))
	to := min(max(f.at.End.Byte-start, from), len(line))
	p.Column = 1 + utf8.RuneCount(line[:from])
	if d.sources[at].private || len(line) > maxLine {
		return p
	}
	// The caret belongs where what it marks stands once what is hidden is taken out.
	before, marked, after := d.visible(f.at.Filename, line, start, from, to)
	p.Source = before + marked + after
	p.Column = 1 + utf8.RuneCountInString(before)
	p.Width = utf8.RuneCountInString(marked)
	if redacted := d.secrets.Redact(p.Source); redacted != p.Source { // a secret that the caret's ends cut in pieces
		p.Source, p.Column, p.Width = redacted, 0, 0
	}
	p.Source = strings.TrimRight(p.Source, "\r")
	return p
}

var hiddenPart = regexp.MustCompile(`\x00+`)

// visible returns a line with each hidden part replaced and secrets taken out, cut before and after what the caret marks.
// A hidden part that the caret cuts is marked whole.
func (d *diagnostics) visible(file string, line []byte, start, from, to int) (before, marked, after string) {
	line = bytes.Clone(line)
	for _, r := range d.hidden {
		for i := max(r.Start.Byte-start, 0); r.Filename == file && i < min(r.End.Byte-start, len(line)); i++ {
			line[i] = 0 // no line has another
		}
	}
	cuts := func(at int) bool { return at > 0 && at < len(line) && line[at-1] == 0 && line[at] == 0 }
	for cuts(from) {
		from--
	}
	for to > from && cuts(to) {
		to++
	}
	show := func(part []byte) string {
		return d.secrets.Redact(hiddenPart.ReplaceAllLiteralString(string(part), secret.Redacted))
	}
	return show(line[:from]), show(line[from:to]), show(line[to:])
}

// lineAt returns the line that an offset lies in, without its line break, and where it starts.
func lineAt(data []byte, offset int) ([]byte, int) {
	offset = min(max(offset, 0), len(data))
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	line := data[start:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	return line, start
}
