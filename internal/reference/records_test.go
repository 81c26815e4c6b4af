package reference

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
)

func TestRecordsAreRemovedAfterTheirRetention(t *testing.T) {
	b := newBench(t, Options{})
	old := b.state(t, StatePending, "webhookUrl", "http://receiver.test/a")
	b.clock.advance(retention - time.Second)
	b.state(t, StateNone)
	require.Equal(t, 412, b.put(old, old.OTP).status, "an expired one is still known")
	b.clock.advance(time.Second)
	b.state(t, StateNone)
	require.Equal(t, 401, b.put(old, old.OTP).status)
	require.Len(t, b.records.registrations, 2)
}

func TestRecordsAreLimited(t *testing.T) {
	b := newBench(t, Options{})
	first := b.state(t, StatePending)
	for range maxRegistrations {
		b.setUp(providerstate.Change{State: providerstate.Pending})
	}
	require.Equal(t, 401, b.put(first, first.OTP).status)
	s := b.records
	for name, n := range map[string]int{
		"registrations": len(s.registrations), "tokens": len(s.tokens), "validations": len(s.validations),
		"phones": len(s.phones), "order": len(s.inOrder),
	} {
		require.Equal(t, maxRegistrations, n, name)
	}
}
