package state

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
)

func TestPlannerTakesTheFirstSourceThatCan(t *testing.T) {
	without := pactStates("http://127.0.0.1:1")
	without.Pact.Without = []string{string(providerstate.Expired)}
	m := newMaker(t, Options{}, without, pactStates("http://127.0.0.1:2"))

	a, _, refusal := m.Planner().Reserve([]Request{{Name: providerstate.Expired}, {Name: providerstate.Pending}})
	require.Nil(t, refusal)
	require.Same(t, m.sources[1], a.picks[0].source)
	require.Same(t, m.sources[0], a.picks[1].source)
}

func TestPlannerNamesEverySourceThatCannot(t *testing.T) {
	without := pactStates("http://127.0.0.1:1")
	without.Pact.Without = []string{string(providerstate.Liveness)}
	p := newMaker(t, Options{}, without, staticStates(`{}`)).Planner()

	_, _, refusal := p.Reserve([]Request{{Name: providerstate.Liveness}})
	require.Contains(t, refusal.Reason, `states "pact" is declared without`)
	require.Regexp(t, `; fixtures\.json has no record of "a pending phone validation with face liveness recommended"$`, refusal.Reason)
	require.Contains(t, refusal.Advice, `add records of "a pending phone validation with face liveness recommended" to fixtures.json`)
}

func TestPlannerWithoutAnySource(t *testing.T) {
	_, _, refusal := newMaker(t, Options{}).Planner().Reserve([]Request{{Name: providerstate.None}})
	require.Contains(t, refusal.Reason, "no source of provider states")
}

func TestPlannerWithoutNeeds(t *testing.T) {
	m := newMaker(t, Options{})
	a, cost, refusal := m.Planner().Reserve(nil)
	require.Nil(t, refusal)
	require.Zero(t, cost)
	session, err := m.Begin(t.Context(), a, nil)
	require.NoError(t, err)
	require.NoError(t, session.End(t.Context()))
}

func fixture(phone int, more string) string {
	return fmt.Sprintf(`{"phone":"%d","countryCode":"+507","otp":%d,"token":"token-%d"%s}`, phone, 100000+phone, phone, more)
}

func fixtures(name providerstate.Name, records ...string) string {
	return fmt.Sprintf(`%q:[%s]`, name, strings.Join(records, ","))
}

func requirePrepared(t *testing.T, m *Maker, records []int, a Assignment) {
	t.Helper()
	require.Len(t, a.picks, len(records))
	for at, i := range records {
		require.Same(t, m.sources[0].(*static).records[i], a.picks[at].prepared)
	}
}

