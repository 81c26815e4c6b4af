package contract

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"regexp"
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
	refusal := func(a *exchange.Answer) bool { return a.Status >= http.StatusBadRequest && c.documents(a.Status) }
	json := func(a *exchange.Answer) bool {
		return slices.ContainsFunc(a.Header["Content-Type"], saysJSON) || c.usesDocumentedWords(a)
	}
	unexpected := func(a *exchange.Answer) bool { return a.Status/100 != 4 }
	failure := func(a *exchange.Answer) bool { return a.Status >= http.StatusInternalServerError }
	return []Every{
		{Rule: RuleSuccess, findings: ofSuccess(RuleSuccess), about: success, own: true, undocumented: all},
		{Rule: RuleMissing, own: true}, {Rule: RuleFormat, own: true}, {Rule: RuleTogether, own: true}, {Rule: RuleNarrowing, own: true},
		{Rule: RuleWrongOTP, findings: (*Judging).ofWrongOTP, about: answered(c.of(RuleWrongOTP)), own: true},
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
	if e.Purpose != exchange.Judged || e.Answer == nil {
		return nil, false
	}
	if !r.always { // RuleNoEcho holds even for a gateway or a rate limiter in place of the provider
		applies := func(of answers) bool { return of != nil && of(e.Answer) }
		switch {
		case Unanswered(e) != nil, r.about != nil && !r.about(e.Answer), e.Unpromised && !applies(r.unpromised), e.Undocumented && !e.Unpromised && !applies(r.undocumented):
			return nil, false
		}
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
	switch {
	case j.c.documents(j.e.Answer.Status):
		return nil
	case j.e.Undocumented || j.e.Unpromised:
		if failed := noFailure(j.e); failed != nil {
			return failed
		}
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

func (j *Judging) noEcho() []Finding {
	places := places(j.e.Answer)
	var found []Finding
	if len(j.k.Secrets) > 0 || j.k.stateKnown() {
		found = echoed(places, j.e.Request, j.k.Secrets, func() []string { return j.k.Keep })
	} else {
		// A short token could be any word.
		tokens := group.Where(bearers(j.e.Request), func(token string) bool { return len(token) >= minTokenLength })
		found = echoed(places, j.e.Request, tokens, func() []string { return nil })
		if otp := j.body().otp(); j.e.Answer.Status == j.c.Success().Status && len(otp) >= minOTPDigits {
			found = append(found, echoed(places, j.e.Request, []string{otp}, func() []string { return ids(j.e.Answer) })...)
		}
	}
	return append(found, stackTraces(places)...)
}

const noEchoes = "no answer echoes the OTP, a token or a stack trace"

// echoed finds secrets, except inside values that the request sent or keep returns: there they are a coincidence. To work
// these out is costly, and is done only once something is found.
func echoed(places []place, r exchange.Request, secrets []string, keep func() []string) (findings []Finding) {
	var set secret.Set
	set.Add(secrets...)
	coincidences := sync.OnceValue(func() []string { return slices.Concat(keep(), sentValues(r, &set, secrets)) })
	for _, place := range places {
		held := slices.ContainsFunc(place.texts, func(text string) bool { return set.Find(text) })
		for _, s := range secrets {
			if held && anyHolds(place.texts, []string{s}, coincidences()) {
				leak := Differs(noEchoes, "", "nothing secret in "+place.name, "it holds "+kind(s))
				leak.Leak = true
				findings = append(findings, leak)
			}
		}
	}
	return findings
}

// stackTraces returns a finding for each place that holds a stack trace, with its first line.
func stackTraces(places []place) (findings []Finding) {
	for _, place := range places {
		for _, text := range append(place.texts, place.lines) {
			if line := stackTrace(text); line != "" {
				findings = append(findings, Differs(noEchoes, "", "no stack trace in "+place.name, line))
				break
			}
		}
	}
	return findings
}

func kind(s string) string {
	if strings.Trim(s, "0123456789") == "" {
		return "the OTP"
	}
	return "a token"
}

// place is where an answer could echo something: a header, or the body.
type place struct {
	name  string
	texts []string // as they came
	lines string   // strings of the body that may hold a stack trace, joined; not searched for secrets, which could run across
}

func places(a *exchange.Answer) []place {
	all := headerPlaces(a.Header, "")
	for _, early := range a.Early {
		all = append(all, headerPlaces(early.Header, fmt.Sprintf(" of a %d before the answer", early.Status))...)
	}
	if a.Reason != "" {
		all = append(all, place{name: "the reason phrase", texts: []string{a.Reason}})
	}
	body := place{name: "the body", texts: []string{string(a.Body)}}
	if r := parse(a); r.err == nil {
		// Joined, since a body may hold a hundred thousand.
		hints := slices.DeleteFunc(leaves(r.value, true), func(text string) bool { return !mayHoldStackLine(text) })
		body.lines = strings.Join(hints, "\n") + "\n"
	}
	return append(all, body)
}

func headerPlaces(header textproto.MIMEHeader, suffix string) []place {
	return group.Map(slices.Sorted(maps.Keys(header)), func(name string) place {
		values := group.Where(header[name], func(v string) bool { return !IsTimeOrNumber(name, v) && !isCountOrDuration(name, v) })
		return place{name: "the header " + name + suffix, texts: append([]string{name}, values...)}
	})
}

// timeOrNumber is the form of the times and numbers that HTTP defines for headers. The length of a body may equal an OTP.
var timeOrNumber = regexp.MustCompile(`^(?:\d+|timeout=\d+(?:, max=\d+)?|\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT)$`)

// IsTimeOrNumber reports whether a header's value is a time or a number that HTTP defines, and so no secret.
func IsTimeOrNumber(name, value string) bool {
	counted := []string{"Age", "Content-Length", "Date", "Expires", "Keep-Alive", "Last-Modified"}
	return slices.Contains(counted, name) && timeOrNumber.MatchString(value)
}

// countOrDuration is the form of counts and durations in the headers of rate limiters and servers.
var countOrDuration = regexp.MustCompile(`^(?:[\w-]+;dur=)?\d+(?:\.\d+)? ?(?:m?s)?(?:, ?[\w-]+;dur=\d+(?:\.\d+)?)*$`)

// isCountOrDuration reports whether a header's value is a count or a duration of the usual kinds. An OTP of four digits may equal
// the requests that are left, one of six the fraction of a second. In what is recorded such a value is redacted all the same.
func isCountOrDuration(name, value string) bool {
	timed := []string{"Retry-After", "X-Runtime", "X-Response-Time", "Server-Timing"}
	counted := strings.HasPrefix(strings.TrimPrefix(name, "X-"), "Ratelimit-")
	return (counted || slices.Contains(timed, name)) && countOrDuration.MatchString(value)
}

// separators removes what may stand between the digits of an OTP.
var separators = strings.NewReplacer(" ", "", "-", "", ".", "")

// sentValues returns the values of a request that are not secret but hold one by chance: an answer may repeat them.
func sentValues(r exchange.Request, set *secret.Set, secrets []string) []string {
	var sent []string
	add := func(text string) {
		for _, one := range []string{text, unspaced(text)} {
			bare := separators.Replace(one)
			chance := slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(bare, s) }) || set.Find(one)
			if chance && !slices.Contains(secrets, one) && !slices.Contains(sent, one) {
				sent = append(sent, one)
			}
		}
	}
	body := decodeSent(r.Body)
	for _, p := range body.members {
		if text, ok := scalar(p.value); ok && (p.key != "otp" || !set.Find(text)) { // the OTP itself, however it is written, is no coincidence
			add(text)
		}
	}
	add(body.text("countryCode") + body.text("phone"))
	address, _, _ := strings.Cut(r.URL, "?")
	for part := range strings.SplitSeq(address, "/") {
		add(part)
	}
	for _, text := range slices.Concat(slices.Collect(maps.Values(r.Header))...) {
		// That a header carried the token does not excuse an echo of it.
		if !slices.ContainsFunc(secrets, func(s string) bool { return kind(s) == "a token" && secret.Find(text, s) }) {
			add(text)
		}
	}
	return sent
}

// stackLine is a line of a stack trace as a runtime writes it.
type stackLine struct {
	hint string // part of every such line, for a quick check
	form *regexp.Regexp
}

// stackLines are as narrow as what a runtime writes: a sentence of a message would have to imitate it to match, and the name of
// an exception does not.
var stackLines = sync.OnceValue(func() []stackLine {
	return []stackLine{
		{"at ", regexp.MustCompile(`(?m)^\s*at .*\([^()\s]*\.(?:[cm]?[jt]sx?|java|kt|scala|groovy):\d+(?::\d+)?\)`)},                  // node, Java
		{"at ", regexp.MustCompile(`(?m)^\s*at (?:async )?(?:file://|node:|[A-Za-z]:\\|/)[^\s]+:\d+:\d+`)},                            // node, anonymous
		{"at ", regexp.MustCompile(`at [\w$.<>\[\] ]+ \((?:file://|node:|[A-Za-z]:\\|/)[^()\s]+:\d+:\d+\)`)},                          // node, also in one line
		{"at ", regexp.MustCompile(`at [\w$.]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)`)},                                             // Java, in one line
		{"Caused by: ", regexp.MustCompile(`(?m)^\s*Caused by: (?:[a-z]\w*\.){2,}\w+(?:Exception|Error)\b`)},                          // Java
		{"Exception in thread ", regexp.MustCompile(`Exception in thread "`)},                                                         // Java
		{":line ", regexp.MustCompile(`(?m)^\s*at .* in .*\.\w+:line \d+`)},                                                           // .NET
		{") in ", regexp.MustCompile(`at \S+\(.*\) in .*\.(?:cs|vb|fs|cshtml|razor):line \d+`)},                                       // .NET, in one line
		{"at ", regexp.MustCompile("(?m)^\\s*at (?:[\\w$<>`]+[./])+[\\w$<>`]+\\(.*\\)\\s*\n\\s*at (?:[\\w$<>`]+[./])+[\\w$<>`]+\\(")}, // .NET, Java, without lines
		{"Traceback ", regexp.MustCompile(`Traceback \(most recent call last\)`)},                                                     // Python
		{`", line `, regexp.MustCompile(`(?m)^\s*File "[^"]+", line \d+`)},                                                            // Python
		{"goroutine ", regexp.MustCompile(`goroutine \d+ \[`)},                                                                        // Go
		{".go:", regexp.MustCompile(`(?m)^\s*\S+\.go:\d+( \+0x[0-9a-f]+)?\s*$`)},                                                      // Go
		{"#", regexp.MustCompile(`(?m)^\s*#\d+ (?:.*\.php\(\d+\)|\{main\})`)},                                                         // PHP
		{"#0 ", regexp.MustCompile(`#0 (?:\S.*\.php\(\d+\): [^\s(]+\(|\{main\})`)},                                                    // PHP, in one line
		{"Stack trace:", regexp.MustCompile(`Stack trace:\s+#0 `)},                                                                    // PHP, in one line
		{`"file"`, regexp.MustCompile(`"file"\s*:\s*"(?:[A-Za-z]:)?[\\/][^"]*"\s*,\s*"line"\s*:\s*\d+`)},                              // PHP, as JSON
		{".rb:", regexp.MustCompile("(?m)\\S+\\.rb:\\d+:in [`']")},                                                                    // Ruby
		{"panicked at ", regexp.MustCompile(`panicked at .*\.rs:\d+:\d+`)},                                                            // Rust
		{"(Unknown Source)", regexp.MustCompile(`at (?:[\w$]+\.)+[\w$<>]+\(Unknown Source\)`)},                                        // Java
		{"(Native Method)", regexp.MustCompile(`at (?:[\w$]+\.)+[\w$<>]+\(Native Method\)`)},                                          // Java
		{"stack backtrace:", regexp.MustCompile(`stack backtrace:\r?\n`)},                                                             // Rust
		{".ex", regexp.MustCompile(`\.exs?:\d+: [\w.]+\S*/\d+`)},                                                                      // Elixir
		{".erl", regexp.MustCompile(`\{file,"[^"]+\.erl"\},\s*\{line,\d+\}`)},                                                         // Erlang
		{" line ", regexp.MustCompile(`(?m)^.* at (?:/|[A-Za-z]:\\)?\S+\.p[lm] line \d+\.?$`)},                                        // Perl
		{".dart", regexp.MustCompile(`#\d+\s+\S.* \((?:package|dart|file):\S+(?::\d+)?\)`)},                                           // Dart
		{"stack traceback:", regexp.MustCompile(`stack traceback:\r?\n`)},                                                             // Lua
		{"CallStack (from HasCallStack)", regexp.MustCompile(`CallStack \(from HasCallStack\)`)},                                      // Haskell
		{".swift:", regexp.MustCompile(`Fatal error: .*: file \S+\.swift, line \d+|\S+\.swift:\d+: Fatal error`)},                     // Swift
	}
})

// mayHoldStackLine reports whether a text may hold a line of a stack trace.
func mayHoldStackLine(text string) bool {
	return slices.ContainsFunc(stackLines(), func(line stackLine) bool { return strings.Contains(text, line.hint) })
}

// stackTrace returns the first line of a stack trace in a text; "" if there is none.
func stackTrace(text string) string {
	for _, line := range stackLines() {
		if !strings.Contains(text, line.hint) {
			continue
		}
		if found := strings.TrimSpace(line.form.FindString(text)); found != "" {
			first, _, _ := strings.Cut(found, "\n")
			return strings.TrimSpace(first)
		}
	}
	return ""
}

// Shape describes the shape of an answer's body: "{code: string, message: string}".
func Shape(a *exchange.Answer) string {
	if len(bytes.TrimSpace(a.Body)) == 0 {
		return "empty"
	}
	r := parse(a)
	if r.err != nil {
		return "not JSON"
	}
	return shape(r.value, 0)
}

// shapeDepth bounds the depth of a shape: a hostile answer may nest a hundred thousand arrays.
const shapeDepth = 6

func shape(v any, depth int) string {
	if depth > shapeDepth {
		return "..."
	}
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case map[string]any:
		members := group.Map(slices.Sorted(maps.Keys(v)), func(key string) string { return key + ": " + shape(v[key], depth+1) })
		return "{" + strings.Join(members, ", ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shape(v[0], depth+1) + "]"
	default:
		return "number"
	}
}

// Observe returns what was answered where the documentation is silent.
func Observe(e exchange.Exchange, label string) Observation {
	o := Observation{Label: label}
	if e.Answer == nil {
		o.Note = "no answer"
		if e.Failure != nil {
			o.Note = string(e.Failure.Cause)
		}
		return o
	}
	o.Status, o.Shape, o.Code = e.Answer.Status, Shape(e.Answer), parse(e.Answer).text("code")
	return o
}
