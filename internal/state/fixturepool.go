package state

import (
	"cmp"
	"slices"
	"sync"

	"verifik-contract/internal/providerstate"
)

// fixturePool holds which of the prepared records are taken while a plan hands them out and a run takes spare ones for its
// retries. It is safe for concurrent use.
type fixturePool struct {
	mutex sync.Mutex
	taken map[pick]bool
}

// take hands out a record that fits what is asked for and that the scenario, which has the given ones already, can
// use beside them: one that names the gateway that is asked for, then one that tells the least, then one of which the
// most are left, so that what is rare is kept for who asks for it. Records of None are reusable.
func (p *fixturePool) take(index int, from *static, asked Request, beside []int) (taken int, ok bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var fit []int
	left := map[int]int{} // by kind
	for i, r := range from.records {
		if r.name == asked.Name && !p.taken[pick{index, i}] {
			left[r.kind]++
			if r.fits(asked) && !from.conflict(i, beside) {
				fit = append(fit, i)
			}
		}
	}
	if len(fit) == 0 {
		return 0, false
	}
	exact := func(r *record) int {
		if asked.PhoneGateway != "" && r.values.PhoneGateway != "" {
			return 0
		}
		return 1
	}
	taken = slices.MinFunc(fit, func(a, b int) int {
		x, y := &from.records[a], &from.records[b]
		return cmp.Or(cmp.Compare(exact(x), exact(y)), cmp.Compare(len(x.known), len(y.known)), cmp.Compare(left[y.kind], left[x.kind]))
	})
	if asked.Name != providerstate.None {
		p.taken[pick{index, taken}] = true
	}
	return taken, true
}

// putBack undoes a take.
func (p *fixturePool) putBack(one pick) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.taken, one)
}
