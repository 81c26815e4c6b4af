package state

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// setUpAPI is a fake of the provider's documented set-up API and an inbox.
type setUpAPI struct {
	time    *fakeTime
	ahead   time.Duration // of the provider's clock
	gateway string
	expires func(asked time.Time) any // what the creation names; nil: what was asked for
	extra   map[string]any            // more members of the created validation
	refuse  func(c call) (status int, body string)
	delayed int                  // polls before the OTP is there
	held    map[string]string    // what the inbox holds before, by phone
	otp     func(n int) string   // of the n-th message; nil: 100001, 100002, ...
	inbox   func(otp string) any // the answer of the inbox; nil: {"otp": number}

	mutex sync.Mutex
	sent  int
	polls map[string]int
}

func (s *setUpAPI) answer(w http.ResponseWriter, c call) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.time != nil {
		w.Header().Set("Date", s.time.Now().Add(s.ahead).UTC().Format(http.TimeFormat))
	}
	if s.refuse != nil {
		if status, body := s.refuse(c); status != 0 {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return
		}
	}
	reply := func(value any) {
		body, _ := json.Marshal(value)
		_, _ = w.Write(body)
	}
	switch c.Path {
	case "/prefix/v2/app-registrations":
		reply(map[string]any{"data": map[string]any{
			"appRegistration": map[string]any{"_id": "registration-of-" + fmt.Sprint(c.Body["phone"])},
			"token":           "registration.token." + fmt.Sprint(c.Body["phone"]),
		}})
	case "/prefix/v2/phone-validations/app-registration":
		s.sent++
		otp := fmt.Sprint(100000 + s.sent)
		if s.otp != nil {
			otp = s.otp(s.sent)
		}
		phone := fmt.Sprint(c.Body["phone"])
		if s.held == nil {
			s.held = map[string]string{}
		}
		s.held[phone+" new"] = otp
		s.polls = map[string]int{}
		created := map[string]any{"_id": "validation", "phoneGateway": s.gateway, "otp": "$2b$10$hashhashhashhash", "expiresAt": "2027-01-31T12:10:00.000Z"}
		if text, ok := c.Body["expiresAt"].(string); ok {
			asked, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				w.WriteHeader(409)
				return
			}
			created["expiresAt"] = text
			if s.expires != nil {
				created["expiresAt"] = s.expires(asked)
			}
		}
		for name, value := range s.extra {
			created[name] = value
		}
		reply(map[string]any{"data": created})
	case "/inbox":
		phone := c.Query["phone"][0]
		otp := s.held[phone]
		if fresh := s.held[phone+" new"]; fresh != "" {
			if s.polls[phone] >= s.delayed {
				otp = fresh
				s.held[phone] = fresh
				delete(s.held, phone+" new")
			}
			s.polls[phone]++
		}
		switch {
		case otp == "":
			w.WriteHeader(404)
		case s.inbox != nil:
			reply(s.inbox(otp))
		default:
			reply(map[string]any{"otp": json.Number(otp)})
		}
	default:
		w.WriteHeader(404)
	}
}

type bench struct {
	api      *setUpAPI
	url      string
	calls    func() []call
	time     *fakeTime
	secrets  *secret.Set
	declared env.Verifik
	options  Options
	recorded *recorder
}

// newBench returns a set-up API and an environment that uses it.
func newBench(t testing.TB, api *setUpAPI) *bench {
	t.Helper()
	b := &bench{api: api, time: newFakeTime(), secrets: &secret.Set{}}
	if api.gateway == "" {
		api.gateway = "whatsapp"
	}
	api.time = b.time
	b.url, b.calls = listen(t, api.answer)
	b.recorded = &recorder{secrets: b.secrets}
	client := newClient(t)
	b.options = Options{Target: client, Control: client, TargetURL: "http://127.0.0.1:1", Secrets: b.secrets, Now: b.time.Now, Wait: b.time.Wait}
	b.declared = env.Verifik{
		BaseURL: b.url + "/prefix", ClientToken: "client.token", Project: "project", ProjectFlow: "flow", LivenessProjectFlow: "livelyFlow",
		Phones: []env.Phone{panama1, panama2, states1}, Expiry: env.ExpiryExpiresAt,
		OTP: env.OTP{
			Kind: env.OTPHTTP, URL: b.url + "/inbox?countryCode={countryCode}&phone={phone}", Field: "otp",
			Every: time.Second, For: 10 * time.Second,
		},
	}
	return b
}

func (b *bench) maker(t testing.TB) *Maker {
	t.Helper()
	return newMaker(t, b.options, env.States{Verifik: &b.declared})
}

