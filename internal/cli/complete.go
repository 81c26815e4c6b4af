package cli

import (
	"github.com/spf13/cobra"

	"verifik-contract/features"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/report"
)

// offer completes the values of a flag that has few.
func offer(cmd *cobra.Command, flag string, values func() []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	if err != nil {
		panic(err) // the flag is there, and nobody else registers
	}
}

// ruleIDs returns the carried rules, of the provider or of its clients.
func ruleIDs(clients bool) func() []string {
	return func() []string {
		set, _ := features.Load(nil)
		rules := set.Rules
		if clients {
			rules = set.Client
		}
		var ids []string
		for _, r := range rules {
			ids = append(ids, r.ID+"\t"+r.Title)
		}
		return ids
	}
}

func faultNames() []string {
	var names []string
	for _, f := range reference.Faults() {
		names = append(names, f.Name+"\t"+f.Doc)
	}
	return names
}

func formNames() []string {
	var names []string
	for _, f := range report.Forms() {
		names = append(names, f.Name+"=\t"+f.Doc)
	}
	return names
}
