package reference

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// maxBody is how much of a request's body is read, in bytes. What is longer is refused with 413.
const maxBody = 4 << 20

var errTooLarge = errors.New("the body is larger than 4 MiB")

// readBody reads a request's body. The error is errTooLarge or that of the connection.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, errTooLarge
	}
	body := make([]byte, 0, 512)
	if r.ContentLength > 0 && r.ContentLength < 64<<10 {
		body = make([]byte, 0, r.ContentLength+1)
	}
	for {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := r.Body.Read(body[len(body):min(cap(body), maxBody+1)])
		body = body[:len(body)+n]
		if len(body) > maxBody {
			return nil, errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// request is the body of a PUT as it was understood. "" is a parameter that is missing.
type request struct {
	fields        map[string]json.RawMessage
	phone         string
	countryCode   string
	otp           string // the number as it was spelt
	project, flow string
	gateway       string
}

// parse reads a JSON object; an empty body counts as one without members.
func parse(body []byte) (map[string]json.RawMessage, bool) {
	if strings.TrimSpace(string(body)) == "" {
		return nil, true
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, false
	}
	return fields, true
}

// text is the string that a member holds; any other type counts as missing.
func text(value json.RawMessage) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	inner := value[1 : len(value)-1]
	if plain(inner) {
		return string(inner)
	}
	var s string
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

func plain(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

// optional is the value of an optional parameter. One that is null, empty or absent asks for nothing; one of a
// type that no id has can match nothing.
func optional(value json.RawMessage) string {
	if len(value) == 0 || string(value) == "null" || string(value) == `""` {
		return ""
	}
	if s := text(value); s != "" {
		return s
	}
	return "\x00"
}

// numberLiteral is the spelling of a JSON number; any other type counts as missing.
func numberLiteral(value json.RawMessage) string {
	if len(value) == 0 || value[0] != '-' && (value[0] < '0' || value[0] > '9') {
		return ""
	}
	return string(value)
}

// bearer is the token of an Authorization header, "" where it is not one.
func bearer(header string) string {
	const scheme = "Bearer "
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return ""
	}
	return strings.TrimSpace(header[len(scheme):])
}
