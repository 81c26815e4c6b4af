package prove

import (
	"context"
	"fmt"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/explore"
)

// exploreSeed is fixed: a proof has the same outcome each time.
const exploreSeed = 1

// explore searches for a counterexample with explore, as for a fault that no written scenario can meet.
func (p *provider) explore(ctx context.Context, o Options, t *Trial) error {
	states, err := p.states()
	if err != nil {
		return err
	}
	checks, heard := contract.Checks{Schemas: o.Schemas}.Prepared(), listening{}
	t.Found, err = explore.Run(ctx, explore.Options{
		Client: p.client, BaseURL: p.server.BaseURL, States: states, Schemas: o.Schemas, Secrets: p.secrets, Seed: exploreSeed, Enough: 1,
		Sent: func(e exchange.Exchange) { heard.hear(checks.Judge(e, contract.Known{})) },
	})
	t.Heard = heard.rules
	if err != nil {
		return err
	}
	t.Exit = explore.Exit(t.Found)
	for _, c := range t.Found.Counterexamples {
		if !slices.Contains(t.By, c.Rule) {
			t.By = append(t.By, c.Rule)
		}
		if t.Reason == "" || c.Rule == t.Rule {
			t.Reason = fmt.Sprintf("%s: %s (case %d)", c.Rule, c.Words, c.Case)
		}
	}
	switch {
	case slices.Contains(t.By, t.Rule):
		t.Outcome = Caught
	case len(t.By) > 0:
		t.Outcome = Elsewhere
	default:
		t.Outcome = Survived
	}
	return nil
}
