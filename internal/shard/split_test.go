package shard_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/shard"
)

// loads adds up what each shard costs, and fails unless every item is in exactly one shard.
func loads(t *testing.T, items []shard.Item, count int) (cost, held []int) {
	t.Helper()
	owners := make([]int, len(items))
	for n := 1; n <= count; n++ {
		sum, number := 0, 0
		for i, mine := range shard.Split(items, shard.Shard{Index: n, Count: count}) {
			if mine {
				owners[i]++
				number++
				sum += max(items[i].Cost, 0)
			}
		}
		cost, held = append(cost, sum), append(held, number)
	}
	for i, n := range owners {
		require.Equal(t, 1, n, "item %d (%s) is in %d shards", i, items[i].Key, n)
	}
	return cost, held
}

func TestEveryItemIsInExactlyOneShardAndTheShardsAreBalanced(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 7)) // the seed is fixed: a failure repeats
	for round := range 200 {
		items := make([]shard.Item, random.IntN(60))
		dearest := 0
		for i := range items {
			items[i] = shard.Item{Key: fmt.Sprintf("features/otp.feature:%d", i), Cost: random.IntN(20) - 1}
			dearest = max(dearest, items[i].Cost)
		}
		count := 1 + random.IntN(9)
		cost, _ := loads(t, items, count)
		least, most := cost[0], cost[0]
		for _, c := range cost {
			least, most = min(least, c), max(most, c)
		}
		require.LessOrEqual(t, most-least, dearest, "round %d: %v", round, cost)
	}
}

func TestTheSplitDoesNotDependOnTheOrderOfTheItems(t *testing.T) {
	items := []shard.Item{{"a", 3, 0}, {"b", 3, 0}, {"c", 3, 0}, {"d", 1, 0}, {"e", 0, 0}, {"f", 9, 0}}
	shuffled := []shard.Item{items[4], items[2], items[5], items[0], items[3], items[1]}
	for n := 1; n <= 3; n++ {
		s := shard.Shard{Index: n, Count: 3}
		require.ElementsMatch(t, keys(items, shard.Split(items, s)), keys(shuffled, shard.Split(shuffled, s)))
	}
}

func TestItemsWithoutCostAreSharedEqually(t *testing.T) {
	items := make([]shard.Item, 10)
	for i := range items {
		items[i] = shard.Item{Key: fmt.Sprint(i)}
	}
	_, held := loads(t, items, 5)
	require.Equal(t, []int{2, 2, 2, 2, 2}, held)
}

func TestItemsWithTheSameKeyBelongToOneShardEach(t *testing.T) {
	loads(t, []shard.Item{{"same", 1, 0}, {"same", 1, 0}, {"same", 2, 0}}, 2)
}

func TestMoreShardsThanItemsLeaveTheRestEmpty(t *testing.T) {
	cost, _ := loads(t, []shard.Item{{"a", 4, 0}, {"b", 2, 0}}, 4)
	require.Equal(t, []int{4, 2, 0, 0}, cost)
}

func keys(items []shard.Item, mine []bool) []string {
	found := []string{}
	for i, yes := range mine {
		if yes {
			found = append(found, items[i].Key)
		}
	}
	return found
}
