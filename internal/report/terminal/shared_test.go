package terminal_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/terminal"
)

func TestTheStatusLineStaysBelowWhatIsWritten(t *testing.T) {
	var content bytes.Buffer
	shared := terminal.NewShared(&content)
	for _, line := range []string{"✓ before\n", "✓ and again\n"} {
		_, err := io.WriteString(shared, line)
		require.NoError(t, err)
	}
	shared.Status("... 0 of 2")
	shared.Status("... 1 of 2")
	shared.Status("... 1 of 2")
	_, err := io.WriteString(shared, "✓ above\n")
	require.NoError(t, err)
	shared.Status("... 2 of 2")
	shared.Status("")
	shared.Status("")
	require.Equal(t, "✓ before\n✓ and again\n... 0 of 2\r\x1b[K... 1 of 2\r\x1b[K✓ above\n... 2 of 2\r\x1b[K", content.String())
}
