// Package record turns an exchange, and the findings in it, into what anybody may see: redacted, and cut to size. There is no
// other way from an exchange to a result.
package record

import (
	"cmp"
	"fmt"
	"maps"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
)

// Recorder records the exchanges of a provider state. That state is used up, so the commands that repeat a call have, in place of
// its values, the variables that `verifik-contract state` sets for a new one. Other secrets are variables too.
type Recorder struct {
	Secrets    *secret.Set
	Keep       []string // is not redacted: what the request itself sent openly, and credentials that are made up
	Way        curl.Way
	BaseURL    string               // of the target
	Own, Other providerstate.Values // Other: of another app registration; its variables begin with OtherPrefix
}

func (r Recorder) redact(text string) string { return r.Secrets.Redact(text, r.Keep...) }

// Finding returns a finding for the result.
func (r Recorder) Finding(f contract.Finding) result.Finding {
	f = f.Shown(r.redact)
	return result.Finding{
		Rule: f.Rule, Expectation: f.Expectation, Path: f.Path, Expected: f.Expected, Actual: f.Actual,
		Exchange: f.Exchange, Leak: f.Leak,
	}
}

// Moment returns a time as results write it: UTC, to the millisecond.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Exchange returns an exchange for the result.
func (r Recorder) Exchange(e exchange.Exchange) result.Exchange {
	redact, body := r.redact, func(text []byte) string { return r.Secrets.RedactBody(r.withoutShortParts(text), r.Keep...) }
	one := result.Exchange{
		Purpose: e.Purpose, Label: e.Label, Attempt: e.Attempt,
		Request: result.Request{Method: contract.Clip(redact(e.Request.Method)), URL: redact(e.Request.URL)},
		Started: Moment(e.Started), Duration: result.ToMillis(e.Duration), TraceID: e.TraceID,
	}
	one.Request.Headers, _ = headers(e.Request.Header, redact, r.Keep...) // a request hardly has so many that some are left out
	one.Request.Body, one.Request.Size = Body(e.Request.Body, body, false)
	if e.Unread {
		redact = func(text string) string { return r.Secrets.RedactFrom(text, r.Keep...) }
		body = func(text []byte) string { return r.Secrets.RedactBodyFrom(text, r.Keep...) }
	}
	if a := e.Answer; a != nil {
		one.Answer = &result.Answer{Status: a.Status, Proto: a.Proto, TooLong: a.TooLong}
		one.Answer.Headers, one.Answer.HeadersLeftOut = headers(a.Header, redact)
		one.Answer.Body, one.Answer.Size = Body(a.Body, body, a.TooLong)
	}
	if f := e.Failure; f != nil {
		if f.Cause != exchange.CauseProtocol { // only that quotes what came
			redact = r.redact
		}
		one.Failure = &result.Failure{Cause: f.Cause, Message: contract.Clip(redact(f.Message))}
	}
	if e.Purpose != exchange.SetUp {
		one.Curl = r.command(e)
	}
	return one
}

// withoutShortParts hides what is typed of an OTP without its first or its last digit, in a request or in an answer that repeats
// it. It may be too short to be looked for anywhere, and the two together are the OTP.
func (r Recorder) withoutShortParts(body []byte) []byte {
	otp := r.Own.OTP
	if otp == "" {
		return body
	}
	return shortOTP.ReplaceAllFunc(body, func(member []byte) []byte {
		typed := shortOTP.FindSubmatch(member)
		if digits := string(typed[2]); digits != otp[:len(otp)-1] && digits != withoutFirstDigit(otp) {
			return member
		}
		return append(typed[1], strconv.Quote(secret.Redacted)...)
	})
}

// withoutFirstDigit returns an OTP without its first digit, as a number.
func withoutFirstDigit(otp string) string { return cmp.Or(strings.TrimLeft(otp[1:], "0"), "0") }

var shortOTP = regexp.MustCompile(`("otp"\s*:\s*)([0-9]+)\b`)

// headers redacts headers, except for the values in madeUp, and keeps up to MaxBody bytes of them. leftOut is how many values
// that leaves out.
func headers(h textproto.MIMEHeader, redact func(string) string, madeUp ...string) (all map[string][]string, leftOut int) {
	if len(h) == 0 {
		return nil, 0
	}
	all = make(map[string][]string, min(len(h), 64))
	size := 0
	for _, name := range slices.Sorted(maps.Keys(h)) {
		redacted := redact(name)
		for _, v := range h[name] {
			if size >= MaxBody {
				leftOut++
				continue
			}
			switch {
			case slices.Contains(madeUp, v):
			case secret.Header(name):
				v = secret.HideCredential(v)
			case !contract.IsTimeOrNumber(name, v):
				v = redact(v)
			}
			if room := MaxBody - size; len(v) > room {
				v = strings.ToValidUTF8(v[:room], "") + fmt.Sprintf("... (%d bytes)", len(v))
			}
			size += len(redacted) + len(v) + fieldCost
			all[redacted] = append(all[redacted], v)
		}
	}
	return all, leftOut
}

// fieldCost is what each header value counts in addition to its bytes, as in HTTP/2: ten thousand values of one letter are a lot
// to record.
const fieldCost = 32

// MaxBody is how many bytes of a body, and of an answer's headers, are kept.
const MaxBody = 16 << 10

// Body redacts a body and then cuts it, because a cut first could leave half of a secret. size is that of the whole body; 0: text
// is the whole body.
func Body(body []byte, redact func([]byte) string, tooLong bool) (text string, size int) {
	text, complete := secret.Beginning(body, MaxBody, tooLong, redact)
	if text = strings.ToValidUTF8(text, "\ufffd"); complete && len(text) <= MaxBody {
		return text, 0
	}
	return strings.ToValidUTF8(text[:min(len(text), MaxBody)], ""), len(body)
}
