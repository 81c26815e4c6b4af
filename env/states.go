package env

import (
	"fmt"
	"slices"
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
	if v.OTP.Kind == OTPCommand {
		v.OTP.Dir = l.path(".")
	}
	return v
}

// readWithout reads names of states: those of the carried contract, and any others of their form that are not near to
// one of them.
func readWithout(f field) any {
	var without []string
	for _, name := range f.items() {
		near := string(text.Nearest(name.text, providerstate.Names()))
		if near != name.text && (near != "" || !providerstate.Name(name.text).Valid()) {
			f.note(name.at, `"without" names a state that no scenario asks for`+text.DidYouMean(name.text, providerstate.Names()),
				"A state's name is (a|an|no) ... phone validation ..., as scenarios name it.")
		}
		without = append(without, name.text)
	}
	return without
}

func readRecords(f field) any {
	s := Static{File: f.path(f.text())}
	data, err := readFile(s.File, maxRecords)
	if err != nil {
		return f.unreadable(err)
	}
	s.Data = data
	return s
}

// unreadable notes that the file that an attribute names cannot be read.
func (f field) unreadable(err error) any {
	return f.complain("cannot be read", sentence(err)+" Relative paths start at the environment file's folder.")
}
