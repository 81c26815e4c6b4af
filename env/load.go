package env

import (
	"fmt"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
)

// Options are what an environment takes from outside its file.
type Options struct {
	Vars      []string                    // "name=value", as --var gave them, in order: the last of a name wins
	VarFiles  []string                    // paths, as --var-file gave them, in order: the last of a name wins
	BaseURL   string                      // of --base-url or BASE_URL: replaces an http target's; "": none
	LookupEnv func(string) (string, bool) // of CONTRACT_VAR_name and env(); nil: os.LookupEnv
	Secrets   *secret.Set                 // gets every sensitive value before anything is made of it; nil: a set of Load's own
}

// Load reads an environment: a shipped one or env/NAME.hcl by its name, any file by its path (what contains a
// slash or ends in .hcl). It sends nothing. The list holds every problem at once, warnings too; where one of
// them is an error, the environment is nil.
func Load(nameOrPath string, o Options) (*Environment, problem.List) {
	if o.LookupEnv == nil {
		o.LookupEnv = os.LookupEnv
	}
	if o.Secrets == nil {
		o.Secrets = &secret.Set{}
	}
	l := &loader{
		options:     o,
		diagnostics: diagnostics{secrets: o.Secrets},
		evalContext: evalContext{declared: map[string]*variable{}},
	}
	e := l.load(nameOrPath)
	problems := l.problems()
	if problems.HasErrors() {
		return nil, problems
	}
	return e, problems
}

// loader is one call of Load.
type loader struct {
	options Options
	diagnostics
	evalContext
	folder string // where relative paths of the file start
}

func (l *loader) load(nameOrPath string) *Environment {
	e, data, ok := l.find(nameOrPath)
	if !ok {
		return nil
	}
	body, ok := l.parse(e.File, data, false)
	if !ok {
		return nil
	}
	l.overrideBaseURL(body)
	blocks := l.check(body, fileSchema(), "The environment", hcl.Range{Filename: e.File})
	l.declareVariables(blocks)
	l.assignVariables()
	states := slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "states" })
	if i := slices.IndexFunc(blocks, func(b *block) bool { return b.Type == "target" }); i >= 0 { // a second has been complained about
		target := blocks[i]
		l.target(e, target)
		if target.label() == TargetHTTP && !states {
			l.note(target.DefRange(), "The environment has no states block",
				fmt.Sprintf("Scenarios start from records that something makes: states %q, %q or %q { ... }.", StatesPact, StatesVerifik, StatesStatic))
		}
	}
	for _, b := range blocks {
		l.read(e, b)
	}
	for _, s := range e.States {
		if s.Verifik != nil {
			s.Verifik.OTP.Own = l.fromProcess
		}
	}
	return e
}
