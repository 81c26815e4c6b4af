// Package features holds the contract as Gherkin, with a feature for each documented subject and a rule for each promise. It
// embeds the features and reads their rules and scenarios.
package features

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
	"unicode/utf8"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/text"
)

//go:embed *.feature
var files embed.FS

// Set is the loaded features: what is promised, and how each promise is tried.
type Set struct {
	Files     []File
	Rules     []Rule     // of the provider, in the features' order
	Client    []Rule     // about its clients (@client): they have no scenario, and no run judges them
	Scenarios []Scenario // in the features' order, each row of an outline as one

	lines    map[string][]int // the lines asked for, by File.Name; none, or 0 among them: the whole file
	problems problem.List
}

// File is one feature file.
type File struct {
	Name    string // for people: "features/wrong-otp.feature", or the path on disk
	Key     string // its name in FS
	Content []byte
}

// Rule is a promise.
type Rule struct {
	ID            string   `json:"id"`    // "PV-02"
	Level         string   `json:"level"` // must, should or observe
	Title         string   `json:"title"`
	Description   string   `json:"description,omitempty"`
	File          string   `json:"file"` // File.Name
	Line          int      `json:"line"`
	EveryExchange bool     `json:"everyExchange,omitempty"` // judged on every exchange, without scenarios
	Tags          []string `json:"-"`
}

// Scenario is a scenario, or a row of an outline.
type Scenario struct {
	Rule    string   `json:"rule"`    // the rule's ID
	Level   string   `json:"level"`   // the rule's
	Feature string   `json:"feature"` // the feature's title
	Name    string   `json:"name"`    // unique within its file
	File    string   `json:"file"`    // File.Name
	Key     string   `json:"-"`       // File.Key
	Line    int      `json:"line"`    // of the scenario, or of the outline's row
	Head    int      `json:"-"`       // of the scenario, or of its outline
	Tags    []string `json:"tags,omitempty"`
	Steps   []Step   `json:"steps,omitempty"`
}

// Step is a step, with its row's values filled in.
type Step struct {
	Keyword string `json:"keyword"` // "Given"
	Text    string `json:"text"`
	Line    int    `json:"line"`
}

// maxSize bounds a feature file, in bytes.
const maxSize = 1 << 20

// Load reads the named features, or else all: the embedded ones and those of the folders, which replace embedded ones of the same
// name. A name is a path on disk or, if there is no such file, the name of one of these features. ":LINE" behind it asks for
// what stands on that line (see Asked). Load returns all problems at once; with an error among them the set is incomplete.
func Load(names []string, folders ...string) (*Set, problem.List) {
	set := &Set{lines: map[string][]int{}}
	available, problems := availableFiles(folders)
	set.problems = problems
	if len(names) == 0 {
		all := group.Map(slices.Sorted(maps.Keys(available)), func(name string) *Set { return read(available[name]) })
		// Ordered by promises, for readers and reports.
		slices.SortStableFunc(all, func(a, b *Set) int { return cmp.Compare(a.firstID(), b.firstID()) })
		for _, one := range all {
			set.add(one)
		}
	}
	for _, name := range names {
		name, line := splitLine(name)
		file, p := openFile(name, available)
		if p != nil {
			set.problems = append(set.problems, *p)
			continue
		}
		if _, again := set.lines[file.Name]; !again {
			set.add(read(file))
		}
		set.lines[file.Name] = append(set.lines[file.Name], line)
	}
	set.check()
	return set, set.problems
}

// add adds the contents of another file.
func (s *Set) add(one *Set) {
	s.Files = append(s.Files, one.Files...)
	s.Rules = append(s.Rules, one.Rules...)
	s.Client = append(s.Client, one.Client...)
	s.Scenarios = append(s.Scenarios, one.Scenarios...)
	s.problems = append(s.problems, one.problems...)
}

// firstID returns the id of the first promise, or a text that sorts behind all ids.
func (s *Set) firstID() string {
	return cmp.Or(append(slices.Concat(s.Rules, s.Client), Rule{})[0].ID, "~")
}

