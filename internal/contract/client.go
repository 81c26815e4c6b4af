package contract

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// Sender is what is known of who sent a request.
type Sender struct {
	Tokens []string // any of these is right for the request's phone; none: the phone is unknown
	Partly bool     // only the beginning of the body is known
	Within bool     // the phone begins with its country code, and is known without it
}

// JudgeClient judges a request by what the documentation asks of a client. The answer is not the client's fault: a person may
// type a wrong OTP, or type it too late.
func (c Checks) JudgeClient(r exchange.Request, s Sender) Judgement {
	j := c.Judging(exchange.Exchange{Request: r}, Known{})
	endpoint := c.Endpoint().Method + " " + c.Endpoint().Path
	j.add("", RuleAddress, findingIf("a phone is validated at the documented address", endpoint, j.wrongAddress())...)
	if len(j.Findings) > 0 && len(r.Body) == 0 {
		return j.Judgement // perhaps an address opened in a browser: there is nothing else to judge
	}
	if wrong := j.wrongToken(s); wrong != "" || len(s.Tokens) > 0 {
		j.add("", RuleOwnToken, findingIf("the app registration's own token is sent", "Authorization: Bearer and the token that creating the app registration returned", wrong)...)
	}
	j.add("", RuleContentType, findingIf("the request says that it is JSON", "Content-Type: "+jsonMedia, j.wrongType())...)
	switch encodings := r.Header["Content-Encoding"]; {
	case s.Partly:
		j.Silent = "the body is larger than is looked into"
	case len(encodings) > 0 && !slices.Equal(encodings, []string{"identity"}):
		j.Silent = "the body is compressed: whether that is taken is not documented"
	default:
		j.parameters(s)
	}
	return j.Judgement
}

// findingIf returns a finding with what is wrong, or none if wrong is "".
func findingIf(expectation, expected, wrong string) []Finding {
	if wrong == "" {
		return nil
	}
	return []Finding{Differs(expectation, "", expected, wrong)}
}

// WithoutCode returns a phone without the country code in front of it, and whether there was one.
func WithoutCode(phone, countryCode string) (rest string, found bool) {
	code := strings.TrimPrefix(countryCode, "+")
	rest, found = strings.CutPrefix(strings.TrimPrefix(phone, "00"), code)
	return rest, found && code != "" && rest != ""
}

// ClientRules returns the rules about clients: those of JudgeClient, and RuleAfterwards.
func ClientRules() []string {
	return []string{RuleOwnToken, RuleContentType, RuleParameters, RuleDocumented, RuleAddress, RuleAfterwards}
}

// MeantForEndpoint reports whether a request was meant for the endpoint despite a wrong method or path: its path holds nearly the
// endpoint's name, or its body every required parameter. Requests that browsers and monitors make on their own are not.
func (c Checks) MeantForEndpoint(r exchange.Request) bool {
	if slices.Contains([]string{http.MethodOptions, http.MethodHead, http.MethodTrace, http.MethodConnect}, r.Method) {
		return false
	}
	name := text.Plain(path.Base(c.Endpoint().Path))
	address, _ := split(r.URL)
	for segment := range strings.SplitSeq(address, "/") {
		if levenshtein.Distance(text.Plain(segment), name, nil) <= maxSlips {
			return true
		}
	}
	body := decodeSent(r.Body)
	return !slices.ContainsFunc(c.Endpoint().Required, func(name string) bool { return len(body.membersNamed(name)) == 0 })
}

// maxSlips is by how many letters a misspelt name may differ.
const maxSlips = 2

// split returns the path and the query of a URL. The path is unescaped unless it holds an escaped slash.
func split(address string) (path, query string) {
	if _, rest, found := strings.Cut(address, "://"); found {
		_, path, _ = strings.Cut(rest, "/")
		address = "/" + path
	}
	address, _, _ = strings.Cut(address, "#")
	path, query, _ = strings.Cut(address, "?")
	if plain, err := url.PathUnescape(path); err == nil && !strings.Contains(strings.ToUpper(path), "%2F") {
		path = plain
	}
	return path, query
}

