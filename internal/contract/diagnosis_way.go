package contract

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/schemas"
)

// clue is what may explain a failure of any rule: the answer that failed, and its request.
type clue struct {
	Checks
	rule          string
	request       exchange.Request
	sent          *reading // the request's body
	answer        *exchange.Answer
	body          *reading // the answer's
	code, message string
	first         bool // the request was the scenario's first
}

func (c Checks) clueOf(rule string, failed exchange.Exchange) clue {
	body := parse(failed.Answer)
	return clue{
		Checks: c, rule: rule, request: failed.Request, sent: decode(failed.Request.Body),
		answer: failed.Answer, body: body, code: body.text("code"), message: body.text("message"),
	}
}

// The keys of the diagnoses that other answers of a run may rule out.
const (
	statusRewritten = "status-rewritten"
	bodyNotRead     = "body-not-read"
	otpNotANumber   = "otp-not-a-number"
	parameterLost   = "parameter-lost"
	plusMangled     = "plus-mangled"
	spacesKept      = "spaces-kept"
)

// eitherToBlame blames the provider or what lies on the way to it. If the run shows that the way is clear, only the question
// about the provider is left.
func eitherToBlame(key, seen, way, provider string) Diagnosis {
	return Diagnosis{Key: key, Text: seen + ": " + way + ", or " + provider, alone: seen + ": " + provider}
}

// ofAnotherStatus describes a body that is documented for another status, without naming that: whoever rewrites several
// statuses is one cause.
const ofAnotherStatus = "one that the documentation shows for another status"

// spentByWrong is the diagnosis of a refused right OTP after a wrong one, and of a second wrong one.
const spentByWrong = "refused after a wrong OTP: does one spend the validation?"

// explain returns the first explanation that fits, or the zero Diagnosis. What lies on the way is as often to blame as the
// provider; the text names both if the answer cannot tell.
func (c clue) explain() Diagnosis {
	const rewritten, wrong = "does a gateway on the way rewrite the status", "does the provider set it wrong?"
	status := c.answer.Status
	again := strings.Contains(strings.ToLower(c.code+" "+c.message), "already")
	missing := slices.DeleteFunc(c.missingIn(separated(c.message)), func(name string) bool { return !c.complete() || member(c.sent.value, name) == nil })
	goodCode := countryCodeForm.MatchString(c.sent.text("countryCode"))
	repeated := c.body.text("data", "countryCode")
	plusless := strings.TrimPrefix(c.sent.text("countryCode"), "+")
	switch form, cache, documented := formOf(c.answer.Body), c.cache(), c.documentedStatusOfBody(); {
	case c.body.object() == nil && status < http.StatusInternalServerError && form.key != "":
		return Diagnosis{Key: "body-" + form.key, Text: form.words}
	case cache != "":
		return Diagnosis{Key: "cached", Text: "the answer comes from a cache (" + cache + "): the answer to a PUT must not be kept"}
	case documented != 0 && documented != status:
		d := eitherToBlame(statusRewritten, fmt.Sprintf("the body is %s, and the status is %d", ofAnotherStatus, status), rewritten, wrong)
		d.documented = documented
		return d
	case documented == 0 && c.answer.Succeeded() && c.code != "" && c.message != "" && member(c.body.value, "data") == nil:
		return eitherToBlame(statusRewritten, fmt.Sprintf("the body is that of an error (%s), and the status is %d", c.code, status), rewritten, wrong)
	case again && c.first:
		return Diagnosis{Key: "sent-twice", Text: "the first OTP that is typed is answered as if it had been typed before (" + c.summary(c.answer) + "): does a proxy on the way send it twice, is the state validated already, or does the success of another validation count for this one?"}
	case again && c.rule == RuleUnspent: // shows a proxy that sends each PUT twice as well
		return Diagnosis{Key: "sent-twice", Text: "the right OTP after a wrong one is answered as if it had been typed before (" + c.summary(c.answer) + "): does a wrong OTP validate, or does a proxy on the way send the right one twice?"}
	case again && c.rule == RuleWrongOTP:
		return Diagnosis{Key: "wrong-validates", Text: "a second wrong OTP is answered as if the right one had been typed before (" + c.summary(c.answer) + "): does the first validate, though it is refused?"}
	case !c.first && c.rule == RuleWrongOTP && status/100 == 4 && status != c.of(RuleWrongOTP).Status:
		return Diagnosis{Key: "spent", Text: spentByWrong}
	case len(missing) == len(c.Endpoint().Required):
		return eitherToBlame(bodyNotRead, strings.Join(missing, ", ")+" are called missing, and were sent",
			"is the Content-Type changed or the body lost on the way", "does the provider not read it as JSON?")
	case slices.Equal(missing, []string{"otp"}):
		return eitherToBlame(otpNotANumber, "the OTP is called missing, and was sent as a number", "is it turned into text on the way", "does the provider take it as text only?")
	case len(missing) > 0:
		return eitherToBlame(parameterLost, "called missing, and sent: "+strings.Join(missing, " and "),
			"is something dropped on the way", "does the provider read it by another name?")
	case goodCode && (repeated == " "+plusless || strings.EqualFold(repeated, "%2B"+plusless)):
		return Diagnosis{Key: plusMangled, Text: "the country code comes back as " + quote(repeated) + ": is the body decoded like a form on the way, so that its + becomes a space?"}
	case goodCode && c.saysBadFormat(c.message):
		return eitherToBlame(plusMangled, "the country code was sent as documented and is called badly written",
			"is its + mangled on the way, as where a body is decoded like a form", "does the provider refuse a good one?")
	case status == http.StatusUnsupportedMediaType && c.request.Header.Get("Content-Type") == jsonMedia:
		return Diagnosis{Key: "content-type-changed", Text: "answered 415, and application/json was sent: is the Content-Type changed on the way, or does the provider want another?"}
	case c.holdsCode() && slices.Contains([]int{c.of(RuleNotFound).Status, c.of(RuleFormat).Status, http.StatusBadRequest}, status):
		return Diagnosis{Key: "phone-with-country-code", Text: "the state yields a phone that begins with its country code: the endpoint takes the two separately, so the provider-state handler has to yield the phone without it"}
	case status == c.of(RuleSuccess).Status && c.ofAnother():
		return Diagnosis{Key: "another-answer", Text: "the answer is about another phone: does a cache on the way answer, or does the provider keep an answer from one request to the next?"}
	}
	return Diagnosis{}
}

