package steps

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

const (
	statusRead = "the status of the validation can be read"
	linkRead   = "the link of the app registration can be read"
	typed      = "the person types the right OTP"
)

func status(text string) func(http.ResponseWriter, *http.Request, int) {
	return reply(200, `{"success":true,"data":{"_id":"`+anID+`","status":"`+text+`"}}`)
}

func link(raw string) func(http.ResponseWriter, *http.Request, int) {
	return reply(200, `{"data":{"_id":"`+aRegistration+`","phoneValidation":`+raw+`}}`)
}

func TestReadBacksBeforeTheOTPIsTyped(t *testing.T) {
	for name, test := range map[string]struct {
		what   string
		answer func(http.ResponseWriter, *http.Request, int)
		skip   string // "": the scenario goes on
	}{
		"a status that is sent":         {statusRead, status("sent"), ""},
		"a status that is failed":       {statusRead, status("failed"), ""},
		"validated already":             {statusRead, status("validated"), "validated already"},
		"no status":                     {statusRead, reply(200, `{"data":{}}`), "no data.status"},
		"a status not found":            {statusRead, reply(404, `{"code":"NotFound","message":"m"}`), "404 NotFound"},
		"a status that is forbidden":    {statusRead, reply(403, `{}`), "403"},
		"a status that breaks":          {statusRead, reply(500, ``), "500"},
		"a status of HTML":              {statusRead, reply(200, `<p>`), "not JSON"},
		"a status unavailable":          {statusRead, reply(503, ``), "503"},
		"a status rate-limited":         {statusRead, reply(429, ``), "429"},
		"no answer to a status":         {statusRead, hangUp, "cannot be read back"},
		"not linked":                    {linkRead, link(`null`), ""},
		"no link":                       {linkRead, reply(200, `{"data":{}}`), ""},
		"linked to another validation":  {linkRead, link(`"000000000000000000000000"`), ""},
		"linked already":                {linkRead, link(`"` + anID + `"`), "linked to the validation already"},
		"linked already, as an object":  {linkRead, link(`{"_id":"` + anID + `"}`), "linked to the validation already"},
		"no registration":               {linkRead, reply(200, `{}`), "no registration"},
		"a registration that is hidden": {linkRead, reply(401, `{}`), "401"},
		"no answer to a registration":   {linkRead, hangUp, "cannot be read back"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, test.answer)
			w := newWorld(t, p, aState)
			err := do(t, w, aState, test.what)
			if test.skip == "" {
				require.NoError(t, err)
			} else {
				requireSkip(t, err, test.skip)
			}
			require.Empty(t, w.Findings, "those calls are not under contract")
			require.Len(t, w.Exchanges, 1)
			require.Equal(t, exchange.ReadBack, w.Exchanges[0].Purpose)
		})
	}
}

func TestAReadBackIsTheDocumentedCallWithTheStatesOwnToken(t *testing.T) {
	p := newProvider(t, replies(status("sent"), link("null"), reply(200, validatedReply), status("validated"), link(`"`+anID+`"`)))
	w := newWorld(t, p, aState)
	require.NoError(t, do(t, w, aState, statusRead, linkRead, typed, "the status of the validation is validated", "the app registration is linked to the validation"))
	require.Empty(t, w.Findings)
	calls := p.got()
	require.Len(t, calls, 5)
	for i, uri := range []string{"/v2/phone-validations/" + anID, "/v2/app-registrations/" + aRegistration + "?populates[]=phoneValidation", "/v2/phone-validations", "/v2/phone-validations/" + anID, "/v2/app-registrations/" + aRegistration + "?populates[]=phoneValidation"} {
		require.Equal(t, uri, calls[i].uri)
		require.Equal(t, "Bearer "+aToken, calls[i].header.Get("Authorization"))
		if i != 2 {
			require.Equal(t, "GET", calls[i].method)
			require.Empty(t, calls[i].body)
		}
	}
	for _, e := range w.Exchanges {
		require.Equal(t, 1, e.Attempt)
	}
}

