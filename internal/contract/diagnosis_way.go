package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
)

// clue is what explains a failure whatever promise it breaks: the answer that failed, and the request before it.
type clue struct {
	checks  Checks
	rule    string
	request exchange.Request
	sent    map[string]any // the parameters of the request
	answer  *exchange.Answer
	body    any  // of the answer; nil: it is no JSON
	first   bool // nothing was sent before in this scenario
}

func (checks Checks) clueOf(rule string, failed exchange.Exchange) clue {
	c := clue{checks: checks, rule: rule, request: failed.Request, answer: failed.Answer}
	c.body, _ = value(failed.Answer)
	c.sent, _ = decode(failed.Request.Body).value.(map[string]any)
	return c
}

// text is a parameter that was sent, where it is text.
func (c clue) text(name string) string {
	text, _ := c.sent[name].(string)
	return text
}

func (c clue) code() string    { text, _ := member(c.body, "code").(string); return text }
func (c clue) message() string { text, _ := member(c.body, "message").(string); return text }

// explanations are looked through in order. What lies on the way is as often to blame as the provider, and the text
// names both where an answer cannot tell.
var explanations = []func(clue) (Diagnosis, bool){
	explainForm, explainCache, explainStatus, explainTwice, explainSpent, explainUnread, explainPlus, explainMediaType, explainPhone, explainOtherPhone,
}

// The explanations that other answers of a run may rule out.
const (
	statusRewritten = "status-rewritten"
	bodyNotRead     = "body-not-read"
	otpNotANumber   = "otp-not-a-number"
	parameterLost   = "parameter-lost"
	plusMangled     = "plus-mangled"
)

// either explains by the provider or by what lies on the way. Where the run shows that the way is clear, the question
// is left out that follows what is seen.
func either(key, seen, way, provider string) (Diagnosis, bool) {
	return Diagnosis{Key: key, Text: seen + ": " + way + ", or " + provider, alone: seen + ": " + provider}, true
}

func because(key, format string, values ...any) (Diagnosis, bool) {
	return Diagnosis{Key: key, Text: fmt.Sprintf(format, values...)}, true
}

// explainForm names a body that is no JSON by its first bytes.
func explainForm(c clue) (Diagnosis, bool) {
	_, isObject := c.body.(map[string]any)
	if isObject || c.answer.Status >= http.StatusInternalServerError {
		return Diagnosis{}, false
	}
	if form := formOf(c.answer.Body); form.key != "" {
		return because("body-"+form.key, "%s", form.words)
	}
	return Diagnosis{}, false
}

// explainCache knows an answer that a cache gave, by the headers that only a hit has.
func explainCache(c clue) (Diagnosis, bool) {
	var signs []string
	if age, err := strconv.Atoi(strings.TrimSpace(c.answer.Header.Get("Age"))); err == nil && age > 0 {
		signs = append(signs, fmt.Sprintf("Age: %d", age))
	}
	for _, name := range []string{"X-Cache", "X-Cache-Status", "Cf-Cache-Status", "X-Proxy-Cache"} {
		if said := c.answer.Header.Get(name); strings.Contains(strings.ToLower(said), "hit") {
			signs = append(signs, clip(name+": "+said, shown))
		}
	}
	if len(signs) == 0 {
		return Diagnosis{}, false
	}
	if via := c.answer.Header.Get("Via"); via != "" {
		signs = append(signs, clip("Via: "+via, shown))
	}
	return because("cached", "the answer comes from a cache (%s): the answer to a PUT must not be kept", strings.Join(signs, ", "))
}

// explainOtherPhone knows an answer about another phone, of which no header says that it was kept.
func explainOtherPhone(c clue) (Diagnosis, bool) {
	sent := strings.ReplaceAll(c.text("phone"), " ", "")
	repeated, _ := member(c.body, "data", "phone").(string)
	if c.answer.Status != c.checks.of(RuleSuccess).Status || repeated == sent || len(repeated) != len(sent) || strings.Trim(repeated, "0123456789") != "" {
		return Diagnosis{}, false
	}
	return because("another-answer", "the answer is about another phone: does a cache on the way answer, or does the provider keep an answer from one request to the next?")
}

// shownFor is the status that the documentation shows each error message under.
func (c clue) shownFor() int {
	status := c.checks.symbol(c.code())
	switch missing, format := c.checks.of(RuleAllMissing), c.checks.of(RuleFormat); {
	case status != 0 && c.message() == fmt.Sprintf("%d:%s", status, c.code()):
		return status
	case c.code() == "":
	case c.code() == missing.Code && c.missing() != nil:
		return missing.Status
	case c.code() == format.Code && c.checks.saysBadFormat(c.message()):
		return format.Status
	}
	if member(c.body, "data", "status") == "validated" && member(c.body, "data", "_id") != nil {
		return c.checks.of(RuleSuccess).Status
	}
	return 0
}

// explainStatus knows a documented body under a status that is not its own.
func explainStatus(c clue) (Diagnosis, bool) {
	const way, provider = "does a gateway on the way rewrite it", "does the provider set it wrong?"
	success := c.answer.Status >= 200 && c.answer.Status < 300
	switch shown := c.shownFor(); {
	case shown == c.answer.Status:
	case shown != 0:
		return either(statusRewritten, fmt.Sprintf("the body is the one that the documentation shows for %d, and the status is %d", shown, c.answer.Status), way, provider)
	case success && c.code() != "" && c.message() != "" && member(c.body, "data") == nil:
		return either(statusRewritten, fmt.Sprintf("the body is that of an error (%s), and the status is %d", c.code(), c.answer.Status), way, provider)
	}
	return Diagnosis{}, false
}

