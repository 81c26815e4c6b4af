package steps

import (
	"context"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/webhook"
)

const (
	mismatch = `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`
	expiry   = `{"code":"phoneValidation_has_expired","message":"412:phoneValidation_has_expired"}`
)

func TestEachExpectationAsksForItsOwnAnswer(t *testing.T) {
	for text, test := range map[string]struct {
		status int
		body   string
	}{
		"the phone is validated":                                               {200, validatedReply},
		"the answer names the validation's own id":                             {200, validatedReply},
		"the answer recommends face liveness where the validation's flow does": {200, validatedReply},
		"the answer is that the OTP does not match":                            {403, mismatch},
		"the answer is that the OTP has expired":                               {412, expiry},
		"the answer is that no phone validation was found":                     {404, `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`},
		"the answer is that countryCode and otp are missing":                   {409, `{"code":"MissingParameter","message":"missing countryCode\n. missing otp"}`},
		"nothing is found":                                                     {404, `{"code":"x","message":"y"}`},
		"the request is refused":                                               {401, ``},
	} {
		t.Run(text, func(t *testing.T) {
			p := newProvider(t, reply(test.status, test.body))
			w := newWorld(t, p, aState)
			require.NoError(t, do(t, w, aState, typed, text))
			require.Empty(t, w.Findings)

			p = newProvider(t, reply(202, `{}`))
			w = newWorld(t, p, aState)
			require.NoError(t, do(t, w, aState, typed, text), "what is promised and does not hold is a finding, never an error")
			require.Len(t, w.Findings, 1)
			require.Equal(t, "PV-01", w.Findings[0].Rule)
			require.Zero(t, w.Findings[0].Exchange)
			require.Contains(t, w.Findings[0].Actual, "202")
		})
	}
	t.Run("the answer recommends face liveness", func(t *testing.T) {
		w := newWorld(t, newProvider(t, reply(200, validatedReply)), aState)
		require.NoError(t, do(t, w, aState, typed, "the answer recommends face liveness"))
		require.Len(t, w.Findings, 1, "the flag is false")
	})
	t.Run("a phone typed with spaces is answered without them", func(t *testing.T) {
		w := newWorld(t, newProvider(t, reply(200, validatedReply)), aState)
		require.NoError(t, do(t, w, aState, "the phone is written with spaces everywhere", typed, "the phone is validated"))
		require.Empty(t, w.Findings)
	})
	t.Run("the last answer counts", func(t *testing.T) {
		w := newWorld(t, newProvider(t, replies(reply(403, mismatch), reply(200, validatedReply))), aState)
		require.NoError(t, do(t, w, aState, "the person types a wrong OTP", typed, "the phone is validated"))
		require.Empty(t, w.Findings)
		require.Len(t, w.Exchanges, 2)
	})
}

func TestAnExpectationBeforeARequestIsAnError(t *testing.T) {
	p := newProvider(t, reply(200, validatedReply))
	for text, reason := range map[string]string{
		"the phone is validated":                 "nothing was sent",
		"the answer is recorded":                 "nothing was sent",
		"a notification tells of the validation": "only with a state that has a webhook",
	} {
		p.made = nil
		require.ErrorContains(t, do(t, newWorld(t, p, aState), aState, text), reason)
	}
	none := "there is no phone validation"
	require.ErrorContains(t, do(t, newWorld(t, p, none), none, typed), "no right OTP")
	require.Empty(t, p.got())
}

