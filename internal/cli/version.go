package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"verifik-contract/features"
	"verifik-contract/internal/result"
	"verifik-contract/schemas"
)

// Version is the release, set by the linker: -X verifik-contract/internal/cli.version=1.2.3. Of a build without
// it, what the build knows of its commit.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
			return "devel-" + setting.Value[:12]
		}
	}
	return "devel"
}

var version string

func (a *app) versionCommand() *cobra.Command {
	var c contractFlag
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Shows the version of the tool and of the contract that it carries",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.showVersion(c) },
	}
	c.flag(cmd)
	return cmd
}

func (a *app) showVersion(c contractFlag) error {
	digests := result.Digests{Features: features.Digest(), Schemas: schemas.Digest()}
	if c != "" {
		set, loaded, err := c.whole()
		if err != nil {
			return err
		}
		digests = result.Digests{Features: set.Digest(), Schemas: loaded.Digest()}
	}
	fmt.Fprintf(a.Out, "verifik-contract %s (%s, %s/%s)\nfeatures %s\nschemas  %s\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, digests.Features, digests.Schemas)
	return nil
}

// whole loads all of the contract.
func (c contractFlag) whole() (*features.Set, *schemas.Set, error) {
	set, declared, problems := c.load(nil)
	if problems.HasErrors() {
		return nil, nil, problems
	}
	return set, declared, nil
}
