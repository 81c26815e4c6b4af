package contract

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestListsWhatTheDocumentationShows(t *testing.T) {
	for _, test := range []struct {
		name, value string
		listed      bool
	}{
		{"phoneGateway", `"sms"`, true},
		{"project", `"674de8df21c72be3cc42b8a7"`, true},
		{"countryCode", `"507"`, true},
		{"otp", `024681`, true},
		{"phoneGateway", `"pigeon"`, false},
		{"phoneGateway", `""`, false},
		{"project", `null`, false},
		{"projectFlow", `7`, false},
		{"status", `"validated"`, false},
	} {
		require.Equal(t, test.listed, newChecks(t).Lists(test.name, test.value), "%s as %s", test.name, test.value)
	}
}
