package state

import (
	"context"
	"sync"

	"verifik-contract/internal/providerstate"
)

// capabilities holds what the first creations taught about a provider, so that scenarios which it cannot serve are skipped
// without another message, which would be charged for.
type capabilities struct {
	mutex    sync.Mutex
	gateways map[string]string        // by flow: what creations name
	asking   map[string]chan struct{} // by flow: the first creation is under way; closed when it ends
	expiry   string                   // why no validation can be expired; "": nobody knows of a reason
}

// before is called before a validation is created; done is to be called after, once or more often. Who asks for a
// gateway, while nobody knows the flow's, waits for the first creation to tell. The error is *Skip or the context's.
func (l *capabilities) before(ctx context.Context, flow string, asked Request) (done func(), err error) {
	for {
		l.mutex.Lock()
		known, first := l.gateways[flow], l.asking[flow]
		switch {
		case asked.Name == providerstate.Expired && l.expiry != "":
			defer l.mutex.Unlock()
			return nil, &Skip{Reason: l.expiry}
		case known != "" && asked.PhoneGateway != "" && asked.PhoneGateway != known:
			l.mutex.Unlock()
			return nil, otherGateway(known, asked.PhoneGateway)
		case known != "" || first != nil && asked.PhoneGateway == "":
			l.mutex.Unlock()
			return func() {}, nil
		case first == nil:
			defer l.mutex.Unlock()
			return l.lead(flow), nil
		}
		l.mutex.Unlock()
		select {
		case <-first:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// lead makes the caller the one whose creation tells.
func (l *capabilities) lead(flow string) (done func()) {
	if l.asking == nil {
		l.asking = map[string]chan struct{}{}
	}
	ended := make(chan struct{})
	l.asking[flow] = ended
	return sync.OnceFunc(func() {
		l.mutex.Lock()
		defer l.mutex.Unlock()
		delete(l.asking, flow)
		close(ended)
	})
}

func (l *capabilities) gateway(flow, name string) {
	if name == "" {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.gateways[flow] = name
}

func (l *capabilities) noExpiry(reason string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.expiry = reason
}
