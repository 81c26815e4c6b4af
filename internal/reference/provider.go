package reference

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"verifik-contract/internal/group"
)

// Options configure the provider that New returns. The zero value makes the plain, faithful one.
type Options struct {
	// Now is the clock for expiry and the retention of records; nil is time.Now.
	Now func() time.Time
	// Fault is the name of one of Faults; "" for none.
	Fault string
	// Variants are names of Variants, which are applied in this order.
	Variants []string
	// Client posts the webhooks; nil is a client with a timeout of 5 s, no proxy and no redirects.
	Client *http.Client
	// ClientToken is the bearer token that POST /v2/app-registrations requires; "" accepts any that is not empty.
	ClientToken string
	// FixedPhones adds the phones that the function FixedPhones lists.
	FixedPhones bool
	// Wrap wraps the provider's handler; nil: nothing does.
	Wrap func(*Provider, http.Handler) http.Handler
}

// Provider is a reference provider with its records. It is safe for concurrent use. Its memory is bounded: by
// maxRegistrations, by retention and by maxBodies.
type Provider struct {
	now         func() time.Time
	clientToken string
	behaviour   behaviour
	records     *records
	demo        *registration // of the fixed phones; nil without them
	bodies      atomic.Int64  // how many bytes of request bodies are held
	poster      *webhookPoster
	late        sync.WaitGroup // pending effects of the faults that use late
	handler     http.Handler
}

// New returns a provider. The error for an unknown fault or variant suggests the nearest name.
func New(o Options) (*Provider, error) {
	p := &Provider{now: o.Now, clientToken: o.ClientToken, behaviour: faithful()}
	if p.now == nil {
		p.now = time.Now
	}
	drawingOTPsOf(6)(&p.behaviour)
	for _, name := range o.Variants {
		if err := changed(&p.behaviour, "variant", name, Variants, func(v Variant) (string, []change) { return v.Name, v.changes }); err != nil {
			return nil, err
		}
	}
	if err := changed(&p.behaviour, "fault", o.Fault, faults, func(f Fault) (string, []change) { return f.Name, f.changes }); err != nil {
		return nil, err
	}
	p.records = newRecords(p.behaviour.newID)
	if o.FixedPhones {
		// This registration is not in the records, so that the demo token's calls change nothing and no other call finds it.
		p.demo = &registration{token: DemoToken, project: Project, flow: Flow}
		p.records.reserved = group.Map(FixedPhones(), func(f FixedPhone) string { return f.Phone })
	}
	p.poster = newWebhookPoster(o.Client)
	p.handler = p.routes()
	if o.Wrap != nil {
		p.handler = o.Wrap(p, p.handler)
	}
	return p, nil
}

// Handler answers every path of the provider.
func (p *Provider) Handler() http.Handler { return p.handler }

// Close drops the webhooks that are still to be posted, cancels those being posted and waits for them to end.
// Afterwards the provider still answers calls, without webhooks. The error is always nil.
func (p *Provider) Close() error {
	p.late.Wait()
	p.poster.close()
	return nil
}

func (p *Provider) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Endpoint, p.putValidation)
	mux.HandleFunc("POST /v2/app-registrations", p.control(p.isClient, p.createRegistration))
	mux.HandleFunc("GET /v2/app-registrations/{id}", p.control(p.isRegistered, p.readRegistration))
	mux.HandleFunc("POST /v2/phone-validations/app-registration", p.control(p.isRegistered, p.createValidation))
	mux.HandleFunc("GET /v2/phone-validations/{id}", p.control(p.isRegistered, p.readValidation))
	mux.HandleFunc("POST "+statesPath, p.control(anyToken, p.changeState))
	mux.HandleFunc("GET "+inboxPath, p.control(anyToken, p.readInbox))
	if p.behaviour.limitsOtherPaths {
		return limitOtherPaths(p.countBodies(mux))
	}
	return p.countBodies(mux)
}

// Endpoint is the http.ServeMux pattern of the endpoint; every other pattern is of the set-up.
const Endpoint = "PUT " + endpointPath

const (
	endpointPath = "/v2/phone-validations"
	statesPath   = "/_pact/provider-states"
	inboxPath    = "/_inbox"
)
