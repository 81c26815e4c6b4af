package contract

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/secret"
)

// Notification is how one delivery to a scenario's webhook address is judged.
type Notification struct {
	Accepted bool
	Ignored  bool   // of another event: created, sent again, or refused
	Leaks    bool   // it holds the OTP or a token
	Reason   string // why it is not accepted
	Type     string
	Claim    string // what it says in type, event or status, wherever these stand, that tells of a success; "": nothing

	Observed Observation // what an accepted one says, without the values of its validation
}

// JudgeNotification judges one delivery by its body. A secret is looked for in what is
// beside it too.
func JudgeNotification(body []byte, k Known, beside ...string) Notification {
	r := decode(body)
	n := Notification{Claim: claim(r.value)}
	n.Type, _ = member(r.value, "type").(string)
	texts := []string{string(body)}
	switch {
	case strings.HasSuffix(n.Type, "created") || strings.HasSuffix(n.Type, "resend"):
		n.Ignored, n.Reason = true, "it tells of an earlier event"
	case anyHolds(append(texts, beside...), k.Secrets, append(k.names(), k.Keep...)):
		n.Leaks, n.Reason = true, "it holds the OTP or a token"
	case refusal.MatchString(n.Type):
		n.Ignored, n.Reason = true, "it tells of an attempt that was refused"
	case r.err != nil || r.flaw != "" && !strings.Contains(r.flaw, "twice"):
		n.Reason = "it is not JSON" + whatElse(body)
	case !anyHolds(texts, k.names(), nil):
		n.Reason = "it does not name the validation: neither its id nor its phone is in it"
	default:
		n.Accepted, n.Observed = true, k.observed(body, r.value)
	}
	return n
}

// refusal is how the type of a notification ends that tells of no success; the provider's own spelling is among them.
var refusal = regexp.MustCompile(`(?i)(?:otp_incor\w+|failed)$`)

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
	var set secret.Set
	set.Add(values...)
	return slices.ContainsFunc(texts, func(text string) bool { return set.Find(text, keep...) })
}

// validated is a word that says that something was validated: not "invalidated", nor "not_validated".
var validated = regexp.MustCompile(`(?i)(?:^|[^a-z])validated$`)

// claim returns what a value says in type, event or status that tells of a success.
func claim(v any) (claimed string) {
	walk("", v, func(key string, v any) bool {
		text, _ := v.(string)
		if slices.Contains([]string{"type", "event", "status"}, strings.ToLower(key)) && claimsInWords(text) {
			claimed = key + " " + quote(text)
		}
		return claimed != ""
	})
	return claimed
}

func claimsInWords(text string) bool {
	// phoneValidationValidated is phone Validation Validated.
	words := camel.ReplaceAllString(strings.TrimSpace(text), "${1}_$2")
	return validated.MatchString(words) && !denied.MatchString(words)
}

var (
	camel  = regexp.MustCompile(`([a-z])([A-Z])`)
	denied = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:not|un|non|never|be)[^a-z]+validated$`)
)

// TooEarly is the finding that a notification tells of a success that was none.
func TooEarly(claim string) Finding {
	return Differs("no notification tells of a success that was none", "", "no notification that says validated", "one with "+claim)
}

// observed returns what the notification of a success says, without the values of its validation.
func (k Known) observed(body []byte, v any) Observation {
	o := Observation{Label: "notification", Shape: shape(v, 0)}
	o.Code, _ = member(v, "type").(string)
	if status, ok := member(v, "object", "status").(string); ok {
		o.Note = "status " + quote(status) + ", "
	}
	names, texts := k.names(), []string{string(body)}
	var by []string
	for _, named := range []struct {
		by    string
		names []string
	}{{"id", names[3:]}, {"phone", names[:1]}, {"country code and phone", names[1:3]}} {
		if anyHolds(texts, named.names, nil) {
			by = append(by, named.by)
		}
	}
	o.Note += "names the validation by " + strings.Join(by, ", ")
	return o
}
