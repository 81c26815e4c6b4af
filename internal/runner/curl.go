package runner

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/secret"
)

// longBody is up to where a body is part of the curl command.
const longBody = 2 << 10

// curl spells a command that repeats a call. $TOKEN, $CREDENTIALS and $OTP stand for what is secret; where they
// stand, the text is in double quotes for the shell to fill in.
func (r *run) curl(e contract.Exchange, keep []string) string {
	// -g: curl would read the brackets of a query as a range.
	parts := []string{"curl -g -sS -i -X " + e.Request.Method, single(r.Secrets.Redact(e.Request.URL, keep...))}
	names := make([]string, 0, len(e.Request.Header))
	for name := range e.Request.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if name == "Accept-Encoding" || name == "User-Agent" || name == "Traceparent" {
			continue
		}
		for _, v := range e.Request.Header[name] {
			scheme, _, _ := strings.Cut(hide(v), secret.Redacted)
			switch secretly := secretHeader(name); {
			case secretly && scheme == "Bearer ":
				parts = append(parts, fmt.Sprintf(`-H "%s: %s$TOKEN"`, name, scheme))
			case secretly:
				parts = append(parts, fmt.Sprintf(`-H "%s: %s$CREDENTIALS"`, name, scheme))
			default:
				parts = append(parts, "-H "+single(r.Secrets.Redact(name+": "+v, keep...)))
			}
		}
	}
	if _, typed := e.Request.Header["Content-Type"]; !typed && e.Request.Method == http.MethodPut {
		parts = append(parts, "-H 'Content-Type:'") // curl would name one of its own
	}
	switch body := r.Secrets.Redact(string(e.Request.Body), keep...); {
	case body == "" && e.Request.Method == http.MethodPut:
		parts = append(parts, "--data-raw ''")
	case body == "":
	case len(body) > longBody || !utf8.ValidString(body) || strings.Contains(body, "\x00"):
		// Too long for a line, or nothing that an argument can hold.
		parts = append(parts, fmt.Sprintf("--data-binary @body.txt # %d bytes", len(e.Request.Body)))
	default:
		parts = append(parts, "--data-raw "+strings.ReplaceAll(single(body), secret.Redacted, `'"$OTP"'`))
	}
	return strings.Join(parts, " ")
}

// single quotes a text for a shell.
func single(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
