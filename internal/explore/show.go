package explore

import (
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"

	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// keptBody is how many bytes of a body a report keeps.
const keptBody = 4 << 10

// show makes an outcome fit to be seen. What is made from the OTP or the token is spelt as such, and whatever else
// the answer says is redacted by value.
func (s *search) show(o outcome) Shown {
	f := fill{values: o.values, taken: s.o.States.Taken, mode: shown}
	d := o.trial.draft(f)
	keep := open(o.values, []string{o.values.OTP, o.values.Token})
	body := d.body()
	one := Shown{
		State: string(o.trial.ground), Changes: o.trial.words(),
		Method: o.exchange.Request.Method, URL: s.o.Secrets.Redact(o.exchange.Request.URL, keep...),
		Headers: s.headers(d.header(), keep), Body: s.text(body, keep), Size: len(o.exchange.Request.Body),
		Curl: s.curl(o, keep),
	}
	if a := o.exchange.Answer; a != nil {
		one.Status, one.Answered, one.Answer = a.Status, s.headers(a.Header, keep), s.text(string(a.Body), keep)
	}
	if failure := o.exchange.Failure; failure != nil {
		one.Failure = s.o.Secrets.Redact(failure.Message, keep...)
	}
	return one
}

// text redacts before it cuts, so that no half of a secret stays.
func (s *search) text(text string, keep []string) string {
	text = strings.ToValidUTF8(s.o.Secrets.Redact(text, keep...), "\ufffd")
	if len(text) > keptBody {
		text = strings.ToValidUTF8(text[:keptBody], "")
	}
	return text
}

// hidden is the headers of an answer whose values are secret whatever they are.
var hidden = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

func (s *search) headers(h textproto.MIMEHeader, keep []string) map[string][]string {
	all := make(map[string][]string, len(h))
	for name, values := range h {
		for _, v := range values {
			v = s.text(v, keep)
			if scheme, rest, found := strings.Cut(v, " "); slices.Contains(hidden, textproto.CanonicalMIMEHeaderKey(name)) && len(rest) > 0 && !strings.Contains(v, secret.Redacted) {
				v = secret.Redacted
				if found && (scheme == "Bearer" || scheme == "Basic") {
					v = scheme + " " + v
				}
			}
			all[s.text(name, keep)] = append(all[s.text(name, keep)], v)
		}
	}
	return all
}

// longBody is up to where a body is part of the curl command.
const longBody = 2 << 10

// curl spells a command that repeats a request for a state whose token and OTP are in $TOKEN and $OTP.
func (s *search) curl(o outcome, keep []string) string {
	d := o.trial.draft(fill{values: o.values, taken: s.o.States.Taken, mode: shell})
	parts := []string{"curl -sS -i -X PUT", single(s.o.Secrets.Redact(o.exchange.Request.URL, keep...))}
	header := d.header()
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			if value == "" {
				parts = append(parts, "-H "+single(name+";")) // curl's way to send an empty one
				continue
			}
			parts = append(parts, "-H "+word(name+": "+value))
		}
	}
	if header["Content-Type"] == nil {
		parts = append(parts, "-H 'Content-Type:'") // curl would name one of its own
	}
	switch body := d.body(); {
	case len(body) > longBody:
		parts = append(parts, fmt.Sprintf("--data-binary @body.txt # %d bytes: %s", len(body), strings.Join(o.trial.words(), "; ")))
	default:
		parts = append(parts, "--data-raw "+word(body))
	}
	return strings.Join(parts, " ")
}

// word quotes a text for a shell, and lets it fill in what stands between marks.
func word(text string) string {
	var b strings.Builder
	for text != "" {
		before, rest, marked := strings.Cut(text, markOpen)
		if before != "" {
			b.WriteString(single(before))
		}
		if !marked {
			break
		}
		expression, after, _ := strings.Cut(rest, markClose)
		b.WriteString(`"` + expression + `"`)
		text = after
	}
	if b.Len() == 0 {
		return "''"
	}
	return b.String()
}

// single quotes a text for a shell. Bytes that a terminal would act on, or that are no UTF-8, are escaped, which
// bash, zsh and ksh understand.
func single(argument string) string {
	var b strings.Builder
	odd, escaped := false, false
	for piece, shown := range text.Pieces(argument) {
		if !shown {
			for _, c := range []byte(piece) {
				fmt.Fprintf(&b, `\x%02x`, c)
			}
			odd, escaped = true, true
			continue
		}
		// What follows must not be read as a further digit.
		if escaped && strings.ContainsRune("0123456789abcdefABCDEF", rune(piece[0])) {
			b.WriteString("'$'")
		}
		escaped = false
		b.WriteString(strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(piece))
	}
	if !odd {
		return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
	}
	return "$'" + b.String() + "'"
}
