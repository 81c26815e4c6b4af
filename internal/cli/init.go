package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/env"
)

var environmentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (a *app) initCommand() *cobra.Command {
	return verb("init NAME", cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		name := strings.TrimSuffix(args[0], ".hcl")
		if !environmentName.MatchString(name) {
			return inputError("%q is not a valid environment name: use letters, digits, - and _", args[0])
		}
		path := filepath.Join("env", name+".hcl")
		if err := os.MkdirAll("env", 0o755); err != nil {
			return inputError("the folder env cannot be made: %w", err)
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return inputError("%s exists already: it is not overwritten", path)
		}
		if err == nil {
			_, err = file.Write(env.Template(name))
			if err = errors.Join(err, file.Close()); err != nil {
				_ = os.Remove(path)
			}
		}
		if err != nil {
			return inputError("%s cannot be written: %w", path, err)
		}
		instead := ""
		if slices.Contains(env.Names(), name) {
			instead = fmt.Sprintf("In this folder, -e %s now means this file, not the built-in environment.\n", name)
		}
		fmt.Fprintf(a.Out, "Wrote %s. Fill it in, then:\n\n    verifik-contract validate -e %s\n    verifik-contract plan -e %[2]s\n%s", path, name, instead)
		return nil
	})
}
