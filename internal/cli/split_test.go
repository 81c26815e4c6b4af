package cli

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/shard"
	"verifik-contract/internal/state"
)

func pooled(codes ...string) []env.States {
	var phones []env.Phone
	for i, code := range codes {
		phones = append(phones, env.Phone{CountryCode: code, Number: fmt.Sprintf("6264773%d", i)})
	}
	return []env.States{{Verifik: &env.Verifik{Phones: phones}}}
}

func TestEachScenarioIsInExactlyOneShardAndWhereItsCountryIs(t *testing.T) {
	codes := []string{"+507", "+57", "+1", "+507"}
	var scenarios []plan.Scenario
	for i, code := range []string{"", "+57", "+1", "", "+507", "+999", "", ""} {
		scenarios = append(scenarios, plan.Scenario{ID: fmt.Sprint("scenario ", i), Case: &plan.Case{Needs: []state.Request{{Name: providerstate.Pending, CountryCode: code}}}})
	}
	times := make([]int, len(scenarios))
	for index := 1; index <= 2; index++ {
		l := &loaded{shard: shard.Shard{Index: index, Count: 2}, environment: &env.Environment{States: pooled(codes...)}}
		require.NoError(t, l.keepShardPhones())
		own := l.environment.States[0].Verifik.Phones
		var items []shard.Item
		for _, s := range scenarios {
			items = append(items, l.item(s))
		}
		for i, kept := range shard.Split(items, l.shard) {
			if !kept {
				continue
			}
			times[i]++
			if code := scenarios[i].Needs[0].CountryCode; code != "" && code != "+999" {
				require.Contains(t, func() (have []string) {
					for _, phone := range own {
						have = append(have, phone.CountryCode)
					}
					return have
				}(), code, "shard %d was not dealt a phone of it", index)
			}
		}
	}
	for i, n := range times {
		require.Equal(t, 1, n, "scenario %d", i)
	}
}

func TestAShardWithoutAPhoneIsRefused(t *testing.T) {
	l := &loaded{shard: shard.Shard{Index: 2, Count: 2}, environment: &env.Environment{States: pooled("+507")}}
	require.ErrorContains(t, l.keepShardPhones(), "shard 2/2 has no phone: the pool has 1")
}
