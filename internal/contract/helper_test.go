package contract

import (
	"net/http"
	"net/textproto"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// The documented answers, byte for byte as the documentation's page shows them.
const (
	documented200 = `{
"data": {
"_id": "674de8df21c72be3cc42b8a7",
"status": "validated",
"countryCode": "+507",
"phone": "62647737",
"type": "onboarding",
"showFaceLivenessRecommendation": false
}
}`
	documented403 = `{
"code": "otp_does_not_match",
"message": "403:otp_does_not_match"
}`
	documented404 = `{
"code": "phone_validation_not_found",
"message": "404:phone_validation_not_found"
}`
	documented409 = `{
"code": "MissingParameter",
"message": "missing phone\n. missing countryCode\n. missing otp"
}`
	documented409CountryCode = `{
"code": "MissingParameter",
"message": "Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits."
}`
	documented412 = `{
"code": "phoneValidation_has_expired",
"message": "412:phoneValidation_has_expired"
}`
)

// What the documentation's example sends.
const (
	anOTP       = "123456"
	aToken      = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2NzRkZThkZiJ9.Zm9vYmFyYmF6cXV4"
	aPhone      = "62647737"
	aCode       = "+507"
	anID        = "674de8df21c72be3cc42b8a7"
	exampleSent = `{"phone":"62647737","countryCode":"+507","otp":123456}`
)

// compiled returns the shipped schemas, compiled once: compiling them for each test is most of its cost.
var compiled = sync.OnceValues(func() (*schemas.Set, error) { return schemas.Load(schemas.Files()) })

func newChecks(t testing.TB) Checks {
	t.Helper()
	set, err := compiled()
	require.NoError(t, err)
	return New(set)
}

// answeredWith returns the documented request with an answer.
func answeredWith(status int, body string) exchange.Exchange {
	return exchange.Exchange{
		Purpose: exchange.Judged,
		Attempt: 1,
		Request: exchange.Request{
			Method: http.MethodPut,
			URL:    "https://api.example.test/v2/phone-validations",
			Header: textproto.MIMEHeader{
				"Authorization": {"Bearer " + aToken},
				"Content-Type":  {"application/json"},
				"Traceparent":   {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
			},
			Body: []byte(exampleSent),
		},
		Answer: &exchange.Answer{
			Status: status,
			Proto:  "HTTP/1.1",
			Header: textproto.MIMEHeader{"Content-Type": {"application/json; charset=utf-8"}},
			Body:   []byte(body),
		},
	}
}

func unanswered(cause exchange.Cause) exchange.Exchange {
	e := answeredWith(0, "")
	e.Answer, e.Failure = nil, &exchange.Failure{Cause: cause, Message: "it went wrong"}
	return e
}

// found is the part of a finding that table cases state.
type found struct{ path, expected, actual string }

func plain(text string) string { return text }

func placesOf(findings []Finding) []found {
	var all []found
	for _, f := range findings {
		f = f.Shown(plain)
		all = append(all, found{f.Path, f.Expected, f.Actual})
	}
	return all
}

// requireFindings compares paths, expected and actual values in order.
func requireFindings(t *testing.T, expected []found, actual []Finding) {
	t.Helper()
	require.Equal(t, expected, placesOf(actual))
	for _, f := range actual {
		require.NotEmpty(t, f.Expectation)
		require.Equal(t, -1, f.Exchange, "the caller says which exchange it is")
	}
}

func everyRule(t *testing.T, id string) Every {
	t.Helper()
	for _, rule := range newChecks(t).Everywhere() {
		if rule.Rule == id {
			return rule
		}
	}
	t.Fatalf("there is no every-exchange rule %s", id)
	return Every{}
}