func (b *bench) paths() []string {
	var paths []string
	for _, c := range b.calls() {
		paths = append(paths, c.Method+" "+c.Path)
	}
	return paths
}

const (
	registering = "POST /prefix/v2/app-registrations"
	validating  = "POST /prefix/v2/phone-validations/app-registration"
	polling     = "GET /inbox"
)

func TestVerifikPending(t *testing.T) {
	b := newBench(t, &setUpAPI{extra: map[string]any{"showFaceLivenessRecommendation": false, "projectFlow": "flowAsNamed"}})
	values, err := makeAll(t, b.maker(t), b.recorded.record, "http://hook/1", Request{Name: providerstate.Webhook, CountryCode: "+1"})
	require.NoError(t, err)
	no := false
	require.Equal(t, providerstate.Values{
		Phone: "2025550123", CountryCode: "+1", OTP: "100001", WrongOTP: "211112", Token: "registration.token.2025550123",
		Project: "project", ProjectFlow: "flowAsNamed", PhoneGateway: "whatsapp", Liveness: &no,
		ValidationID: "validation", AppRegistrationID: "registration-of-2025550123", ReadBackURL: b.url + "/prefix",
	}, values[0])

	require.Equal(t, []string{registering, polling, validating, polling}, b.paths())
	calls := b.calls()
	require.Equal(t, "Bearer client.token", calls[0].Header.Get("Authorization"))
	require.Equal(t, map[string]any{"project": "project", "projectFlow": "flow", "phone": "2025550123", "countryCode": "+1"}, calls[0].Body)
	require.Equal(t, "Bearer registration.token.2025550123", calls[2].Header.Get("Authorization"))
	require.Equal(t, map[string]any{
		"project": "project", "projectFlow": "flow", "phone": "2025550123", "countryCode": "+1",
		"validationMethod": "verificationCode", "type": "onboarding", "webhookUrl": "http://hook/1",
	}, calls[2].Body)
	require.Equal(t, []string{"+1"}, calls[3].Query["countryCode"])
	require.Empty(t, calls[3].Header.Get("Authorization"))

	require.Len(t, b.recorded.exchanges, 4)
	for _, shown := range b.recorded.redacted {
		require.NotContains(t, shown, "100001")
		require.NotContains(t, shown, "registration.token")
		require.NotContains(t, shown, "$2b$10$")
	}
	require.True(t, b.secrets.Find("client.token"))
	require.Zero(t, b.time.Waited())
}

func TestVerifikNoValidationSendsNoMessage(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.None})
	require.NoError(t, err)
	require.Equal(t, []string{registering}, b.paths())
	require.Empty(t, values[0].OTP)
	require.NotEmpty(t, values[0].Token)
}

func TestVerifikLivenessTakesItsFlow(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Liveness})
	require.NoError(t, err)
	require.Equal(t, "livelyFlow", b.calls()[0].Body["projectFlow"])
	require.Equal(t, "livelyFlow", b.calls()[2].Body["projectFlow"])
	require.Equal(t, "livelyFlow", values[0].ProjectFlow)
	require.Nil(t, values[0].Liveness, "no answer says")
}

func TestVerifikTwoNeedsHaveTwoPhones(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending}, Request{Name: providerstate.None})
	require.NoError(t, err)
	require.NotEqual(t, values[0].Phone, values[1].Phone)
	require.NotEqual(t, values[0].Token, values[1].Token)
}

func TestVerifikUsesTheTargetWhereNoAddressIsGiven(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	b.options.TargetURL, b.declared.BaseURL = b.url+"/prefix/", ""
	values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.None})
	require.NoError(t, err)
	require.Equal(t, b.url+"/prefix", values[0].ReadBackURL)
}

