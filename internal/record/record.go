// Package record makes of an exchange, and of what was found in it, what anybody sees: redacted, and cut. It is the only way
// from the one to the other.
package record

import (
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
)

// Recorder records what was made with a state. The state is spent: in the commands that make a call again, what is of it is one
// of the variables that `verifik-contract state` prints for a fresh one, and so is what must not be shown.
type Recorder struct {
	Secrets    *secret.Set
	Keep       []string // what redaction leaves: what the request itself sent openly, and credentials that are made up as a whole
	Way        curl.Way
	BaseURL    string               // of the target
	Own, Other providerstate.Values // Other: of another app registration, in variables that begin with OtherPrefix
}

func (r Recorder) redact(text string) string { return r.Secrets.Redact(text, r.Keep...) }

// Finding returns a finding as a result holds it.
func (r Recorder) Finding(f contract.Finding) result.Finding {
	f = f.Shown(r.redact)
	return result.Finding{
		Rule: f.Rule, Expectation: f.Expectation, Path: f.Path, Expected: f.Expected, Actual: f.Actual,
		Exchange: f.Exchange, Leak: f.Leak,
	}
}

// Moment returns a time as results write it: UTC, to the millisecond.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Exchange returns an exchange as a result holds it.
func (r Recorder) Exchange(e exchange.Exchange) result.Exchange {
	redact, body := r.redact, func(text []byte) string { return r.Secrets.RedactBody(text, r.Keep...) }
	one := result.Exchange{
		Purpose: e.Purpose, Label: e.Label, Attempt: e.Attempt,
		Request: result.Request{Method: contract.Clip(redact(e.Request.Method)), URL: redact(e.Request.URL)},
		Started: Moment(e.Started), Duration: result.ToMillis(e.Duration), TraceID: e.TraceID,
	}
	one.Request.Headers, _ = headers(e.Request.Header, redact, r.Keep...) // they are the tool's and the environment's own
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
		one.Failure = &result.Failure{Cause: f.Cause, Message: contract.Clip(redact(f.Message))}
	}
	if e.Purpose != exchange.SetUp {
		one.Curl = r.command(e)
	}
	return one
}

// headers redacts headers and keeps as many bytes of them as of a body. left is how many values are left out, madeUp the
// credentials that are no secret.
func headers(h textproto.MIMEHeader, redact func(string) string, madeUp ...string) (all map[string][]string, left int) {
	if len(h) == 0 {
		return nil, 0
	}
	all = make(map[string][]string, min(len(h), 64))
	size := 0
	for _, name := range slices.Sorted(maps.Keys(h)) {
		redacted := redact(name)
		for _, v := range h[name] {
			if size >= MostBody {
				left++
				continue
			}
			switch {
			case slices.Contains(madeUp, v):
			case secret.Header(name):
				v = secret.HideCredential(v)
			case !contract.Counted(name, v):
				v = redact(v)
			}
			if room := MostBody - size; len(v) > room {
				v = strings.ToValidUTF8(v[:room], "") + fmt.Sprintf("... (%d bytes)", len(v))
			}
			size += len(redacted) + len(v) + fieldCost
			all[redacted] = append(all[redacted], v)
		}
	}
	return all, left
}

// fieldCost is what a header's value costs beside its texts, as HTTP/2 counts it: ten thousand of one letter are much to write
// down.
const fieldCost = 32

// MostBody is how many bytes of a body, and of an answer's headers, a result keeps.
const MostBody = 16 << 10

// Body redacts a body and then cuts it: the other way round half of a secret would stay. size is 0 where the whole
// body is shown.
func Body(body []byte, redact func([]byte) string, tooLong bool) (text string, size int) {
	text, whole := secret.Beginning(body, MostBody, tooLong, redact)
	if text = strings.ToValidUTF8(text, "\ufffd"); whole && len(text) <= MostBody {
		return text, 0
	}
	return strings.ToValidUTF8(text[:min(len(text), MostBody)], ""), len(body)
}
