package reference

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func typed(phone, otp string) string {
	return `{"phone":"` + phone + `","countryCode":"+507","otp":` + otp + `}`
}

func TestFixedPhonesAlwaysGiveTheSameAnswer(t *testing.T) {
	b := newBench(t, Options{FixedPhones: true})
	missing := `{"code":"MissingParameter","message":"missing phone\n. missing countryCode\n. missing otp"}`
	mismatch := `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`
	nothing := `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`
	expired := `{"code":"phoneValidation_has_expired","message":"412:phoneValidation_has_expired"}`
	success := `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","countryCode":"+507","phone":"60000200","type":"onboarding","showFaceLivenessRecommendation":false}}`
	for name, c := range map[string]struct {
		body   string
		status int
		answer string
	}{
		"the right OTP":                 {typed("60000200", "123456"), 200, success},
		"with spaces":                   {typed(" 6000 02 00 ", "123456"), 200, success},
		"with options of an app":        {`{"phone":"60000200","countryCode":"+507","otp":123456,"project":"an app's","projectFlow":"its flow","phoneGateway":"whatsapp"}`, 200, success},
		"a wrong OTP":                   {typed("60000200", "123457"), 403, mismatch},
		"403, the right OTP":            {typed("60000403", "123456"), 403, mismatch},
		"404, the right OTP":            {typed("60000404", "123456"), 404, nothing},
		"409, the right OTP":            {typed("60000409", "123456"), 409, missing},
		"412, the right OTP":            {typed("60000412", "123456"), 412, expired},
		"412, a wrong OTP":              {typed("60000412", "1"), 412, expired},
		"another phone":                 {typed("60000201", "123456"), 404, nothing},
		"another country code":          {`{"phone":"60000200","countryCode":"+57","otp":123456}`, 404, nothing},
		"a country code without plus":   {`{"phone":"60000200","countryCode":"507","otp":123456}`, 409, `{"code":"MissingParameter","message":"` + formatMessage + `"}`},
		"no OTP":                        {`{"phone":"60000500","countryCode":"+507"}`, 409, `{"code":"MissingParameter","message":"missing otp"}`},
		"an OTP in quotation marks":     {typed("60000200", `"123456"`), 409, `{"code":"MissingParameter","message":"missing otp"}`},
		"too many requests":             {typed("60000429", "123456"), 429, `{"code":"TooManyRequests","message":"429:too_many_requests"}`},
		"a provider that is in trouble": {typed("60000500", "123456"), 500, `{"code":"InternalServerError","message":"500:internal_server_error"}`},
		"a gateway that is in trouble":  {typed("60000503", "123456"), 503, string(htmlPage(503))},
	} {
		t.Run(name, func(t *testing.T) {
			first := b.call(http.MethodPut, endpointPath, "Bearer demo", c.body)
			require.Equal(t, c.status, first.status)
			require.Equal(t, c.answer, first.body)
			mediaType := "application/json"
			if c.status == 503 {
				mediaType = "text/html; charset=utf-8"
			}
			require.Equal(t, mediaType, first.header.Get("Content-Type"))
			require.Equal(t, c.status == 429, first.header.Get("Retry-After") == "5")
			require.Equal(t, first, b.call(http.MethodPut, endpointPath, "Bearer demo", c.body))
		})
	}
}

func TestFixedPhonesNeedTheDemoToken(t *testing.T) {
	b := newBench(t, Options{FixedPhones: true})
	own := b.state(t, StatePending)
	for _, f := range FixedPhones() {
		for authorization, status := range map[string]int{"": 401, "Bearer unknown": 401, "Basic demo": 401, "Bearer " + own.Token: 404} {
			require.Equal(t, status, b.call(http.MethodPut, endpointPath, authorization, typed(f.Phone, "123456")).status, "%s %s", f.Phone, authorization)
		}
	}
	r := b.call(http.MethodPut, endpointPath, "Bearer demo", own.request("123456"))
	require.Equal(t, 404, r.status, "another registration's validation")
	require.Equal(t, 401, b.call(http.MethodPost, "/v2/phone-validations/app-registration", "Bearer demo", `{}`).status)
	require.Equal(t, 401, b.call(http.MethodGet, "/v2/app-registrations/"+own.AppRegistrationID, "Bearer demo", "").status)

	plain := newBench(t, Options{})
	require.Equal(t, 401, plain.call(http.MethodPut, endpointPath, "Bearer demo", typed("60000200", "123456")).status, "there are none by default")
}

