// Package group puts together what belongs together.
package group

// By returns the values in groups of one key, both in the order in which they were given.
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

// Pointers returns where the values are, so that what is large is not copied.
func Pointers[T any](all []T) []*T {
	to := make([]*T, len(all))
	for i := range all {
		to[i] = &all[i]
	}
	return to
}

// Where returns the values of which something holds, in their order.
func Where[T any](all []T, holds func(T) bool) []T {
	some := all[:0:0] // so that what is added is not written into all
	for _, v := range all {
		if holds(v) {
			some = append(some, v)
		}
	}
	return some
}

// Map returns what is made of each value, in their order.
func Map[T, R any](all []T, of func(T) R) []R {
	made := make([]R, 0, len(all))
	for _, v := range all {
		made = append(made, of(v))
	}
	return made
}
