package certificate

import (
	_ "embed" // the text for a person
	"fmt"
	"io"
	"text/template"

	"verifik-contract/internal/result"
)

//go:embed certificate.tmpl
var shown string

// Write shows for a person what a certificate says and what its signature is worth. Its ids, digests and verdicts have a form
// that Verify has held them to.
func Write(w io.Writer, v *Verification) error {
	t, err := template.New("certificate").Funcs(template.FuncMap{"line": line, "stamp": stamp}).Parse(shown)
	if err != nil {
		return err
	}
	return t.Execute(w, v)
}

// Summary counts the promises that are kept, and says what was only observed.
func (v *Verification) Summary() string {
	c := v.Certificate
	kept := map[result.Level]int{}
	all := map[result.Level]int{}
	parts := 0
	for _, p := range c.Promises {
		all[p.Level]++
		if p.Verdict == result.Passed {
			kept[p.Level]++
		}
		if len(p.Unchecked) > 0 {
			parts++
		}
	}
	text := fmt.Sprintf("%d of %d must and %d of %d should promises are kept", kept[result.Must], all[result.Must], kept[result.Should], all[result.Should])
	if parts > 0 {
		text += fmt.Sprintf(", %d in part: not all of its scenarios could run", parts)
	}
	if n := len(c.Observed); n > 0 {
		text += fmt.Sprintf("; observed, which certifies nothing: %d", n)
	}
	return text + "."
}
