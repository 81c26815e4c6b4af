package contract

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"verifik-contract/internal/secret"
)

// Every is a promise that is judged on every exchange, without a scenario.
type Every struct {
	Rule     string
	Silent   bool // judged also where the documentation is silent: on the observed rules and on PV-16
	findings func(Exchange, Private) []Finding
}

// Private is what an answer must not echo, and what it may.
type Private struct {
	Secrets []string // the state's OTP, tokens
	Keep    []string // ids that the state yielded: a secret inside one of them is a coincidence
}

// Everywhere is the every-exchange rules.
func Everywhere() []Every {
	return []Every{
		{Rule: "PV-18", findings: func(e Exchange, _ Private) []Finding { return twoFields(e) }},
		{Rule: "PV-19", findings: func(e Exchange, _ Private) []Finding { return oneValue(e) }},
		{Rule: "PV-20", findings: func(e Exchange, _ Private) []Finding { return documentedStatus(e) }},
		{Rule: "PV-23", findings: func(e Exchange, _ Private) []Finding { return mediaType(e) }},
		{Rule: "PV-24", Silent: true, findings: noEcho},
	}
}

// Undocumented is the rule whose answers the documentation does not show, though it promises that they are no
// success: the every-exchange rules that speak of documented answers do not hold there.
const Undocumented = "PV-16"

// Applies tells whether the rule is judged on the exchanges of a scenario.
func (r Every) Applies(scenarioRule string, observed bool) bool {
	return r.Silent || (!observed && scenarioRule != Undocumented)
}

// Judge returns what is wrong with one exchange, and whether it could be judged at all.
func (r Every) Judge(e Exchange, p Private) (findings []Finding, judged bool) {
	if e.Purpose != Judged || Unanswered(e) != nil && !(r.Silent && e.Answer != nil) {
		return nil, false
	}
	findings = r.findings(e, p)
	for i := range findings {
		findings[i].Rule = r.Rule
	}
	return findings, true
}

func twoFields(e Exchange) []Finding {
	if !slices.Contains([]int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed}, e.Answer.Status) {
		return nil
	}
	const expectation = "an error answer is exactly code and message, both text"
	v, err := value(e.Answer.Body)
	if err != nil {
		return nil // PV-19 says so
	}
	object, ok := v.(map[string]any)
	if !ok {
		return []Finding{finding(expectation, "$", "an object", quote(v))}
	}
	var findings []Finding
	for _, key := range []string{"code", "message"} {
		if _, ok := object[key].(string); !ok {
			findings = append(findings, finding(expectation, "$."+key, "text", tell(v, key)))
		}
	}
	for _, key := range sortedKeys(object) {
		if key != "code" && key != "message" {
			findings = append(findings, finding(expectation, "$."+clip(key), "no such member", quote(object[key])))
		}
	}
	return findings
}