func TestVerifikExpired(t *testing.T) {
	for name, c := range map[string]struct {
		ahead   time.Duration
		expires func(time.Time) any
		atMost  time.Duration
	}{
		"clocks agree":                         {0, nil, 5 * time.Second},
		"the provider's clock is behind":       {-time.Hour, nil, 6 * time.Second},
		"the provider's clock is ahead":        {time.Hour, nil, 6 * time.Second},
		"the provider rounds up":               {0, func(asked time.Time) any { return asked.Add(7 * time.Second).Format(time.RFC3339Nano) }, 12 * time.Second},
		"an instant with an offset":            {0, func(asked time.Time) any { return asked.In(time.FixedZone("", 3600)).Format(time.RFC3339Nano) }, 5 * time.Second},
		"the provider shortens it to a second": {0, func(asked time.Time) any { return asked.Add(-time.Second).Format(time.RFC3339Nano) }, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var expires time.Time
			api := &setUpAPI{ahead: c.ahead}
			api.expires = func(asked time.Time) any {
				expires = asked
				if c.expires == nil {
					return asked.Format(time.RFC3339Nano)
				}
				answer := c.expires(asked)
				text, _ := answer.(string)
				expires, _ = time.Parse(time.RFC3339, text)
				return answer
			}
			b := newBench(t, api)
			values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Expired})
			require.NoError(t, err)
			require.Equal(t, "100001", values[0].OTP)
			require.True(t, b.time.Now().Add(c.ahead).After(expires), "it has expired by the provider's clock")
			require.LessOrEqual(t, b.time.Waited(), c.atMost)
		})
	}
}

func TestVerifikExpiryThatIsIgnoredSkips(t *testing.T) {
	for name, expires := range map[string]any{
		"minutes away": "2027-01-31T12:10:00.000Z",
		"not told":     nil,
		"no time":      "soon",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, &setUpAPI{expires: func(time.Time) any { return expires }})
			m := b.maker(t)
			for range 2 {
				_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Expired})
				require.ErrorAs(t, err, new(*Skip))
				require.ErrorContains(t, err, `set expiry = "none"`)
			}
			require.Equal(t, 1, b.api.sent, "the second scenario sends no message")
			require.Zero(t, b.time.Waited())
			_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
			require.NoError(t, err)
		})
	}
}

func TestVerifikOtherGatewaySkips(t *testing.T) {
	b := newBench(t, &setUpAPI{gateway: "sms"})
	m := b.maker(t)
	_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending, PhoneGateway: "whatsapp"})
	require.Equal(t, &Skip{Reason: `the provider delivers by "sms" here, not by "whatsapp", which was asked for`}, err)
	_, err = makeAll(t, m, nil, "", Request{Name: providerstate.Pending, PhoneGateway: "none"})
	require.ErrorAs(t, err, new(*Skip))
	require.Equal(t, 1, b.api.sent, "the second scenario sends no message")
	values, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending, PhoneGateway: "sms"})
	require.NoError(t, err)
	require.Equal(t, "sms", values[0].PhoneGateway)
}

func TestVerifikNotMade(t *testing.T) {
	at := func(path string, status int, body string) func(call) (int, string) {
		return func(c call) (int, string) {
			if c.Path == "/prefix"+path {
				return status, body
			}
			return 0, ""
		}
	}
	const register, validate = "/v2/app-registrations", "/v2/phone-validations/app-registration"
	for name, c := range map[string]struct {
		refuse func(call) (int, string)
		reason string
	}{
		"a documented error": {at(register, 409, `{"message":"missing countryCode","code":"MissingParameter","status":409}`),
			`create the app registration: the provider answered 409: "{"message":"missing countryCode","code":"MissingParameter","status":409}"`},
		"an error of the second step": {at(validate, 404, `{"code":"project_not_found","message":"404:project_not_found"}`),
			`create the phone validation: the provider answered 404: "{"code":"project_not_found","message":"404:project_not_found"}"`},
		"a page":                {at(register, 502, "<html>\n\x1b[31mBad Gateway"), `create the app registration: the provider answered 502: "<html> \x1b[31mBad Gateway"`},
		"text in place of JSON": {at(register, 200, "fine"), `create the app registration: the provider answered 200, but not with the documented JSON: "fine"`},
		"no token":              {at(register, 200, `{"data":{}}`), `create the app registration: the answer has no data.token`},
		"a token that no header carries": {at(register, 200, `{"data":{"token":"a\nb"}}`),
			`create the app registration: data.token is not one run of visible ASCII characters, without the word Bearer`},
		"the client token in the message": {at(register, 403, `{"message":"client.token is unknown"}`),
			`create the app registration: the provider answered 403: "{"message":"[redacted] is unknown"}"`},
		"a redirect": {at(register, 307, ``), `create the app registration: the provider answered 307`},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, &setUpAPI{refuse: c.refuse})
			_, err := makeAll(t, b.maker(t), b.recorded.record, "", Request{Name: providerstate.Pending})
			var notMade *NotMade
			require.ErrorAs(t, err, &notMade)
			require.Equal(t, c.reason, notMade.Reason)
			require.Equal(t, providerstate.Pending, notMade.State)
			require.NotNil(t, notMade.Exchange.Answer)
		})
	}
}

