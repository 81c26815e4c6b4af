package secret_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/secret"
)

func TestSecretHeadersKeepOnlyTheScheme(t *testing.T) {
	for name, want := range map[string]bool{"Authorization": true, "proxy-authorization": true, "COOKIE": true, "Set-Cookie": true, "Content-Type": false} {
		require.Equal(t, want, secret.Header(name), name)
	}
	for value, want := range map[string]string{"Bearer abc": "Bearer [redacted]", "bearer abc": "bearer [redacted]", "Basic YTpi": "Basic [redacted]", "abc def": "[redacted]", "abc": "[redacted]"} {
		require.Equal(t, want, secret.HideCredential(value))
	}
}
