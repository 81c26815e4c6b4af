package explore

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// choices are the decisions that make a trial, each a number: 0 is the simplest, and fewer are simpler. A seed draws
// them; what was drawn once is replayed, as it was or simplified.
type choices struct {
	random *rand.Rand // draws; nil: they are replayed
	replay []int      // that are still to be made; zeros follow
	made   []int
}

// drawing returns the choices of one case of a search: the same on every machine.
func drawing(seed uint64, number int) *choices {
	return &choices{random: rand.New(rand.NewPCG(seed, uint64(number)))}
}

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

// below returns a number from 0 to n-1, small ones more often.
func (c *choices) below(n int) int {
	return c.choose(n, func() int {
		if c.random.IntN(2) == 0 {
			n = 1 + c.random.IntN(n)
		}
		return c.random.IntN(n)
	})
}

// size returns a number from 0 to n-1, of each order of magnitude as often as of another.
func (c *choices) size(n int) int {
	return c.choose(n, func() int { return c.random.IntN(min(n, 1<<c.random.IntN(bits.Len(uint(n))+1))) })
}

// seldom reports true, which is the simplest, once in n times.
func (c *choices) seldom(n int) bool {
	return c.choose(2, func() int { return min(1, c.random.IntN(n)) }) == 0
}

// among returns one of a list.
func among[T any](c *choices, list []T) T { return list[c.below(len(list))] }

// several returns up to so many things, and one at least; after each it ends once in stop times.
func several[T any](c *choices, most, stop int, next func(*choices) T) []T {
	all := []T{next(c)}
	for len(all) < most && !c.seldom(stop) {
		all = append(all, next(c))
	}
	return all
}

// alternatives is up to which number a choice is taken for one of a few alternatives, which have nothing to do with each
// other: each simpler one is tried. Of what is larger, a size, half is tried, then half of the half.
const alternatives = 40

// reduce simplifies choices as long as breaks reports true for them: it leaves some out, makes them 0, then smaller.
// breaks also returns which choices were made where it replayed what it was asked.
func reduce(best []int, breaks func([]int) (made []int, broken bool)) []int {
	try := func(candidate []int) bool {
		made, broken := breaks(candidate)
		if !broken || !simpler(made, best) {
			return false
		}
		best = made
		return true
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
			few, low := best[at] <= alternatives, -1 // what is known not to break
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

// simpler reports whether some choices are simpler than others.
func simpler(some, others []int) bool {
	if len(some) != len(others) {
		return len(some) < len(others)
	}
	return slices.Compare(some, others) < 0
}
