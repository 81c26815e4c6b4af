package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"verifik-contract/features"
	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/export"
	"verifik-contract/internal/report"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

func (a *app) exportCommand() *cobra.Command {
	var c contractFlag
	var out string
	cmd := &cobra.Command{
		Use:   "export openapi|pact",
		Short: "Writes the contract in the form of other tools",
		Long: `Writes the contract, or as much of it as the other form can express, to stdout or a file:

  openapi    the request and the documented answers, as OpenAPI 3.1; its description lists the promises that it cannot
             express
  pact       an interaction for each scenario of one request, as a pact of version 4 with the values of its provider
             state; the scenarios that it cannot express are counted on stderr and named in its metadata

It is the same on every machine, so that a difference is one of the contract.`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"openapi", "pact"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "openapi" && args[0] != "pact" {
				return input("export %q: openapi or pact", args[0])
			}
			d, err := c.loadAll()
			if err != nil {
				return err
			}
			if out != report.Stdout {
				if err := atomicfile.Check(out); err != nil {
					return input("%s cannot be written: %w", text.Quote(out), err)
				}
			}
			document, summary := export.OpenAPI(d.features, d.schemas), ""
			if args[0] == "pact" {
				document, summary = pact(cmd.Context(), d.features, d.schemas)
			}
			if err := a.writeFile(cmd.Context(), out, func(w io.Writer) error { return text.Encode(w, document) }); err != nil {
				return &failure{code: result.ExitUnjudged, err: err}
			}
			fmt.Fprint(a.Err, summary)
			return nil
		},
	}
	c.flag(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", report.Stdout, "write it to this `FILE`; - is stdout")
	return cmd
}

// pact exports a pact, and says which scenarios are not in it.
func pact(ctx context.Context, set *features.Set, declared *schemas.Set) (document any, summary string) {
	checks := contract.New(declared)
	rehearser := steps.Rehearser{Checks: checks, Table: steps.Table(checks)}
	made := export.NewPact(ctx, set, declared, rehearser.Do)
	summary = fmt.Sprintf("%d interactions. Scenarios left out:\n", made.Interactions)
	for _, left := range made.LeftOut {
		summary += fmt.Sprintf("  %3d  %s\n", len(left.Scenarios), left.Reason)
	}
	return made.Document, summary
}
