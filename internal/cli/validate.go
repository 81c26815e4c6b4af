package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
)

// validateReport is what `validate --format json` prints.
type validateReport struct {
	Valid       bool         `json:"valid"`
	Environment string       `json:"environment"`
	Rules       int          `json:"rules"`
	Scenarios   int          `json:"scenarios"`
	Problems    problem.List `json:"problems"`
}

func (a *app) validateCommand() *cobra.Command {
	var c selectFlags
	var form string
	cmd := verb("validate [FEATURE...]", cobra.ArbitraryArgs, func(_ *cobra.Command, args []string) error {
		c.Features = args
		l, err := a.load(c)
		if err == nil {
			_, err = a.states(l, "", state.Options{})
		}
		problems, wrong := errors.AsType[problem.List](err)
		if err != nil && (form != "json" || !wrong) {
			return err
		}
		v := validateReport{Valid: err == nil, Environment: c.environment}
		if v.Valid {
			v.Rules, v.Scenarios, problems = len(l.features.Rules), len(l.features.Scenarios), l.warnings
		}
		v.Problems = a.redacted(problems)
		if form == "json" {
			err := text.Encode(a.Out, v)
			if !v.Valid {
				err = &failure{code: result.ExitInput, err: err}
			}
			return err
		}
		_ = problem.Write(a.Err, v.Problems)
		fmt.Fprintf(a.Out, "Valid: %d promises, %d scenarios, the schemas, and the environment %s (%s).\n", v.Rules, v.Scenarios, text.Line(l.environment.Name), text.Line(l.environment.File))
		return nil
	})
	c.environmentFlags(cmd)
	oneOfFlag(cmd, &form, "format", "text", "text or json", "text", "json")
	return cmd
}
