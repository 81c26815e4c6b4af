package text

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheNameThatWasMeantIsFound(t *testing.T) {
	names := []string{"timeout", "tls", "concurrency", "base_url", "headers", "junit", "html"}
	for given, meant := range map[string]string{
		"timeot": "timeout", "conccurrency": "concurrency", "baseUrl": "base_url", "BASE-URL": "base_url", "tsl": "tls", "tlsx": "tls",
		"header": "headers", "junti": "junit", "htm": "html", "timeout": "timeout",
		"zzz": "", "th": "", "": "", "proxy": "", strings.Repeat("timeout", 10): "",
	} {
		require.Equal(t, meant, Nearest(given, names), given)
	}
	require.Empty(t, Nearest[string]("timeout", nil))
	require.Equal(t, "ab", Nearest("ab", []string{"abc", "ab"}), "the nearest of several")
}
