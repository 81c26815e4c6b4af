package state

import (
	"sync"

	"verifik-contract/internal/providerstate"
)

// capabilities holds what creations taught about a provider, so that scenarios which it cannot serve are skipped
// without another message, which would be charged for.
type capabilities struct {
	mutex    sync.Mutex
	gateways map[string]string // by flow: what creations name
	expiry   string            // why no validation can be expired; "": nobody knows of a reason
}

// skip returns why a validation need not be created; nil: it may be what is asked for.
func (c *capabilities) skip(flow string, asked Request) *Skip {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	known := c.gateways[flow]
	switch {
	case asked.Name == providerstate.Expired && c.expiry != "":
		return &Skip{Reason: c.expiry}
	case known != "" && asked.PhoneGateway != "" && asked.PhoneGateway != known:
		return otherGateway(known, asked.PhoneGateway)
	}
	return nil
}

func (c *capabilities) gateway(flow, name string) {
	if name == "" {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.gateways[flow] = name
}

func (c *capabilities) noExpiry(reason string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.expiry = reason
}
