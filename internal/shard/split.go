package shard

import (
	"cmp"
	"slices"
)

// Item is one element of a plan: a name that no other element has, what it costs, in any unit, and the Index of the shard
// that has what it needs; 0: any has.
type Item struct {
	Key  string
	Cost int
	Home int
}

// Split returns for each item whether it belongs to the shard. Every item belongs to exactly one of the Count
// shards, and the items' order does not matter. That holds only if every shard is given the same items at the same
// costs: a cost must not depend on what a shard can do, such as the phones that are left to it.
//
// The dearest item goes first, each to the shard that has the least so far: the shards then differ by no more
// than the dearest item costs. Items of no cost are dealt out by number, so that none has all of them.
func Split(items []Item, s Shard) []bool {
	order := make([]int, len(items))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(items[b].Cost, items[a].Cost),
			cmp.Compare(items[a].Key, items[b].Key),
		)
	})
	mine := make([]bool, len(items))
	load := make([]int, max(s.Count, 1))
	held := make([]int, max(s.Count, 1))
	for _, i := range order {
		if home := items[i].Home; home > 0 {
			mine[i] = home == s.Index
			continue
		}
		lightest := 0
		for k := range load {
			if cmp.Or(cmp.Compare(load[k], load[lightest]), cmp.Compare(held[k], held[lightest])) < 0 {
				lightest = k
			}
		}
		load[lightest] += items[i].Cost
		held[lightest]++
		mine[i] = lightest == s.Index-1
	}
	return mine
}
