package report_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/report/har"
	"verifik-contract/internal/result"
	"verifik-contract/internal/traffic"
)

func TestAStreamIsAnArchiveHoweverLongItIs(t *testing.T) {
	for _, entries := range []int{0, 1, 3} {
		var b strings.Builder
		s := har.NewStream(&b, result.Tool{Name: `a "tool"`, Version: "1"})
		for range entries {
			s.Add("exchange \x1b1", &result.Exchange{
				Request: result.Request{Method: "PUT", URL: "https://api.example.test/x", Body: "{}"},
				Answer:  &result.Answer{Status: 200, Proto: "HTTP/1.1", Body: "\x1b\u202e"},
			})
		}
		require.NoError(t, s.Close())
		require.False(t, strings.ContainsAny(b.String(), "\x1b\u202e"))
		read := 0
		require.NoError(t, traffic.Reader{
			Wanted:  func(method, path string) bool { return method == "PUT" && path == "/x" },
			Entry:   func(e traffic.Entry) { read++; require.Equal(t, "\x1b\u202e", string(e.Exchange.Answer.Body)) },
			LeftOut: func() { t.Error("left out") },
			Bad:     func(int, error) { t.Error("bad") },
		}.ReadHAR(strings.NewReader(b.String())))
		require.Equal(t, entries, read)
	}
}

func TestAStreamTellsWhatCouldNotBeWritten(t *testing.T) {
	s := har.NewStream(full{}, result.Tool{})
	s.Add("x", &result.Exchange{Failure: &result.Failure{Cause: exchange.CauseLost}})
	require.ErrorIs(t, s.Close(), errFull)
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
