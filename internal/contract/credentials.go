package contract

import (
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
)

// authorization is what a header Authorization says: "Bearer" and a token, or a credential without a scheme.
type authorization struct{ scheme, credential string }

func (a authorization) bearer() bool { return strings.EqualFold(a.scheme, "Bearer") }

// authorizations returns those of a request; one that is empty has no credential.
func authorizations(r exchange.Request) []authorization {
	return group.Map(r.Header["Authorization"], func(value string) authorization {
		scheme, credential, _ := strings.Cut(strings.TrimSpace(value), " ")
		a := authorization{scheme, strings.TrimSpace(credential)}
		if a.credential == "" && !a.bearer() {
			a = authorization{"", scheme}
		}
		return a
	})
}

// bearers returns the bearer tokens of a request.
func bearers(r exchange.Request) []string {
	tokens := group.Where(authorizations(r), func(a authorization) bool { return a.bearer() && a.credential != "" })
	return group.Map(tokens, func(a authorization) string { return a.credential })
}

// carriesToken reports whether a request carries the token, under any scheme.
func carriesToken(r exchange.Request, token string) bool {
	return slices.ContainsFunc(r.Header["Authorization"], func(value string) bool {
		return slices.Contains(strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(" \t\",", c) }), token)
	})
}
