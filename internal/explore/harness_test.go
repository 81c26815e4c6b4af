package explore

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/schemas"
)

// bench is a reference provider on loopback, with the options of a search.
type bench struct {
	server  *reference.Server
	options Options
}

// loadSchemas compiles the schemas once for all tests: they are safe for concurrent use.
var loadSchemas = sync.OnceValues(func() (*schemas.Set, error) { return schemas.Load(schemas.Files()) })

func loaded(t testing.TB) contract.Checks {
	t.Helper()
	set, err := loadSchemas()
	require.NoError(t, err)
	return contract.New(set)
}

// at returns the options for a target whose states a Pact handler makes.
func at(t testing.TB, baseURL, statesURL string) Options {
	t.Helper()
	client, err := transport.New(transport.Options{
		Timeout: 30 * time.Second, Concurrency: 4,
		// A call is tried again at once: nothing here needs time to recover.
		Pause: func(ctx context.Context, _ int, _ time.Duration) error { return ctx.Err() },
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	secrets := &secret.Set{}
	maker, problems := state.New([]env.States{{Pact: &env.Pact{URL: statesURL}}}, state.Options{
		Target: client, Control: client, TargetURL: baseURL, Secrets: secrets,
	})
	require.Empty(t, problems)
	return Options{
		Client: client, BaseURL: baseURL, States: maker, Checks: loaded(t), Secrets: secrets,
	}
}

func newBench(t testing.TB, o reference.Options) *bench {
	t.Helper()
	provider, err := reference.New(o)
	require.NoError(t, err)
	server, err := reference.Listen("127.0.0.1:0", provider)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.NoError(t, provider.Close())
	})
	return &bench{server: server, options: at(t, server.BaseURL, server.StatesURL)}
}

// explored returns the report of a search that has to succeed.
func explored(t testing.TB, o Options) *Report {
	t.Helper()
	r, err := Run(context.Background(), o)
	require.NoError(t, err)
	return r
}