func TestAReadBackUsesTheStatesTokenWhateverTheRequestCarried(t *testing.T) {
	p := newProvider(t, replies(status("sent"), reply(401, `{}`), status("sent")))
	w := newWorld(t, p, aState)
	require.NoError(t, do(t, w, aState, statusRead, "the request comes without a token", typed, "the status of the validation is not validated"))
	require.Empty(t, w.Findings)
	require.Empty(t, p.got()[1].header.Get("Authorization"))
	require.Equal(t, "Bearer "+aToken, p.got()[2].header.Get("Authorization"))
}

func TestReadBacksAfterTheOTPIsTyped(t *testing.T) {
	const (
		is, isNot         = "the status of the validation is validated", "the status of the validation is not validated"
		linked, notLinked = "the app registration is linked to the validation", "the app registration is not linked to the validation"
	)
	const answered = " (the OTP was answered 200 with status \"validated\")"
	type outcome struct {
		path, expected, actual string // of the one finding; all "": none
		skip                   string
		broken                 exchange.Cause
	}
	kept := outcome{}
	for name, test := range map[string]struct {
		text     string
		answer   func(http.ResponseWriter, *http.Request, int)
		expected outcome
	}{
		"validated, as promised":        {is, status("validated"), kept},
		"still sent":                    {is, status("sent"), outcome{path: "$.data.status", expected: `"validated"`, actual: `"sent"` + answered}},
		"not validated, as promised":    {isNot, status("sent"), kept},
		"validated after all":           {isNot, status("validated"), outcome{path: "$.data.status", expected: `any status but "validated"`, actual: `"validated"` + answered}},
		"gone where it should be":       {is, reply(404, `{"code":"NotFound"}`), outcome{expected: `"validated"`, actual: "the validation is gone: the read-back was answered 404 NotFound"}},
		"answered 410":                  {is, reply(410, `{}`), outcome{skip: "410"}},
		"gone where it should not":      {isNot, reply(404, `{}`), outcome{skip: "404"}},
		"hidden now":                    {is, reply(403, `{}`), outcome{skip: "403"}},
		"no status now":                 {is, reply(200, `{"data":{}}`), outcome{skip: "no data.status"}},
		"broken inside":                 {is, reply(500, ``), outcome{skip: "500"}},
		"unavailable":                   {is, reply(503, ``), outcome{broken: exchange.CauseUnavailable}},
		"rate-limited":                  {isNot, reply(429, ``), outcome{broken: exchange.CauseRateLimited}},
		"no answer":                     {is, hangUp, outcome{broken: exchange.CauseLost}},
		"linked, as promised":           {linked, link(`{"_id":"` + anID + `"}`), kept},
		"not linked, against it":        {linked, link(`null`), outcome{path: "$.data.phoneValidation", expected: "the validation " + anID, actual: "no link to it" + answered}},
		"linked to another":             {linked, link(`"000000000000000000000000"`), outcome{path: "$.data.phoneValidation", expected: "the validation " + anID, actual: "no link to it" + answered}},
		"not linked, as promised":       {notLinked, link(`null`), kept},
		"linked after all":              {notLinked, link(`"` + anID + `"`), outcome{path: "$.data.phoneValidation", expected: "no link", actual: "linked" + answered}},
		"the registration is gone":      {linked, reply(404, `{}`), outcome{expected: "the validation " + anID, actual: "the app registration is gone: the read-back was answered 404"}},
		"gone, with no link to be kept": {notLinked, reply(404, `{}`), outcome{skip: "404"}},
		"the registration is no object": {linked, reply(200, `[]`), outcome{skip: "no registration"}},
		"the registration is silent":    {linked, hangUp, outcome{broken: exchange.CauseLost}},
	} {
		t.Run(name, func(t *testing.T) {
			before := statusRead
			first := status("sent")
			if test.text == linked || test.text == notLinked {
				before, first = linkRead, link("null")
			}
			p := newProvider(t, replies(first, reply(200, validatedReply), test.answer))
			w := newWorld(t, p, aState)
			err := do(t, w, aState, before, typed, test.text)
			var broken *exchange.Failure
			switch {
			case test.expected.skip != "":
				requireSkip(t, err, test.expected.skip)
			case test.expected.broken != "":
				require.ErrorAs(t, err, &broken)
				require.Equal(t, test.expected.broken, broken.Cause)
			default:
				require.NoError(t, err)
			}
			if test.expected.actual == "" {
				require.Empty(t, w.Findings)
				return
			}
			require.Len(t, w.Findings, 1)
			f := w.Findings[0]
			require.Equal(t, [3]string{test.expected.path, test.expected.expected, test.expected.actual}, [3]string{f.Path, f.Expected, f.Actual})
			require.Equal(t, 2, f.Exchange, "the read-back shows it")
			require.Equal(t, "PV-01", f.Rule)
		})
	}
}

