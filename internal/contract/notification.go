package contract

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/secret"
)

// Notification is the judgement of one delivery to a scenario's webhook address.
type Notification struct {
	Accepted bool
	Ignored  bool   // it is about another event: created, sent again, or refused
	Leaks    bool   // it holds the OTP or a token
	Reason   string // why it is not accepted
	Type     string
	Claim    string // the type, event or status, wherever it stands, that tells of a success; "": none does

	Observed Observation // what an accepted one says, without the values of its validation
}

// JudgeNotification judges one delivery by its body. It looks for secrets beside the body too.
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
	case refusedType.MatchString(n.Type):
		n.Ignored, n.Reason = true, "it tells of an attempt that was refused"
	case r.err != nil || r.flaw != "" && !strings.Contains(r.flaw, "twice"):
		n.Reason = "it is not JSON" + whatInstead(body)
	case !anyHolds(texts, k.names(), nil):
		n.Reason = "it does not name the validation: neither its id nor its phone is in it"
	default:
		n.Accepted, n.Observed = true, k.observed(body, r.value)
	}
	return n
}

// refusedType is the form of the types of notifications about a refused attempt, in the provider's own spelling and others.
var refusedType = regexp.MustCompile(`(?i)(?:otp_incor\w+|failed)$`)

// whatInstead says what a notification is that is not JSON; "" if it cannot be told.
func whatInstead(body []byte) string {
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

// names returns the ways in which a notification may name the validation: three by phone, then those by id.
func (k Known) names() []string {
	phone := unspaced(k.Phone)
	return []string{phone, k.CountryCode + phone, strings.TrimPrefix(k.CountryCode, "+") + phone,
		k.ValidationID, strings.ToLower(k.ValidationID), strings.ToUpper(k.ValidationID)}
}

func anyHolds(texts, values, keep []string) bool {
	var set secret.Set
	set.Add(values...)
	return slices.ContainsFunc(texts, func(text string) bool { return set.Find(text, keep...) })
}

// validated is the form of words that say that something was validated, unlike "invalidated".
var validated = regexp.MustCompile(`(?i)(?:^|[^a-z])validated$`)

// claim returns the first type, event or status within a value that tells of a success; "" if none does.
func claim(v any) (claimed string) {
	walk("", v, func(key string, v any) bool {
		text, _ := v.(string)
		words := camelCase.ReplaceAllString(strings.TrimSpace(text), "${1}_$2") // as in phoneValidationValidated
		if slices.Contains([]string{"type", "event", "status"}, strings.ToLower(key)) && validated.MatchString(words) && !notValidated.MatchString(words) {
			claimed = key + " " + quote(text)
		}
		return claimed != ""
	})
	return claimed
}

var (
	camelCase    = regexp.MustCompile(`([a-z])([A-Z])`) // where a word begins in countryCode
	notValidated = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:not|un|non|never|be)[^a-z]+validated$`)
)

// TooEarly returns the finding that a notification claims a success that did not happen.
func TooEarly(claim string) Finding {
	return Differs("no notification claims a success that did not happen", "", "no notification that says validated", "one with "+claim)
}

// observed returns what the notification of a success says, without the validation's own values.
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
