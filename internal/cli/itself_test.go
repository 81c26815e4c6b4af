package cli

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// resolve knows names as DNS and /etc/hosts do.
func resolve(_ context.Context, name string) ([]net.IPAddr, error) {
	if at := net.ParseIP(name); at != nil {
		return []net.IPAddr{{IP: at}}, nil
	}
	if address := map[string]string{"localhost": "127.0.0.1", "own.example.test": "127.0.0.1", "other.example.test": "192.0.2.1"}[strings.ToLower(name)]; address != "" {
		return []net.IPAddr{{IP: net.ParseIP(address)}}, nil
	}
	return nil, errors.New("no such name")
}

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
		{"http://own.example.test:8080", "127.0.0.1:8080", true},
		{"http://own.example.test:8080", "0.0.0.0:8080", true},
		{"http://other.example.test:8080", "0.0.0.0:8080", false},
		{"http://nowhere.example.test:8080", "0.0.0.0:8080", false},
		{"http://127.0.0.1:8081", "127.0.0.1:8080", false},
		{"http://127.0.0.2:8080", "127.0.0.1:8080", false},
		{"https://api.example.test", "127.0.0.1:443", false},
	} {
		target, err := url.Parse(test.target)
		require.NoError(t, err)
		listening, err := net.ResolveTCPAddr("tcp", test.listening)
		require.NoError(t, err)
		require.Equal(t, test.want, itself(t.Context(), target, listening, resolve), "%s at %s", test.target, test.listening)
	}
}