// explainTwice knows an OTP that is answered as if the right one had been typed before.
func explainTwice(c clue) (Diagnosis, bool) {
	said := strings.ToLower(c.code() + " " + c.message())
	switch {
	case c.answer.Status < 400 || !strings.Contains(said, "already"):
	case c.first:
		return because("sent-twice", "the first OTP that is typed is answered as if it had been typed before (%s): does a proxy on the way send it twice, is the state validated already, or does the success of another validation count for this one?", c.checks.sketch(c.answer))
	case c.rule == RuleUnspent: // a proxy that sends each PUT twice shows there as well
		return because("sent-twice", "the right OTP after a wrong one is answered as if it had been typed before (%s): does a wrong OTP validate, or does a proxy on the way send the right one twice?", c.checks.sketch(c.answer))
	case c.rule == RuleWrongOTP:
		return because("wrong-validates", "a second wrong OTP is answered as if the right one had been typed before (%s): does the first validate, though it is refused?", c.checks.sketch(c.answer))
	}
	return Diagnosis{}, false
}

// spentByWrong is told of the right OTP after a wrong one, and of a second wrong one.
const spentByWrong = "refused after a wrong OTP: does one spend the validation?"

// explainSpent knows a validation that a wrong OTP does not leave as it was.
func explainSpent(c clue) (Diagnosis, bool) {
	status := c.answer.Status
	if c.first || c.rule != RuleWrongOTP || status < 400 || status > 499 || status == c.checks.of(RuleWrongOTP).Status {
		return Diagnosis{}, false
	}
	return because("spent", "%s", spentByWrong)
}

// complete reports whether the request had every required parameter as the documentation wants it.
func (c clue) complete() bool {
	otp, _ := c.sent["otp"].(json.Number)
	return c.text("phone") != "" && c.text("countryCode") != "" && otp != "" && strings.Trim(string(otp), "0123456789") == ""
}

// missing is the parameters that a message calls missing.
func (c clue) missing() []string { return c.checks.missingIn(c.message()) }

// explainUnread knows a request that was complete, and of which a parameter is called missing.
func explainUnread(c clue) (Diagnosis, bool) {
	missing := c.missing()
	if !c.complete() || len(missing) == 0 {
		return Diagnosis{}, false
	}
	switch {
	case len(missing) == len(c.checks.Endpoint().Required):
		return either(bodyNotRead, strings.Join(missing, ", ")+" are called missing, and were sent",
			"is the Content-Type changed or the body lost on the way", "does the provider not read it as JSON?")
	case slices.Equal(missing, []string{"otp"}):
		return either(otpNotANumber, "the OTP is called missing, and was sent as a number", "is it turned into text on the way", "does the provider take it as text only?")
	}
	return either(parameterLost, "called missing, and sent: "+strings.Join(missing, " and "),
		"is something dropped on the way", "does the provider read it by another name?")
}

var wellWritten = regexp.MustCompile(`^\+[0-9]{1,3}$`)

// explainPlus knows a country code that was written as documented and arrived otherwise.
func explainPlus(c clue) (Diagnosis, bool) {
	if !wellWritten.MatchString(c.text("countryCode")) {
		return Diagnosis{}, false
	}
	if repeated, _ := member(c.body, "data", "countryCode").(string); repeated == " "+c.text("countryCode")[1:] || strings.EqualFold(repeated, "%2B"+c.text("countryCode")[1:]) {
		return because(plusMangled, "the country code comes back as %s: is the body decoded like a form on the way, so that its + becomes a space?", quote(repeated))
	}
	if !c.checks.saysBadFormat(c.message()) {
		return Diagnosis{}, false
	}
	return either(plusMangled, "the country code was sent as documented and is called badly written",
		"is its + mangled on the way, as where a body is decoded like a form", "does the provider refuse a good one?")
}

// explainMediaType knows a body that is refused for its Content-Type, which was the documented one.
func explainMediaType(c clue) (Diagnosis, bool) {
	if c.answer.Status != http.StatusUnsupportedMediaType || c.request.Header.Get("Content-Type") != "application/json" {
		return Diagnosis{}, false
	}
	return because("content-type-changed", "answered 415, and application/json was sent: is the Content-Type changed on the way, or does the provider want another?")
}

// explainPhone knows a state whose phone holds its country code.
func explainPhone(c clue) (Diagnosis, bool) {
	phone, code := strings.ReplaceAll(c.text("phone"), " ", ""), strings.TrimPrefix(c.text("countryCode"), "+")
	whole := strings.HasPrefix(phone, "+") || code != "" && strings.HasPrefix(phone, "00"+code) || code != "" && strings.HasPrefix(phone, code) && len(phone) > 10 && len(phone)-len(code) > 6
	refused := []int{c.checks.of(RuleNotFound).Status, c.checks.of(RuleFormat).Status, http.StatusBadRequest}
	if !slices.Contains(refused, c.answer.Status) || !whole || c.rule == RuleSpelling {
		return Diagnosis{}, false
	}
	return because("phone-with-country-code", "the state yields a phone that begins with its country code: the endpoint takes the two apart, so the provider-state handler has to yield the phone without it")
}
