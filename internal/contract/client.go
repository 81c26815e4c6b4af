package contract

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
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
	Tokens []string // of the phone of the request, any of which is right; none: whose phone it is is not known
	Partly bool     // of the body only the beginning is known
	Within bool     // the phone is one that is known with its country code in front
}

// JudgeClient holds a request to what the documentation asks of a client. What is answered is no matter of the client's: a
// person may type a wrong OTP, or too late.
func (c Checks) JudgeClient(r exchange.Request, s Sender) Judgement {
	j := &judging{Checks: c, e: exchange.Exchange{Request: r}, body: decodeSent(r.Body)}
	endpoint := c.Endpoint().Method + " " + c.Endpoint().Path
	j.add("", RuleAddress, differing("a phone is validated at the documented address", endpoint, j.wrongAddress())...)
	if len(j.Findings) > 0 && len(r.Body) == 0 {
		return j.Judgement // an address that was opened in a browser, say: nothing was sent that could be right
	}
	if wrong := j.wrongToken(s); wrong != "" || len(s.Tokens) > 0 {
		j.add("", RuleOwnToken, differing("the app registration's own token is shown", "Authorization: Bearer and the token that creating the app registration returned", wrong)...)
	}
	j.add("", RuleContentType, differing("the request says that it is JSON", "Content-Type: "+jsonMedia, j.wrongType())...)
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

// differing is the finding of what is wrong; none where nothing is.
func differing(expectation, expected, wrong string) []Finding {
	if wrong == "" {
		return nil
	}
	return []Finding{Differs(expectation, "", expected, wrong)}
}

// WithoutCode returns the phone that is left where a phone begins with its country code, and whether it does.
func WithoutCode(phone, countryCode string) (rest string, found bool) {
	code := strings.TrimPrefix(countryCode, "+")
	rest, found = strings.CutPrefix(strings.TrimPrefix(phone, "00"), code)
	return rest, found && code != "" && rest != ""
}

// ClientRules are the rules that JudgeClient judges, and that of how clients go on.
func ClientRules() []string {
	return []string{RuleOwnToken, RuleContentType, RuleParameters, RuleDocumented, RuleAddress, RuleAfterwards}
}

// Meant reports whether a request was meant for the endpoint, whatever is wrong with its method or path. The endpoint's own
// name is in the path, almost, or the body holds all that the endpoint asks for. What browsers and monitors ask by
// themselves is no such request.
func (c Checks) Meant(r exchange.Request) bool {
	if slices.Contains([]string{http.MethodOptions, http.MethodHead, http.MethodTrace, http.MethodConnect}, r.Method) {
		return false
	}
	name := bare(c.Endpoint().Path[strings.LastIndexByte(c.Endpoint().Path, '/')+1:])
	path, _ := split(r.URL)
	for segment := range strings.SplitSeq(path, "/") {
		if levenshtein.Distance(bare(segment), name, nil) <= mostSlips {
			return true
		}
	}
	body := decodeSent(r.Body)
	return !slices.ContainsFunc(c.Endpoint().Required, func(name string) bool { return len(body.called(name)) == 0 })
}

// mostSlips is in how many letters a name may differ from the one that was meant.
const mostSlips = 2

// bare is a name without what is spelt in one way or the other.
func bare(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}

// split takes a URL's path, as it was sent, and its query apart.
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

func (j *judging) wrongAddress() string {
	endpoint := j.Endpoint()
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
		wrong = append(wrong, "capitals and small letters differ")
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

// token68 is what a bearer token is made of, by RFC 6750.
var token68 = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// wrongToken returns what is wrong with the request's token. Where nothing is known of the phone, any bearer token may be
// right.
func (j *judging) wrongToken(s Sender) string {
	values := j.e.Request.Header["Authorization"]
	if len(values) == 0 {
		for name, all := range j.e.Request.Header {
			words := strings.FieldsFunc(strings.Join(all, " "), func(r rune) bool { return strings.ContainsRune(" =;,", r) }) // of cookies too
			if slices.ContainsFunc(words, func(word string) bool { return slices.Contains(s.Tokens, word) }) {
				return "the token in the header " + name
			}
		}
		return "no Authorization"
	}
	tokens := bearers(j.e.Request)
	scheme, credential, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	switch {
	case len(values) > 1:
		return fmt.Sprintf("%d headers Authorization", len(values))
	case len(tokens) == 0 && strings.EqualFold(scheme, "Bearer"):
		return "Authorization: Bearer, and no token behind it"
	case len(tokens) == 0 && credential == "":
		return "an Authorization without the word Bearer"
	case len(tokens) == 0:
		return "an Authorization that is not Bearer"
	case isNothing(tokens[0]):
		return "Bearer " + tokens[0] + ", so that the app had no token"
	case !token68.MatchString(tokens[0]):
		return "something behind Bearer that is no token"
	case len(s.Tokens) > 0 && !slices.Contains(s.Tokens, tokens[0]):
		return "another token"
	}
	return ""
}

func (j *judging) wrongType() string {
	values := j.e.Request.Header["Content-Type"]
	wrong := "Content-Type: " + strings.Join(values, " and ")
	switch {
	case mediaOf(values) == jsonMedia:
		return ""
	case len(values) == 0:
		wrong = "no Content-Type"
	}
	if formed(j.e.Request.Body) {
		wrong += ", and the body is a form"
	}
	return wrong
}

const jsonMedia = "application/json"

// mediaOf returns the media type that all of the values name, whatever their parameters are; "": there is no such one.
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

// formed reports whether a body is what HTML forms send, in either of their encodings.
func formed(body []byte) bool {
	return isForm(body) || strings.HasPrefix(string(body), "--")
}

// parameters holds the body to the request's schema.
func (j *judging) parameters(s Sender) {
	const words = "the body is as documented"
	body := j.e.Request.Body
	flaw := j.body.flaw
	switch inner, isText := j.body.value.(string); {
	case mediaOf(j.e.Request.Header["Content-Type"]) != jsonMedia && j.body.err != nil:
		return // it is something else, and says so: the one fault is which type it is
	case formed(body):
		flaw = "a form"
	case isText && isObject([]byte(inner)):
		flaw = "a text that holds JSON: it was written as JSON twice"
	case flaw == "" && !isObject(body):
		flaw = shownValue(j.body.value)
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
	value := j.body.object()
	mismatches, err := j.Apply(schemas.Request, value)
	if err != nil {
		j.Silent = err.Error()
		return
	}
	j.judged(RuleParameters)
	j.judged(RuleDocumented)
	mistaken := map[string]bool{}
	missing := group.Where(mismatches, func(m schemas.Mismatch) bool { return m.Actual == schemas.Missing })
	for _, m := range mismatches {
		name := strings.TrimPrefix(m.Path, "$.")
		property := j.property(name)
		f := Differs(words, m.Path, m.Expected, shownValue(value[name]))
		rule := RuleParameters
		switch {
		case m.Actual == schemas.Missing:
			f = Differs("every required parameter is sent", m.Path, "", schemas.Missing)
			if other := j.misnamed(name, len(missing) == 1); other != "" {
				mistaken[other] = true
				f.Expected, f.Actual = "that name", "sent as "+text.Quote(other)
			}
		case property["enum"] != nil:
			rule = RuleDocumented
		case value[name] == nil && !slices.Contains(j.Endpoint().Required, name):
			f.Expected = "left out where there is none"
		case property["type"] != nil:
			f.Expected = documented(property, value[name])
		}
		if value[name] == nil && m.Actual != schemas.Missing && property["type"] == "integer" {
			f.Actual += " (what is no number is null in JavaScript's JSON)"
		}
		j.add("", rule, f)
	}
	if s.Within {
		j.add("", RuleParameters, Differs(words, "$.phone", "the phone without its country code", shownValue(value["phone"])))
	}
	for _, p := range j.body.members {
		sent, _ := value[p.key].(string)
		switch {
		case !j.documentedName(p.key) && !mistaken[p.key]:
			j.add("", RuleDocumented, Differs("only documented parameters are sent", "$."+p.key, "no such member", shownValue(value[p.key])))
		case slices.Contains(j.Endpoint().Optional, p.key) && j.property(p.key)["enum"] == nil && isNothing(sent):
			j.add("", RuleParameters, Differs(words, "$."+p.key, "left out where there is none", shownValue(sent)))
		}
	}
}

var leadingZero = regexp.MustCompile(`[:\s]0[0-9]`)

// property is what the request's schema says of a parameter.
func (c Checks) property(name string) map[string]any {
	properties, _ := c.Documents()[schemas.Request]["properties"].(map[string]any)
	property, _ := properties[name].(map[string]any)
	return property
}

func (c Checks) documentedName(name string) bool { return slices.Contains(c.parameters(), name) }

// misnamed returns what a parameter that is missing was sent as; "": as nothing. The only one that is not documented is it
// where it is the only one that is missing, and could be an OTP, a phone or a country code.
func (j *judging) misnamed(name string, only bool) string {
	others := group.Where(j.body.members, func(p parameter) bool { return !j.documentedName(p.key) })
	for _, p := range others {
		value, ok := scalar(p.value)
		alone := only && len(others) == 1
		if ok && strings.Trim(value, "+0123456789 ") == "" && (alone || strings.Contains(bare(p.key), bare(name))) {
			return p.key
		}
	}
	return ""
}

// documented is what a parameter has to be, in the words of its schema. A text that should be another text is not told that
// it should be text.
func documented(property map[string]any, value any) string {
	kind := map[any]string{"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "object": "an object", "array": "a list"}[property["type"]]
	if _, isText := value.(string); isText && kind == "text" {
		kind = "another text"
	}
	description, _ := property["description"].(string)
	return cmp.Or(kind, "another value") + " (" + strings.TrimSuffix(description, ".") + ")"
}

// shownValue spells a value by what it is: the difference between 123456 and "123456" is easily overlooked.
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
