package contract

import (
	"fmt"
	"maps"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"sync"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/secret"
)

func (j *Judging) noEcho() []Finding {
	places := j.places()
	var found []Finding
	if len(j.k.Secrets) > 0 || j.k.stateKnown() {
		found = echoed(places, j.e.Request, j.k.Secrets, func() []string { return j.k.Keep })
		if len(found) == 0 && j.k.Tokens != nil {
			found = foreignTokens(places, j.k)
		}
	} else {
		// A short token could be any word.
		tokens := group.Where(bearers(j.e.Request), func(token string) bool { return len(token) >= MinTokenLength })
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
	if len(secrets) == 0 {
		return nil
	}
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

// foreignTokens finds tokens of other states: a cache that is shared may hand out another person's. Their OTPs are not
// looked for, as some number may equal one of so many.
func foreignTokens(places []place, k Known) (findings []Finding) {
	for _, place := range places {
		if slices.ContainsFunc(place.texts, func(text string) bool { return k.Tokens.Find(text, k.Secrets...) }) {
			leak := Differs(noEchoes, "", "nothing secret in "+place.name, "it holds a token of another app registration")
			leak.Leak = true
			findings = append(findings, leak)
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
	trace string   // the first line of a stack trace in them, "" if there is none
}

func places(a *exchange.Answer) []place {
	all := headerPlaces(a.Header, "")
	for _, early := range a.Early {
		all = append(all, headerPlaces(early.Header, fmt.Sprintf(" of a %d before the answer", early.Status))...)
	}
	all = append(all, place{"the reason phrase", []string{a.Reason}, stackTrace(a.Reason)})
	return append(all, place{"the body", []string{string(a.Body)}, parse(a).stackTraceIn(a.Body)})
}

// stackTraceIn returns the first line of a stack trace in the body as it came or else in its strings; "" if there is none.
func (r *reading) stackTraceIn(body []byte) string {
	if r.trace != nil {
		return *r.trace
	}
	trace := stackTrace(string(body))
	if trace == "" && r.err == nil {
		// Joined, since a body may hold a hundred thousand.
		hints := group.Where(leaves(r.value, true), func(text string) bool {
			return slices.ContainsFunc(stackLines(), func(line stackLine) bool { return strings.Contains(text, line.hint) })
		})
		trace = stackTrace(strings.Join(hints, "\n") + "\n")
	}
	r.trace = &trace
	return trace
}

func headerPlaces(header textproto.MIMEHeader, suffix string) []place {
	return group.Map(slices.Sorted(maps.Keys(header)), func(name string) place {
		values := group.Where(header[name], func(v string) bool { return !IsTimeOrNumber(name, v) && !isCountOrDuration(name, v) })
		texts := append([]string{name}, values...)
		return place{"the header " + name + suffix, texts, stackTrace(texts...)}
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

// MinTokenLength is the length in bytes from which a text is looked for as a token of whatever request: a shorter one could be any
// word.
const MinTokenLength = 16

// minOTPDigits is the number of digits from which an OTP is looked for if nothing is known: a shorter number may be a year.
const minOTPDigits = 6

// idLike is the form of ids and times. Inside one of these the digits of an OTP are a coincidence; an OTP in hexadecimal is
// shorter.
var idLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[0-9a-fA-F]{20,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?`)
})

// ids returns the ids and times that an answer holds.
func ids(a *exchange.Answer) []string {
	found := idLike().FindAllString(string(a.Body), -1)
	for _, value := range slices.Concat(slices.Collect(maps.Values(a.Header))...) {
		found = append(found, idLike().FindAllString(value, -1)...)
	}
	return append(found, parse(a).text("data", "_id"))
}
