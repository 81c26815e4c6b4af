package state_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
)

// BenchmarkPactState makes one state of the reference provider, from Begin to End.
func BenchmarkPactState(b *testing.B) {
	w := newWorld(b)
	states := w.pact()
	states.Pact.Teardown = false
	m := w.maker(b, states)
	planner, needs := m.Planner(), []state.Request{{Name: providerstate.Pending}}
	b.ReportAllocs()
	for b.Loop() {
		assignment, _, refusal := planner.Reserve(needs)
		if refusal != nil {
			b.Fatal(refusal.Reason)
		}
		session, err := m.Begin(b.Context(), assignment, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := session.Make(b.Context(), 0, ""); err != nil {
			b.Fatal(err)
		}
		if err := session.End(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlainPactCall makes the same call with net/http alone and reads the answer without decoding it.
func BenchmarkPlainPactCall(b *testing.B) {
	w := newWorld(b)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	b.ReportAllocs()
	for b.Loop() {
		answer, err := client.Post(w.url+"/_pact/provider-states", "application/json",
			strings.NewReader(`{"state":"a pending phone validation","params":{},"action":"setup"}`))
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}
