package reference

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Suffixes of a webhook's type. otp_incorect, without a second r, is the documented spelling.
const (
	eventCreated      = "created"
	eventValidated    = "validated"
	eventFailed       = "failed"
	eventExpired      = "expired"
	eventOTPIncorrect = "otp_incorect"
)

const (
	maxPosting   = 256             // webhooks being posted at a time; any more are dropped
	postDeadline = 5 * time.Second // for one delivery
	maxAnswer    = 64 << 10        // bytes of a receiver's answer that are read
)

// event is something that happened to a validation.
type event struct {
	suffix     string
	validation validation
	after      time.Duration // the delay of its webhook
}

// as returns the event with another suffix.
func (e event) as(suffix string) event {
	e.suffix = suffix
	return e
}

// delivery is one webhook call.
type delivery struct {
	event
	url       string
	mediaType string
	object    *object // the validation in the note
	note      any     // is sent as JSON where body is nil
	body      []byte
}

// postCreationWebhook posts the webhook of a new validation.
func (p *Provider) postCreationWebhook(v *validation) {
	p.deliver(event{eventCreated, *v, p.behaviour.createdLate}, func(*delivery) {})
}

// postWebhooks posts the webhooks of an event.
func (p *Provider) postWebhooks(suffix string, v *validation) {
	for _, e := range p.behaviour.events(event{suffix: suffix, validation: *v}) {
		p.deliver(e, p.behaviour.deliver)
	}
}

// deliver posts the webhook of an event, documented without the OTP and then changed by change, if the validation has a URL for it.
func (p *Provider) deliver(e event, change func(*delivery)) {
	v := e.validation
	if v.webhookURL == "" {
		return
	}
	about := append(v.show(v.status), field{"project", v.project}, field{"projectFlow", v.flow}, field{"phoneGateway", v.gateway})
	d := &delivery{
		event: e, url: v.webhookURL, mediaType: "application/json", object: &about, note: &object{{"type", typeOf(e)}, {"object", &about}},
	}
	if change(d); d.body == nil {
		d.body = encoded(d.note)
	}
	p.poster.post(d)
}

func typeOf(e event) string { return "onboarding_phone_validation_" + e.suffix }

// webhookURLFits reports whether s is an absolute http or https URL.
func webhookURLFits(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// webhookPoster posts webhooks in the background, maxPosting at a time.
type webhookPoster struct {
	client  *http.Client
	ctx     context.Context
	cancel  context.CancelFunc
	mu      sync.Mutex     // guards running
	running errgroup.Group // webhooks being posted
}

func newWebhookPoster(client *http.Client) *webhookPoster {
	wp := &webhookPoster{client: client}
	wp.running.SetLimit(maxPosting)
	if client == nil {
		wp.client = &http.Client{
			Timeout:       postDeadline,
			Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	wp.ctx, wp.cancel = context.WithCancel(context.Background())
	return wp
}

func (wp *webhookPoster) post(d *delivery) {
	wp.mu.Lock()
	defer wp.mu.Unlock()
	if wp.ctx.Err() == nil {
		wp.running.TryGo(func() error { return wp.deliver(d) })
	}
}

// deliver makes one delivery. It is not repeated on failure: the documentation promises no retries.
func (wp *webhookPoster) deliver(d *delivery) error {
	if !pause(wp.ctx, d.after) {
		return wp.ctx.Err()
	}
	req, err := http.NewRequestWithContext(wp.ctx, http.MethodPost, d.url, bytes.NewReader(d.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", d.mediaType)
	resp, err := wp.client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	return resp.Body.Close()
}

// wait returns when every delivery has ended.
func (wp *webhookPoster) wait() { _ = wp.running.Wait() }

func (wp *webhookPoster) close() {
	wp.mu.Lock()
	wp.cancel()
	wp.mu.Unlock()
	wp.wait()
	wp.client.CloseIdleConnections()
}

// pause waits for d and returns true, or returns false as soon as the context ends.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// timestamp returns a time as the API writes it: ISO 8601 in UTC with milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
