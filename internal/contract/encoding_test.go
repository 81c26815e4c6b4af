package contract

import (
	"net/textproto"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

func TestOnlyAWrongEncodingIsBlamed(t *testing.T) {
	for name, c := range map[string]struct{ encoding, body, actual string }{
		"gzip that was unzipped":              {"gzip", `{"code":"c","message":"m"}`, ""},
		"gzip that was unzipped, and is cut":  {"gzip", `{"code":"c"`, `the body is JSON that is cut off: "{\"code\":\"c\""`},
		"said to be gzip, and nothing unzips": {"gzip", "", "the body is said to be in the encoding gzip and cannot be read in it"},
		"an encoding that was not asked for":  {"br", "\x8b\x01", `the body is said to be in the encoding br and cannot be read in it: "\x8b\x01"`},
		"empty, in no encoding":               {"", "", "the body is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &exchange.Answer{Status: 404, Body: []byte(c.body), Header: textproto.MIMEHeader{}}
			if c.encoding != "" {
				a.Header.Set("Content-Encoding", c.encoding)
			}
			findings := newChecks(t).Judging(exchange.Exchange{Purpose: exchange.Judged, Answer: a}, Known{}).oneValue()
			if c.actual == "" {
				require.Empty(t, findings)
				return
			}
			require.Len(t, findings, 1)
			require.Equal(t, c.actual, findings[0].Shown(plain).Actual)
		})
	}
}
