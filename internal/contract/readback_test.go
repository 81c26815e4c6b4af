package contract

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

func read(status int, body string) exchange.Exchange {
	e := answeredWith(status, body)
	e.Purpose = exchange.ReadBack
	return e
}

func TestTheStatusOfAReadBack(t *testing.T) {
	for name, test := range map[string]struct {
		e              exchange.Exchange
		status, reason string
	}{
		"validated":          {read(200, `{"success":true,"data":{"_id":"x","status":"validated"}}`), "validated", ""},
		"another":            {read(200, `{"data":{"status":"sent"}}`), "sent", ""},
		"empty":              {read(200, `{"data":{"status":""}}`), "", ""},
		"no status":          {read(200, `{"data":{}}`), "", "the read-back has no data.status"},
		"a status as number": {read(200, `{"data":{"status":1}}`), "", "the read-back has no data.status"},
		"no envelope":        {read(200, `{"status":"validated"}`), "", "the read-back has no data.status"},
		"data is a list":     {read(200, `{"data":[{"status":"validated"}]}`), "", "the read-back has no data.status"},
		"404":                {read(404, `{"code":"NotFound","message":"m"}`), "", "the read-back was answered 404 NotFound"},
		"201":                {read(201, `{"data":{"status":"validated"}}`), "", `the read-back was answered 201 with status "validated"`},
		"a redirect":         {read(302, ``), "", "the read-back was answered 302 (a redirect, which is never followed)"},
		"not JSON":           {read(200, `<html>`), "", "the read-back cannot be read: the body is not JSON"},
		"empty body":         {read(200, ``), "", "the read-back cannot be read: the body is empty"},
		"cut":                {read(200, `{"data":`), "", "the read-back cannot be read: the body is JSON that is cut off"},
		"unavailable":        {read(503, ``), "", "the target answered 503: service unavailable"},
		"rate-limited":       {read(429, ``), "", "the target answered 429: too many requests"},
		"no answer":          {unanswered(exchange.CauseTimeout), "", "it went wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			validated, status, reason := ReadStatus(test.e)
			if test.reason == "" {
				require.Equal(t, strconv.Quote(test.status), status)
			}
			require.Equal(t, test.status == "validated", validated)
			require.Equal(t, test.reason, reason)
		})
	}
}

func TestTheLinkOfAReadBack(t *testing.T) {
	const other = "000000000000000000000000"
	for name, test := range map[string]struct {
		body   string
		id     string
		linked bool
	}{
		"its id":                          {`{"data":{"phoneValidation":"` + anID + `"}}`, anID, true},
		"its id in upper case":            {`{"data":{"phoneValidation":"` + strings.ToUpper(anID) + `"}}`, anID, true},
		"the object":                      {`{"data":{"phoneValidation":{"_id":"` + anID + `","status":"validated"}}}`, anID, true},
		"a list with it":                  {`{"data":{"phoneValidation":[{"_id":"` + other + `"},"` + anID + `"]}}`, anID, true},
		"a UUID in upper case":            {`{"data":{"phoneValidation":"0B6F5A52-7D0C-4C7E-9F3B-5B1F0A6D2C11"}}`, "0b6f5a52-7d0c-4c7e-9f3b-5b1f0a6d2c11", true},
		"a number":                        {`{"data":{"phoneValidation":42}}`, "42", true},
		"another number":                  {`{"data":{"phoneValidation":43}}`, "42", false},
		"the object with a number":        {`{"data":{"phoneValidation":{"id":42}}}`, "42", true},
		"a text that differs in case":     {`{"data":{"phoneValidation":"pv_aB"}}`, "pv_Ab", false},
		"another's id":                    {`{"data":{"phoneValidation":"` + other + `"}}`, anID, false},
		"another object":                  {`{"data":{"phoneValidation":{"_id":"` + other + `"}}}`, anID, false},
		"an object without an id":         {`{"data":{"phoneValidation":{"status":"sent"}}}`, anID, true}, // populated, which it is not before
		"an object by another key":        {`{"data":{"phoneValidation":{"id":"` + anID + `"}}}`, anID, true},
		"another one by another key":      {`{"data":{"phoneValidation":{"id":"000000000000000000000000"}}}`, anID, false},
		"absent":                          {`{"data":{"_id":"x"}}`, anID, false},
		"null":                            {`{"data":{"phoneValidation":null}}`, anID, false},
		"empty":                           {`{"data":{"phoneValidation":""}}`, anID, false},
		"an empty list":                   {`{"data":{"phoneValidation":[]}}`, anID, false},
		"no id known: any id":             {`{"data":{"phoneValidation":"` + other + `"}}`, "", true},
		"no id known: any object":         {`{"data":{"phoneValidation":{"_id":"` + other + `"}}}`, "", true},
		"no id known: an object of no id": {`{"data":{"phoneValidation":{"status":"validated"}}}`, "", true},
		"no id known: absent":             {`{"data":{}}`, "", false},
		"no id known: null":               {`{"data":{"phoneValidation":null}}`, "", false},
		"no id known: an empty text":      {`{"data":{"phoneValidation":""}}`, "", false},
		"no id known: an empty list":      {`{"data":{"phoneValidation":[]}}`, "", false},
		"no id known: an empty object":    {`{"data":{"phoneValidation":{}}}`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			linked, link, reason := ReadLink(read(200, test.body), test.id)
			require.Empty(t, reason)
			require.Equal(t, test.linked, link == "linked")
			require.Equal(t, test.linked, linked)
		})
	}
	for name, e := range map[string]exchange.Exchange{
		"no registration":      read(200, `{"data":null}`),
		"a list":               read(200, `{"data":[]}`),
		"no envelope":          read(200, `{"phoneValidation":"`+anID+`"}`),
		"forbidden":            read(403, `{"message":"Access forbidden","code":"Forbidden"}`),
		"unavailable":          read(502, ``),
		"not JSON":             read(200, `ok`),
		"no answer whatsoever": unanswered(exchange.CauseLost),
	} {
		t.Run(name, func(t *testing.T) {
			linked, _, reason := ReadLink(e, anID)
			require.False(t, linked)
			require.NotEmpty(t, reason)
		})
	}
}
