// Package shard splits a plan into parts that several machines run at the same time. It is pure: equal input gives an equal
// split on every machine, so that the machines need not know of each other.
package shard

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxCount is the largest number of shards: more is a typing error.
const MaxCount = 1000

// Shard is one part of a plan: the Index-th of Count. The zero value is not a shard; Whole is the whole plan.
type Shard struct {
	Index int // from 1
	Count int // at least 1
}

// Whole returns the whole plan, as the only shard of one.
func Whole() Shard { return Shard{Index: 1, Count: 1} }

// indexPrefix marks the form that counts from zero, as Kubernetes' JOB_COMPLETION_INDEX does: an image without a shell
// cannot add one to it, and "0/5" alone would leave open how the others count.
const indexPrefix = "index:"

// Parse reads "2/5", the second of five, or "index:1/5", the same counted from zero as Kubernetes counts the pods
// of an Indexed Job. The error says what to write instead.
func Parse(text string) (Shard, error) {
	numbers, zeroBased := strings.CutPrefix(text, indexPrefix)
	left, right, _ := strings.Cut(numbers, "/")
	index, _ := strconv.Atoi(left)
	count, _ := strconv.Atoi(right)
	s := Shard{Index: index, Count: count}
	switch {
	case s.String() != numbers: // no sign, no space, no leading zero
		return Shard{}, fmt.Errorf("shard %q is not of the form I/N: write 2/5 for the second of five shards (or index:1/5, counted from zero)", text)
	case count < 1 || count > MaxCount:
		return Shard{}, fmt.Errorf("shard %q: the number of shards has to be 1 to %d", text, MaxCount)
	case zeroBased:
		s.Index++
	}
	if s.Index < 1 || s.Index > count {
		return Shard{}, fmt.Errorf("shard %q: the shards of %d are 1/%d to %d/%d (%s0/%d to %s%d/%d where they count from zero)", text, count, count, count, count, indexPrefix, count, indexPrefix, count-1, count)
	}
	return s, nil
}

// String returns the shard as a result names it, whichever form it was read from: "2/5".
func (s Shard) String() string { return strconv.Itoa(s.Index) + "/" + strconv.Itoa(s.Count) }

// Takes reports whether the shard gets the i-th thing, from zero, of those that are dealt out in turn: each shard uses every
// Count-th phone of a pool, so that no two share one.
func (s Shard) Takes(i int) bool { return s.Count > 0 && i%s.Count == s.Index-1 }

// Item is one element of a plan.
type Item struct {
	Key  string // unique
	Cost int    // in any unit
	Home int    // the Index of the shard that has to take it; 0: any may
}

// Split returns for each item whether it belongs to the shard. Every item belongs to exactly one of the Count shards, and the
// items' order does not matter, provided that every shard is given the same items at the same costs: a cost must not depend
// on what a shard has, such as its phones.
//
// The most expensive item goes first, each to the shard with the least cost so far, so that shards differ by no more than
// the most expensive item. Items without a cost are dealt out by number, so that no shard gets all of them.
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
	type load struct{ cost, items int }
	lighter := func(a, b load) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.items, b.items)) }
	mine := make([]bool, len(items))
	loads := make([]load, max(s.Count, 1)) // of each shard so far
	for _, i := range order {
		if home := items[i].Home; home > 0 {
			mine[i] = home == s.Index
			continue
		}
		lightest := slices.Index(loads, slices.MinFunc(loads, lighter))
		loads[lightest].cost += items[i].Cost
		loads[lightest].items++
		mine[i] = lightest == s.Index-1
	}
	return mine
}
