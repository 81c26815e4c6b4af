package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// Known is what is known of the provider's state when a request came. The zero value is nothing. A Token is the right one.
// With a Phone the whole state is known, and was made for this request: it is the first attempt, and without an OTP there is
// no validation.
type Known struct {
	providerstate.Values

	Secrets []string // what an answer must not echo; none: the request's own token, and its OTP if it succeeded
	Keep    []string // values of the state that are not secret: a secret inside one of them is a coincidence

	// Tokens are those of all states of the run: no answer may hold another person's either. nil: they are not known.
	Tokens *secret.Set

	// Pending is set if the validation had not expired, and was not validated, when the state was made.
	Pending bool

	// Uncredentialed is set if the recording may leave credentials out.
	Uncredentialed bool
}

func (k Known) stateKnown() bool { return k.Phone != "" }

// Judgement is what an exchange shows by itself.
type Judgement struct {
	Findings []Finding // the worst first; each names its rule
	Judged   []string  // the rules that were judged, kept or broken
	Silent   string    // why not everything documented could be judged; "" if it could
}

// Judge judges an exchange outside of any scenario by what is known of it. It is silent about whatever does not follow from the
// exchange: the token may be wrong, and how a wrong one is refused is not documented.
func (c Checks) Judge(e exchange.Exchange, k Known) Judgement {
	j := c.Judging(e, k)
	j.judge()
	return j.Judgement
}

// Judging is an exchange that is being judged by what is known of it. What its rules have in common is worked out once, when the
// first of them needs it. It is not safe for concurrent use.
type Judging struct {
	c         Checks
	e         exchange.Exchange
	k         Known
	body      func() *reading                          // of the request
	places    func() []place                           // of the answer
	byRequest func() (rule string, findings []Finding) // see ruleByRequest
	Judgement
}

// Judging returns what judges an exchange by each of Everywhere.
func (c Checks) Judging(e exchange.Exchange, k Known) *Judging {
	j := &Judging{c: c, e: e, k: k}
	j.body = sync.OnceValue(func() *reading { return decodeSent(e.Request.Body) })
	j.places = sync.OnceValue(func() []place { return places(e.Answer) })
	j.byRequest = sync.OnceValues(j.ruleByRequest)
	return j
}

// Alone judges the exchange as recorded traffic is: nothing is known of it, nor of its purpose.
func (j *Judging) Alone() Judgement {
	e := j.e
	e.Undocumented, e.Unpromised = false, false
	alone := j.c.Judging(e, Known{})
	alone.body, alone.places = j.body, j.places
	alone.judge()
	return alone.Judgement
}

// add records that a rule was judged, with the findings of it.
func (j *Judging) add(p Property, rule string, findings ...Finding) {
	for _, f := range withRule(rule, findings) {
		f.Property = p
		j.Findings = append(j.Findings, f)
		j.judged(f.Rule)
	}
	j.judged(rule)
}

func (j *Judging) judged(rule string) { j.Judged = group.With(j.Judged, rule) }

func (j *Judging) judge() {
	a := j.e.Answer
	if a == nil {
		j.Silent = j.e.Failure.Message
		return
	}
	if a.Status >= http.StatusInternalServerError && j.c.Unanswered(j.e) == nil {
		j.add(NoServerError, RuleStatuses, noFailure(j.e)...)
	}
	j.add(NoLeak, RuleNoEcho, j.noEcho()...)
	if failure := j.c.Unanswered(j.e); failure != nil {
		j.Silent = failure.Message
		return
	}
	if a.Status >= http.StatusInternalServerError {
		return
	}
	j.outcome(j.read())
}

// outcome judges whether the request deserved a success, and the answer by what the request asks for.
func (j *Judging) outcome(intent intent) {
	switch wrong := intent.wrong; {
	case !j.e.Answer.Succeeded():
		if intent.anonymous && !j.k.Uncredentialed {
			j.judged(RuleToken) // kept: no success without a token
		}
	case intent.anonymous && j.k.Uncredentialed:
		j.Silent = "the recording leaves credentials out: whether the request had a token is not known"
		return
	case intent.anonymous:
		j.recordUndeserved(RuleToken, "the request has no token")
		return
	case isPage(j.e.Answer):
		j.Silent = "an HTML page came instead of an answer: a portal or a proxy may have sent it"
		return
	case slices.Contains(wrong, "token"), len(wrong) > 0 && (intent.undocumented != "" || j.k.stateKnown()):
		j.recordUndeserved(ruleBrokenBySuccess(wrong, j.body(), j.k), whyWrong(wrong, j.k))
		return
	}
	if j.Silent = intent.undocumented; j.Silent == "" {
		j.answer(intent)
	}
}

