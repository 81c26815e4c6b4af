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

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/text"
)

// extension is how an environment's file name ends.
const extension = ".hcl"

//go:embed local.hcl staging.hcl production.hcl
var shipped embed.FS

//go:embed template/environment.hcl
var template string

// Names returns the environments that the binary carries, the one for a first try first.
func Names() []string { return []string{"local", "staging", "production"} }

// Template returns a commented environment file to start from, for an environment of this name.
func Template(name string) []byte {
	return []byte(strings.ReplaceAll(template, "NAME", name))
}

// diskFolder is where environments that are asked for by name are looked for, beside the shipped ones.
const diskFolder = "env"

// find reads the environment's file. A file on disk wins over a shipped one of the same name.
func (l *loader) find(nameOrPath string) (e *Environment, data []byte, ok bool) {
	path, named := nameOrPath, !isPath(nameOrPath)
	if named {
		path = filepath.Join(diskFolder, nameOrPath+extension)
	}
	l.folder = filepath.Dir(path)
	e = &Environment{Name: strings.TrimSuffix(filepath.Base(path), extension), File: path}
	data, err := atomicfile.Read(path, maxText)
	if named && errors.Is(err, fs.ErrNotExist) {
		l.folder, e.File = ".", "embedded:"+nameOrPath+extension
		if data, err := shipped.ReadFile(nameOrPath + extension); err == nil {
			return e, data, true
		}
		known := environments()
		l.note(hcl.Range{}, fmt.Sprintf("There is no environment %q%s", nameOrPath, text.DidYouMean(nameOrPath, known)),
			fmt.Sprintf("Known here: %s. Any other is given by its path, which contains a slash or ends in %s.", strings.Join(known, ", "), extension))
		return nil, nil, false
	}
	if err != nil {
		l.unusable("environment", path, err)
	}
	return e, data, err == nil
}

// unusable notes that a file of a kind cannot be read.
func (l *loader) unusable(kind, path string, err error) {
	l.note(hcl.Range{}, fmt.Sprintf("The %s file %s cannot be used", kind, path), sentence(err))
}

func isPath(nameOrPath string) bool {
	return strings.ContainsRune(nameOrPath, '/') || strings.ContainsRune(nameOrPath, filepath.Separator) ||
		strings.HasSuffix(nameOrPath, extension)
}

// environments lists what a name can mean here: the shipped ones and those on disk.
func environments() []string {
	names := Names()
	paths, _ := filepath.Glob(filepath.Join(diskFolder, "*"+extension)) // the pattern is a good one
	for _, path := range paths {
		if name := strings.TrimSuffix(filepath.Base(path), extension); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// The most that is read of a file, in bytes. Nobody writes an environment of a megabyte by hand, so a larger
// file is a mistake; prepared records may well be many.
const (
	maxText    = 1 << 20
	maxRecords = 16 << 20
)

// sentence makes a sentence of an error of the system, without the path, which the problem names.
func sentence(err error) string {
	text := strings.TrimPrefix(atomicfile.Reason(err).Error(), "tls: ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
