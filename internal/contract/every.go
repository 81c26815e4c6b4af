package contract

import (
	"cmp"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// Every is a rule that is judged on every exchange, whatever its scenario.
type Every struct {
	Rule     string
	findings func(*Judging) []Finding // nil: ruleByRequest says whether it applies, and what it finds

	about  answers // the answers that it promises something of; nil: all
	always bool    // judged whatever was sent, and whoever answered
	own    bool    // the rule has scenarios too, whose steps report breaches themselves

	// The answers that are judged even if the exchange is Undocumented, or Unpromised; nil: none.
	undocumented, unpromised answers
}

// answers reports whether an answer belongs to a set.
type answers func(*exchange.Answer) bool

// Hidden returns what is known of a request to a scenario's own state, with texts that are secret and perhaps another state
// beside it.
func Hidden(secrets []string, own providerstate.Values, beside ...providerstate.Values) Known {
	k := Known{Values: own, Secrets: group.Where(secrets, func(s string) bool { return s != "" })}
	for _, v := range append(beside, own) {
		k.Keep = append(k.Keep, v.ValidationID, v.AppRegistrationID, v.Project, v.ProjectFlow, v.Phone, v.CountryCode+v.Phone)
	}
	k.Keep = slices.DeleteFunc(k.Keep, func(id string) bool { return id == "" || slices.Contains(secrets, id) })
	return k
}

// Everywhere returns what is judged on every exchange: the every-exchange rules, and rules with scenarios whose promise other
// scenarios' answers can break too.
//
// The provider is free in how it answers a request that the documentation does not cover: a framework's error page for an OTP
// that is an object, a lock after three wrong OTPs, an impossible phone. But an answer that calls itself JSON has to be JSON,
// one in the documented words has to have the documented form, a success has to be one, and no request is a reason to fail.
func (c Checks) Everywhere() []Every {
	all := func(*exchange.Answer) bool { return true }
	answered := func(d schemas.Answer) answers { return func(a *exchange.Answer) bool { return a.Status == d.Status } }
	success := answered(c.of(RuleSuccess))
	succeeded := (*exchange.Answer).Succeeded
	refusal := func(a *exchange.Answer) bool { return a.Status >= http.StatusBadRequest && c.documents(a.Status) }
	json := func(a *exchange.Answer) bool {
		return slices.ContainsFunc(a.Header["Content-Type"], saysJSON) || c.usesDocumentedWords(a)
	}
	unexpected := func(a *exchange.Answer) bool { return a.Status/100 != 4 }
	failure := func(a *exchange.Answer) bool { return a.Status >= http.StatusInternalServerError }
	return []Every{
		{Rule: RuleSuccess, findings: ofSuccess(RuleSuccess), about: success, own: true, undocumented: all},
		{Rule: RuleAllMissing, own: true, undocumented: succeeded}, {Rule: RuleMissing, own: true, undocumented: succeeded}, {Rule: RuleFormat, own: true, undocumented: succeeded},
		{Rule: RuleTogether, own: true, undocumented: succeeded}, {Rule: RuleNarrowing, own: true, undocumented: succeeded},
		{Rule: RuleWrongOTP, findings: (*Judging).ofWrongOTP, about: refusal, own: true},
		{Rule: RuleExpired, findings: (*Judging).ofExpired, about: answered(c.of(RuleExpired)), own: true},
		{Rule: RuleSpaces, findings: ofSuccess(RuleSpaces), about: success, own: true, undocumented: all},
		{Rule: RuleLiveness, findings: (*Judging).ofFlow, about: success, own: true, undocumented: all},
		{Rule: RuleNoOtherOTP, findings: (*Judging).ofOTP, about: success, own: true, undocumented: all, unpromised: all},
		{Rule: RuleToken, findings: (*Judging).ofToken, about: success, own: true, undocumented: all, unpromised: all},
		{Rule: RuleTwoFields, findings: (*Judging).twoFields, about: refusal, undocumented: c.usesDocumentedWords},
		{Rule: RuleOneValue, findings: (*Judging).oneValue, undocumented: json},
		{Rule: RuleStatuses, findings: (*Judging).documentedStatus, undocumented: unexpected, unpromised: failure},
		{Rule: RuleMediaType, findings: (*Judging).mediaType, undocumented: c.usesDocumentedWords},
		{Rule: RuleNoEcho, findings: (*Judging).noEcho, always: true},
	}
}

// Judge returns the findings of one exchange, and whether the rule applies to it at all.
func (r Every) Judge(j *Judging) (findings []Finding, judged bool) {
	e := j.e
	if e.Purpose != exchange.Judged || e.Answer == nil || !r.always && !r.covers(e) { // RuleNoEcho holds even for a gateway or a rate limiter in place of the provider
		return nil, false
	}
	if r.findings != nil {
		return withRule(r.Rule, r.findings(j)), true
	}
	rule, findings := j.byRequest()
	if rule != r.Rule {
		return nil, false
	}
	return withRule(rule, findings), true
}

// covers reports whether the rule promises something of an answer, by who answered and what was sent.
func (r Every) covers(e exchange.Exchange) bool {
	belongs := func(to answers) bool { return to != nil && to(e.Answer) }
	switch {
	case Unanswered(e) != nil, r.about != nil && !r.about(e.Answer):
		return false
	case e.Unpromised:
		return belongs(r.unpromised)
	case e.Undocumented:
		return belongs(r.undocumented)
	}
	return true
}

// ReportedBy reports whether a scenario's own findings cover a finding about the same exchange: one of them is of the same
// rule, or says that the answer should have been another one altogether.
func (r Every) ReportedBy(f Finding, own []Finding) bool {
	return r.own && slices.ContainsFunc(own, func(o Finding) bool {
		return o.Exchange == f.Exchange && (o.Rule == f.Rule || o.Path == "")
	})
}

// usesDocumentedWords reports whether an answer is a success, or holds a code or message that is documented for its status.
func (c Checks) usesDocumentedWords(a *exchange.Answer) bool {
	r := parse(a)
	if r.err != nil {
		return false
	}
	texts := leaves(r.value, false)
	return slices.ContainsFunc(c.Answers(), func(d schemas.Answer) bool {
		return d.Status == a.Status && (d.Rule == RuleSuccess || slices.Contains(texts, d.Code) || slices.ContainsFunc(d.Messages, func(m string) bool { return slices.Contains(texts, m) }))
	})
}

func (j *Judging) twoFields() []Finding {
	const expectation = "an error answer is exactly code and message, both text"
	r := parse(j.e.Answer)
	object := r.object()
	switch {
	case r.err != nil:
		return nil // this breaks RuleOneValue
	case object == nil:
		return []Finding{Differs(expectation, "$", "an object", quote(r.value))}
	}
	var findings []Finding
	fields := []string{"code", "message"}
	for _, key := range fields {
		if _, ok := object[key].(string); !ok {
			findings = append(findings, Differs(expectation, "$."+key, "text", shownMember(object, key)))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if len(findings) == maxFindings {
			return append(findings, Differs(expectation, "$", "two members", strconv.Itoa(len(object))))
		}
		if !slices.Contains(fields, key) {
			findings = append(findings, Differs(expectation, "$."+key, "no such member", quote(object[key])))
		}
	}
	return findings
}

// maxFindings bounds the findings of one answer: it may have sixty thousand members.
const maxFindings = 20

func (j *Judging) oneValue() []Finding {
	a := j.e.Answer
	if a.TooLong {
		return nil // the scenario fails for that, and the end of the value is unknown
	}
	if what := parse(a).flaw; what != "" {
		f := Differs("an answer is one JSON value in UTF-8, nothing after it, no key twice", "", "one JSON value", cmp.Or(whyUndecoded(a), what))
		f.Body = string(a.Body)
		return []Finding{f}
	}
	return nil
}

func (j *Judging) documentedStatus() []Finding {
	if j.c.documents(j.e.Answer.Status) {
		return nil
	}
	if failed := noFailure(j.e); failed != nil && (j.e.Undocumented || j.e.Unpromised) {
		return failed
	}
	return []Finding{Differs("only the documented statuses occur", "", text.List(j.c.statuses(), "or"), j.c.summary(j.e.Answer))}
}

// noFailure expects no 5xx, which RuleStatuses asks for whatever the request was.
func noFailure(e exchange.Exchange) []Finding {
	if e.Answer.Status < http.StatusInternalServerError {
		return nil
	}
	return []Finding{Differs("no request is a reason to fail", "", "no 5xx", summary(e.Answer))}
}

// jsonType is the form of a media type of JSON, with the characters of RFC 6838.
var jsonType = regexp.MustCompile(`(?i)^(?:application/json|[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\+json)$`)

func saysJSON(mediaType string) bool {
	// mime.ParseMediaType would refuse malformed parameters, and any parameters are fine.
	name, _, _ := strings.Cut(mediaType, ";")
	return jsonType.MatchString(strings.TrimSpace(name))
}

func (j *Judging) mediaType() []Finding {
	types := j.e.Answer.Header["Content-Type"]
	wrong := "no Content-Type"
	if len(types) > 0 {
		at := slices.IndexFunc(types, func(t string) bool { return !saysJSON(t) })
		if at < 0 {
			return nil
		}
		wrong = cmp.Or(types[at], "an empty Content-Type")
	}
	return []Finding{Differs("the media type of an answer is JSON", "", "application/json or +json", wrong)}
}