func TestAScenarioWithoutAJudgeableAnswerIsBroken(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request, int)
		cause  exchange.Cause
		seen   contract.Observation
	}{
		"hung up": {hangUp, exchange.CauseLost, contract.Observation{Note: "connection-lost"}},
		"429":     {reply(429, `{}`), exchange.CauseRateLimited, contract.Observation{Status: 429, Shape: "{}"}},
		"502":     {reply(502, `{}`), exchange.CauseUnavailable, contract.Observation{Status: 502, Shape: "{}"}},
		"503":     {reply(503, ``), exchange.CauseUnavailable, contract.Observation{Status: 503, Shape: "empty"}},
		"cut in half": {func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Length", "99")
			_, _ = w.Write([]byte("{"))
		}, exchange.CauseLost, contract.Observation{Note: "connection-lost"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newProvider(t, test.answer), aState)
			var broken *exchange.Failure
			require.ErrorAs(t, do(t, w, aState, typed), &broken)
			require.Equal(t, test.cause, broken.Cause)
			require.Empty(t, w.Findings)
			require.Len(t, w.Exchanges, 1)

			w = newWorld(t, newProvider(t, test.answer), aState)
			w.Observed = true
			require.NoError(t, do(t, w, aState, typed, "the answer is recorded"), "where the documentation is silent, that is the observation")
			require.Equal(t, []contract.Observation{test.seen}, w.Observations)
		})
	}
	t.Run("500 is an answer", func(t *testing.T) {
		w := newWorld(t, newProvider(t, reply(500, ``)), aState)
		require.NoError(t, do(t, w, aState, typed, "the phone is validated"))
		require.Len(t, w.Findings, 1)
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := newWorld(t, newProvider(t, func(http.ResponseWriter, *http.Request, int) { cancel(); panic(http.ErrAbortHandler) }), aState)
		require.NoError(t, do(t, w, aState))
		found, args := matching(typed)
		require.ErrorIs(t, found[0].Do(ctx, w, args), context.Canceled)
	})
}

func TestTheSameOTPManyTimesAtOnce(t *testing.T) {
	const text = "the person types the right OTP 20 times at once"
	run := func(answer func(http.ResponseWriter, *http.Request, int)) *World {
		w := newWorld(t, newProvider(t, answer), aState)
		w.Observed = true
		require.NoError(t, do(t, w, aState, text))
		require.Len(t, w.Exchanges, 20)
		require.Empty(t, w.Findings)
		return w
	}
	w := run(func(rw http.ResponseWriter, r *http.Request, n int) {
		if n == 7 {
			reply(200, validatedReply)(rw, r, n)
			return
		}
		reply(409, `{"code":"Conflict","message":"m"}`)(rw, r, n)
	})
	require.Equal(t, "1 of 20 were accepted", w.Observations[0].Note)
	require.Len(t, w.Observations, 3, "the count, and each kind of answer once")
	require.Equal(t, 200, w.Observations[1].Status)
	require.Equal(t, "Conflict", w.Observations[2].Code)
	require.Empty(t, w.Warnings)

	w = run(reply(200, validatedReply))
	require.Equal(t, "20 of 20 were accepted", w.Observations[0].Note)
	require.Len(t, w.Warnings, 1, "more than one is worth a warning")

	w = run(hangUp)
	require.Equal(t, "0 of 20 were accepted", w.Observations[0].Note)
	require.Equal(t, "connection-lost", w.Observations[1].Note)
}

func TestWrongOTPsUntilTheAnswerChanges(t *testing.T) {
	const text = "the person types wrong OTPs, 10 at most"
	p := newProvider(t, func(w http.ResponseWriter, r *http.Request, n int) {
		if n < 4 {
			reply(403, mismatch)(w, r, n)
			return
		}
		reply(429, `{"code":"too_many","message":"m"}`)(w, r, n)
	})
	w := newWorld(t, p, aState)
	w.Observed = true
	require.NoError(t, do(t, w, aState, text))
	require.Len(t, p.got(), 4)
	require.Equal(t, []contract.Observation{
		{Label: "first wrong OTP", Status: 403, Code: "otp_does_not_match", Shape: "{code: string, message: string}"},
		{Label: "wrong OTP 4", Status: 429, Code: "too_many", Shape: "{code: string, message: string}"},
	}, w.Observations)
	for _, call := range p.got() {
		require.NotContains(t, call.body, "123456")
	}

	p = newProvider(t, reply(403, mismatch))
	w = newWorld(t, p, aState)
	w.Observed = true
	require.NoError(t, do(t, w, aState, text))
	require.Len(t, p.got(), 10, "10 tries at most")
	require.Equal(t, "none in 10 tries", w.Observations[len(w.Observations)-1].Note)
}

