package exchange

import (
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		status       int
		header, date string
		want         time.Duration
	}{
		"seconds":                   {429, "7", "", 7 * time.Second},
		"unavailable":               {503, " 7 ", "", 7 * time.Second},
		"other status":              {502, "7", "", 0},
		"none":                      {429, "", "", 0},
		"zero":                      {429, "0", "", 0},
		"negative":                  {429, "-5", "", 0},
		"fraction":                  {429, "1.5", "", 0},
		"words":                     {429, "soon", "", 0},
		"long":                      {429, "3600", "", time.Hour},
		"date":                      {503, "Mon, 23 Nov 2026 10:00:12 GMT", "", 12 * time.Second},
		"date gone by":              {503, "Mon, 23 Nov 2026 09:00:12 GMT", "", 0},
		"date by a clock ahead":     {503, "Mon, 23 Nov 2026 11:00:12 GMT", "Mon, 23 Nov 2026 11:00:00 GMT", 12 * time.Second},
		"date by a clock behind":    {429, "Mon, 23 Nov 2026 09:00:12 GMT", "Mon, 23 Nov 2026 09:00:00 GMT", 12 * time.Second},
		"date beside a bad Date":    {429, "Mon, 23 Nov 2026 10:00:12 GMT", "yesterday", 12 * time.Second},
		"seconds need no Date":      {429, "7", "Mon, 23 Nov 2026 09:00:00 GMT", 7 * time.Second},
		"date in an obsolete form":  {429, "Monday, 23-Nov-26 10:00:12 GMT", "", 12 * time.Second},
		"date beside another, long": {429, "Mon, 23 Nov 2026 11:00:00 GMT", "Mon, 23 Nov 2026 10:00:00 GMT", time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			e := Exchange{Started: now.Add(-time.Second), Duration: time.Second, Answer: &Answer{Status: c.status, Header: textproto.MIMEHeader{"Retry-After": {c.header}}}}
			if c.date != "" {
				e.Answer.Header.Set("Date", c.date)
			}
			require.Equal(t, c.want, e.RetryAfter())
		})
	}
	require.Zero(t, Exchange{}.RetryAfter())
	require.Zero(t, Exchange{Answer: &Answer{Status: 429}}.RetryAfter())
	many := Exchange{Answer: &Answer{Status: 429, Header: textproto.MIMEHeader{"Retry-After": {strings.Repeat("9", 40)}}}}
	require.Greater(t, many.RetryAfter(), 1000*time.Hour, "more than numbers hold")
}
