package contract

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

func TestTheShapeOfABody(t *testing.T) {
	for name, test := range map[string]struct{ body, expected string }{
		"an error":              {documented403, "{code: string, message: string}"},
		"a success":             {documented200, "{data: {_id: string, countryCode: string, phone: string, showFaceLivenessRecommendation: boolean, status: string, type: string}}"},
		"another key order":     {`{"message":"m","code":"c"}`, "{code: string, message: string}"},
		"numbers":               {`{"a":1,"b":1.5,"c":1e400}`, "{a: number, b: number, c: number}"},
		"null and true":         {`{"a":null,"b":true}`, "{a: null, b: boolean}"},
		"an empty list":         {`[]`, "[]"},
		"a list":                {`[{"a":1},{"b":1}]`, "[{a: number}]"},
		"an empty object":       {`{}`, "{}"},
		"text":                  {`"x"`, "string"},
		"nothing":               {"", "empty"},
		"white space":           {" \n", "empty"},
		"HTML":                  {"<p>", "not JSON"},
		"cut JSON":              {`{"a":`, "not JSON"},
		"bytes after the value": {`{"a":1}x`, "{a: number}"},
		"deep":                  {strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50), "{a: {a: {a: {a: {a: {a: {a: ...}}}}}}}"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.expected, Shape(&exchange.Answer{Body: []byte(test.body)})) })
	}
}

func TestObservationsOfAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		e        exchange.Exchange
		expected Observation
	}{
		"an answer":        {answeredWith(409, documented409), Observation{Label: "l", Status: 409, Code: "MissingParameter", Shape: "{code: string, message: string}"}},
		"no code":          {answeredWith(200, `{"data":{}}`), Observation{Label: "l", Status: 200, Shape: "{data: {}}"}},
		"a code as number": {answeredWith(400, `{"code":7}`), Observation{Label: "l", Status: 400, Shape: "{code: number}"}},
		"429":              {answeredWith(429, ``), Observation{Label: "l", Status: 429, Shape: "empty"}},
		"503 in HTML":      {answeredWith(503, `<p>`), Observation{Label: "l", Status: 503, Shape: "not JSON"}},
		"a lost answer":    {unanswered(exchange.CauseLost), Observation{Label: "l", Note: "connection-lost"}},
		"a timeout":        {unanswered(exchange.CauseTimeout), Observation{Label: "l", Note: "timeout"}},
		"nothing at all":   {exchange.Exchange{}, Observation{Label: "l", Note: "no answer"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.expected, Observe(test.e, "l")) })
	}
}
