package cli

import (
	"embed"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"verifik-contract/features"
	"verifik-contract/internal/group"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/report"
	"verifik-contract/internal/text"
)

// helps has a text for each command: a short line, and then the long help.
//
//go:embed help
var helps embed.FS

// verb returns a command with its help.
func verb(use string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	name, _, _ := strings.Cut(use, " ")
	help, _ := helps.ReadFile("help/" + name + ".txt") // a test checks that each exists
	short, long, _ := strings.Cut(string(help), "\n")
	long = strings.TrimSpace(long)
	forms := group.Map(report.Forms(), func(f report.Form) string { return fmt.Sprintf("  %-11s %s\n", f.Name, f.Doc) })
	long = strings.ReplaceAll(long, "{{forms}}", strings.Join(forms, ""))
	check := func(cmd *cobra.Command, all []string) error { return errors.Join(checkFlags(cmd), args(cmd, all)) }
	return &cobra.Command{Use: use, Short: short, Long: long, Args: check, RunE: run}
}

// refuseUnknownCommand refuses an unknown command, and suggests the one that was meant.
func refuseUnknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	near := ""
	if names := cmd.SuggestionsFor(args[0]); len(names) > 0 {
		near = fmt.Sprintf(": did you mean %q?", strings.Join(names, `" or "`))
	}
	return inputError("unknown command %q for %q%s", args[0], cmd.CommandPath(), near)
}

// checkFlags checks the values of the flags that were given.
func checkFlags(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) { err = errors.Join(err, checkFlag(f)) })
	return err
}

func checkFlag(f *pflag.Flag) error {
	value, kind, allowed, example := f.Value.String(), f.Value.Type(), f.Annotations[oneOf], f.Annotations[aboveZero]
	many, several := f.Value.(pflag.SliceValue)
	negative := (kind == "int" || kind == "duration") && strings.HasPrefix(value, "-")
	_, _, badAddress := net.SplitHostPort(value)
	switch {
	case f.Annotations[anything] != nil:
		return nil
	case kind == "string" && value == "", several && slices.Contains(many.GetSlice(), ""):
		// It usually comes from an unset variable; ignoring it would silently skip what was meant.
		return inputError("--%s is empty: leave it out, or give it a value", f.Name)
	case allowed != nil && !slices.Contains(allowed, value):
		return inputError("invalid argument %q for \"--%s\" flag: %s", value, f.Name, strings.Join(allowed, " or "))
	case f.Annotations[address] != nil && badAddress != nil:
		return inputError("--%s %s is not an address: write host:port, for example %s", f.Name, text.Quote(value), f.Annotations[address][0])
	case example != nil && (negative || value == "0" || value == "0s"):
		return inputError("--%s %s: it has to be more than 0, for example %s", f.Name, value, example[0])
	case negative:
		return inputError("--%s %s: it cannot be negative", f.Name, value)
	}
	return nil
}

// once is a flag, or a parameter, of whose values only one can count, though each asks for something: a second one is refused.
type once string

// Set implements pflag.Value.
func (o *once) Set(value string) error {
	if *o != "" && string(*o) != value {
		return fmt.Errorf("it was given as %s before, and only one of them can count: give it once", text.Quote(string(*o)))
	}
	*o = once(value)
	return nil
}

// String implements pflag.Value.
func (o *once) String() string { return string(*o) }

// Type implements pflag.Value.
func (o *once) Type() string { return "string" }

// helpCommand replaces cobra's, which ends with 0 for an unknown topic.
func helpCommand() *cobra.Command {
	return verb("help [COMMAND]", cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		topic, rest, err := cmd.Root().Find(args)
		if err == nil && !(len(rest) == 1 && slices.Contains(topic.ValidArgs, rest[0])) { // as in help export pact
			err = refuseUnknownCommand(topic, rest)
		}
		if err != nil {
			return inputError("%w", err)
		}
		topic.InitDefaultHelpFlag() // so that the help shows it
		return topic.Help()
	})
}

// addCompletion adds cobra's completion command, which would end with 0 for an unknown shell.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion, _, _ := root.Find([]string{"completion"}) // it was added just now
	completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// The annotations of flags, which say how checkFlag checks their values.
const (
	oneOf     = "one of"     // the allowed values
	aboveZero = "above zero" // with an example
	address   = "address"    // to listen at, with an example
	anything  = "anything"   // not checked here; says why
)

// annotateFlag says how checkFlag checks a flag.
func annotateFlag(cmd *cobra.Command, name, to string, values ...string) {
	if err := cmd.Flags().SetAnnotation(name, to, values); err != nil {
		panic(err) // the flag exists
	}
}

// oneOfFlag declares a flag that allows only some values.
func oneOfFlag(cmd *cobra.Command, value *string, name, usual, usage string, allowed ...string) {
	cmd.Flags().StringVar(value, name, usual, usage)
	annotateFlag(cmd, name, oneOf, allowed...)
	completeFlag(cmd, name, func() []string { return allowed })
}

// completeFlag registers the values that the shell offers for a flag.
func completeFlag(cmd *cobra.Command, flag string, values func() []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values(), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	if err != nil {
		panic(err) // the flag exists, and has no other completion
	}
}

// ruleIDs returns the built-in rules about the provider, or about its clients, for completion.
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
