package certificate

import (
	_ "embed" // the text for a person
	"fmt"
	"io"
	"text/template"

	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
)

//go:embed certificate.tmpl
var shown string

// Write shows for a person what a certificate says and what its signature is worth. Its ids, digests and verdicts have a form
// that Verify has held them to.
func Write(w io.Writer, v *Verification) error {
	functions := template.FuncMap{"line": line, "stamp": stamp, "kept": kept, "partly": partly}
	return template.Must(template.New("certificate").Funcs(functions).Parse(shown)).Execute(w, v)
}

// kept counts the promises of a level, and those of them that are kept.
func kept(all []Promise, level result.Level) string {
	of := group.Where(all, func(p Promise) bool { return p.Level == level })
	passed := group.Where(of, func(p Promise) bool { return p.Verdict == result.Passed })
	return fmt.Sprintf("%d of %d %s", len(passed), len(of), level)
}

// partly counts the promises of which not all scenarios could run.
func partly(all []Promise) int {
	return len(group.Where(all, func(p Promise) bool { return len(p.Unchecked) > 0 }))
}