func TestSecretsThatNoAnswerMayEcho(t *testing.T) {
	p := newProvider(t, reply(200, validatedReply))
	w := newWorld(t, p, aState, "there is another app registration")
	require.NoError(t, do(t, w, aState, "there is another app registration", "the person types a wrong OTP"))
	private := w.Private()
	require.ElementsMatch(t, []string{"123456", aToken, otherToken1}, private.Secrets, "a wrong OTP is no secret")
	require.Subset(t, private.Keep, []string{anID, aRegistration, "p1", "f1", "62647737", "+50762647737"})
	require.NotContains(t, private.Keep, "")
	require.Equal(t, "[redacted]", w.Secrets.Redact("123456"))

	p.states[0]["project"], p.made = "123456", nil
	w = newWorld(t, p, aState)
	require.NoError(t, do(t, w, aState))
	require.NotContains(t, w.Private().Keep, "123456", "an id that is the OTP itself excuses nothing")
}

// notify posts a body to the scenario's address when the OTP is typed.
func notify(t *testing.T, receiver *webhook.Receiver, wait time.Duration, bodies ...string) *World {
	t.Helper()
	const text = "there is a pending phone validation with a webhook"
	var w *World
	p := newProvider(t, func(rw http.ResponseWriter, r *http.Request, n int) {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		for _, body := range bodies {
			if answer, err := client.Post(w.address.URL(), "application/json", strings.NewReader(body)); err == nil {
				_ = answer.Body.Close()
			}
		}
		reply(200, validatedReply)(rw, r, n)
	})
	w = newWorld(t, p, text)
	w.Webhook, w.Wait = receiver, wait
	require.NoError(t, do(t, w, text, typed, "a notification tells of the validation"))
	require.Contains(t, p.made[0], `"webhookUrl":"http://127.0.0.1`)
	w.End()
	return w
}

func TestNotificationsOfAValidation(t *testing.T) {
	good := `{"type":"onboarding_phone_validation_validated","object":{"_id":"` + anID + `"}}`
	early := `{"type":"onboarding_phone_validation_created","object":{"_id":"` + anID + `"}}`
	for name, test := range map[string]struct {
		bodies []string
		actual string // of the finding; "": none
	}{
		"as promised":                 {[]string{good}, ""},
		"twice":                       {[]string{good, good}, ""},
		"after one of an early event": {[]string{early, good}, ""},
		"only an early event":         {[]string{early}, "none"},
		"none":                        {nil, "none, and nothing else came to the address either: can the provider reach it (webhook, public_url)?"},
		"no JSON":                     {[]string{"ok"}, "one came, but it is not JSON"},
		"no JSON, again and again":    {[]string{"ok", `{"a":1}`, "ok"}, "one came, but it does not name the validation: neither its id nor its phone is in it; one came, but it is not JSON"},
		"of another validation":       {[]string{`{"a":1}`}, "one came, but it does not name the validation: neither its id nor its phone is in it"},
		"with the OTP":                {[]string{`{"phone":"62647737","otp":123456}`}, "one came, but it holds the OTP or a token"},
	} {
		t.Run(name, func(t *testing.T) {
			receiver, err := webhook.Listen(webhook.Options{})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, receiver.Close()) })
			wait := 50 * time.Millisecond
			if test.actual == "" || strings.HasSuffix(test.actual, "holds the OTP or a token") {
				wait = time.Hour // what comes ends the wait, or this test does not end
			}
			w := notify(t, receiver, wait, test.bodies...)
			if test.actual == "" {
				require.Empty(t, w.Findings)
				return
			}
			require.Len(t, w.Findings, 1)
			require.Equal(t, test.actual, w.Findings[0].Actual)
			require.Zero(t, w.Findings[0].Exchange)
		})
	}
	t.Run("one that comes by another method is named", func(t *testing.T) {
		const text = "there is a pending phone validation with a webhook"
		receiver, err := webhook.Listen(webhook.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, receiver.Close()) })
		w := newWorld(t, newProvider(t, reply(200, validatedReply)), text)
		w.Webhook, w.Wait = receiver, 100*time.Millisecond
		require.NoError(t, do(t, w, text, typed))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, w.address.URL(), strings.NewReader(good))
		require.NoError(t, err)
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
		require.NoError(t, err)
		_ = answer.Body.Close()
		require.NoError(t, do(t, w, "a notification tells of the validation"))
		w.End()
		require.Len(t, w.Findings, 1)
		require.Equal(t, "one came by PUT, and a notification is a POST", w.Findings[0].Actual)
	})
	t.Run("nothing is awaited of an OTP that was refused", func(t *testing.T) {
		const text = "there is a pending phone validation with a webhook"
		receiver, err := webhook.Listen(webhook.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, receiver.Close()) })
		w := newWorld(t, newProvider(t, reply(403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)), text)
		w.Webhook, w.Wait = receiver, time.Hour // or this test does not end
		require.NoError(t, do(t, w, text, typed, "a notification tells of the validation"))
		w.End()
		require.Len(t, w.Findings, 1)
		require.Equal(t, "the OTP accepted, and then a notification", w.Findings[0].Expected)
		require.Equal(t, "403 otp_does_not_match: nothing was validated", w.Findings[0].Actual)
	})
	t.Run("an environment that receives none skips", func(t *testing.T) {
		text := "there is a pending phone validation with a webhook"
		requireSkip(t, do(t, newWorld(t, newProvider(t, reply(200, ``)), text), text), "cannot receive notifications")
	})
}

