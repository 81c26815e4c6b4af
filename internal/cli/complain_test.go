package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/result"
)

func TestErrorsThatWereJoinedHaveALineEachAndANewlineInANameHasNone(t *testing.T) {
	var shown bytes.Buffer
	a := newApp(Streams{In: strings.NewReader(""), Err: &shown})
	named := fmt.Errorf("%s: %w", "a\nError: all is well", errors.New("it is gone"))
	a.printError(&failure{result.ExitUnjudged, errors.Join(named, errors.Join(errors.New("second"), errors.New("third"))), ""})
	require.Equal(t, `Error: a\nError: all is well: it is gone
Error: second
Error: third
`, shown.String())
}
