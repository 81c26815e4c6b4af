package reference

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options say which provider New makes. The zero value is the plain, faithful one.
type Options struct {
	// Now is the clock for expiry and for how long records are kept; nil is time.Now.
	Now func() time.Time
	// Fault is the name of one of Faults, "" for none.
	Fault string
	// Variants are names of Variants, whose changes are made in this order; none for the plain provider.
	Variants []string
	// Client posts the webhooks. nil is one of the provider's own: 5 s a delivery, no proxy, no redirects.
	Client *http.Client
	// ClientToken is the bearer that POST /v2/app-registrations asks for; "" accepts any that is not empty.
	ClientToken string
	// FixedPhones makes the provider have the phones of FixedPhones.
	FixedPhones bool
	// Around stands before the provider's handler; nil: nothing does.
	Around func(*Provider, http.Handler) http.Handler
}

// Provider is a reference provider with its records. It is safe for concurrent use and keeps no more than
// maxRegistrations registrations, none for longer than retention, and no more than maxBodies of the bodies of calls under way.
type Provider struct {
	now         func() time.Time
	clientToken string
	behaviour   behaviour
	records     *records
	demo        *registration // of the phones with a fixed behaviour; nil without them
	bodies      atomic.Int64  // bytes of the bodies of calls under way
	posts       *postOffice
	late        sync.WaitGroup // effects that are still to come: of faults only
	handler     http.Handler
}

// New makes a provider. A fault or a variant that does not exist is an error that names the nearest one.
func New(o Options) (*Provider, error) {
	p := &Provider{now: o.Now, clientToken: o.ClientToken, behaviour: faithful()}
	if p.now == nil {
		p.now = time.Now
	}
	otpsOf(6)(&p.behaviour)
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
		p.haveFixedPhones()
	}
	p.posts = newPostOffice(o.Client)
	p.handler = p.routes()
	if o.Around != nil {
		p.handler = o.Around(p, p.handler)
	}
	return p, nil
}

// Handler answers every path of the provider.
func (p *Provider) Handler() http.Handler { return p.handler }

// Close drops the webhooks that were not posted yet, cuts short those under way and waits for them to end.
// The provider still answers calls afterwards, without webhooks. It never fails.
func (p *Provider) Close() error {
	p.late.Wait()
	p.posts.close()
	return nil
}

func (p *Provider) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Endpoint, p.putValidation)
	mux.HandleFunc("POST /v2/app-registrations", p.control(p.isClient, p.createRegistration))
	mux.HandleFunc("GET /v2/app-registrations/{id}", p.control(p.isRegistered, p.readRegistration))
	mux.HandleFunc("POST /v2/phone-validations/app-registration", p.control(p.isRegistered, p.createValidation))
	mux.HandleFunc("GET /v2/phone-validations/{id}", p.control(p.isRegistered, p.readValidation))
	mux.HandleFunc("POST "+statesPath, p.control(anyone, p.changeState))
	mux.HandleFunc("GET "+inboxPath, p.control(anyone, p.readInbox))
	if p.behaviour.limitsRest {
		return limitingRest(p.counting(mux))
	}
	return p.counting(mux)
}

// Endpoint is the pattern of http.ServeMux by which the provider knows the endpoint; other patterns are of the set-up.
const Endpoint = "PUT " + endpointPath

const (
	endpointPath = "/v2/phone-validations"
	statesPath   = "/_pact/provider-states"
	inboxPath    = "/_inbox"
)