// A notification may tell of a success however often an OTP is typed after it.
func TestANotificationMayTellOfAnEarlierSuccess(t *testing.T) {
	const text = "there is a pending phone validation with a webhook"
	receiver, err := webhook.Listen(webhook.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, receiver.Close()) })
	var w *World
	p := newProvider(t, func(rw http.ResponseWriter, r *http.Request, n int) {
		if n == 2 {
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			answer, err := client.Post(w.address.URL(), "application/json", strings.NewReader(`{"id":"`+anID+`"}`))
			require.NoError(t, err)
			_ = answer.Body.Close()
			reply(200, validatedReply)(rw, r, n)
			return
		}
		reply(403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)(rw, r, n)
	})
	w = newWorld(t, p, text)
	w.Webhook, w.Wait = receiver, time.Millisecond
	require.NoError(t, do(t, w, text, typed, typed, typed))
	w.last = 1
	require.NoError(t, do(t, w, "a notification tells of the validation"))
	require.Empty(t, w.Findings)
	require.Equal(t, w.Exchanges[1].Started, w.Notified.Sent)
	w.End()
}

// A notification that tells of an OTP which was accepted, though it should not have been, tells the truth.
func TestANotificationOfAnAcceptedOTPIsNoFinding(t *testing.T) {
	const text = "there is a pending phone validation with a webhook"
	receiver, err := webhook.Listen(webhook.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, receiver.Close()) })
	w := newWorld(t, newProvider(t, reply(200, validatedReply)), text)
	w.Webhook = receiver
	require.NoError(t, do(t, w, text))
	requireSkip(t, do(t, w, "the person types a wrong OTP", "no notification tells of a success"), "the OTP was accepted")
	require.False(t, w.Notified.Refused)
	w.End()
}

func TestTheQueryAndTheHeadersOfADeliveryMayLeak(t *testing.T) {
	d := webhook.Delivery{Query: "a=1", Header: textproto.MIMEHeader{"X-Otp": {"123456", "7"}, "Date": {"Fri, 27 Nov 2026 12:34:56 GMT"}, "Content-Length": {"123456"}}}
	require.ElementsMatch(t, []string{"a=1", "123456", "7"}, Extras(d))
}