func TestStaticRecords(t *testing.T) {
	file := func(parts ...string) env.States { return staticStates("{" + strings.Join(parts, ",") + "}") }

	t.Run("each is used once, and what is missing shows", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Pending, fixture(1, ""), fixture(2, ""))))
		p := m.Planner()
		phones := map[string]bool{}
		for range 2 {
			needs := []Request{{Name: providerstate.Pending}}
			a, cost, refusal := p.Reserve(needs)
			require.Nil(t, refusal)
			require.Zero(t, cost)
			session, err := m.Begin(t.Context(), a, nil)
			require.NoError(t, err)
			values, err := session.Make(t.Context(), 0, "")
			require.NoError(t, err)
			require.NoError(t, session.End(t.Context()))
			phones[values.Phone] = true
		}
		require.Len(t, phones, 2)
		_, _, refusal := p.Reserve([]Request{{Name: providerstate.Pending}})
		require.Contains(t, refusal.Reason, `fixtures.json has 2 records of "a pending phone validation", and none is left for this scenario`)
		require.Contains(t, refusal.Advice, `add another record of "a pending phone validation" to fixtures.json`)
		_, _, refusal = m.Planner().Reserve([]Request{{Name: providerstate.Pending}})
		require.Nil(t, refusal, "another plan has every record")
	})

	t.Run("those of no phone validation serve again and again, but not twice in a scenario", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.None, fixture(1, ""), fixture(2, ""))))
		p := m.Planner()
		for range 5 {
			a, _, refusal := p.Reserve([]Request{{Name: providerstate.None}, {Name: providerstate.None}})
			require.Nil(t, refusal)
			require.NotSame(t, a.picks[0].prepared, a.picks[1].prepared)
		}
		_, _, refusal := p.Reserve([]Request{{Name: providerstate.None}, {Name: providerstate.None}, {Name: providerstate.None}})
		require.NotNil(t, refusal)
	})

	t.Run("those of a scenario differ in phone and in token", func(t *testing.T) {
		twins := []string{fixture(1, ""), strings.Replace(fixture(1, ""), "token-1", "token-9", 1), strings.Replace(fixture(2, ""), "token-2", "token-1", 1), fixture(3, "")}
		a, _, refusal := newMaker(t, Options{}, file(fixtures(providerstate.None, twins...))).Planner().Reserve([]Request{{Name: providerstate.None}, {Name: providerstate.None}})
		require.Nil(t, refusal)
		require.Equal(t, "3", a.picks[1].prepared.values.Phone)
	})

	t.Run("a record fits the country code and the gateway that are asked for", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Pending,
			fixture(1, `,"phoneGateway":"sms"`), fixture(2, ""), fixture(3, `,"phoneGateway":"whatsapp"`))))
		p := m.Planner()
		reserve := func(asked Request) *Skip { _, _, refusal := p.Reserve([]Request{asked}); return refusal }
		require.NotNil(t, reserve(Request{Name: providerstate.Pending, CountryCode: "+1"}))
		require.Nil(t, reserve(Request{Name: providerstate.Pending, PhoneGateway: "whatsapp"}))
		require.Nil(t, reserve(Request{Name: providerstate.Pending, PhoneGateway: "whatsapp"}), "a record without a gateway honours any")
		require.NotNil(t, reserve(Request{Name: providerstate.Pending, PhoneGateway: "whatsapp"}))
		require.Nil(t, reserve(Request{Name: providerstate.Pending, PhoneGateway: "sms"}))
	})

	t.Run("who asks for nothing leaves what is rare", func(t *testing.T) {
		p := newMaker(t, Options{}, file(fixtures(providerstate.Pending,
			fixture(1, `,"phoneGateway":"sms"`), fixture(2, ""), fixture(3, "")))).Planner()
		_, _, refusal := p.Reserve([]Request{{Name: providerstate.Pending}})
		require.Nil(t, refusal)
		_, _, refusal = p.Reserve([]Request{{Name: providerstate.Pending, PhoneGateway: "sms"}})
		require.Nil(t, refusal)
	})

	t.Run("a scenario that is refused takes nothing", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Pending, fixture(1, ""), fixture(2, ""))))
		p := m.Planner()
		for range 3 {
			_, _, refusal := p.Reserve([]Request{{Name: providerstate.Pending}, {Name: providerstate.Pending}, {Name: providerstate.Pending}})
			require.NotNil(t, refusal)
		}
		a, _, refusal := p.Reserve([]Request{{Name: providerstate.Pending}, {Name: providerstate.Pending}})
		require.Nil(t, refusal)
		requirePrepared(t, m, []int{0, 1}, a)
	})

	t.Run("a retry takes a spare record, and then there is none", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Pending, fixture(1, ""), fixture(2, ""))))
		needs := []Request{{Name: providerstate.Pending}}
		a, _, refusal := m.Planner().Reserve(needs)
		require.Nil(t, refusal)
		session, err := m.Begin(t.Context(), a, nil)
		require.NoError(t, err)
		first, err := session.Make(t.Context(), 0, "")
		require.NoError(t, err)
		require.NoError(t, session.Reset(t.Context()))
		second, err := session.Make(t.Context(), 0, "")
		require.NoError(t, err)
		require.NotEqual(t, first.Phone, second.Phone)
		require.NoError(t, session.Reset(t.Context()))
		_, err = session.Make(t.Context(), 0, "")
		require.ErrorAs(t, err, new(*NotMade))
		require.ErrorContains(t, err, "is used up")
		require.NoError(t, session.End(t.Context()))
	})

	t.Run("what a retry takes goes with what it took for the scenario's other state", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Pending, fixture(1, ""), fixture(2, ""),
			fixture(3, ""), strings.Replace(fixture(4, ""), "token-4", "token-3", 1), fixture(5, ""))))
		needs := []Request{{Name: providerstate.Pending}, {Name: providerstate.Pending, Beside: true}}
		a, _, refusal := m.Planner().Reserve(needs)
		require.Nil(t, refusal)
		session, err := m.Begin(t.Context(), a, nil)
		require.NoError(t, err)
		var phones []string
		for range 2 {
			for need := range needs {
				values, err := session.Make(t.Context(), need, "")
				require.NoError(t, err)
				phones = append(phones, values.Phone)
			}
			require.NoError(t, session.Reset(t.Context()))
		}
		require.Equal(t, []string{"1", "2", "3", "5"}, phones)
		requirePrepared(t, m, []int{0, 1}, a) // the plan stays as it is
		require.NoError(t, session.End(t.Context()))
	})

	t.Run("a retry does not take what another scenario has reserved", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Pending, fixture(1, ""), fixture(2, ""))))
		p, needs := m.Planner(), []Request{{Name: providerstate.Pending}}
		a, _, _ := p.Reserve(needs)
		_, _, refusal := p.Reserve(needs)
		require.Nil(t, refusal)
		session, err := m.Begin(t.Context(), a, nil)
		require.NoError(t, err)
		_, err = session.Make(t.Context(), 0, "")
		require.NoError(t, err)
		_, err = session.Make(t.Context(), 0, "")
		require.ErrorAs(t, err, new(*NotMade))
	})

	t.Run("notifications cannot come to a prepared record", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Webhook, fixture(1, ""))))
		_, _, refusal := m.Planner().Reserve([]Request{{Name: providerstate.Webhook}})
		require.Contains(t, refusal.Reason, "cannot know the address")
	})

	t.Run("their phones are taken", func(t *testing.T) {
		m := newMaker(t, Options{}, file(fixtures(providerstate.Pending, fixture(62647737, ""))))
		require.True(t, m.Taken("+507", "6264 7737"))
		require.False(t, m.Taken("+1", "62647737"))
		require.Zero(t, m.Limit())
	})
}