func (j *Judging) wrongAddress() string {
	endpoint := j.c.Endpoint()
	path, query := split(j.e.Request.URL)
	var wrong []string
	if j.e.Request.Method != endpoint.Method {
		wrong = append(wrong, "another method")
	}
	switch {
	case path == endpoint.Path:
	case strings.TrimRight(path, "/") == endpoint.Path:
		wrong = append(wrong, "a slash at the end")
	case strings.Contains(path, "//"):
		wrong = append(wrong, "two slashes in a row")
	case strings.EqualFold(path, endpoint.Path):
		wrong = append(wrong, "upper and lower case differ")
	default:
		wrong = append(wrong, "another path")
	}
	if query != "" {
		path += "?..."
		wrong = append(wrong, "a query, which the documentation does not show")
	}
	if len(wrong) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %s (%s)", j.e.Request.Method, path, strings.Join(wrong, ", "))
}

// token68 is the form of a bearer token in RFC 6750.
var token68 = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// wrongToken returns what is wrong with the request's token, or "". If the phone is unknown, any bearer token may be right.
func (j *Judging) wrongToken(s Sender) string {
	given := authorizations(j.e.Request)
	if len(given) == 0 {
		for name, all := range j.e.Request.Header {
			words := strings.FieldsFunc(strings.Join(all, " "), func(r rune) bool { return strings.ContainsRune(" =;,", r) }) // as in cookies
			if slices.ContainsFunc(words, func(word string) bool { return slices.Contains(s.Tokens, word) }) {
				return "the token in the header " + name
			}
		}
		return "no Authorization"
	}
	switch token := given[0].credential; {
	case len(given) > 1:
		return fmt.Sprintf("%d headers Authorization", len(given))
	case given[0].scheme == "":
		return "an Authorization without the word Bearer"
	case !given[0].bearer():
		return "an Authorization that is not Bearer"
	case token == "":
		return "Authorization: Bearer without a token"
	case isUnset(token):
		return "Bearer " + token + ": the app had no token"
	case !token68.MatchString(token):
		return "something after Bearer that is not a token"
	case len(s.Tokens) > 0 && !slices.Contains(s.Tokens, token):
		return "another token"
	}
	return ""
}

func (j *Judging) wrongType() string {
	values := j.e.Request.Header["Content-Type"]
	wrong := "Content-Type: " + strings.Join(values, " and ")
	switch {
	case mediaOf(values) == jsonMedia:
		return ""
	case len(values) == 0:
		wrong = "no Content-Type"
	}
	if looksLikeForm(j.e.Request.Body) {
		wrong += ", and the body is a form"
	}
	return wrong
}

const jsonMedia = "application/json"