func sortedKeys(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func oneValue(e Exchange) []Finding {
	if e.Answer.TooLong {
		return nil // the scenario failed for it, and the end of the value was not read
	}
	if what := flaw(e.Answer.Body); what != "" {
		what = cmp.Or(undecoded(e.Answer), what)
		return []Finding{finding("an answer is one JSON value in UTF-8, nothing after it, no key twice", "", "one JSON value", what+beginning(e.Answer.Body))}
	}
	return nil
}

// Statuses is the documented statuses.
func Statuses() []int {
	return []int{http.StatusOK, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed}
}

func documentedStatus(e Exchange) []Finding {
	if slices.Contains(Statuses(), e.Answer.Status) {
		return nil
	}
	return []Finding{finding("only the documented statuses occur", "", "200, 403, 404, 409 or 412", sketch(e.Answer))}
}

// jsonType is a media type that says JSON. The characters are those of RFC 6838.
var jsonType = regexp.MustCompile(`(?i)^(?:application/json|[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\+json)$`)

func mediaType(e Exchange) []Finding {
	const expectation = "the media type of an answer is JSON"
	types := e.Answer.Header["Content-Type"]
	if len(types) == 0 {
		return []Finding{finding(expectation, "", "application/json or +json", "no Content-Type")}
	}
	for _, t := range types {
		// Not mime.ParseMediaType: it refuses parameters that are odd, and any parameters are fine.
		name, _, _ := strings.Cut(t, ";")
		if !jsonType.MatchString(strings.TrimSpace(name)) {
			return []Finding{finding(expectation, "", "application/json or +json", cmp.Or(t, "an empty Content-Type"))}
		}
	}
	return nil
}

func noEcho(e Exchange, p Private) []Finding {
	const expectation = "no answer echoes the OTP, a token or a stack trace"
	// What an answer may repeat takes longer to work out than all else, and matters only where something is found.
	sent := sync.OnceValue(func() []string { return slices.Concat(p.Keep, sentValues(e.Request, p.Secrets)) })
	var findings []Finding
	for _, place := range places(e.Answer) {
		for _, s := range p.Secrets {
			holds := func(keep ...string) bool {
				return slices.ContainsFunc(place.texts, func(text string) bool { return secret.Find(text, s, keep...) })
			}
			if holds() && holds(place.kept(sent())...) {
				leak := finding(expectation, "", "nothing secret in "+place.name, "it holds "+kind(s))
				leak.Leak = true
				findings = append(findings, leak)
			}
		}
		for _, text := range place.texts {
			if line := stackTrace(text); line != "" {
				findings = append(findings, finding(expectation, "", "no stack trace in "+place.name, line))
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

type place struct {
	name  string
	texts []string
}

// kept is what a place may hold though a secret is in it: what the request sent openly, and times.
func (p place) kept(sent []string) []string {
	kept := slices.Clip(sent)
	for _, text := range p.texts {
		kept = append(kept, moments.FindAllString(text, -1)...)
	}
	return kept
}

// places is where an answer could echo something: each header, and the body as it came and as its texts read
// once decoded.
func places(a *Answer) []place {
	var all []place
	for _, name := range sortedHeader(a.Header) {
		if slices.Contains(counted, name) {
			continue
		}
		all = append(all, place{"the header " + clip(name), append([]string{name}, a.Header[name]...)})
	}
	body := place{"the body", []string{string(a.Body)}}
	if v, err := value(a.Body); err == nil {
		// As one text with a line for each: a body may hold a hundred thousand.
		body.texts = append(body.texts, strings.Join(appendTexts(nil, v), "\n"))
	}
	return append(all, body)
}

// counted is the headers that hold nothing but times and numbers by HTTP's own grammar: an OTP of four digits is
// as good as a year.
var counted = []string{"Age", "Content-Length", "Date", "Expires", "Keep-Alive", "Last-Modified"}

// moments are times as JSON writes them: an OTP may be as good as a year, or as the fraction of a second.
var moments = regexp.MustCompile(`\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?`)

func sortedHeader(h map[string][]string) []string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func appendTexts(texts []string, v any) []string {
	switch v := v.(type) {
	case string:
		texts = append(texts, v)
	case []any:
		for _, element := range v {
			texts = appendTexts(texts, element)
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			texts = appendTexts(append(texts, key), v[key])
		}
	}
	return texts
}

// sentValues is the values of a request that are not secret themselves: an answer may repeat them.
func sentValues(r Request, secrets []string) []string {
	var sent []string
	add := func(text string) {
		if text != "" && !slices.Contains(secrets, text) {
			sent = append(sent, text)
			if bare := strings.ReplaceAll(text, " ", ""); bare != text && !slices.Contains(secrets, bare) {
				sent = append(sent, bare)
			}
		}
	}
	if v, err := value(r.Body); err == nil {
		object, _ := v.(map[string]any)
		for _, key := range sortedKeys(object) {
			switch member := object[key].(type) {
			case string:
				add(member)
			case json.Number:
				add(member.String())
			}
		}
	}
	for _, name := range sortedHeader(r.Header) {
		for _, text := range r.Header[name] {
			// A credential is no excuse for the token in it.
			if !slices.ContainsFunc(secrets, func(s string) bool { return kind(s) == "a token" && secret.Find(text, s) }) {
				add(text)
			}
		}
	}
	return sent
}

// stackLine is a line as a runtime writes it.
type stackLine struct {
	hint string // a part of every such line: what lacks it needs no closer look
	form *regexp.Regexp
}

// Lines as runtimes write them, narrow enough that a sentence of a message, or the name of an exception, is none
// of them.
var stackLines = []stackLine{
	{"at ", regexp.MustCompile(`(?m)^\s*at .*\([^()\s]*\.(?:[cm]?[jt]sx?|java|kt|scala|groovy):\d+(?::\d+)?\)`)},                  // node, Java
	{"at ", regexp.MustCompile(`(?m)^\s*at (?:async )?(?:file://|node:|[A-Za-z]:\\|/)[^\s]+:\d+:\d+`)},                            // node, anonymous
	{"at ", regexp.MustCompile(`at [\w$.<>\[\] ]+ \((?:file://|node:|[A-Za-z]:\\|/)[^()\s]+:\d+:\d+\)`)},                          // node, also in one line
	{"at ", regexp.MustCompile(`at [\w$.]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)`)},                                             // Java, in one line
	{"Caused by: ", regexp.MustCompile(`(?m)^\s*Caused by: (?:[a-z]\w*\.){2,}\w+(?:Exception|Error)\b`)},                          // Java
	{"Exception in thread ", regexp.MustCompile(`Exception in thread "`)},                                                         // Java
	{":line ", regexp.MustCompile(`(?m)^\s*at .* in .*:line \d+`)},                                                                // .NET
	{"at ", regexp.MustCompile("(?m)^\\s*at (?:[\\w$<>`]+[./])+[\\w$<>`]+\\(.*\\)\\s*\n\\s*at (?:[\\w$<>`]+[./])+[\\w$<>`]+\\(")}, // .NET, Java, without lines
	{"Traceback ", regexp.MustCompile(`Traceback \(most recent call last\)`)},                                                     // Python
	{`", line `, regexp.MustCompile(`(?m)^\s*File "[^"]+", line \d+`)},                                                            // Python
	{"goroutine ", regexp.MustCompile(`goroutine \d+ \[`)},                                                                        // Go
	{".go:", regexp.MustCompile(`(?m)^\s*\S+\.go:\d+( \+0x[0-9a-f]+)?\s*$`)},                                                      // Go
	{"#", regexp.MustCompile(`(?m)^\s*#\d+ (?:.*\.php\(\d+\)|\{main\})`)},                                                         // PHP
	{`"file"`, regexp.MustCompile(`"file"\s*:\s*"(?:[A-Za-z]:)?[\\/][^"]*"\s*,\s*"line"\s*:\s*\d+`)},                              // PHP, as JSON
	{".rb:", regexp.MustCompile("(?m)\\S+\\.rb:\\d+:in [`']")},                                                                    // Ruby
	{"panicked at ", regexp.MustCompile(`panicked at .*\.rs:\d+:\d+`)},                                                            // Rust
	{"(Unknown Source)", regexp.MustCompile(`at (?:[\w$]+\.)+[\w$<>]+\(Unknown Source\)`)},                                        // Java
	{"(Native Method)", regexp.MustCompile(`at (?:[\w$]+\.)+[\w$<>]+\(Native Method\)`)},                                          // Java
	{"stack backtrace:", regexp.MustCompile(`stack backtrace:\r?\n`)},                                                             // Rust
}

// stackTrace finds a line of a stack trace.
func stackTrace(text string) string {
	for _, line := range stackLines {
		if !strings.Contains(text, line.hint) {
			continue
		}
		if found := strings.TrimSpace(line.form.FindString(text)); found != "" {
			first, _, _ := strings.Cut(found, "\n")
			return clip(strings.TrimSpace(first))
		}
	}
	return ""
}

// Shape spells the shape of a JSON value: "{code: string, message: string}".
func Shape(body []byte) string {
	if len(strings.TrimSpace(string(body))) == 0 {
		return "empty"
	}
	v, err := value(body)
	if err != nil {
		return "not JSON"
	}
	return clip(shape(v, 0))
}

// shapeDepth bounds how deep a shape is spelt: a hostile answer may be a hundred thousand arrays deep.
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
		members := make([]string, 0, len(v))
		for _, key := range sortedKeys(v) {
			members = append(members, key+": "+shape(v[key], depth+1))
		}
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

// Observe records an answer where the documentation is silent.
func Observe(e Exchange, label string) Observation {
	o := Observation{Label: label}
	if e.Answer == nil {
		o.Note = "no answer"
		if e.Failure != nil {
			o.Note = string(e.Failure.Cause)
		}
		return o
	}
	o.Status, o.Shape = e.Answer.Status, Shape(e.Answer.Body)
	if v, err := value(e.Answer.Body); err == nil {
		if code, ok := member(v, "code").(string); ok {
			o.Code = clip(code)
		}
	}
	return o
}
