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
	cmd := verb("export openapi|pact", cobra.ExactArgs(1), func(cmd *cobra.Command, args []string) error {
		if args[0] != "openapi" && args[0] != "pact" {
			return inputError("export has no form %q: write openapi or pact", args[0])
		}
		d, err := c.loadAll()
		if err != nil {
			return err
		}
		if out != report.Stdout {
			if err := atomicfile.Check(out); err != nil {
				return inputError("%s cannot be written: %w", text.Quote(out), err)
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
	})
	cmd.ValidArgs = []string{"openapi", "pact"}
	c.flag(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", report.Stdout, "write it to this `FILE`; - is stdout")
	return cmd
}

// pact returns the contract as a pact, and which scenarios it leaves out.
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