func TestNoStateGetsAFixedPhone(t *testing.T) {
	b := newBench(t, Options{FixedPhones: true})
	fixed := map[string]bool{}
	for _, f := range FixedPhones() {
		fixed[f.Phone] = true
	}
	b.records.nextPhone = phoneCount - 1 // the next is 60000000
	for range 600 {
		require.False(t, fixed[b.records.freshPhone()])
	}
	require.Equal(t, 600+len(fixed)-1, b.records.nextPhone, "all of them were on the way")
}

func TestFixedPhonesAnswerWhereAFaultLooksForTheNewestRegistrationAndThereIsNone(t *testing.T) {
	for _, fault := range []string{"otp-of-newest-validation-accepted", "success-validates-newest", "success-links-newest", "newest-registration-linked"} {
		b := newBench(t, Options{FixedPhones: true, Fault: fault})
		require.Equal(t, http.StatusOK, b.call(http.MethodPut, endpointPath, "Bearer demo", typed("60000200", "123456")).status, fault)
	}
}

func TestFixedPhonesKeepNothing(t *testing.T) {
	b := newBench(t, Options{FixedPhones: true})
	for range 100 {
		for _, phone := range []string{"60000200", "60000403", "60000412", "60000500"} {
			b.call(http.MethodPut, endpointPath, "Bearer demo", typed(phone, "123456"))
		}
	}
	require.Equal(t, &registration{token: DemoToken, project: Project, flow: Flow}, b.demo, "all calls share it")
	s := b.records
	require.Zero(t, len(s.registrations)+len(s.tokens)+len(s.validations)+len(s.phones)+len(s.inOrder))
	require.Empty(t, b.webhooks())
	require.Zero(t, b.bodies.Load())
}

func TestFixedPhoneThatIsNotAnsweredEndsWhenTheCallerOrTheServerDoes(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p, err := New(Options{FixedPhones: true})
	require.NoError(t, err)
	for _, end := range []string{"caller", "server"} {
		s, err := Listen("127.0.0.1:0", p)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			req, _ := http.NewRequestWithContext(ctx, http.MethodPut, s.BaseURL+endpointPath, strings.NewReader(typed("60000504", "123456")))
			req.Header.Set("Authorization", "Bearer demo")
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			_, err := client.Do(req)
			done <- err
		}()
		for p.bodies.Load() == 0 { // until the call is held
			runtime.Gosched()
		}
		if end == "caller" {
			cancel()
		} else {
			require.NoError(t, s.Close())
		}
		require.Error(t, <-done)
		cancel()
		require.NoError(t, s.Close(), "it waits for the call")
		require.Zero(t, p.bodies.Load())
	}
	require.NoError(t, p.Close())
}

func TestFixedPhoneResetsTheConnection(t *testing.T) {
	b := newBench(t, Options{FixedPhones: true})
	b.overNetwork(t)
	for range 3 {
		r := b.call(http.MethodPut, endpointPath, "Bearer demo", typed("60000000", "123456"))
		require.ErrorIs(t, r.err, syscall.ECONNRESET)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	p, err := New(Options{FixedPhones: true})
	require.NoError(t, err)
	s, err := listen("127.0.0.1:0", p, limits{connections: 1, header: time.Minute, read: time.Minute, write: time.Minute})
	require.NoError(t, err)
	first, second := &http.Client{Transport: &http.Transport{}}, &http.Client{Transport: &http.Transport{}}
	get := func(c *http.Client) error {
		resp, err := c.Get(s.InboxURL)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		return err
	}
	require.NoError(t, get(first))
	done := make(chan error, 1)
	go func() { done <- get(second) }()
	require.NoError(t, get(first), "the first keeps its place")
	require.Empty(t, done)
	first.CloseIdleConnections()
	require.NoError(t, <-done)
	second.CloseIdleConnections()
	require.NoError(t, s.Close())
	require.NoError(t, p.Close())
}
