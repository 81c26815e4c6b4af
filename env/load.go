package env

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// Options are an environment's inputs besides its file.
type Options struct {
	Vars      []string                    // "name=value" of each --var; the last of a name wins
	VarFiles  []string                    // the path of each --var-file; the last to set a name wins
	BaseURL   string                      // from --base-url or BASE_URL: replaces that of an http target; "": none
	LookupEnv func(string) (string, bool) // for CONTRACT_VAR_name and env()
	Secrets   *secret.Set                 // gets every sensitive value before it is used
}

// Load reads an environment: by its name, if it is a shipped one or env/NAME.hcl, else by its path, which contains a
// slash or ends in .hcl. It sends nothing. The list holds all problems, including warnings; if one of them is an
// error, the environment is nil.
func Load(nameOrPath string, o Options) (*Environment, problem.List) {
	l := &loader{options: o, diagnostics: diagnostics{secrets: o.Secrets}, declared: map[string]*variable{}}
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
	folder       string // where relative paths of the file start
	declared     map[string]*variable
	context      *hcl.EvalContext // for the file's expressions
	privateTexts []string         // all values of variables, env() and file(), which no message may hold
	processVars  []string         // names of the environment variables that env() read
	files        []string         // paths of the files that were read
}

func (l *loader) load(nameOrPath string) *Environment {
	e, data, ok := l.readEnvironment(nameOrPath)
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
	if target := group.First(blocks, func(b *block) bool { return b.Type == "target" }); target != nil { // a second one has been noted
		l.target(e, target)
		if target.label() == TargetHTTP && !states {
			l.note(target.DefRange(), "The environment has no states block",
				fmt.Sprintf("Something has to make the records that scenarios start from: states %q, %q or %q { ... }.", statesPact, statesVerifik, statesStatic))
		}
	}
	for _, b := range blocks {
		l.read(e, b)
	}
	for _, s := range e.States {
		if s.Verifik != nil {
			s.Verifik.OTP.Own = l.processVars
		}
	}
	e.Files = l.files
	return e
}

// content reads a file of at most limit bytes and keeps its path.
func (l *loader) content(path string, limit int64) ([]byte, error) {
	data, err := atomicfile.Read(path, limit)
	if err == nil {
		l.files = append(l.files, path)
	}
	return data, err
}

// extension is the extension of environment files.
const extension = ".hcl"

//go:embed local.hcl staging.hcl production.hcl
var shipped embed.FS

//go:embed template/environment.hcl
var template string

// Names returns the names of the embedded environments, beginning with the one for a first try.
func Names() []string { return []string{"local", "staging", "production"} }

// Template returns a commented environment file to start from, for an environment of that name.
func Template(name string) []byte {
	return []byte(strings.ReplaceAll(template, "NAME", name))
}

// diskFolder is the folder in which environments are looked up by name.
const diskFolder = "env"

// readEnvironment reads the environment's file. A file on disk wins over an embedded one of the same name.
func (l *loader) readEnvironment(nameOrPath string) (e *Environment, data []byte, ok bool) {
	path, named := nameOrPath, !isPath(nameOrPath)
	if named {
		path = filepath.Join(diskFolder, nameOrPath+extension)
	}
	l.folder = filepath.Dir(path)
	e = &Environment{Name: strings.TrimSuffix(filepath.Base(path), extension), File: path}
	data, err := l.content(path, maxText)
	if named && errors.Is(err, fs.ErrNotExist) {
		l.folder, e.File = ".", "embedded:"+nameOrPath+extension
		if data, err = shipped.ReadFile(nameOrPath + extension); err != nil {
			known := environments()
			l.note(hcl.Range{}, fmt.Sprintf("There is no environment %q%s", nameOrPath, text.DidYouMean(nameOrPath, known)),
				fmt.Sprintf("Known here: %s. Give any other by its path, which contains a slash or ends in %s.", strings.Join(known, ", "), extension))
		}
	} else if err != nil {
		l.noteUnreadable("environment", path, err)
	}
	return e, data, err == nil
}

// noteUnreadable notes that a file of a kind cannot be read.
func (l *loader) noteUnreadable(kind, path string, err error) {
	l.note(hcl.Range{}, fmt.Sprintf("The %s file %s cannot be used", kind, path), sentence(err))
}

func isPath(nameOrPath string) bool {
	return strings.ContainsAny(nameOrPath, "/"+string(filepath.Separator)) || strings.HasSuffix(nameOrPath, extension)
}

// environments returns the names of all environments, embedded and on disk.
func environments() []string {
	paths, _ := filepath.Glob(filepath.Join(diskFolder, "*"+extension)) // fails only for a malformed pattern
	onDisk := group.Map(paths, func(path string) string { return strings.TrimSuffix(filepath.Base(path), extension) })
	return append(Names(), group.Where(onDisk, func(name string) bool { return !slices.Contains(Names(), name) })...)
}

// Size limits of files in bytes. Nobody writes an environment of a megabyte by hand, so a larger file is a mistake;
// prepared records may be many.
const (
	maxText    = 1 << 20
	maxRecords = 16 << 20
)

// sentence makes a sentence of a system error, without the path, which the problem names.
func sentence(err error) string {
	text := strings.TrimPrefix(atomicfile.Reason(err).Error(), "tls: ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
