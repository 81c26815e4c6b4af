package env

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
)

// What an OTP source has that the file does not say.
const (
	defaultField = "otp"
	defaultEvery = time.Second
	defaultFor   = 60 * time.Second
)

func (l *loader) states(e *Environment, blocks []*block, body *hclsyntax.Body) {
	for _, b := range blocks {
		if b.Type != "states" {
			continue
		}
		if e.Target.Kind == TargetEmbedded {
			l.besideEmbedded(b)
		}
		s := States{Kind: b.label()}
		switch s.Kind {
		case StatesPact:
			s.Pact = &Pact{}
			b.fill(s.Pact)
		case StatesVerifik:
			s.Verifik = l.verifik(b)
		case StatesStatic:
			static, _ := b.values["file"].(Static)
			s.Static = &static
		}
		e.States = append(e.States, s)
	}
	tried := slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "states" })
	if e.Target.Kind == TargetHTTP && !tried {
		l.note(first(blocks, "target").DefRange(), "The environment lacks a states block",
			fmt.Sprintf("Scenarios start from records that something makes: states %q, %q or %q { ... }.", StatesPact, StatesVerifik, StatesStatic))
	}
}

func (l *loader) verifik(b *block) *Verifik {
	v := &Verifik{}
	b.fill(v)
	otp := first(b.blocks, "otp")
	if otp == nil {
		return v
	}
	v.OTP = OTP{Kind: otp.label(), Own: l.read}
	otp.fill(&v.OTP)
	switch {
	case v.OTP.Kind == OTPCommand:
		v.OTP.Dir = l.path(".")
	case v.OTP.Kind == OTPHTTP && v.OTP.Every > v.OTP.For:
		at := otp.DefRange()
		if every := otp.Body.Attributes["every"]; every != nil {
			at = every.Expr.Range()
		}
		l.note(at, `"every" of otp "http" is longer than "for"`, fmt.Sprintf("It would be asked once in %s at most: ask more often, or longer.", v.OTP.For))
	}
	return v
}

// readWithout reads names of states: those of the carried contract, and any others of their form that are not near to
// one of them.
func readWithout(f field, items []item, _ bool) any {
	var known, without []string
	for _, name := range providerstate.Names() {
		known = append(known, string(name))
	}
	for _, name := range items {
		near := nearState(name.text, known)
		switch {
		case near == "" && !providerstate.Name(name.text).Valid():
			f.note(name.at, `"without" names a state that no scenario asks for`, "States are: "+quoted(known)+".")
		case near != "" && near != name.text:
			f.note(name.at, `"without" names a state that no scenario asks for`, fmt.Sprintf("Did you mean %q?", near))
		case slices.Contains(without, name.text):
			f.note(name.at, `"without" names a state twice`, "Keep one of the two.")
		default:
			without = append(without, name.text)
		}
	}
	return without
}

// nearState also finds a state by its beginning or its end, as people shorten it.
func nearState(given string, known []string) string {
	if best := text.Nearest(given, known); best != "" {
		return best
	}
	i := slices.IndexFunc(known, func(name string) bool { return len(given) > 5 && strings.Contains(text.Plain(name), text.Plain(given)) })
	if i < 0 {
		return ""
	}
	return known[i]
}

func readRecords(f field) any {
	s := Static{File: f.path(f.text())}
	data, err := readFile(s.File, maxRecords)
	if err != nil {
		return f.unreadable(err)
	}
	if at, what := badText(data); at >= 0 {
		return f.wrong("names a file that holds "+what, "Records are JSON in UTF-8.")
	}
	s.Data = data
	return s
}

// unreadable notes that the file that an attribute names cannot be read.
func (f field) unreadable(err error) any {
	return f.wrong("cannot be read", sentence(err)+" Relative paths start at the environment file's folder.")
}
