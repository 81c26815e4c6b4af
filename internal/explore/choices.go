package explore

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// choices are the decisions that make a trial, each a number: 0 is the simplest, and fewer are simpler. They are drawn from a
// seed, or replayed, perhaps simplified.
type choices struct {
	random *rand.Rand // nil: they are replayed
	replay []int      // the choices still to come; zeros follow
	made   []int
}

// drawChoices returns the choices of a case by its number, the same on every machine.
func drawChoices(seed uint64, number int) *choices {
	return &choices{random: rand.New(rand.NewPCG(seed, uint64(number)))}
}

// choose makes the next choice, below n.
func (c *choices) choose(n int, draw func() int) int {
	choice := 0
	switch {
	case c.random != nil:
		choice = draw()
	case len(c.replay) > 0:
		choice, c.replay = min(c.replay[0], n-1), c.replay[1:]
	}
	c.made = append(c.made, choice)
	return choice
}

// smallBelow returns a number from 0 to n-1, more often a small one.
func (c *choices) smallBelow(n int) int {
	return c.choose(n, func() int {
		if c.random.IntN(2) == 0 {
			n = 1 + c.random.IntN(n)
		}
		return c.random.IntN(n)
	})
}

// size returns a number from 0 to n-1, each order of magnitude equally often.
func (c *choices) size(n int) int {
	return c.choose(n, func() int { return c.random.IntN(min(n, 1<<c.random.IntN(bits.Len(uint(n))+1))) })
}

// oneIn reports true once in n times. True is the simplest.
func (c *choices) oneIn(n int) bool {
	return c.choose(2, func() int { return min(1, c.random.IntN(n)) }) == 0
}

// pickFrom returns an element of a list.
func pickFrom[T any](c *choices, list []T) T { return list[c.smallBelow(len(list))] }

// listOf returns one to most values. After each it ends once in stop times.
func listOf[T any](c *choices, most, stop int, next func(*choices) T) []T {
	all := []T{next(c)}
	for len(all) < most && !c.oneIn(stop) {
		all = append(all, next(c))
	}
	return all
}

// alternatives is the largest choice for which reduce tries every smaller one, as it may be one of some unrelated alternatives.
// A larger one is taken for a size, and is halved.
const alternatives = 40

// reduce simplifies choices as long as breaks reports true for them: it leaves some out, and makes others smaller. breaks also
// returns the choices that were made when it replayed the candidate.
func reduce(best []int, breaks func([]int) (made []int, broken bool)) []int {
	try := func(candidate []int) bool {
		made, broken := breaks(candidate)
		simpler := cmp.Or(cmp.Compare(len(made), len(best)), slices.Compare(made, best)) < 0 // fewer, or smaller in the first that differs
		if broken && simpler {
			best = made
		}
		return broken && simpler
	}
	with := func(at, choice int) bool {
		candidate := slices.Clone(best)
		candidate[at] = choice
		return try(candidate)
	}
	for before := []int(nil); !slices.Equal(before, best); {
		before = best
		for length := len(best) - 1; length > 0; length-- {
			for at := len(best) - length; at >= 0; at-- {
				for at+length <= len(best) && try(slices.Concat(best[:at], best[at+length:])) {
				}
			}
		}
		for at := 0; at < len(best); at++ {
			few, low := best[at] <= alternatives, -1 // low is known not to break
			for at < len(best) && low+1 < best[at] {
				next := low + 1
				if !few && low >= 0 {
					next = (low + best[at]) / 2
				}
				if !with(at, next) {
					low = next
				}
			}
		}
	}
	return best
}
