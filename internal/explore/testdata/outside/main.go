// This program searches outside of go test, where neither the testing package nor rapid's flags are prepared.
package main

import (
	"context"
	"fmt"
	"os"

	"verifik-contract/env"
	"verifik-contract/internal/explore"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
	"verifik-contract/internal/transport"
	"verifik-contract/schemas"
)

func main() {
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(4)
		}
	}
	provider, err := reference.New(reference.Options{Fault: "emoji-in-phone-answers-500"})
	must(err)
	server, err := reference.Listen("127.0.0.1:0", provider)
	must(err)
	client, err := transport.New(transport.Options{KeepAlive: true})
	must(err)
	set, err := schemas.Load(schemas.Files())
	must(err)
	secrets := &secret.Set{}
	states, _ := state.New([]env.States{{Kind: "pact", Pact: &env.Pact{URL: server.StatesURL}}}, state.Options{Target: client, Control: client, Secrets: secrets})
	r, err := explore.Run(context.Background(), explore.Options{Client: client, BaseURL: server.BaseURL, States: states, Schemas: set, Secrets: secrets, Seed: 1, Enough: 1})
	must(err)
	must(explore.Write(os.Stdout, r))
	os.Exit(explore.Exit(r))
}
