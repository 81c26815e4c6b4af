// Package group has functions on collections that the standard library lacks: grouping, finding, filtering, mapping, adding
// once and summing.
package group

import (
	"iter"
	"slices"
)

// By returns the values grouped by key; groups and values keep the order of the input.
func By[T any, K comparable](all []T, key func(T) K) [][]T {
	var groups [][]T
	at := map[K]int{}
	for _, v := range all {
		k := key(v)
		i, known := at[k]
		if !known {
			i = len(groups)
			at[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], v)
	}
	return groups
}

// Keyed returns the values by key; of several with one key, the last.
func Keyed[T any, K comparable](all []T, key func(T) K) map[K]T {
	keyed := make(map[K]T, len(all))
	for _, v := range all {
		keyed[key(v)] = v
	}
	return keyed
}

// Pointers returns pointers to the elements, so that large ones are not copied.
func Pointers[T any](all []T) []*T {
	to := make([]*T, len(all))
	for i := range all {
		to[i] = &all[i]
	}
	return to
}

// First returns the first value for which holds returns true; the zero value if there is none.
func First[T any](all []T, holds func(T) bool) (first T) {
	if at := slices.IndexFunc(all, holds); at >= 0 {
		first = all[at]
	}
	return first
}

// With returns the values with more of them added, each unless it is there already.
func With[T comparable](all []T, more ...T) []T {
	for _, v := range more {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// Where returns the values for which holds returns true.
func Where[T any](all []T, holds func(T) bool) []T {
	some := all[:0:0] // without capacity, so that append does not write into all
	for _, v := range all {
		if holds(v) {
			some = append(some, v)
		}
	}
	return some
}

// Map returns the results of calling a function on each value.
func Map[T, R any](all []T, of func(T) R) []R {
	made := make([]R, 0, len(all))
	for _, v := range all {
		made = append(made, of(v))
	}
	return made
}

// Alike returns how many values two lists have in common at their beginning.
func Alike[T comparable](a, b []T) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// Sum returns the sum of numbers.
func Sum[N ~int | ~float64](all iter.Seq[N]) (sum N) {
	for n := range all {
		sum += n
	}
	return sum
}