func TestVerifikPhonesAreFreeAfterwards(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	b.declared.Phones = []env.Phone{panama1}
	m := b.maker(t)
	require.Equal(t, 1, m.Limit())
	for range 3 {
		_, err := makeAll(t, m, nil, "", Request{Name: providerstate.None})
		require.NoError(t, err)
	}
	needs := []Request{{Name: providerstate.None}}
	assignment, _, _ := m.Planner().Reserve(needs)
	session, err := m.Begin(t.Context(), assignment, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Begin(ctx, assignment, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, session.End(ctx))
	_, err = m.Begin(t.Context(), assignment, nil)
	require.NoError(t, err)
}

func TestVerifikPlan(t *testing.T) {
	refusal := func(t *testing.T, change func(*bench), needs ...Request) *Skip {
		t.Helper()
		b := newBench(t, &setUpAPI{})
		change(b)
		_, _, refusal := b.maker(t).Planner().Reserve(needs)
		require.Empty(t, b.calls())
		return refusal
	}
	unchanged := func(*bench) {}
	for name, c := range map[string]struct {
		change         func(*bench)
		needs          []Request
		reason, advice string
	}{
		"no flow that recommends liveness": {func(b *bench) { b.declared.LivenessProjectFlow = "" }, []Request{{Name: providerstate.Liveness}},
			"has no liveness_project_flow", `add liveness_project_flow to states "verifik"`},
		"no expiry": {func(b *bench) { b.declared.Expiry = env.ExpiryNone }, []Request{{Name: providerstate.Expired}},
			`its expiry is "none"`, `set expiry = "expiresAt"`},
		"nobody to ask": {func(b *bench) { b.declared.OTP = env.OTP{Kind: env.OTPPrompt} }, []Request{{Name: providerstate.Pending}},
			"asks on a terminal, and there is none", "run it on a terminal"},
		"no phone of the country": {unchanged, []Request{{Name: providerstate.Pending, CountryCode: "+44"}},
			`states "verifik" has no phone of +44`, `add a phone of +44 to phones of states "verifik"`},
		"no phone of the country beside another": {unchanged, []Request{{Name: providerstate.Pending}, {Name: providerstate.None, CountryCode: "+44"}},
			`states "verifik" has no phone of +44`, `add a phone of +44 to phones of states "verifik"`},
		"one phone for two": {func(b *bench) { b.declared.Phones = []env.Phone{panama1} }, []Request{{Name: providerstate.Pending}, {Name: providerstate.None}},
			`needs 2 at once`, `add a phone to phones of states "verifik"`},
		"one phone of the country for two": {unchanged, []Request{{Name: providerstate.Pending, CountryCode: "+1"}, {Name: providerstate.None, CountryCode: "+1"}},
			`too few phones of +1: the scenario needs 2 at once`, `add a phone of +1 to`},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			got := refusal(t, c.change, c.needs...)
			require.NotNil(t, got)
			require.Contains(t, got.Reason, c.reason)
			require.Contains(t, got.Advice, c.advice)
		})
	}
	t.Run("who needs no OTP needs nobody to ask", func(t *testing.T) {
		require.Nil(t, refusal(t, func(b *bench) { b.declared.OTP = env.OTP{Kind: env.OTPPrompt} }, Request{Name: providerstate.None}))
	})
	t.Run("only an expired state needs an expiry", func(t *testing.T) {
		require.Nil(t, refusal(t, func(b *bench) { b.declared.Expiry = env.ExpiryNone }, Request{Name: providerstate.Pending}))
	})
	t.Run("a picky need finds its phone beside one that takes any", func(t *testing.T) {
		require.Nil(t, refusal(t, unchanged, Request{Name: providerstate.Pending}, Request{Name: providerstate.None, CountryCode: "+1"}))
	})
	t.Run("costs", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		_, cost, _ := b.maker(t).Planner().Reserve([]Request{{Name: providerstate.Pending}, {Name: providerstate.None}})
		require.Equal(t, Cost{Registrations: 2, Messages: 1}, cost)
		b.declared.OTP = env.OTP{Kind: env.OTPDemo, Value: "123456"}
		_, cost, _ = b.maker(t).Planner().Reserve([]Request{{Name: providerstate.Pending}, {Name: providerstate.None}})
		require.Equal(t, Cost{Registrations: 2}, cost)
	})
	t.Run("pool and limit", func(t *testing.T) {
		m := newBench(t, &setUpAPI{}).maker(t)
		require.Equal(t, 3, m.Limit())
		require.True(t, m.Taken("+1", "202 555 0123"))
		require.False(t, m.Taken("+507", "2025550123"))
	})
}