// recordUndeserved records that a request succeeded though it should not have.
func (j *Judging) recordUndeserved(rule, why string) {
	j.add(NoUnearnedSuccess, rule, Differs("only the right OTP, for the right phone and with the right token, validates", "", "any status but 2xx", j.c.summary(j.e.Answer)+", though "+why))
}

// answer judges the answer to a documented request.
func (j *Judging) answer(intent intent) {
	a := j.e.Answer
	if a.TooLong && !j.k.stateKnown() {
		j.Silent = "the end of the answer's body is not known"
		return
	}
	wording := j.c.wordsIn(a)
	expired, status := j.c.of(RuleExpired), a.Status
	// The answer may be a rate limiter's, a gateway's or that of a token check, which is not documented. It is the provider's if
	// it uses documented words, says that an OTP has expired, or has a status that none of these would use.
	providers := []int{http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusUnsupportedMediaType}
	own := a.Succeeded() || wording.any() || slices.Contains(providers, status) || status == expired.Status && !intent.foreign
	// Another phone may be somebody else's, with another token: how the request's own is refused there is not documented.
	if !own && (!intent.strict || intent.foreign) {
		j.Silent = fmt.Sprintf("the answer %d uses none of the documented words: it may refuse the token, or come from a gateway", status)
		return
	}
	j.judged(RuleStatuses)
	if !j.c.documents(status) {
		j.add(KnownStatus, RuleStatuses, Differs("a request that fits the documentation is answered with a documented status", "", text.List(j.c.statuses(), "or"), j.c.summary(a)))
	}
	rule, findings := j.expected(intent, wording)
	if len(findings) == 1 && findings[0].Path == "" && findings[0].Expected != aJSONBody { // it should have been another answer altogether
		j.add(KnownShape, rule, findings...)
		return
	}
	if !j.c.documents(status) {
		return
	}
	shaped := false
	for _, every := range j.c.Everywhere() {
		if every.own || every.Rule == RuleNoEcho {
			continue
		}
		if found, judged := every.Judge(j); judged {
			j.add(KnownShape, every.Rule, found...)
			shaped = shaped || len(found) > 0 && every.Rule != RuleMediaType
		}
	}
	switch {
	case rule == "":
	case shaped && rule != RuleNarrowing: // one fault, one promise; but RuleNarrowing itself promises the form
		j.judged(rule)
	default:
		j.add(KnownShape, rule, findings...)
		if a.Status == j.c.Success().Status {
			j.recordKept(intent)
		}
	}
}

// recordKept records the rules that a success proves to be kept.
func (j *Judging) recordKept(intent intent) {
	if !intent.hidden {
		j.judged(RuleNumber)
	}
	if intent.spaced {
		j.judged(RuleSpaces)
	}
	if slices.ContainsFunc(j.c.Endpoint().Optional, func(name string) bool { return len(j.body().membersNamed(name)) > 0 }) {
		j.judged(RuleOptional)
	}
}

// expected returns the rule that says how the request is answered, and how the answer breaks it. It returns "" if no rule
// applies.
func (j *Judging) expected(intent intent, wording wording) (rule string, findings []Finding) {
	a := j.e.Answer
	switch {
	case intent.badCountryCode && len(intent.missing) > 0:
		if wording.parameters || wording.format {
			return "", nil // which of the two is checked first is not documented
		}
		return RuleMissing, []Finding{Differs("missing parameters are named", "", strconv.Itoa(j.c.of(RuleAllMissing).Status), j.c.summary(a))}
	case intent.badCountryCode:
		return RuleFormat, j.c.Refused(j.e, j.c.of(RuleFormat))
	case len(intent.missing) == len(j.c.Endpoint().Required):
		return RuleAllMissing, j.c.Missing(j.e, intent.missing)
	case len(intent.missing) > 0:
		return RuleMissing, j.c.Missing(j.e, intent.missing)
	}
	d, worded := wording.of(a.Status)
	if !worded {
		if a.Succeeded() {
			return RuleSuccess, j.checkSuccess()
		}
		if intent.hidden && slices.Contains(wording.missing, "otp") {
			return "", nil
		}
		if rule, what := j.deniedRule(intent, wording); rule != "" {
			return rule, []Finding{Differs("what was sent is not called missing, nor a good country code badly written", "", "the answer to a request that fits", j.c.summary(a)+", though "+what)}
		}
		documented := group.Where(j.c.Answers(), func(d schemas.Answer) bool { return d.Status == a.Status })
		if len(documented) != 1 {
			return "", nil // the request does not tell which of several it should be
		}
		d = documented[0]
	}
	switch notFound := d.Rule == RuleNotFound; {
	case notFound && intent.namesProject && worded: // a narrowed search may have a code of its own
		return RuleNarrowing, j.c.NothingFound(j.e)
	case notFound && intent.namesProject, intent.foreign && (notFound || d.Rule == RuleWrongOTP):
		return "", nil
	}
	return d.Rule, j.c.Refused(j.e, d)
}

