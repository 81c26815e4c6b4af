package env

import (
	"fmt"
	"net/textproto"
	"strings"
)

// ownHeaders are set by the tool, and why no environment may set them.
func ownHeaders() map[string]string {
	return map[string]string{
		"Authorization":     "the contract sends the state's token in it",
		"Content-Type":      "the contract sets it",
		"Content-Length":    "it follows from the body",
		"Transfer-Encoding": "it follows from the body",
		"Connection":        "the connection is the tool's own matter",
		"Host":              "it follows from the URL",
		"Accept-Encoding":   "the tool takes answers apart itself",
	}
}

// headers reads HTTP headers. Those in allowed are not refused though the contract sets them elsewhere.
func (r reader) headers(name string, allowed ...string) map[string]string {
	items := r.table(name)
	headers := map[string]string{}
	own := ownHeaders()
	for _, header := range allowed {
		delete(own, header)
	}
	for _, item := range items {
		if isCredential(item.key) {
			_, credential, _ := strings.Cut(item.text, " ") // behind the scheme, as in "Bearer x"
			r.secrets.Add(item.text, credential)
			r.checkLength(item.text, "The header "+textproto.CanonicalMIMEHeaderKey(item.key), item.at)
			r.hide(item.value)
		}
		f := finding{at: item.at}
		canonical := textproto.CanonicalMIMEHeaderKey(item.key)
		_, doubled := headers[canonical]
		switch why, refused := own[canonical]; {
		case !isToken(item.key):
			f.summary = fmt.Sprintf("A key of %q is not a header's name", name)
			f.detail = "A header's name is letters, digits and -, as X-Env."
		case refused:
			r.hide(item.value)
			f.summary = fmt.Sprintf("The header %s cannot be set", canonical)
			f.detail = fmt.Sprintf("Take it out: %s.", why)
		case doubled:
			f.summary = fmt.Sprintf("The header %s is given twice", canonical)
			f.detail = "Upper and lower case make no difference in a header's name. Keep one of the two."
		case !isHeaderValue(item.text):
			f.summary = fmt.Sprintf("The value of header %s holds a line break or another control character", canonical)
			f.detail = "A header's value is one line."
		default:
			headers[canonical] = item.text
			continue
		}
		r.note(f)
	}
	if len(headers) == 0 {
		return nil
	}
	return headers
}

// isCredential tells whether a header's value is secret by its name.
func isCredential(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Authorization", "Proxy-Authorization", "Cookie":
		return true
	}
	return false
}

// isToken tells whether a text is a token as RFC 9110 defines it.
func isToken(text string) bool {
	const other = "!#$%&'*+-.^_`|~"
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && !strings.ContainsRune(other, rune(c)) {
			return false
		}
	}
	return text != ""
}

func isHeaderValue(text string) bool {
	for _, c := range []byte(text) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
