package contract

import (
	"net/textproto"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

func TestForeignAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		kind, body string
		foreign    string
	}{
		"a success":                        {200, "", `{"data":{"status":"validated"}}`, ""},
		"a success in another envelope":    {200, "", `{"result":{}}`, ""},
		"a documented refusal":             {404, "", `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`, ""},
		"one as text":                      {404, "text/plain", "phone_validation_not_found", ""},
		"one in the other envelope":        {404, "", `{"message":"otp_does_not_match","code":"Forbidden"}`, ""},
		"one that is encoded twice":        {404, "", `"{\"code\":\"otp_does_not_match\"}"`, ""},
		"a page with a documented code":    {500, "text/html", "<html>otp_does_not_match</html>", ""},
		"a code of its own":                {404, "", `{"code":"nope","message":"nothing"}`, ""},
		"a method that it refuses":         {405, "", `{"code":"MethodNotAllowed","message":"405:method_not_allowed"}`, ""},
		"401 in two fields":                {401, "", `{"code":"Unauthorized","message":"no token"}`, ""},
		"409 without a body":               {409, "", "", ""},
		"412 as a page":                    {412, "text/html", "<html></html>", ""},
		"500 as JSON":                      {500, "", `{"error":"boom"}`, ""},
		"a proxy's page":                   {403, "text/html; charset=utf-8", "<html></html>", "403 Forbidden with an HTML page"},
		"the pages of one application":     {200, "text/html", "<html></html>", "200 OK with an HTML page"},
		"another path":                     {404, "text/plain", "404 page not found\n", "404 Not Found with 404 page not found"},
		"a sentence":                       {400, "text/plain", "Nothing is here.\n", "400 Bad Request with Nothing is here"},
		"another path, in JSON":            {404, "", `{"error":"Not Found"}`, `404 Not Found with {"error":"Not Found"}`},
		"another path, in two fields":      {404, "", `{"code":"NotFound","message":"Cannot PUT /v2/phone-validations"}`, `404 Not Found with {"code":"NotFound","message":"Cannot PUT /v2/phone-validations"}`},
		"another path, as restify says it": {404, "", `{"code":"ResourceNotFound","message":"/x does not exist"}`, `404 Not Found with {"code":"ResourceNotFound","message":"/x does not exist"}`},
		"a gateway's key":                  {403, "", `{"message":"Missing Authentication Token"}`, `403 Forbidden with {"message":"Missing Authentication Token"}`},
		"a server of files":                {501, "text/html", "<html></html>", "501 Not Implemented with an HTML page"},
		"a method that a router refuses":   {405, "", `{"code":"405","message":"Method Not Allowed"}`, `405 Method Not Allowed with {"code":"405","message":"Method Not Allowed"}`},
		"a redirect":                       {302, "", "", "302 Found, a redirect"},
		"nothing":                          {404, "", "", "404 Not Found without a body"},
	} {
		t.Run(name, func(t *testing.T) {
			a := &exchange.Answer{Status: c.status, Header: textproto.MIMEHeader{"Content-Type": {c.kind}}, Body: []byte(c.body)}
			require.Equal(t, c.foreign, newChecks(t).Foreign(exchange.Exchange{Answer: a}))
		})
	}
}
