package contract

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/secret"
)

// Notification is how one delivery to a scenario's webhook address is judged.
type Notification struct {
	Accepted bool
	Ignored  bool   // of an earlier event: created, or sent again
	Leaks    bool   // it holds the OTP or a token
	Reason   string // why it is not accepted
	Type     string
}

// JudgeNotification judges one delivery by its body. A secret is looked for in what is
// beside it too.
func JudgeNotification(body []byte, k Known, beside ...string) Notification {
	r := decode(body)
	v, err := r.value, r.err
	kind, _ := member(v, "type").(string)
	judged := Notification{Type: kind}
	texts := []string{string(body)}
	switch {
	case strings.HasSuffix(kind, "created") || strings.HasSuffix(kind, "resend"):
		judged.Ignored, judged.Reason = true, "it tells of an earlier event"
	case anyHolds(append(texts, beside...), k.Secrets, append(k.names(), k.Keep...)):
		judged.Leaks, judged.Reason = true, "it holds the OTP or a token"
	case err != nil || r.flaw != "" && !strings.Contains(r.flaw, "twice"):
		judged.Reason = "it is not JSON" + whatElse(body)
	case !anyHolds(texts[:1], k.names(), nil):
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
func (k Known) names() []string {
	phone := unspaced(k.Phone)
	names := []string{phone, k.CountryCode + phone, strings.TrimPrefix(k.CountryCode, "+") + phone}
	if k.ValidationID != "" {
		names = append(names, k.ValidationID, strings.ToLower(k.ValidationID), strings.ToUpper(k.ValidationID))
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

// claim is a word that says that something was validated: not "invalidated", nor "not_validated".
var claim = regexp.MustCompile(`(?i)(?:^|[^a-z])validated$`)

// ClaimsSuccess is what a notification says in type, event or status, wherever these stand, that tells of a success; "":
// it tells of none.
func ClaimsSuccess(body []byte) (claim string) {
	walk("", decode(body).value, func(key string, v any) bool {
		text, _ := v.(string)
		if slices.Contains([]string{"type", "event", "status"}, strings.ToLower(key)) && claimsInWords(text) {
			claim = key + " " + quote(text)
		}
		return claim == ""
	})
	return claim
}

func claimsInWords(text string) bool {
	// phoneValidationValidated is phone Validation Validated.
	words := camel.ReplaceAllString(strings.TrimSpace(text), "${1}_$2")
	return claim.MatchString(words) && !denied.MatchString(words)
}

var (
	camel  = regexp.MustCompile(`([a-z])([A-Z])`)
	denied = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:not|un|non|never|be)[^a-z]+validated$`)
)

// TooEarly is the finding that a notification tells of a success that was none.
func TooEarly(claim string) Finding {
	return Differs("no notification tells of a success that was none", "", "no notification that says validated", "one with "+claim)
}

// ObserveNotification records what the notification of a success says, without the values of its validation.
func ObserveNotification(body []byte, k Known) Observation {
	o := Observation{Label: "notification", Shape: Shape(&exchange.Answer{Body: body})}
	v := decode(body).value
	o.Code, _ = member(v, "type").(string)
	if status, ok := member(v, "object", "status").(string); ok {
		o.Note = "status " + quote(status) + ", "
	}
	texts := []string{string(body)}
	var named []string
	for _, by := range []struct {
		words  string
		values []string
	}{{"id", []string{k.ValidationID}}, {"phone", k.names()[:1]}, {"country code and phone", k.names()[1:3]}} {
		if by.values[0] != "" && anyHolds(texts, by.values, nil) {
			named = append(named, by.words)
		}
	}
	o.Note += "names the validation by " + strings.Join(named, ", ")
	return o
}