func TestAnInterruptedReadBackIsNeitherSkippedNorBroken(t *testing.T) {
	for _, text := range []string{statusRead, linkRead, "the status of the validation is validated", "the app registration is not linked to the validation"} {
		t.Run(text, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p := newProvider(t, func(http.ResponseWriter, *http.Request, int) { cancel(); panic(http.ErrAbortHandler) })
			w := newWorld(t, p, aState)
			require.NoError(t, do(t, w, aState))
			found, args := matching(text)
			require.Len(t, found, 1)
			require.ErrorIs(t, found[0].Do(ctx, w, args), context.Canceled)
			require.Empty(t, w.Findings)
		})
	}
}

// What a wrong OTP does is another promise.
func TestOnlyWhatCanBeReadIsReadAgain(t *testing.T) {
	refused, sent, unlinked := reply(412, `{"code":"phoneValidation_has_expired","message":"412:phoneValidation_has_expired"}`), status("sent"), link(`null`)
	for name, test := range map[string]struct {
		answers  func(http.ResponseWriter, *http.Request, int)
		expected string // of the one finding, where there is one
	}{
		"neither validated nor linked": {answers: replies(sent, unlinked, refused, sent, unlinked)},
		"validated all the same":       {replies(sent, unlinked, refused, status("validated"), unlinked), "the validation is not validated"},
		"linked all the same":          {replies(sent, unlinked, refused, sent, link(`"`+anID+`"`)), "the app registration is not linked to the validation"},
		"neither can be read":          {answers: replies(reply(403, `{}`), hangUp, refused)},
		"neither can be read later":    {answers: replies(sent, unlinked, refused, reply(429, ``), hangUp)},
		"answered as a success":        {answers: replies(sent, unlinked, reply(200, validatedReply))},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, newProvider(t, test.answers), aState)
			require.NoError(t, do(t, w, aState, "what can be read of the validation is looked at", typed, "nothing that can be read of it tells of a success"))
			if test.expected == "" {
				require.Empty(t, w.Findings)
				return
			}
			require.Len(t, w.Findings, 1)
			require.Equal(t, test.expected, w.Findings[0].Expectation)
		})
	}
}

func TestEffectsAreNotExpectedAfterARefusalDueToAWrongOTP(t *testing.T) {
	for _, text := range []string{"the status of the validation is validated", "the app registration is linked to the validation"} {
		refused := reply(403, `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`)
		p := newProvider(t, replies(refused, refused, status("sent")))
		w := newWorld(t, p, aState)
		requireSkip(t, do(t, w, aState, "the person types a wrong OTP", typed, text), "the right OTP was refused after a wrong one")
		require.Empty(t, w.Findings)
	}
	p := newProvider(t, replies(reply(200, validatedReply), reply(403, `{}`), status("sent")))
	w := newWorld(t, p, aState)
	require.NoError(t, do(t, w, aState, typed, "the person types a wrong OTP", "the status of the validation is validated"))
	require.Len(t, w.Findings, 1, "there was a success, whatever came after it")
}

func TestTheOtherPersonsRequestIsAboutTheOtherValidation(t *testing.T) {
	p := newProvider(t, reply(200, validatedReply))
	p.states[1]["otp"], p.states[1]["phone"] = "314159", "61112223"
	texts := []string{aState, "there is another pending phone validation"}
	w := newWorld(t, p, texts...)
	require.NoError(t, do(t, w, append(texts, "it is the other person's turn", typed)...))
	sent := p.got()[0]
	require.Equal(t, `{"phone":"61112223","countryCode":"+507","otp":314159}`, sent.body)
	require.Equal(t, []string{"Bearer " + otherToken1}, sent.header.Values("Authorization"))
	own, other := w.States()
	require.Equal(t, [2]string{"62647737", "61112223"}, [2]string{own.Phone, other.Phone}, "a command names the states as they were made")
}