// mediaOf returns the media type that all values of a header agree on, without parameters; "" if they do not.
func mediaOf(values []string) string {
	one := ""
	for _, value := range values {
		kind, _, _ := strings.Cut(value, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
		if _, _, err := mime.ParseMediaType(kind); err != nil || one != "" && kind != one {
			return ""
		}
		one = kind
	}
	return one
}

// looksLikeForm reports whether a body looks like an HTML form's, in either of their encodings.
func looksLikeForm(body []byte) bool {
	return isForm(body) || strings.HasPrefix(string(body), "--")
}

// parameters judges the body by the request's schema.
func (j *Judging) parameters(s Sender) {
	const words = "the body is as documented"
	body := j.e.Request.Body
	flaw := j.body().flaw
	switch inner, isText := j.body().value.(string); {
	case mediaOf(j.e.Request.Header["Content-Type"]) != jsonMedia && j.body().err != nil:
		return // it is something else and says so: the wrong type is the one fault
	case looksLikeForm(body):
		flaw = "a form"
	case isText && isObject([]byte(inner)):
		flaw = "a text that holds JSON: it was encoded twice"
	case j.body().err == nil && j.body().object() == nil:
		flaw = shownValue(j.body().value)
	case strings.HasPrefix(flaw, "the body is not JSON") && leadingZero.Match(body):
		flaw += ": a number cannot begin with 0"
	}
	switch {
	case strings.HasPrefix(flaw, "the key at "):
		j.add("", RuleParameters, Differs(words, "", "each parameter once", flaw))
	case flaw != "":
		j.add("", RuleParameters, Differs(words, "", "one JSON object in UTF-8", flaw))
		return
	}
	value := j.body().object()
	mismatches := j.c.fit(j.body(), schemas.Request)
	j.judged(RuleParameters)
	j.judged(RuleDocumented)
	misnamed := map[string]bool{}
	missing := group.Where(mismatches, func(m schemas.Mismatch) bool { return m.Actual == schemas.Missing })
	for _, m := range mismatches {
		name := strings.TrimPrefix(m.Path, "$.")
		property := j.c.property(name)
		f := Differs(words, m.Path, m.Expected, shownValue(value[name]))
		rule := RuleParameters
		switch {
		case m.Actual == schemas.Missing:
			f = Differs("every required parameter is sent", m.Path, "", schemas.Missing)
			if other := j.misnamed(name, len(missing) == 1); other != "" {
				misnamed[other] = true
				f.Expected, f.Actual = "that name", "sent as "+text.Quote(other)
			}
		case property["enum"] != nil:
			rule = RuleDocumented
		case value[name] == nil && !slices.Contains(j.c.Endpoint().Required, name):
			f.Expected = "left out if there is none"
		case property["type"] != nil:
			f.Expected = documented(property, value[name])
		}
		if value[name] == nil && m.Actual != schemas.Missing && property["type"] == "integer" {
			f.Actual += " (JavaScript writes NaN as null in JSON)"
		}
		j.add("", rule, f)
	}
	if s.Within {
		j.add("", RuleParameters, Differs(words, "$.phone", "the phone without its country code", shownValue(value["phone"])))
	}
	for _, p := range j.body().members {
		sent, _ := value[p.key].(string)
		switch {
		case !j.c.documentedName(p.key) && !misnamed[p.key]:
			j.add("", RuleDocumented, Differs("only documented parameters are sent", "$."+p.key, "no such member", shownValue(value[p.key])))
		case slices.Contains(j.c.Endpoint().Optional, p.key) && j.c.property(p.key)["enum"] == nil && isUnset(sent):
			j.add("", RuleParameters, Differs(words, "$."+p.key, "left out if there is none", shownValue(sent)))
		}
	}
}

var leadingZero = regexp.MustCompile(`[:\s]0[0-9]`)

// property returns what the request's schema says of a parameter.
func (c Checks) property(name string) map[string]any {
	properties, _ := c.Documents()[schemas.Request]["properties"].(map[string]any)
	property, _ := properties[name].(map[string]any)
	return property
}

func (c Checks) documentedName(name string) bool { return slices.Contains(c.parameters(), name) }

// misnamed returns the undocumented name under which a missing parameter seems to have been sent; "" if under none. Its value
// has to look like a phone, a country code or an OTP, and its name to hold the right one, unless it is the only undocumented
// name and nothing else is missing.
func (j *Judging) misnamed(name string, only bool) string {
	others := group.Where(j.body().members, func(p parameter) bool { return !j.c.documentedName(p.key) })
	for _, p := range others {
		value, ok := scalar(p.value)
		alone := only && len(others) == 1
		if ok && strings.Trim(value, "+0123456789 ") == "" && (alone || strings.Contains(text.Plain(p.key), text.Plain(name))) {
			return p.key
		}
	}
	return ""
}

// documented says what a parameter has to be, in the words of its schema: "a whole number (...)". For a text in place of
// another it says "another text".
func documented(property map[string]any, value any) string {
	kind := map[any]string{"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "object": "an object", "array": "a list"}[property["type"]]
	if _, isText := value.(string); isText && kind == "text" {
		kind = "another text"
	}
	description, _ := property["description"].(string)
	return cmp.Or(kind, "another value") + " (" + strings.TrimSuffix(description, ".") + ")"
}

// shownValue names a value's type with the value: the difference between 123456 and "123456" is easily overlooked.
func shownValue(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "the text " + quote(value)
	case bool:
		return "the boolean " + quote(value)
	}
	return "the number " + quote(value)
}