// deniedRule returns the rule that an answer breaks by calling something missing or malformed that is neither, and what the
// request has instead. It returns "" if the answer says no such thing.
func (j *Judging) deniedRule(intent intent, wording wording) (rule, what string) {
	switch {
	case wording.format:
		return RuleSuccess, "its country code is + and 1 to 3 digits"
	case slices.Contains(wording.missing, "otp"):
		return RuleNumber, "it has an otp"
	case slices.Contains(wording.missing, "phone") && intent.spaced:
		return RuleSpaces, "it has a phone"
	}
	for _, name := range wording.missing {
		if slices.Contains(j.c.Endpoint().Required, name) {
			return RuleSuccess, "it has a " + name
		}
		if len(j.body().membersNamed(name)) == 0 {
			return RuleOptional, name + " is optional"
		}
	}
	return "", ""
}

// checkSuccess expects the documented success. It may repeat the phone as the provider cleaned it.
func (j *Judging) checkSuccess() []Finding {
	sent := j.body().sent()
	findings := j.c.Validated(j.e, sent)
	cleaned := j.k.Values
	if !j.k.stateKnown() {
		cleaned = providerstate.Values{Phone: parse(j.e.Answer).text("data", "phone"), CountryCode: sent["countryCode"]}
		if asciiDigits(cleaned.Phone) != cleaned.Phone || !rightPhone(sent["phone"], cleaned) {
			return findings
		}
	}
	if len(findings) > 0 && unspaced(sent["phone"]) != cleaned.Phone {
		return j.c.Validated(j.e, Sent{"phone": cleaned.Phone, "countryCode": cleaned.CountryCode})
	}
	return findings
}

// whyWrong says which parts of a request that succeeded were wrong.
func whyWrong(wrong []string, k Known) string {
	switch {
	case !k.stateKnown() && wrong[0] != "token":
		return "nothing in its body could be " + text.List(wrong, "and") + " of a validation"
	case k.stateKnown() && k.OTP == "":
		return "there is no phone validation"
	case len(wrong) == 1:
		return "its " + wrong[0] + " is not right"
	}
	return "its " + text.List(wrong, "and") + " are not right"
}

// ruleBrokenBySuccess returns the rule that the success of a request with wrong parts breaks.
func ruleBrokenBySuccess(wrong []string, body *reading, k Known) string {
	switch {
	case wrong[0] == "token":
		return RuleToken
	case k.stateKnown() && k.OTP == "", wrong[0] == "phone":
		return RuleNotFound
	case wrong[0] == "countryCode":
		documented := func(p parameter) bool {
			code, _ := p.value.(string)
			return countryCodeForm.MatchString(code)
		}
		if slices.ContainsFunc(body.membersNamed("countryCode"), documented) {
			return RuleTogether
		}
		return RuleFormat
	case !k.stateKnown(), slices.ContainsFunc(body.membersNamed("otp"), func(p parameter) bool {
		return strings.Trim(string(p.raw), "0123456789") != "" || len(p.raw) > len(k.OTP)
	}):
		return RuleNoOtherOTP
	}
	return RuleWrongOTP
}

// withRule sets the rule of the findings that name none.
func withRule(rule string, findings []Finding) []Finding {
	for i := range findings {
		findings[i].Rule = cmp.Or(findings[i].Rule, rule)
	}
	return findings
}
