package reference

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestEventsAreNotifiedWithoutTheOTP(t *testing.T) {
	for name, c := range map[string]struct {
		state string
		otp   func(values) int
		event string
		after string
	}{
		"success":     {StateWebhook, func(v values) int { return v.OTP }, "validated", "validated"},
		"a wrong OTP": {StateWebhook, func(v values) int { return v.WrongOTP }, "otp_incorect", "sent"},
		"expiry":      {StateExpired, func(v values) int { return v.OTP }, "expired", "sent"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Options{})
			v := b.state(t, c.state, "webhookUrl", "http://receiver.test/a?b")
			created := b.webhooks()
			require.Len(t, created, 1)
			require.Contains(t, created[0].body, `{"type":"onboarding_phone_validation_created","object":{"_id":"`+v.ValidationID+`"`)
			b.put(v, c.otp(v))
			all := b.webhooks()
			require.Len(t, all, 1)
			require.Equal(t, "POST http://receiver.test/a?b application/json", all[0].method+" "+all[0].url+" "+all[0].mediaType)
			require.Contains(t, all[0].body, `{"type":"onboarding_phone_validation_`+c.event+`","object":{"_id":"`+v.ValidationID+`","status":"`+c.after+`","countryCode":"+507","phone":"`+v.Phone+`","type":"onboarding",`)
			require.Contains(t, all[0].body, `"project":"`+v.Project+`","projectFlow":"`+v.ProjectFlow+`","phoneGateway":"sms"}}`)
			require.NotContains(t, all[0].body, strconv.Itoa(v.OTP))
			require.NotContains(t, all[0].body, v.Token)
		})
	}
}

func TestNothingIsNotifiedWithoutAWebhookURL(t *testing.T) {
	b := newBench(t, Options{})
	v := b.state(t, StatePending)
	b.put(v, v.OTP)
	require.Empty(t, b.webhooks())
}

func TestSetUpAPITakesAWebhookURL(t *testing.T) {
	b := newBench(t, Options{})
	v := b.send(t, b.register(t, "62647737"), `"webhookUrl":"https://receiver.test/a"`)
	b.put(v, v.OTP)
	require.Len(t, b.webhooks(), 2)
}

func TestCloseEndsDeliveriesUnderWayAndDropsTheRest(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	arrived := make(chan struct{}, maxPosting)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		buffer := make([]byte, 4096)
		for _, err := r.Body.Read(buffer); err == nil; _, err = r.Body.Read(buffer) {
		}
		arrived <- struct{}{}
		<-r.Context().Done() // never answers
	}))
	defer receiver.Close()
	p, err := New(Options{Variants: []string{"webhook-late"}})
	require.NoError(t, err)
	for range maxPosting {
		p.poster.post(&delivery{url: receiver.URL, mediaType: "application/json", body: []byte("{}")})
	}
	for range maxPosting {
		<-arrived
	}
	p.poster.post(&delivery{event: event{after: time.Hour}, url: receiver.URL})
	require.NoError(t, p.Close())
	require.NoError(t, p.Close(), "twice is no harm")
	p.poster.post(&delivery{url: receiver.URL})
	p.poster.wait()
	require.Empty(t, arrived)
}

func TestWebhooksOnTheirWayAreBounded(t *testing.T) {
	b := newBench(t, Options{})
	release := make(chan struct{})
	b.poster.client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		<-release
		return b.receive(r)
	})
	for range maxPosting + 100 {
		b.poster.post(&delivery{url: "http://receiver.test"})
	}
	close(release)
	require.LessOrEqual(t, len(b.webhooks()), maxPosting)
}
