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

// Suffixes of a webhook's type. That otp_incorect lacks an r is the API's own spelling, says its documentation.
const (
	eventCreated      = "created"
	eventValidated    = "validated"
	eventFailed       = "failed"
	eventExpired      = "expired"
	eventOTPIncorrect = "otp_incorect"
)

const (
	maxPosting   = 256             // webhooks on their way at a time; what comes on top is dropped
	postDeadline = 5 * time.Second // for one delivery
	maxAnswer    = 64 << 10        // bytes of a receiver's answer that are read
)

// event is something that happened to a validation.
type event struct {
	suffix     string
	validation validation
	after      time.Duration // how much later it is notified
}

// as is the same event under another name.
func (e event) as(suffix string) event {
	e.suffix = suffix
	return e
}

// delivery is one webhook call.
type delivery struct {
	event
	url       string
	mediaType string
	object    *object // what the note says of the validation
	note      any     // written as JSON, unless
	body      []byte  // there is another body
}

// announceCreation posts the webhook of a validation that was made.
func (p *Provider) announceCreation(v *validation) {
	p.deliver(event{eventCreated, *v, p.behaviour.createdLate}, func(*delivery) {})
}

// announce posts the webhooks of what a call did.
func (p *Provider) announce(suffix string, v *validation) {
	for _, e := range p.behaviour.events(event{suffix: suffix, validation: *v}) {
		p.deliver(e, p.behaviour.deliver)
	}
}

// deliver posts the webhook of an event, changed, where the validation has a URL for it.
func (p *Provider) deliver(e event, change func(*delivery)) {
	if e.validation.webhookURL == "" {
		return
	}
	d := documented(e)
	if change(d); d.body == nil {
		d.body = appendJSON(nil, d.note)
	}
	p.posts.post(d)
}

func typeOf(e event) string { return "onboarding_phone_validation_" + e.suffix }

// documented returns the webhook of an event as the documentation shows it. The OTP is stripped.
func documented(e event) *delivery {
	v := e.validation
	about := append(v.show(v.status), field{"project", v.project}, field{"projectFlow", v.flow}, field{"phoneGateway", v.gateway})
	return &delivery{
		event: e, url: v.webhookURL, mediaType: "application/json", object: &about, note: &object{{"type", typeOf(e)}, {"object", &about}},
	}
}

// webhookURLFits: an absolute http or https URL.
func webhookURLFits(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// postOffice posts webhooks in the background, maxPosting at a time.
type postOffice struct {
	client *http.Client
	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex     // of posts
	posts  errgroup.Group // those on their way
}

func newPostOffice(client *http.Client) *postOffice {
	o := &postOffice{client: client}
	o.posts.SetLimit(maxPosting)
	if client == nil {
		o.client = &http.Client{
			Timeout:       postDeadline,
			Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

func (o *postOffice) post(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() == nil {
		o.posts.TryGo(func() error { return o.carry(d) })
	}
}

// carry makes one delivery. That it fails is the receiver's loss: the documentation promises no second try.
func (o *postOffice) carry(d *delivery) error {
	if !pause(o.ctx, d.after) {
		return o.ctx.Err()
	}
	req, err := http.NewRequestWithContext(o.ctx, http.MethodPost, d.url, bytes.NewReader(d.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", d.mediaType)
	resp, err := o.client.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	return resp.Body.Close()
}

// wait returns when nothing is waiting or on its way.
func (o *postOffice) wait() { _ = o.posts.Wait() }

func (o *postOffice) close() {
	o.mu.Lock()
	o.cancel()
	o.mu.Unlock()
	o.wait()
	o.client.CloseIdleConnections()
}

// pause waits, and reports whether it came to its end before the context did.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// stamp is a time as the API writes it: ISO 8601 in UTC with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
