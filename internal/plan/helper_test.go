package plan

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

func shipped(t testing.TB) *features.Set {
	t.Helper()
	set, problems := features.Load(nil)
	require.Empty(t, problems)
	return set
}

// written loads features from texts.
func written(t *testing.T, contents ...string) *features.Set {
	t.Helper()
	folder := t.TempDir()
	var names []string
	for i, content := range contents {
		name := filepath.Join(folder, string(rune('a'+i))+".feature")
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
		names = append(names, name)
	}
	set, problems := features.Load(names)
	require.Empty(t, problems)
	return set
}

func pactStates(without ...providerstate.Name) env.States {
	p := &env.Pact{URL: "http://127.0.0.1:1/_pact"}
	for _, name := range without {
		p.Without = append(p.Without, string(name))
	}
	return env.States{Pact: p}
}

func verifikStates(phones ...env.Phone) env.States {
	return env.States{Verifik: &env.Verifik{
		ClientToken: "client", Project: "p", ProjectFlow: "f", Phones: phones, Expiry: env.ExpiryNone,
		OTP: env.OTP{Kind: env.OTPHTTP, URL: "http://127.0.0.1:1/?p={phone}", Field: "otp", Every: time.Second, For: time.Minute},
	}}
}

func staticStates(data string) env.States {
	return env.States{Static: &env.Static{Content: env.Content{File: "fixtures.json", Data: []byte(data)}}}
}

// embedded returns an environment with a Pact handler, as cli sets up the embedded target.
func embedded() *env.Environment {
	return &env.Environment{Name: "local", Target: env.Target{Kind: env.TargetEmbedded}}
}

func over(states ...env.States) *env.Environment {
	return &env.Environment{Name: "staging", Target: env.Target{Kind: env.TargetHTTP, BaseURL: "https://x.example.test", Concurrency: 8}, States: states,
		Webhook: &env.Webhook{Listen: "127.0.0.1:0", Wait: time.Second}}
}

func protected(e *env.Environment) *env.Environment {
	e.Target.Protected = true
	return e
}

func build(t *testing.T, e *env.Environment, set *features.Set, s Selection) (*Plan, problem.List) {
	t.Helper()
	declared := e.States
	if e.Target.Kind == env.TargetEmbedded {
		declared = []env.States{pactStates()}
	}
	maker, problems := state.New(declared, state.Options{Secrets: &secret.Set{}})
	require.Empty(t, problems)
	meanings, problems := Match(set, vocabulary())
	require.Empty(t, problems)
	return Build(Input{Environment: e, Features: set, Meanings: meanings, States: maker, Selection: s})
}

func mustBuild(t *testing.T, e *env.Environment, set *features.Set, s Selection) *Plan {
	t.Helper()
	p, problems := build(t, e, set, s)
	require.Empty(t, problems)
	return p
}

// judged returns the rules of the scenarios that are no carriers, each once, in order.
func judged(p *Plan) []string {
	var all []string
	for _, s := range p.Scenarios {
		if !s.Carrier && s.Skip == "" && (len(all) == 0 || all[len(all)-1] != s.Rule) {
			all = append(all, s.Rule)
		}
	}
	return all
}

func carriers(p *Plan) int {
	n := 0
	for _, s := range p.Scenarios {
		if s.Carrier {
			n++
		}
	}
	return n
}

func ruleIDs(p *Plan) []string {
	var all []string
	for _, r := range p.Rules {
		all = append(all, r.ID)
	}
	return all
}

// of counts the scenarios of a rule.
func of(set *features.Set, keep func(features.Rule) bool) int {
	n := 0
	for _, s := range set.Scenarios {
		if r, _ := set.Rule(s.Rule); keep(r) {
			n++
		}
	}
	return n
}

func words(texts ...string) string { return strings.Join(texts, "\n") }

// vocabularyFor returns the steps whose expressions match a text.
func vocabularyFor(t *testing.T, text string) []steps.Step {
	t.Helper()
	var found []steps.Step
	for _, step := range vocabulary() {
		if step.Expression.MatchString(text) {
			found = append(found, step)
		}
	}
	require.Len(t, found, 1)
	return found
}

// vocabulary returns the table of the embedded contract.
var vocabulary = sync.OnceValue(func() []steps.Step {
	declared, err := schemas.Load(schemas.Files())
	if err != nil {
		panic(err)
	}
	return steps.Table(contract.New(declared))
})
