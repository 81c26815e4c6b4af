package explore

import (
	"net/http"
	"net/textproto"
	"strings"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/secret"
)

// keptBody is how many bytes of a body a report keeps.
const keptBody = 4 << 10

// show makes an outcome fit to be seen. What is made from the OTP or the token is spelt as such, and whatever else
// the answer says is redacted by value.
func (s *search) show(o outcome) Shown {
	f := fill{values: o.values, taken: s.o.States.Taken, mode: shown}
	d := o.trial.draft(f)
	keep := private(o.values).Keep
	body := d.body()
	one := Shown{
		State: string(o.trial.state), Changes: o.trial.words(),
		Method: o.exchange.Request.Method, URL: s.o.Secrets.Redact(o.exchange.Request.URL, keep...),
		Headers: s.headers(d.header, keep, false), Body: s.text(body, keep), Size: len(o.exchange.Request.Body),
		Curl: s.curl(o, keep),
	}
	if a := o.exchange.Answer; a != nil {
		one.Status, one.Answered = a.Status, s.headers(a.Header, keep, true)
		one.Answer = beginning(a.Body, a.TooLong, func(body []byte) string { return s.o.Secrets.RedactBody(body, keep...) })
	}
	if failure := o.exchange.Failure; failure != nil {
		one.Failure = contract.Clip(s.o.Secrets.Redact(failure.Message, keep...))
	}
	return one
}

// text redacts before it cuts, so that no half of a secret stays.
func (s *search) text(text string, keep []string) string {
	return beginning(text, false, func(text string) string { return s.o.Secrets.Redact(text, keep...) })
}

func beginning[T ~string | ~[]byte](text T, cut bool, redact func(T) string) string {
	shown, _ := secret.Beginning(text, keptBody, cut, redact)
	return strings.ToValidUTF8(shown, "\ufffd")
}

func (s *search) headers(h textproto.MIMEHeader, keep []string, answered bool) map[string][]string {
	all := make(map[string][]string, len(h))
	for name, values := range h {
		for _, v := range values {
			v = s.text(v, keep)
			// What is made of a request's own token is spelt so already; an answer may have other secrets beside one.
			spelt := !answered && (strings.Contains(v, secret.Redacted) || !strings.Contains(v, " "))
			if secret.Header(name) && !spelt {
				v = secret.HideCredential(v)
			}
			all[s.text(name, keep)] = append(all[s.text(name, keep)], v)
		}
	}
	return all
}

// curl spells a command that repeats a request for a state whose token and OTP are in $TOKEN and $OTP.
func (s *search) curl(o outcome, keep []string) string {
	d := o.trial.draft(fill{values: o.values, taken: s.o.States.Taken, mode: shell})
	header := d.header
	for name, values := range o.exchange.Request.Header { // those that the environment adds
		if _, own := header[name]; own {
			continue
		}
		for _, v := range values {
			if s.o.Secrets.Redact(v, keep...) != v {
				v = curl.Expression("$" + curl.Variable(name))
			}
			header[name] = append(header[name], v)
		}
	}
	way := s.o.Way
	if s.o.Secrets.Redact(way.Proxy) != way.Proxy {
		way.Proxy = curl.Expression("$PROXY")
	}
	return curl.Call{Method: http.MethodPut, URL: s.o.Secrets.Redact(o.exchange.Request.URL, keep...), Header: header, Body: d.body(), Note: strings.Join(o.trial.words(), "; "), Way: way}.Command()
}
