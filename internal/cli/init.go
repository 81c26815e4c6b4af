package cli

import (
	"fmt"
	"io"
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
	return verb("init NAME", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		name := strings.TrimSuffix(args[0], ".hcl")
		if !environmentName.MatchString(name) {
			return inputError("%q is not a valid environment name: use letters, digits, - and _", args[0])
		}
		path := filepath.Join("env", name+".hcl")
		if _, err := os.Lstat(path); err == nil {
			return inputError("%s exists already: it is not overwritten", path)
		}
		err := a.writeFile(cmd.Context(), path, func(w io.Writer) error {
			_, err := w.Write(env.Template(name))
			return err
		})
		if err != nil {
			return inputError("%w", err)
		}
		instead := ""
		if slices.Contains(env.Names(), name) {
			instead = fmt.Sprintf("In this folder, -e %s now means this file, not the built-in environment.\n", name)
		}
		fmt.Fprintf(a.Out, "Wrote %s. Fill it in, then:\n\n    verifik-contract validate -e %s\n    verifik-contract plan -e %[2]s\n%s", path, name, instead)
		return nil
	})
}
