package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/report"
)

// complete offers the values of the flags that have few.
func complete(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		offer(cmd, "env", env.Names)
		offer(cmd, "level", features.Levels)
		offer(cmd, "fail-on", func() []string { return features.Levels()[:2] })
		offer(cmd, "format", func() []string {
			if cmd.Name() == "state" {
				return []string{"env", "json"}
			}
			return []string{"text", "json"}
		})
		offer(cmd, "rule", func() []string {
			set, _ := features.Load(nil)
			rules := set.Rules
			if cmd.Name() == "serve" {
				rules = set.Client
			}
			var ids []string
			for _, r := range rules {
				ids = append(ids, r.ID+"\t"+r.Title)
			}
			return ids
		})
		offer(cmd, "fault", func() []string {
			var names []string
			for _, f := range reference.Faults() {
				names = append(names, f.Name+"\t"+strings.TrimSuffix(f.Doc, "."))
			}
			return names
		})
		if cmd.Name() == "history" {
			offer(cmd, "report", func() []string { return []string{"text=", "json=", "html="} })
		}
		if slices.Contains([]string{"run", "show", "check", "proxy", "serve", "merge"}, cmd.Name()) {
			offer(cmd, "report", func() []string {
				var names []string
				for _, f := range report.Forms() {
					names = append(names, f.Name+"=\t"+f.Doc)
				}
				return names
			})
		}
	}
}

func offer(cmd *cobra.Command, flag string, values func() []string) {
	if cmd.Flags().Lookup(flag) == nil {
		return
	}
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	if err != nil {
		panic(err) // the flag is there, and nobody else registers
	}
}
