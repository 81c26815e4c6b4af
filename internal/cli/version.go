package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"verifik-contract/features"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// The release, the commit that it was built from and the day of that commit (RFC 3339), set by the linker:
// -X verifik-contract/internal/cli.version=1.2.3.
var version, commit, date string

// built returns what the linker set or, if it set nothing, what the build recorded of its commit.
func built() (release, revision, day string) {
	if version != "" || commit != "" {
		return version, commit, date
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		setting := func(key string) string {
			return group.First(info.Settings, func(s debug.BuildSetting) bool { return s.Key == key }).Value
		}
		revision, day = setting("vcs.revision"), setting("vcs.time")
	}
	if len(revision) >= 12 {
		return "devel-" + revision[:12], revision, day
	}
	return "devel", revision, day
}

// Version returns the release.
func Version() string {
	release, _, _ := built()
	return release
}

// tool returns the tool as results name it.
func tool() result.Tool { return result.Tool{Name: "verifik-contract", Version: Version()} }

// versionReport is what `version --format json` prints.
type versionReport struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"` // "" if unknown
	Date     string `json:"date"`   // of the commit
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Features string `json:"features"` // the digests of the contract
	Schemas  string `json:"schemas"`
}

func (a *app) versionCommand() *cobra.Command {
	var c contractFlag
	form := ""
	cmd := verb("version", cobra.NoArgs, func(*cobra.Command, []string) error { return a.showVersion(c, form) })
	c.flag(cmd)
	oneOfFlag(cmd, &form, "format", "text", "text or json", "text", "json")
	return cmd
}

func (a *app) showVersion(c contractFlag, form string) error {
	v := versionReport{Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH, Features: features.Digest(), Schemas: schemas.Digest()}
	v.Version, v.Commit, v.Date = built()
	if c != "" {
		own, err := c.loadAll()
		if err != nil {
			return err
		}
		v.Features, v.Schemas = own.features.Digest(), own.schemas.Digest()
	}
	if form == "json" {
		return text.Encode(a.Out, v)
	}
	fmt.Fprintf(a.Out, "verifik-contract %s (%s, %s/%s)\n", v.Version, v.Go, v.OS, v.Arch)
	if v.Commit != "" {
		fmt.Fprintf(a.Out, "commit   %s, %s\n", v.Commit, v.Date)
	}
	fmt.Fprintf(a.Out, "features %s\nschemas  %s\n", v.Features, v.Schemas)
	return nil
}
