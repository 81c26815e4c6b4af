package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// keepInputs refuses to write over a file that is read as an argument or by a flag: a recording, a result or a key cannot be
// replaced. Only the baseline may become the next one.
func keepInputs(cmd *cobra.Command, args []string) error {
	given := func(names ...string) (all []string) {
		for _, name := range names {
			f := cmd.Flags().Lookup(name)
			if f == nil {
				continue
			}
			if many, ok := f.Value.(pflag.SliceValue); ok {
				all = append(all, many.GetSlice()...)
			} else {
				all = append(all, f.Value.String())
			}
		}
		return all
	}
	read := given("var-file", "baseline", "sign-key", "key", "ca-file", "client-cert-file", "client-key-file")
	if cmd.Name() != "export" { // its argument is not a file
		for _, arg := range args {
			read = append(read, arg, place.ReplaceAllString(arg, ""))
		}
	}
	for _, folder := range given("contract") {
		read = append(read, contractFlag(folder).files()...)
	}
	for _, flag := range []string{"report", "result", "save-baseline", "certify", "har", "output"} {
		for _, path := range given(flag) {
			if flag == "report" {
				_, path, _ = strings.Cut(path, "=")
			}
			inputs := group.Where(read, func(other string) bool {
				return flag != "save-baseline" || !slices.Contains(given("baseline"), other)
			})
			if isRead(inputs, path) {
				return inputError("%s would be written over by --%s: name another file to write to", text.Quote(path), flag)
			}
		}
	}
	return nil
}

// place matches the end of FILE:LINE.
var place = regexp.MustCompile(`:[0-9]+$`)

// isRead reports whether path is an existing file that is read: one of the inputs, or a result in a folder of results, even in
// a linked one that is not looked into.
func isRead(inputs []string, path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	file := atomicfile.Same(path)
	same := func(other string) bool { return atomicfile.Same(other) == file }
	if slices.ContainsFunc(inputs, same) {
		return true
	}
	folders := slices.Compact(group.Where(inputs, isFolder))
	if len(folders) == 0 {
		return false
	}
	if _, err := readResult(path); err != nil {
		return false
	}
	whole, _ := filepath.Abs(path)
	return slices.ContainsFunc(folders, func(folder string) bool {
		info, _ := os.Stat(folder)
		files, _ := filesIn(folder)
		through := filepath.Ext(path) == ".json" && (leadsThrough(whole, info) || leadsThrough(file, info))
		return through || slices.ContainsFunc(files, same)
	})
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// leadsThrough reports whether an absolute path leads through a folder, by whatever name.
func leadsThrough(path string, folder os.FileInfo) bool {
	above := filepath.Dir(path)
	info, _ := os.Stat(above)
	return above != path && (os.SameFile(folder, info) || leadsThrough(above, folder))
}

func readResult(path string) (*result.Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, inputError("the result cannot be read: %w", err)
	}
	defer file.Close()
	run, err := result.Read(file)
	if err != nil {
		return nil, inputError("%s: %w", path, err)
	}
	return run, nil
}

// readRun reads the result of a run of the contract. It refuses a result of traffic, which cannot be compared, merged or
// certified.
func readRun(path string) (*result.Run, error) {
	run, err := readResult(path)
	if err == nil && run.Traffic != nil {
		err = fmt.Errorf("%s is a result of traffic that others sent: it covers only what was seen, so it cannot be certified, compared or merged; `show` shows it", text.Quote(path))
	}
	return run, err
}