// cache returns the headers that show that a cache answered; "" if there are none.
func (c clue) cache() string {
	var signs []string
	if age, err := strconv.Atoi(strings.TrimSpace(c.answer.Header.Get("Age"))); err == nil && age > 0 {
		signs = append(signs, fmt.Sprintf("Age: %d", age))
	}
	for _, name := range []string{"X-Cache", "X-Cache-Status", "Cf-Cache-Status", "X-Proxy-Cache"} {
		if value := c.answer.Header.Get(name); strings.Contains(strings.ToLower(value), "hit") {
			signs = append(signs, clip(name+": "+value, shown))
		}
	}
	if via := c.answer.Header.Get("Via"); via != "" && len(signs) > 0 {
		signs = append(signs, clip("Via: "+via, shown))
	}
	return strings.Join(signs, ", ")
}

// ofAnother reports whether an answer is about another phone.
func (c clue) ofAnother() bool {
	sent := unspaced(c.sent.text("phone"))
	repeated := c.body.text("data", "phone")
	return repeated != sent && len(repeated) == len(sent) && strings.Trim(repeated, "0123456789") == ""
}

// holdsCode reports whether the phone that the state yielded seems to begin with its country code.
func (c clue) holdsCode() bool {
	phone, code := unspaced(c.sent.text("phone")), strings.TrimPrefix(c.sent.text("countryCode"), "+")
	long := strings.HasPrefix(phone, code) && len(phone) > 10 && len(phone)-len(code) > 6
	return c.rule != RuleSpelling && (strings.HasPrefix(phone, "+") || code != "" && (long || strings.HasPrefix(phone, "00"+code)))
}

// documentedStatusOfBody returns the status that the body is documented for; 0 if for none.
func (c clue) documentedStatusOfBody() int {
	if c.body.text("data", "status") == "validated" && member(c.body.value, "data", "_id") != nil {
		return c.of(RuleSuccess).Status
	}
	documented := group.First(c.Answers(), func(a schemas.Answer) bool {
		return c.code != "" && c.code == a.Code && (slices.Contains(a.Messages, c.message) || c.saysBadFormat(c.message))
	})
	return documented.Status
}

// complete reports whether the request had every required parameter, each of the documented type.
func (c clue) complete() bool {
	otp, _ := member(c.sent.value, "otp").(json.Number)
	return c.sent.text("phone") != "" && c.sent.text("countryCode") != "" && otp != "" && strings.Trim(string(otp), "0123456789") == ""
}

// countryCodeForm is the documented form of a country code.
var countryCodeForm = regexp.MustCompile(`^\+[0-9]{1,3}$`)

// Trace is what the answers of some scenarios show of the way between the tool and the provider. The zero value shows nothing.
type Trace struct {
	Answers map[tracedAnswer]int // how often each came
	Passed  map[string]bool      // keys of diagnoses that are ruled out: what they call mangled came through
}

