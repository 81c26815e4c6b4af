package env

import (
	"os"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
)

// Options is what an environment takes from outside its file.
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
	l := &loader{options: o, notebook: newNotebook(o.Secrets), scope: newScope()}
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
	notebook
	scope
	folder string // where relative paths of the file start
}

func (l *loader) load(nameOrPath string) *Environment {
	found, ok := l.find(nameOrPath)
	if !ok {
		return nil
	}
	l.folder = found.folder
	body, ok := l.parse(found.file, found.data)
	if !ok {
		return nil
	}
	l.checkBody(body, fileGrammar(), "")
	l.declareVariables(body)
	l.assignVariables(body)
	e := &Environment{Name: found.name, File: found.file}
	l.readTarget(e, body)
	l.readStates(e, body)
	l.readWebhook(e, body)
	l.readWaivers(e, body)
	l.readBudget(e, body)
	for _, s := range e.States {
		if s.Verifik != nil {
			s.Verifik.OTP.Own = l.read
		}
	}
	return e
}

// blocks returns the blocks of one type whose labels are as the grammar wants them: what is wrong with the
// others has been said already.
func blocks(body *hclsyntax.Body, kind string) []*hclsyntax.Block {
	spec, _ := fileGrammar().block(kind)
	var found []*hclsyntax.Block
	for _, block := range body.Blocks {
		if block.Type == kind && spec.labelled(block) {
			found = append(found, block)
		}
	}
	return found
}