// splitLine splits "FILE:LINE". The line is 0 if there is none, or if a file has that whole name.
func splitLine(name string) (file string, line int) {
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return name, 0
	}
	line, err := strconv.Atoi(name[at+1:])
	if err != nil || line < 1 {
		return name, 0
	}
	if _, err := os.Lstat(name); err == nil {
		return name, 0
	}
	return name[:at], line
}

// Asked reports whether a scenario was asked for, by its whole file or by a line. The line of a row asks for that row, that of
// a scenario, an outline or a step for all of it, and that of a rule for all its scenarios.
func (s *Set) Asked(scenario Scenario) bool {
	lines := s.lines[scenario.File]
	return len(lines) == 0 || slices.Contains(lines, 0) || slices.ContainsFunc(lines, func(line int) bool { return s.asksFor(scenario, line) })
}

// asksFor reports whether a line asks for a scenario of the same file.
func (s *Set) asksFor(scenario Scenario, line int) bool {
	if line == scenario.Line || line == scenario.Head || slices.ContainsFunc(scenario.Steps, func(step Step) bool { return step.Line == line }) {
		return true
	}
	rule, _ := s.Rule(scenario.Rule)
	return rule.File == scenario.File && rule.Line == line
}

// availableFiles returns the embedded features and those of the folders, by the names of their files.
func availableFiles(folders []string) (map[string]File, problem.List) {
	all := map[string]File{}
	names, _ := fs.Glob(files, "*.feature") // fails only for a malformed pattern
	for _, name := range names {
		content, _ := files.ReadFile(name) // it is embedded
		all[name] = File{Name: "features/" + name, Key: name, Content: content}
	}
	var problems problem.List
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, problem.Problem{Severity: problem.Error, Summary: "the folder cannot be read: " + atomicfile.Reason(err).Error(), File: folder})
		}
		for _, entry := range entries {
			if !strings.HasSuffix(entry.Name(), ".feature") {
				continue
			}
			file, p := openFile(filepath.Join(folder, entry.Name()), nil)
			if p != nil {
				problems = append(problems, *p)
				continue
			}
			all[entry.Name()] = file
		}
	}
	return all, problems
}

// openFile returns the feature file of a name, on disk or else among the available ones.
func openFile(name string, available map[string]File) (File, *problem.Problem) {
	wrong := func(summary, detail string) (File, *problem.Problem) {
		return File{}, &problem.Problem{Severity: problem.Error, Summary: summary, Detail: detail, File: name}
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && (info.IsDir() || !strings.HasSuffix(name, ".feature")), strings.HasSuffix(name, ".hcl"):
		return wrong("a feature is a file that ends in .feature", "Name one, or several of a folder: "+filepath.Join("features", "*.feature")+". An environment is given by -e.")
	case err == nil && !utf8.ValidString(name):
		return wrong("the feature's name is not UTF-8", "Rename the file: results and reports are, and could not name it.")
	case err == nil:
		content, err := atomicfile.Read(name, maxSize)
		if err != nil {
			return wrong("the feature cannot be read: "+atomicfile.Reason(err).Error(), "Check that it is the file you mean; split one that is too large.")
		}
		name = filepath.Clean(name)
		sum := sha256.Sum256([]byte(name))
		return File{Name: filepath.ToSlash(name), Key: fmt.Sprintf("disk-%x-%s", sum[:4], filepath.Base(name)), Content: content}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return wrong("the feature cannot be read: "+atomicfile.Reason(err).Error(), "")
	}
	base := path.Base(filepath.ToSlash(name))
	if !strings.HasSuffix(base, ".feature") {
		base += ".feature"
	}
	// A path into another folder does not name a built-in feature.
	file, known := available[base]
	if !known || !slices.Contains([]string{".", "features"}, path.Dir(path.Clean(filepath.ToSlash(name)))) {
		names := slices.Sorted(maps.Keys(available))
		return wrong(fmt.Sprintf("there is no feature %q, neither on disk nor embedded%s", name, text.DidYouMean(base, names)), "The embedded features: "+strings.Join(names, ", ")+".")
	}
	return file, nil
}

