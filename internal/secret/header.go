package secret

import (
	"net/textproto"
	"slices"
	"strings"
)

// headers is those whose values are secret whatever they are.
var headers = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// Header reports whether a header's values are secret whatever they are.
func Header(name string) bool {
	return slices.Contains(headers, textproto.CanonicalMIMEHeaderKey(name))
}

// HideCredential returns what is shown in place of a secret header's value. The scheme stays: whether it was a bearer is worth
// knowing.
func HideCredential(value string) string {
	if scheme, _, found := strings.Cut(value, " "); found && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "Basic")) {
		return scheme + " " + Redacted
	}
	return Redacted
}
