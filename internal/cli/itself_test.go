package cli

import (
	"net"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAProxyKnowsItselfForATarget(t *testing.T) {
	for _, test := range []struct {
		listening, target string
		want              bool
	}{
		{"127.0.0.1", "http://127.0.0.1", true},
		{"127.0.0.1", "http://LOCALHOST", true},
		{"127.0.0.1", "https://0.0.0.0", true},
		{"127.0.0.1", "http://127.0.0.2", false},
		{"127.0.0.2", "http://127.0.0.1", false},
		{"0.0.0.0", "http://localhost", true},
		{"0.0.0.0", "http://127.0.0.2", true},
		{"127.0.0.1", "http://127.0.0.1:1", false},
	} {
		if runtime.GOOS != "linux" && strings.Contains(test.listening+test.target, "127.0.0.2") {
			continue // elsewhere this machine has no such address
		}
		listener, err := net.Listen("tcp", test.listening+":0")
		require.NoError(t, err)
		_, port, err := net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
		if !strings.HasSuffix(test.target, ":1") {
			test.target += ":" + port
		}
		target, err := url.Parse(test.target)
		require.NoError(t, err)
		require.Equal(t, test.want, isProxy(t.Context(), target, listener.Addr()), "%s at %s", test.target, test.listening)
		require.NoError(t, listener.Close())
	}
}
