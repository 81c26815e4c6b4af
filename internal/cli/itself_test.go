package cli

import (
	"net"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAProxyKnowsItselfForATarget(t *testing.T) {
	for _, test := range []struct {
		target, listening string
		want              bool
	}{
		{"http://127.0.0.1:8080", "127.0.0.1:8080", true},
		{"http://localhost:8080", "127.0.0.1:8080", true},
		{"http://LOCALHOST:8080", "[::]:8080", true},
		{"http://127.0.0.1:8080", "0.0.0.0:8080", true},
		{"http://0.0.0.0:8080", "127.0.0.1:8080", true},
		{"http://[::1]:8080", "[::1]:8080", true},
		{"http://127.0.0.1", "127.0.0.1:80", true},
		{"http://127.0.0.1:8081", "127.0.0.1:8080", false},
		{"http://127.0.0.2:8080", "127.0.0.1:8080", false},
		{"https://api.example.test", "127.0.0.1:443", false},
	} {
		target, err := url.Parse(test.target)
		require.NoError(t, err)
		listening, err := net.ResolveTCPAddr("tcp", test.listening)
		require.NoError(t, err)
		require.Equal(t, test.want, itself(target, listening), "%s at %s", test.target, test.listening)
	}
}