// tracedAnswer identifies an answer to requests with the registration's own token, or with none.
type tracedAnswer struct {
	token  bool // the request carried it
	status int
	digest uint64 // of its body
}

func newTrace() Trace { return Trace{Answers: map[tracedAnswer]int{}, Passed: map[string]bool{}} }

// Add adds another trace. It bounds how many different answers of one status it keeps: a run may have any number of them.
func (t *Trace) Add(other Trace) {
	const most = 50
	if t.Passed == nil {
		*t = newTrace()
	}
	for answer, times := range other.Answers {
		alike := func(one tracedAnswer) bool { return one.token == answer.token && one.status == answer.status }
		if t.Answers[answer] > 0 || len(group.Where(slices.Collect(maps.Keys(t.Answers)), alike)) < most {
			t.Answers[answer] += times
		}
	}
	maps.Copy(t.Passed, other.Passed)
}

// maxTraced is the size in bytes of the largest body that is decoded: a documented one is much smaller.
const maxTraced = 16 << 10

// Traces returns the trace of one scenario, whose registration has the token.
func (c Checks) Traces(token string, exchanges []exchange.Exchange) Trace {
	t := newTrace()
	for _, e := range exchanges {
		if e.Purpose != exchange.Judged || e.Answer == nil {
			continue
		}
		status, digest := e.Answer.Status, fnv.New64a()
		_, _ = digest.Write(e.Answer.Body) // never fails
		carried := e.Request.Header["Authorization"]
		if own := slices.Equal(carried, []string{"Bearer " + token}); own || carried == nil {
			t.Answers[tracedAnswer{own, status, digest.Sum64()}]++
		}
		if len(e.Answer.Body) > maxTraced {
			continue
		}
		clue := c.clueOf("", e)
		if status >= http.StatusBadRequest && clue.documentedStatusOfBody() == status {
			t.Passed[statusRewritten] = true
		}
		if !c.documents(status) || status == c.of(RuleAllMissing).Status {
			continue
		}
		if countryCodeForm.MatchString(clue.sent.text("countryCode")) { // it was read as sent
			t.Passed[plusMangled] = true
		}
		if status != c.of(RuleNotFound).Status && strings.Contains(strings.TrimSpace(clue.sent.text("phone")), " ") {
			t.Passed[spacesKept] = true // whoever only trims a phone keeps those inside
		}
		if clue.complete() && status != c.of(RuleNotFound).Status {
			t.Passed[bodyNotRead], t.Passed[otpNotANumber], t.Passed[parameterLost] = true, true, true
		}
	}
	return t
}

// Reconsider returns the diagnosis in the light of the whole run: if others came through what lies on the way, the provider
// alone is to blame; if a phone was found by its digits, its spaces are not.
func (d Diagnosis) Reconsider(run Trace) Diagnosis {
	if d.Key == spacesKept && run.Passed[spacesKept] {
		return Diagnosis{Key: d.otherKey, Text: d.otherText}
	}
	if d.alone != "" && run.Passed[d.Key] {
		d.Text = d.alone
	}
	return d
}

// NameCommonStatus completes diagnoses that speak of bodies documented for another status: if all with the same text mean the
// same status, it names that.
func NameCommonStatus(diagnoses []Diagnosis) {
	for _, alike := range group.By(group.Pointers(diagnoses), func(d *Diagnosis) string { return d.Text }) {
		if status := alike[0].documented; !slices.ContainsFunc(alike, func(d *Diagnosis) bool { return d.documented != status }) {
			for _, d := range alike {
				d.Text = strings.Replace(d.Text, ofAnotherStatus, fmt.Sprintf("the one that the documentation shows for %d", status), 1)
			}
		}
	}
}

// AuthorizationStripped returns the diagnosis of a run in which requests with the registration's own token are answered like
// those without any, and whether it is such a run. A provider that looks at the parameters first may call some missing before
// that.
func (c Checks) AuthorizationStripped(run Trace) (Diagnosis, bool) {
	answers := slices.Collect(maps.Keys(run.Answers))
	refusals := group.Where(answers, func(a tracedAnswer) bool { return !a.token })
	if len(refusals) != 1 || refusals[0].status/100 != 3 && refusals[0].status/100 != 4 {
		return Diagnosis{}, false
	}
	same := refusals[0]
	same.token = true
	differs := func(a tracedAnswer) bool { return a.token && a != same && a.status != c.of(RuleAllMissing).Status }
	if run.Answers[same] < 2 || slices.ContainsFunc(answers, differs) {
		return Diagnosis{}, false
	}
	return Diagnosis{Key: "token-stripped", Text: "the answer is the same with the app registration's token and without any: does a gateway on the way drop the Authorization header?"}, true
}
