package reference

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/group"
)

const (
	// maxBody is the size limit of a PUT's body in bytes. A longer one is answered 413.
	maxBody = 4 << 20
	// maxControlBody is the same for the set-up calls, whose fields are kept.
	maxControlBody = 4 << 10
	// maxBodies is the limit of all bodies held at a time. A call that would exceed it is answered 503.
	maxBodies = 32 << 20
)

var errBusy = errors.New("the bodies of other calls take all the memory set aside for bodies")

// countedBody is a body that counts the bytes read from it, for itself and for all bodies.
type countedBody struct {
	io.ReadCloser
	total *atomic.Int64
	read  int64
}

func (c *countedBody) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.read += int64(n)
	if c.total.Add(int64(n)) > maxBodies {
		return 0, errBusy
	}
	return n, err
}

// countBodies counts the bodies of calls while they are handled.
func (p *Provider) countBodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := &countedBody{ReadCloser: r.Body, total: &p.bodies}
		defer func() { p.bodies.Add(-body.read) }()
		r.Body = body
		next.ServeHTTP(w, r)
	})
}

// readBody reads a request's body of at most limit bytes. The verdict is passed, tooLarge or busy.
func readBody(r *http.Request, limit int) ([]byte, verdict) {
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(limit)+1))
	switch {
	case len(body) > limit:
		return nil, tooLarge
	case errors.Is(err, errBusy):
		return nil, busy
	case err != nil:
		panic(http.ErrAbortHandler) // the client has gone
	}
	return body, passed
}

// request is the body of a PUT as the provider reads it. "" is a missing parameter.
type request struct {
	fields        members
	phone         string
	countryCode   string
	otp           string // the JSON number as it was written
	project, flow string
	gateway       string
}

// required returns the required parameters, in the order of the documentation.
func required() []string { return []string{"phone", "countryCode", "otp"} }

func (q *request) missing() []string {
	values := map[string]string{"phone": strings.Trim(q.phone, " "), "countryCode": q.countryCode, "otp": q.otp}
	return group.Where(required(), func(name string) bool { return values[name] == "" })
}

// members holds the members of a JSON object by key; of a repeated key the last.
type members map[string]jsontext.Value

// parse reads a JSON object; an empty body counts as an empty object.
func parse(body []byte) (fields members, malformed bool) {
	fields = members{}
	if len(bytes.TrimSpace(body)) > 0 && json.Unmarshal(body, &fields, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return nil, true // the members before the error do not count
	}
	return fields, fields == nil
}

// textOf returns the string value of a member; "" for any other type.
func textOf(value jsontext.Value) string {
	if value.Kind() != '"' {
		return ""
	}
	s, _ := jsontext.AppendUnquote(nil, value) // invalid UTF-8 and UTF-16 is replaced
	return string(s)
}

// optional returns the value of an optional parameter: "" if it is null, empty or absent, and noText, which matches
// nothing, if it is not a string.
func optional(value jsontext.Value) string {
	if len(value) == 0 || string(value) == "null" || string(value) == `""` {
		return ""
	}
	if s := textOf(value); s != "" {
		return s
	}
	return noText
}

// noText equals no id and no name.
const noText = "\x00"

// numberLiteral returns a JSON number as it was written; "" for any other type.
func numberLiteral(value jsontext.Value) string {
	if value.Kind() != '0' {
		return ""
	}
	return string(value)
}

// bearer returns the token of an Authorization header; "" if it holds no bearer token.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// withoutSpaces returns a phone as it is looked up.
func withoutSpaces(phone string) string { return strings.ReplaceAll(phone, " ", "") }

// codeFits reports whether a country code is + and 1 to 3 digits. It uses no regular expression, whose \d and $ are easy to
// get wrong.
func codeFits(code string) bool {
	return len(code) >= 2 && len(code) <= 4 && code[0] == '+' && strings.Trim(code[1:], "0123456789") == ""
}
