package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/env"
)

var environmentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (a *app) initCommand() *cobra.Command {
	return verb("init NAME", cobra.ExactArgs(1), func(_ *cobra.Command, args []string) error {
		name := strings.TrimSuffix(args[0], ".hcl")
		if !environmentName.MatchString(name) {
			return input("%q is no name for an environment: use letters, digits, - and _", args[0])
		}
		path := filepath.Join("env", name+".hcl")
		if err := os.MkdirAll("env", 0o755); err != nil {
			return input("the folder env cannot be made: %w", err)
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return input("%s exists already: it is not overwritten", path)
		}
		if err == nil {
			_, err = file.Write(env.Template(name))
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			return input("%s cannot be written: %w", path, err)
		}
		fmt.Fprintf(a.Out, "Wrote %s. Fill it in, then:\n\n    verifik-contract validate -e %s\n    verifik-contract plan -e %s\n", path, name, name)
		return nil
	})
}
