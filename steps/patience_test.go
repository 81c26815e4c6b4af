package steps

import (
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/webhook"
)

// A provider that writes through a queue keeps its promise a moment later.
func TestAReadBackIsRepeatedUntilASuccessShows(t *testing.T) {
	var reads atomic.Int32
	later := func(w http.ResponseWriter, r *http.Request, n int) {
		if reads.Add(1) < 3 {
			status("sent")(w, r, n)
			return
		}
		status("validated")(w, r, n)
	}
	p := newProvider(t, replies(status("sent"), reply(200, validatedReply), later))
	w := newWorld(t, p, aState)
	w.Patience = time.Minute // only spent where it fails
	require.NoError(t, do(t, w, aState, statusRead, typed, "the status of the validation is validated"))
	require.Empty(t, w.Findings)
	require.EqualValues(t, 3, reads.Load())
	require.Len(t, w.Exchanges, 3, "a read, the PUT, and only the last of the reads after it")
}

// Without an accepted OTP there is no effect to wait for.
func TestARefusedOTPIsNotWaitedFor(t *testing.T) {
	refused := reply(403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)
	p := newProvider(t, replies(status("sent"), refused, status("sent")))
	w := newWorld(t, p, aState)
	w.Patience = time.Hour // or this test does not end
	require.NoError(t, do(t, w, aState, statusRead, typed, "the status of the validation is validated"))
	require.Len(t, w.Findings, 1)
	require.Equal(t, `"sent" (the OTP was answered 403 otp_does_not_match)`, w.Findings[0].Actual)

	p = newProvider(t, replies(status("sent"), reply(200, validatedReply), refused, status("sent"), status("validated")))
	w = newWorld(t, p, aState)
	w.Patience = time.Minute // only spent where it fails
	require.NoError(t, do(t, w, aState, statusRead, typed, typed, "the status of the validation is still validated"))
	require.Empty(t, w.Findings, "one was accepted before")
}

// Other scenarios run while one waits for the effects of a success.
func TestAWaitingScenarioLetsOthersRun(t *testing.T) {
	const webhooked = "there is a pending phone validation with a webhook"
	receiver, err := webhook.Listen(webhook.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, receiver.Close()) })
	before, after := link("null"), link(`"`+anID+`"`)
	for name, test := range map[string]struct {
		given    []string
		then     string
		answers  func(http.ResponseWriter, *http.Request, int)
		findings int
	}{
		"for a status":       {[]string{aState, statusRead}, "the status of the validation is validated", replies(status("sent"), reply(200, validatedReply), status("sent"), status("validated")), 0},
		"for a link":         {[]string{aState, linkRead}, "the app registration is linked to the validation", replies(before, reply(200, validatedReply), before, after), 0},
		"for a notification": {[]string{webhooked}, "a notification tells of the validation", reply(200, validatedReply), 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newProvider(t, test.answers), test.given[0])
			aside := 0
			w.Webhook, w.Patience, w.Aside = receiver, time.Hour, func(func()) { aside++ } // as if it had waited
			require.NoError(t, do(t, w, append(test.given, typed, test.then)...))
			w.End()
			require.Len(t, w.Findings, test.findings)
			require.Equal(t, 1, aside)
		})
	}
}

// What must not happen may happen late, and what happened may be undone, so both are read again.
func TestAReadBackIsRepeatedAfterSettling(t *testing.T) {
	const is, isNot = "the status of the validation is validated", "the status of the validation is not validated"
	for name, test := range map[string]struct {
		expected, first, later string
		actual                 string // of the finding; "": none
	}{
		"it stays as it was":    {isNot, "sent", "sent", ""},
		"it happens late":       {isNot, "sent", "validated", `"validated"`},
		"it happened and stays": {is, "validated", "validated", ""},
		"it is undone":          {is, "validated", "sent", `"sent"`},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, replies(status("sent"), reply(200, validatedReply), status(test.first), status(test.later)))
			w := newWorld(t, p, aState)
			rests := 0
			w.Settle = time.Hour
			w.Aside = func(func()) { rests++ } // as if it had waited
			require.NoError(t, do(t, w, aState, statusRead, typed, test.expected))
			require.Equal(t, 1, rests)
			require.Len(t, p.got(), 4)
			if test.actual == "" {
				require.Empty(t, w.Findings)
				return
			}
			require.Len(t, w.Findings, 1)
			require.Contains(t, w.Findings[0].Actual, test.actual)
		})
	}
}

func TestThingsSettleWhileOthersRun(t *testing.T) {
	w := newWorld(t, newProvider(t, reply(403, `{}`)), aState)
	rests := 0
	w.Settle, w.Aside = time.Hour, func(func()) { rests++ } // as if it had waited
	require.NoError(t, do(t, w, aState, typed, "things have settled"))
	require.Equal(t, 1, rests)
}

func TestALateReadBackIsNotRepeated(t *testing.T) {
	p := newProvider(t, replies(status("sent"), reply(403, `{}`), status("sent")))
	w := newWorld(t, p, aState)
	w.Settle = time.Nanosecond
	require.NoError(t, do(t, w, aState, statusRead, typed, "the status of the validation is not validated"))
	require.Empty(t, w.Findings)
	require.Len(t, p.got(), 3)
}

func TestTheOtherValidationNeedsAnOTPAndAPhoneOfItsOwn(t *testing.T) {
	const another, types = "there is another pending phone validation", "the person types the OTP of the other validation"
	for name, c := range map[string]struct {
		change map[string]any
		skip   string
	}{
		"the same OTP":   {map[string]any{"phone": "62640000"}, "same OTP"},
		"the same phone": {map[string]any{"otp": 765432}, "same phone"},
		"another of all": {map[string]any{"phone": "62640000", "otp": 765432}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, reply(403, `{}`))
			own := p.states[0]
			other := maps.Clone(own)
			delete(other, "wrongOtp")
			maps.Copy(other, c.change)
			p.states = []map[string]any{other, own}
			w := newWorld(t, p, another, aState)
			err := do(t, w, another, aState, types)
			if c.skip != "" {
				requireSkip(t, err, c.skip)
				return
			}
			require.NoError(t, err)
			require.Contains(t, p.got()[0].body, "765432")
		})
	}
}
