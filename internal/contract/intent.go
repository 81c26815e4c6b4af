package contract

import (
	"cmp"
	"mime"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// The bounds of a request that counts as fitting. A gateway may refuse a larger body; not every JSON decoder can hold a longer
// number.
const (
	maxBytes       = 16 << 10
	maxSpaces      = 32 // in a phone
	maxDigits      = 15 // of a phone, by ITU-T E.164, and of an OTP
	minPhoneDigits = 4  // digits of a phone
)

// intent is what a request asks for.
type intent struct {
	anonymous    bool     // it has no token at all
	wrong        []string // the parts that are not right, or could not be right for any state
	undocumented string   // why the documentation does not say how it is answered; "" if it does
	strict       bool     // only the provider can have answered: the whole state is known, and nothing in the request is a reason to refuse it

	// Of a documented one.
	missing        []string // the required parameters that it lacks, in their order
	badCountryCode bool     // its country code is malformed
	spaced         bool     // its phone has spaces
	namesProject   bool     // it names a project or a project flow
	foreign        bool     // its phone is not the state's, and may be somebody else's
	otherProject   bool     // it names another project or project flow than the state's
	hidden         bool     // its OTP was redacted: it may not have been a number
}

// read determines what the request asks for.
func (j *Judging) read() intent {
	e, body, k := j.e, j.body(), j.k
	a := intent{wrong: wrongParts(e.Request, body, k)}
	a.anonymous = !slices.ContainsFunc(authorizations(e.Request), func(a authorization) bool { return a.credential != "" })
	a.foreign = k.stateKnown() && (slices.Contains(a.wrong, "phone") || slices.Contains(a.wrong, "countryCode"))
	if a.undocumented = unreadable(e, a, k); a.undocumented != "" {
		return a
	}
	lacks := func(name string) bool { return len(body.membersNamed(name)) == 0 }
	code := body.text("countryCode")
	a.hidden = body.text("otp") == secret.Redacted
	a.missing = group.Where(j.c.Endpoint().Required, lacks)
	a.badCountryCode = strings.TrimSpace(code) != "" && !countryCodeForm.MatchString(code) && !countryCodeForm.MatchString(lenientCode(code))
	a.strict = k.stateKnown() && len(a.missing) == 0 && !a.badCountryCode
	a.spaced = strings.Contains(body.text("phone"), " ")
	a.namesProject = !lacks("project") || !lacks("projectFlow")
	other := func(name, own string) bool { return own != "" && !lacks(name) && body.text(name) != own }
	a.otherProject = other("project", k.Project) || other("projectFlow", k.ProjectFlow)
	allowed := func(name string) bool { return a.hidden && name == "otp" || a.badCountryCode && name == "countryCode" }
	misfits := slices.ContainsFunc(j.c.fit(body, schemas.Request), func(m schemas.Mismatch) bool {
		name := strings.TrimPrefix(m.Path, "$.")
		return !slices.Contains(a.missing, name) && !allowed(name)
	})
	if misfits {
		a.undocumented = "the body does not fit the request schema"
		return a
	}
	unusual := slices.IndexFunc(body.members, func(p parameter) bool { return !allowed(p.key) && !usual(p, k) })
	if unusual >= 0 {
		a.undocumented = "the documentation does not cover such a value of " + text.Quote(body.members[unusual].key)
	}
	return a
}

// unreadable returns why the documentation does not say how a request is answered, whatever the parameters are; "" if it may.
func unreadable(e exchange.Exchange, a intent, k Known) string {
	r := e.Request
	_, query, _ := strings.Cut(r.URL, "?")
	switch {
	case e.Undocumented:
		return "the documentation does not show the answer to such a request"
	case a.anonymous && !k.Uncredentialed && k.Token == "":
		return "the request has no token: how it is refused is not documented"
	case len(r.Body) > maxBytes:
		return "the body is larger than every provider has to take"
	case !isObject(r.Body):
		return "the body is not one JSON object"
	case k.Token != "" && !slices.Equal(r.Header["Authorization"], []string{"Bearer " + k.Token}):
		return "the request does not carry the token that is known to be right"
	case k.stateKnown():
		return ""
	case !a.anonymous && len(bearers(r)) != 1:
		return "the request's Authorization is not one bearer token"
	case query != "":
		return "the request has a query, which is not documented"
	case !asksForJSON(r):
		return "the request does not say that it is JSON, or asks for something else"
	}
	for _, name := range []string{"Content-Encoding", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "Prefer", "Range", "X-Http-Method-Override", "X-Method-Override"} {
		if len(r.Header[name]) > 0 {
			return "the request's header " + name + " may change how it is answered"
		}
	}
	return ""
}

// asksForJSON reports whether a request declares JSON and accepts JSON.
func asksForJSON(r exchange.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	accept := strings.ToLower(strings.Join(r.Header["Accept"], ","))
	taken := func(kind string) bool { return strings.Contains(accept, kind) }
	return err == nil && kind == jsonMedia && len(r.Header["Content-Type"]) == 1 &&
		(accept == "" || slices.ContainsFunc([]string{"json", "*/*", "application/*"}, taken))
}

// usual reports whether a parameter is documented and its value of the usual form. A provider may have an answer of its own
// for a phone of a length that the country does not have, an id of another form than its database's, or an OTP of another
// length or with a fraction.
func usual(p parameter, k Known) bool {
	value, _ := scalar(p.value)
	v := k.Values
	switch p.key {
	case "otp":
		whole := value != "" && value[0] != '0' && strings.Trim(value, "0123456789") == ""
		return whole && (!k.stateKnown() && len(value) <= maxDigits || len(value) == len(cmp.Or(v.OTP, example)))
	case "phone":
		bare := len(strings.ReplaceAll(value, " ", ""))
		if !k.stateKnown() {
			return bare >= minPhoneDigits && bare <= maxDigits && len(value) <= bare+maxSpaces
		}
		return bare == len(v.Phone) && len(value) <= bare+maxSpaces
	case "countryCode":
		return !strings.HasPrefix(value, "+0") // no country has it
	case "project":
		return value != "" && (!k.stateKnown() || idForm(value) == idForm(v.Project))
	case "projectFlow":
		return value != "" && (!k.stateKnown() || idForm(value) == idForm(v.ProjectFlow))
	case "phoneGateway":
		return !k.stateKnown() || value == v.PhoneGateway
	}
	return false
}

// idForm returns the form of an id: its hexadecimal digits as 0, its other letters as z.
func idForm(id string) string {
	return otherLetter.ReplaceAllString(hexDigit.ReplaceAllString(id, "0"), "z")
}

var hexDigit, otherLetter = regexp.MustCompile(`[0-9a-fA-F]`), regexp.MustCompile(`[g-zG-Z]`)
