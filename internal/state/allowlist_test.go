package state

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// locked is a state of another contract than the carried one.
const locked providerstate.Name = "a locked phone validation"

func TestASourceOfItsOwnStatesRefusesOthersByName(t *testing.T) {
	m := newBench(t, &setUpAPI{}).maker(t)
	_, _, refusal := m.Planner().Reserve([]Request{{Name: locked}})
	require.NotNil(t, refusal, "a pending validation was made in place of a locked one")
	require.Equal(t, `needs "a locked phone validation": states "verifik" does not know it`, refusal.Reason)
	require.Contains(t, refusal.Advice, `states "pact" or states "static" block that makes "a locked phone validation"`)

	m = newMaker(t, Options{}, env.States{Pact: &env.Pact{URL: "http://127.0.0.1:1", Embedded: true}})
	_, _, refusal = m.Planner().Reserve([]Request{{Name: locked}})
	require.NotNil(t, refusal)
	require.Contains(t, refusal.Reason, `needs "a locked phone validation": the embedded target does not know it`)
	for _, name := range providerstate.Names() {
		_, _, refusal = m.Planner().Reserve([]Request{{Name: name}})
		require.Nil(t, refusal, name)
	}
}

func TestAHandlerIsAskedForAnyStateByItsName(t *testing.T) {
	url, calls := listen(t, answering(200, pending))
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	_, cost, refusal := m.Planner().Reserve([]Request{{Name: locked}})
	require.Nil(t, refusal)
	require.Equal(t, Cost{Messages: 1, Possible: 1}, cost)
	values, err := makeAll(t, m, nil, "", Request{Name: locked})
	require.NoError(t, err)
	require.Equal(t, providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "123456", WrongOTP: "234567", Token: "aaaa.bbbb"}, values[0])
	require.Equal(t, string(locked), calls()[0].Body["state"])
}

func TestAnyStateYieldsTheValuesOfAPendingOne(t *testing.T) {
	url, _ := listen(t, answering(200, `{"phone":"62647737","countryCode":"+507","token":"aaaa.bbbb"}`))
	_, err := makeAll(t, newMaker(t, Options{Control: newClient(t)}, pactStates(url)), nil, "", Request{Name: locked})
	require.EqualError(t, err, `"a locked phone validation" could not be made: the state yields no otp`)
}

func TestAStateThatAHandlerIsDeclaredWithoutIsLeftToAnotherSource(t *testing.T) {
	pact := pactStates("http://127.0.0.1:1")
	pact.Pact.Without = []string{string(locked)}
	m := newMaker(t, Options{}, pact, staticStates("{"+fixtures(locked, fixture(1, ""))+"}"))
	a, _, refusal := m.Planner().Reserve([]Request{{Name: locked}})
	require.Nil(t, refusal)
	session, err := m.Begin(t.Context(), a, nil)
	require.NoError(t, err)
	values, err := session.Make(t.Context(), 0, "")
	require.NoError(t, err)
	require.NotEmpty(t, values.OTP)
	require.NoError(t, session.End(t.Context()))
}

func TestARecordOfAnyStateIsUsedOnceAndNeedsAnOTP(t *testing.T) {
	planner := newMaker(t, Options{}, staticStates("{"+fixtures(locked, fixture(1, ""))+"}")).Planner()
	_, _, refusal := planner.Reserve([]Request{{Name: locked}})
	require.Nil(t, refusal)
	_, _, refusal = planner.Reserve([]Request{{Name: locked}})
	require.Contains(t, refusal.Reason, `fixtures.json has 1 record of "a locked phone validation", and none is left for this scenario`)

	_, problems := New([]env.States{staticStates(`{"a locked phone validation": [{"phone": "1", "countryCode": "+1", "token": "t"}]}`)}, Options{Secrets: &secret.Set{}})
	require.Len(t, problems, 1)
	require.Contains(t, problems[0].Summary, `"a locked phone validation", record 1: the state yields no otp`)
}
