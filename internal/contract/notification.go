package contract

import (
	"bytes"
	"strings"

	"verifik-contract/internal/secret"
)

// Notified is what is known of the validation that a notification must tell of.
type Notified struct {
	ID          string // "": not known
	Phone       string // without spaces
	CountryCode string
	Private     Private
}

// Notification is how one delivery to a scenario's webhook address is judged.
type Notification struct {
	Accepted bool
	Ignored  bool   // of an earlier event: created, or sent again
	Leaks    bool   // it holds the OTP or a token
	Reason   string // why it is not accepted
	Type     string
}

// JudgeNotification judges one delivery by its body. A secret is looked for in its headers too.
func JudgeNotification(body []byte, n Notified, headers ...string) Notification {
	r := decode(body)
	v, err := r.value, r.err
	kind, _ := member(v, "type").(string)
	judged := Notification{Type: kind}
	texts := []string{string(body)}
	switch {
	case strings.HasSuffix(kind, "created") || strings.HasSuffix(kind, "resend"):
		judged.Ignored, judged.Reason = true, "it tells of an earlier event"
	case anyHolds(append(texts, headers...), n.Private.Secrets, append(n.names(), n.Private.Keep...)):
		judged.Leaks, judged.Reason = true, "it holds the OTP or a token"
	case err != nil || r.flaw != "" && !strings.Contains(r.flaw, "twice"):
		judged.Reason = "it is not JSON" + whatElse(body)
	case !anyHolds(texts[:1], n.names(), nil):
		judged.Reason = "it does not name the validation: neither its id nor its phone is in it"
	default:
		judged.Accepted = true
	}
	return judged
}

// whatElse tells what a notification is that is no JSON; "": it cannot be told.
func whatElse(body []byte) string {
	form := formOf(body)
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return ": its body is empty"
	case form.page:
		return ": it is " + map[string]string{"html": "an HTML page", "xml": "XML"}[form.key]
	case form.words != "":
		return ": " + form.words
	case isForm(body):
		return ": it is a form (name=value&...)"
	}
	return ""
}

func isForm(body []byte) bool {
	text := string(body[:min(len(body), 4096)])
	name, _, found := strings.Cut(text, "=")
	return found && name != "" && !strings.ContainsAny(text, " \n{<")
}

// names is every way in which a notification may name the validation.
func (n Notified) names() []string {
	names := []string{n.Phone, n.CountryCode + n.Phone, strings.TrimPrefix(n.CountryCode, "+") + n.Phone}
	if n.ID != "" {
		names = append(names, n.ID, strings.ToLower(n.ID), strings.ToUpper(n.ID))
	}
	return names
}

func anyHolds(texts, values, keep []string) bool {
	for _, text := range texts {
		for _, v := range values {
			if secret.Find(text, v, keep...) {
				return true
			}
		}
	}
	return false
}