// The receiver keeps a bounded number of deliveries. What it does not keep is no finding.
func TestANotificationIsJudgedHoweverManyCameBefore(t *testing.T) {
	if testing.Short() {
		t.Skip("33 MB of notifications")
	}
	receiver, err := webhook.Listen(webhook.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, receiver.Close()) })
	other, client := receiver.Open("other"), http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for range 33 { // no room is left
		answer, err := client.Post(other.URL(), "application/json", strings.NewReader(strings.Repeat(" ", webhook.MaxBody)))
		require.NoError(t, err)
		_ = answer.Body.Close()
	}
	long := func(n int) string { return `{"photo":"` + strings.Repeat("x", n) + `","_id":"` + anID + `"}` }
	w := notify(t, receiver, 50*time.Millisecond, long(900_000))
	require.Empty(t, w.Findings)
	require.Len(t, w.Observations, 1)
	deliveries := receiver.Deliveries()
	last := deliveries[len(deliveries)-1]
	require.True(t, last.TooLong)
	require.LessOrEqual(t, len(last.Body), 80<<10)
	require.Equal(t, len(long(900_000)), last.Size)
	require.True(t, JudgedOf(last).Accepted)

	const text = "there is a pending phone validation with a webhook"
	for body, reason := range map[string]string{
		long(webhook.MaxBody): "longer than 1 MiB",
		`{"otp":123456,"photo":"` + strings.Repeat("x", webhook.MaxBody): "", // what it gives away it gives away
	} {
		p := newProvider(t, reply(200, validatedReply))
		w := newWorld(t, p, text)
		w.Webhook, w.Wait = receiver, time.Millisecond
		require.NoError(t, do(t, w, text, typed))
		answer, err := client.Post(w.address.URL(), "application/json", strings.NewReader(body))
		require.NoError(t, err)
		_ = answer.Body.Close()
		err = do(t, w, "a notification tells of the validation")
		if reason != "" {
			requireSkip(t, err, reason)
			require.Empty(t, w.Findings)
		} else {
			require.NoError(t, err)
			require.True(t, w.Findings[0].Leak)
		}
		w.End()
	}
}

// What is made from the right OTP is secret even if the phone happens to hold it; digits of the phone are not.
func TestDigitsOfThePhoneAreNoSecret(t *testing.T) {
	p := newProvider(t, reply(403, "{}"))
	p.states[0] = map[string]any{"phone": "62734913", "countryCode": "+507", "otp": 734912, "token": aToken}
	w := newWorld(t, p, aState)
	require.NoError(t, do(t, w, aState, "the person types the last digits of the phone"))
	require.Equal(t, "734913", w.Secrets.Redact("734913"))
	require.NoError(t, do(t, w, "the person types an OTP that is one more than the right one"))
	require.Equal(t, "[redacted]", w.Secrets.Redact("734913"))

	require.NoError(t, do(t, w, "the person types zero"))
	require.NoError(t, w.typeAnotherWrong(t.Context(), 1))
	require.Equal(t, "[redacted]", w.Secrets.Redact(contract.WrongOTP("734912", contract.Wrongs()[1].Words)), "it is made from the right one, whatever was typed before")
}

func TestARateLimitAfterTheFirstOTPIsTheProviders(t *testing.T) {
	w := newWorld(t, newProvider(t, replies(reply(403, "{}"), reply(429, "{}"))), aState)
	require.NoError(t, do(t, w, aState, "the person types a wrong OTP", typed))
	w = newWorld(t, newProvider(t, reply(429, "{}")), aState)
	require.Error(t, do(t, w, aState, typed), "the first is refused on the way")
}

func TestNothingThatIsTypedShowsTheRightOTP(t *testing.T) {
	for _, otp := range []string{"7349", "73491", "734912"} {
		for _, typed := range contract.NoOTPs() {
			w := &World{Checks: builtInChecks(), Secrets: &secret.Set{}, values: providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: otp}}
			w.Secrets.Add(otp)
			w.typedOpenly = !typed.Reveals()
			body := w.body(typed.JSON(otp, w.values.Phone))
			shown := w.Secrets.RedactBody(body, w.Private().Keep...)
			require.NotContains(t, shown, otp, typed.Words)
			if !typed.Reveals() {
				require.Equal(t, string(body), shown, typed.Words)
			}
		}
	}
}
