package cli

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verifik-contract/features"
	"verifik-contract/internal/group"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/report"
)

// helps is what the help says of each command: a line, and what follows it.
//
//go:embed help
var helps embed.FS

// verb returns a command with the help that is written of it.
func verb(use string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	name, _, _ := strings.Cut(use, " ")
	help, _ := helps.ReadFile("help/" + name + ".txt") // a test reads that of each
	short, long, _ := strings.Cut(string(help), "\n")
	long = strings.ReplaceAll(strings.TrimSpace(long), "{{forms}}", forms())
	return &cobra.Command{Use: use, Short: short, Long: long, Args: args, RunE: run}
}

// known refuses what is no command, with the one that was meant.
func known(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	near := ""
	if names := cmd.SuggestionsFor(args[0]); len(names) > 0 {
		near = fmt.Sprintf(": did you mean %q?", strings.Join(names, `" or "`))
	}
	return input("unknown command %q for %q%s", args[0], cmd.CommandPath(), near)
}

// checkFlags refuses a value of a flag that is none of the few that it takes, less than it can be, or empty. That comes of a
// variable that nobody set, and what was meant would silently not be done. An empty tag expression selects everything, as Cucumber
// has it.
func checkFlags(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		allowed, number := f.Annotations[oneOf], strings.TrimSuffix(f.Value.String(), "s")
		negative := slices.Contains([]string{"int", "duration"}, f.Value.Type()) && strings.HasPrefix(number, "-")
		some := slices.Contains([]string{"for", "max-age", "repeat", "until"}, f.Name)
		switch value, all := f.Value.(pflag.SliceValue); {
		case err != nil || f.Name == "tags":
		case f.Value.Type() == "string" && f.Value.String() == "", all && slices.Contains(value.GetSlice(), ""):
			err = input("--%s is empty: leave it out, or give it a value", f.Name)
		case allowed != nil && !slices.Contains(allowed, f.Value.String()):
			err = input("invalid argument %q for \"--%s\" flag: %s", f.Value, f.Name, strings.Join(allowed, " or "))
		case some && (negative || number == "0"):
			err = input("--%s %s: it has to be more than 0", f.Name, f.Value)
		case negative:
			err = input("--%s %s: it cannot be negative", f.Name, f.Value)
		}
	})
	return err
}

// helpCommand takes the place of cobra's, which ends 0 where it knows no such topic.
func helpCommand() *cobra.Command {
	return verb("help [COMMAND]", nil, func(cmd *cobra.Command, args []string) error {
		topic, rest, err := cmd.Root().Find(args)
		if err == nil && !(len(rest) == 1 && slices.Contains(topic.ValidArgs, rest[0])) { // as in help export pact
			err = known(topic, rest)
		}
		if err != nil {
			return input("%w", err)
		}
		topic.InitDefaultHelpFlag() // so that it stands in the help
		return topic.Help()
	})
}

// completes adds cobra's completion command, which ends 0 for a shell that it does not know.
func completes(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Args = known
		completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
}

// oneOf is the annotation of a flag that takes one of a few values: these.
const oneOf = "one of"

// oneOfFlag declares a flag that takes one of a few values.
func oneOfFlag(cmd *cobra.Command, value *string, name, usual, usage string, allowed ...string) {
	cmd.Flags().StringVar(value, name, usual, usage)
	_ = cmd.Flags().SetAnnotation(name, oneOf, allowed) // there is such a flag
	offer(cmd, name, func() []string { return allowed })
}

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
		return group.Map(rules, func(r features.Rule) string { return r.ID + "\t" + r.Title })
	}
}

func faultNames() []string {
	return group.Map(reference.Faults(), func(f reference.Fault) string { return f.Name + "\t" + f.Doc })
}

func formNames() []string {
	return group.Map(report.Forms(), func(f report.Form) string { return f.Name + "=\t" + f.Doc })
}
