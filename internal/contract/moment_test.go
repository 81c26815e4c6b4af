package contract

import (
	"net/textproto"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
)

func TestAYearThatEqualsTheOTPIsNoEcho(t *testing.T) {
	private := Known{Secrets: []string{"2026"}}
	judge := func(header textproto.MIMEHeader, body string) []Finding {
		return newChecks(t).Judging(exchange.Exchange{Purpose: exchange.Judged, Answer: &exchange.Answer{Status: 200, Header: header, Body: []byte(body)}}, private).noEcho()
	}
	require.Empty(t, judge(textproto.MIMEHeader{"Date": {"Mon, 23 Nov 2026 10:11:12 GMT"}, "Content-Length": {"2026"}},
		`{"data":{"updatedAt":"2026-11-23T10:11:12.123Z","day":"2026-11-23"}}`))
	require.Len(t, judge(nil, `{"data":{"otp":2026,"updatedAt":"2026-11-23T10:11:12.123Z"}}`), 1, "the OTP stands beside the time")
	require.Len(t, judge(textproto.MIMEHeader{"X-Debug": {"2026"}}, `{}`), 1)
}

func TestAFractionOfASecondThatEqualsTheOTPIsNoEcho(t *testing.T) {
	e := exchange.Exchange{Purpose: exchange.Judged, Answer: &exchange.Answer{Status: 200, Body: []byte(`{"at":"2026-11-23T10:11:12.123456+00:00"}`)}}
	require.Empty(t, newChecks(t).Judging(e, Known{Secrets: []string{"123456"}}).noEcho())
}

func TestASecretAcrossTwoStringsOfABodyIsNoEcho(t *testing.T) {
	for body, findings := range map[string]int{`["#NDgzOTIx","#"]`: 1, `["#NDgz","OTIx#"]`: 0} { // 483921 in base64
		e := exchange.Exchange{Purpose: exchange.Judged, Answer: &exchange.Answer{Status: 200, Body: []byte(body)}}
		require.Len(t, newChecks(t).Judging(e, Known{Secrets: []string{"483921"}}).noEcho(), findings, body)
	}
}

func TestATimeInANotificationIsNoLeak(t *testing.T) {
	n := Known{Values: providerstate.Values{Phone: "62647737", CountryCode: "+507"}, Secrets: []string{"2026"}}
	require.True(t, JudgeNotification([]byte(`{"phone":"62647737","createdAt":"2026-11-23T10:11:12Z"}`), n).Accepted)
	require.True(t, JudgeNotification([]byte(`{"phone":"62647737","code":2026}`), n).Leaks)
}

func TestASecretInANotificationsHeadersIsALeak(t *testing.T) {
	n := Known{Values: providerstate.Values{Phone: "62647737", CountryCode: "+507"}, Secrets: []string{"123456"}}
	body := []byte(`{"phone":"62647737"}`)
	require.True(t, JudgeNotification(body, n, "application/json", "sha256=ab1234567cd").Accepted)
	require.True(t, JudgeNotification(body, n, "application/json", "otp 123456").Leaks)
}
