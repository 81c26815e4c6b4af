package state

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
)

var (
	panama1 = env.Phone{CountryCode: "+507", Number: "62647737"}
	panama2 = env.Phone{CountryCode: "+507", Number: "62647738"}
	states1 = env.Phone{CountryCode: "+1", Number: "2025550123"}
)

func anyPhone(env.Phone) bool { return true }

func TestMatch(t *testing.T) {
	all := []env.Phone{panama1, panama2, states1}
	for name, c := range map[string]struct {
		wanted [][]env.Phone
		count  int
	}{
		"one need": {[][]env.Phone{all}, 1},
		"a picky need after one that takes anything": {[][]env.Phone{all, {panama1}}, 2},
		"three needs, two of them picky":             {[][]env.Phone{all, {panama1}, {panama1, panama2}}, 3},
		"two needs of one phone":                     {[][]env.Phone{{panama1}, {panama1}}, 1},
		"more needs than phones":                     {[][]env.Phone{all, all, all, all}, 3},
		"nothing would do":                           {[][]env.Phone{{}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			phones, complete := match(c.wanted, anyPhone)
			require.Equal(t, c.count == len(c.wanted), complete)
			seen := map[env.Phone]bool{}
			for i, phone := range phones {
				if phone == (env.Phone{}) {
					continue
				}
				require.False(t, seen[phone], "a phone was found twice")
				seen[phone] = true
				if complete {
					require.Contains(t, c.wanted[i], phone)
				}
			}
			require.Len(t, seen, c.count)
		})
	}
}

func TestPool(t *testing.T) {
	background := context.Background()

	t.Run("a scenario of two phones is not overtaken for ever", func(t *testing.T) {
		p := newPool()
		both := []env.Phone{panama1, panama2}
		first, err := p.take(background, [][]env.Phone{both})
		require.NoError(t, err)

		two := make(chan []env.Phone, 1)
		go func() {
			got, _ := p.take(background, [][]env.Phone{both, both})
			two <- got
		}()
		waitFor(t, p, 1)
		one := make(chan []env.Phone, 1)
		go func() {
			got, _ := p.take(background, [][]env.Phone{both})
			one <- got
		}()
		waitFor(t, p, 2)
		require.Empty(t, one, "the free phone is kept for who came first")

		p.give(first)
		got := <-two
		require.ElementsMatch(t, both, got)
		require.Empty(t, one)
		p.give(got)
		require.Len(t, <-one, 1)
	})

	t.Run("who needs another phone is not held up", func(t *testing.T) {
		p := newPool()
		_, err := p.take(background, [][]env.Phone{{panama1}})
		require.NoError(t, err)
		go func() { _, _ = p.take(background, [][]env.Phone{{panama1}}) }()
		waitFor(t, p, 1)
		got, err := p.take(background, [][]env.Phone{{states1}})
		require.NoError(t, err)
		require.Equal(t, []env.Phone{states1}, got)
		p.give([]env.Phone{panama1})
	})

	t.Run("who gives up leaves its place to the next", func(t *testing.T) {
		p := newPool()
		held, err := p.take(background, [][]env.Phone{{panama1}})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(background)
		gone := make(chan error, 1)
		go func() {
			_, err := p.take(ctx, [][]env.Phone{{panama1}, {panama2}})
			gone <- err
		}()
		waitFor(t, p, 1)
		next := make(chan []env.Phone, 1)
		go func() {
			got, _ := p.take(background, [][]env.Phone{{panama2}})
			next <- got
		}()
		waitFor(t, p, 2)
		cancel()
		require.ErrorIs(t, <-gone, context.Canceled)
		require.Equal(t, []env.Phone{panama2}, <-next)
		p.give(held)
	})

	t.Run("many scenarios with mixed needs all end", func(t *testing.T) {
		p := newPool()
		all := []env.Phone{panama1, panama2, states1}
		wants := [][][]env.Phone{{all}, {all, all}, {{states1}, all}, {{panama1}}, {all, all, all}}
		var held sync.Map
		var group sync.WaitGroup
		for i := range 200 {
			group.Go(func() {
				got, err := p.take(background, wants[i%len(wants)])
				if err != nil {
					t.Error(err)
					return
				}
				for _, phone := range got {
					if _, double := held.LoadOrStore(phone, i); double {
						t.Errorf("%v is lent twice", phone)
					}
				}
				for _, phone := range got {
					held.Delete(phone)
				}
				p.give(got)
			})
		}
		group.Wait()
		require.Empty(t, p.waiting)
		require.Empty(t, p.busy)
	})
}

func TestScenariosAreSpreadOverThePool(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	b.declared.Phones = []env.Phone{panama1, panama2, states1}
	m := b.maker(t)
	held := func(place int, needs ...Request) []env.Phone {
		a, _, refusal := m.Planner().Reserve(needs)
		require.Nil(t, refusal)
		session, err := m.Begin(t.Context(), a.StartingAt(place), nil)
		require.NoError(t, err)
		require.NoError(t, session.End(t.Context()))
		return session.phones
	}
	pending, panama := Request{Name: providerstate.Pending}, Request{Name: providerstate.Pending, CountryCode: panama1.CountryCode}
	require.Equal(t, []env.Phone{panama2}, held(1, pending))
	require.Equal(t, []env.Phone{states1}, held(2, pending))
	require.Equal(t, []env.Phone{panama1}, held(3, pending), "from the beginning again")
	require.Equal(t, []env.Phone{states1, panama1}, held(2, pending, pending))
	require.Equal(t, []env.Phone{panama1}, held(2, panama), "of the code that is asked for")
}

// waitFor waits until so many scenarios are waiting.
func waitFor(t *testing.T, p *pool, count int) {
	t.Helper()
	require.Eventually(t, func() bool {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		return len(p.waiting) == count
	}, waitLimit, pollStep)
}

func TestEndingASessionTwiceFreesNoPhoneThatAnotherHolds(t *testing.T) {
	m := newBench(t, &setUpAPI{}).maker(t)
	begin := func() *Session {
		a, _, refusal := m.Planner().Reserve([]Request{{Name: providerstate.Pending, CountryCode: states1.CountryCode}})
		require.Nil(t, refusal)
		session, err := m.Begin(t.Context(), a, nil)
		require.NoError(t, err)
		return session
	}
	first := begin()
	require.NoError(t, first.End(t.Context()))
	second := begin()
	require.NoError(t, first.End(t.Context()))
	require.True(t, m.pool.busy[states1])
	require.NoError(t, second.End(t.Context()))
	require.Empty(t, m.pool.busy)
}
