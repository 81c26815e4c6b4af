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
)

const (
	// maxBody is how much of a PUT's body is read, in bytes. What is longer is refused with 413.
	maxBody = 4 << 20
	// maxControlBody is the same for the control surface, whose fields are kept.
	maxControlBody = 4 << 10
	// maxBodies is what all bodies may take that are held at a time. A call that would take more is answered 503.
	maxBodies = 32 << 20
)

var errBusy = errors.New("the bodies of other calls fill what this provider holds at a time")

// counted is a body that counts what is read of it, for itself and among the bodies of all calls.
type counted struct {
	io.ReadCloser
	ofAll *atomic.Int64
	taken int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.taken += int64(n)
	if c.ofAll.Add(int64(n)) > maxBodies {
		return 0, errBusy
	}
	return n, err
}

// counting counts the bodies of calls as long as they are under way.
func (p *Provider) counting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := &counted{ReadCloser: r.Body, ofAll: &p.bodies}
		defer func() { p.bodies.Add(-body.taken) }()
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
		panic(http.ErrAbortHandler) // the caller went away
	}
	return body, passed
}

// request is the body of a PUT as it was understood. "" is a parameter that is missing.
type request struct {
	fields        members
	phone         string
	countryCode   string
	otp           string // the number as it was spelt
	project, flow string
	gateway       string
}

// required returns the parameters that a call has to have, in the order in which the documentation names them.
func required() []string { return []string{"phone", "countryCode", "otp"} }

func (q *request) missing() []string {
	var names []string
	for i, value := range []string{strings.Trim(q.phone, " "), q.countryCode, q.otp} {
		if value == "" {
			names = append(names, required()[i])
		}
	}
	return names
}

// members are those of a JSON object, by their keys; of a key that stands there twice the last.
type members map[string]jsontext.Value

// parse reads a JSON object; an empty body counts as one without members.
func parse(body []byte) (fields members, malformed bool) {
	fields = members{}
	if len(bytes.TrimSpace(body)) > 0 && json.Unmarshal(body, &fields, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		return nil, true // of what was read by then, nothing counts
	}
	return fields, fields == nil
}

// textOf returns the string that a member holds; any other type counts as missing.
func textOf(value jsontext.Value) string {
	if value.Kind() != '"' {
		return ""
	}
	s, _ := jsontext.AppendUnquote(nil, value) // what is no UTF-8 or UTF-16 is replaced
	return string(s)
}

// optional is the value of an optional parameter. One that is null, empty or absent asks for nothing; one of a
// type that no id has can match nothing.
func optional(value jsontext.Value) string {
	if len(value) == 0 || string(value) == "null" || string(value) == `""` {
		return ""
	}
	if s := textOf(value); s != "" {
		return s
	}
	return noText
}

// noText is what optional reads for a value that is no text: no id, and no name of anything.
const noText = "\x00"

// numberLiteral is the spelling of a JSON number; any other type counts as missing.
func numberLiteral(value jsontext.Value) string {
	if value.Kind() != '0' {
		return ""
	}
	return string(value)
}

// bearer is the token of an Authorization header, "" where it is not one.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// withoutSpaces is a phone as it is looked up.
func withoutSpaces(phone string) string { return strings.ReplaceAll(phone, " ", "") }

func onlyDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