// FS returns the features' files by their keys, for godog.
func (s *Set) FS() fs.FS {
	folder := fstest.MapFS{}
	for _, f := range s.Files {
		folder[f.Key] = &fstest.MapFile{Data: f.Content, Mode: 0o444}
	}
	return folder
}

// Digest returns a digest of the features' names and contents: "sha256:<64 hex digits>".
func (s *Set) Digest() string { return digest(s.Files) }

// Digest returns the digest of the embedded features, without parsing them.
func Digest() string {
	builtIn, _ := availableFiles(nil)
	return digest(slices.Collect(maps.Values(builtIn)))
}

func digest(all []File) string {
	all = slices.SortedFunc(slices.Values(all), func(a, b File) int { return cmp.Compare(path.Base(a.Name), path.Base(b.Name)) })
	sum := sha256.New()
	for _, f := range all {
		fmt.Fprintf(sum, "%s %d\n", path.Base(f.Name), len(f.Content))
		sum.Write(f.Content)
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil))
}

// Rule returns a promise by its id, and whether there is one.
func (s *Set) Rule(id string) (Rule, bool) {
	rule := group.First(s.Rules, func(r Rule) bool { return r.ID == id })
	return rule, rule.ID != ""
}

var idTag = regexp.MustCompile(`^@[A-Z]+-[0-9]+$`)

// check finds problems of all files together.
func (s *Set) check() {
	seen := map[string]Rule{}
	for _, r := range slices.Concat(s.Rules, s.Client) {
		if first, twice := seen[r.ID]; twice && r.ID != "" {
			s.report(r.File, r.Line, fmt.Sprintf("%s is used twice", r.ID), fmt.Sprintf("%s:%d has it already. Ids are stable for ever: give the new rule one of its own.", first.File, first.Line))
			continue
		}
		seen[r.ID] = r
	}
	for _, file := range s.Files {
		for _, line := range s.lines[file.Name] {
			here := func(x Scenario) bool { return x.File == file.Name && s.asksFor(x, line) }
			rule := func(r Rule) bool { return r.File == file.Name && r.Line == line }
			// The plan reports a rule that has nothing to run.
			if line > 0 && !slices.ContainsFunc(s.Scenarios, here) && !slices.ContainsFunc(slices.Concat(s.Rules, s.Client), rule) {
				s.report(file.Name, line, fmt.Sprintf("no scenario is on line %d", line), s.scenarioLines(file.Name))
			}
		}
	}
}

// scenarioLines says on which lines of a file scenarios begin.
func (s *Set) scenarioLines(file string) string {
	here := group.Where(s.Scenarios, func(x Scenario) bool { return x.File == file })
	lines := group.Map(here, func(x Scenario) string { return strconv.Itoa(x.Line) })
	return "Give the line of a scenario, of an outline's row or of a rule. The lines of scenarios and rows: " + cmp.Or(strings.Join(lines, ", "), "none") + "."
}

func (s *Set) report(file string, line int, summary, detail string) {
	s.problems = append(s.problems, s.Problem(file, line, summary, detail))
}

// Problem returns an error at a line of one of the files, with the line itself.
func (s *Set) Problem(file string, line int, summary, detail string) problem.Problem {
	p := problem.Problem{Severity: problem.Error, Summary: summary, Detail: detail, File: file, Line: line}
	content := group.First(s.Files, func(f File) bool { return f.Name == file }).Content
	lines := bytes.Split(content, []byte("\n"))
	if line > 0 && line <= len(lines) {
		p.Source = strings.TrimRight(string(lines[line-1]), "\r")
		text := strings.TrimLeft(p.Source, " \t")
		p.Column, p.Width = utf8.RuneCountInString(p.Source)-utf8.RuneCountInString(text)+1, utf8.RuneCountInString(text)
	}
	return p
}
