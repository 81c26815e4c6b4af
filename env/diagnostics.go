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

// diagnostics collects findings while an environment is loaded. They become problems at the end, when every secret is
// known.
type diagnostics struct {
	secrets  *secret.Set
	sources  []source
	hidden   []hcl.Range
	findings hcl.Diagnostics // their texts never hold the value of an expression, unlike the source line, which is redacted
}

// source is a file whose lines may be shown.
type source struct {
	file    string
	data    []byte
	private bool // its lines hold values only, so none is shown
}

// maxLine is how many bytes a source line that is shown may have: nobody finds anything in a longer one.
const maxLine = 4096

// maxProblems is how many problems are shown: a file of another format yields thousands.
const maxProblems = 100

// note adds a finding. A range without a line means the whole file or, without a file name, no place.
func (d *diagnostics) note(at hcl.Range, summary, detail string) {
	d.findings = append(d.findings, &hcl.Diagnostic{Summary: summary, Detail: detail, Subject: &at})
}

// hide keeps a part of a source from being shown.
func (d *diagnostics) hide(part hcl.Range) { d.hidden = append(d.hidden, part) }

// sourceIndex returns the index of a file among the sources; -1 if it is none.
func (d *diagnostics) sourceIndex(file string) int {
	return slices.IndexFunc(d.sources, func(s source) bool { return s.file == file })
}

// problems returns the findings as problems: first those without a file, then by file and place.
func (d *diagnostics) problems() problem.List {
	slices.SortStableFunc(d.findings, func(x, y *hcl.Diagnostic) int {
		return cmp.Or(
			cmp.Compare(d.sourceIndex(x.Subject.Filename), d.sourceIndex(y.Subject.Filename)),
			cmp.Compare(x.Subject.Start.Byte, y.Subject.Start.Byte),
			cmp.Compare(x.Summary, y.Summary),
		)
	})
	d.findings = slices.CompactFunc(d.findings, func(x, y *hcl.Diagnostic) bool {
		return x.Summary == y.Summary && x.Detail == y.Detail && *x.Subject == *y.Subject
	})
	list := problem.List(group.Map(d.findings[:min(len(d.findings), maxProblems)], d.problem))
	if more := len(d.findings) - maxProblems; more > 0 {
		list.Add(fmt.Sprintf("%d more problems", more), "Fix the first ones and try again.")
	}
	return list
}

func (d *diagnostics) problem(f *hcl.Diagnostic) problem.Problem {
	at := *f.Subject
	p := problem.Problem{
		Severity: problem.Error,
		Summary:  d.secrets.Redact(f.Summary),
		Detail:   d.secrets.Redact(strings.TrimSpace(f.Detail)),
		File:     d.secrets.Redact(at.Filename),
	}
	rank := d.sourceIndex(at.Filename)
	if p.Line = at.Start.Line; p.Line == 0 || rank < 0 {
		return p
	}
	line, start := lineAt(d.sources[rank].data, at.Start.Byte)
	from := min(at.Start.Byte-start, len(line))
	to := min(max(at.End.Byte-start, from), len(line))
	p.Column = 1 + utf8.RuneCount(line[:from])
	if d.sources[rank].private || len(line) > maxLine {
		return p
	}
	// The caret's column is counted in the line as it is shown, without the hidden parts.
	before, marked, after := d.redactedParts(at.Filename, line, start, from, to)
	p.Source = before + marked + after
	p.Column = 1 + utf8.RuneCountInString(before)
	p.Width = utf8.RuneCountInString(marked)
	if redacted := d.secrets.Redact(p.Source); redacted != p.Source { // a secret lay across an end of the caret
		p.Source, p.Column, p.Width = redacted, 0, 0
	}
	p.Source = strings.TrimRight(p.Source, "\r")
	return p
}

var hiddenPart = regexp.MustCompile(`\x00+`)

// redactedParts returns a redacted line in three parts: before, at and after the caret. A hidden part that lies across an end of
// the caret is marked as a whole.
func (d *diagnostics) redactedParts(file string, line []byte, start, from, to int) (before, marked, after string) {
	line = bytes.Clone(line)
	for _, r := range d.hidden {
		for i := max(r.Start.Byte-start, 0); r.Filename == file && i < min(r.End.Byte-start, len(line)); i++ {
			line[i] = 0 // stands for a hidden byte; a file with NUL bytes is refused
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

// lineAt returns the line at an offset, without its line break, and the offset where it starts.
func lineAt(data []byte, offset int) ([]byte, int) {
	offset = min(max(offset, 0), len(data))
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	line, _, _ := bytes.Cut(data[start:], []byte("\n"))
	return line, start
}
