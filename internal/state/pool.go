package state

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"verifik-contract/env"
	"verifik-contract/internal/group"
)

// pool lends each phone to one scenario at a time. A scenario gets all its phones at once, so that no two scenarios wait
// for each other; the one that has waited longest goes first.
type pool struct {
	mutex   sync.Mutex
	changed *sync.Cond // phones were given back, or a scenario stopped waiting
	busy    map[env.Phone]bool
	waiting []*needs // in order of arrival
}

// needs are the phones that would do for each need of a scenario; nil: it needs none.
type needs [][]env.Phone

func newPool() *pool {
	p := &pool{busy: map[env.Phone]bool{}}
	p.changed = sync.NewCond(&p.mutex)
	return p
}

// take waits until there is a phone for each need. The error is the context's.
func (p *pool) take(ctx context.Context, wanted needs) ([]env.Phone, error) {
	defer context.AfterFunc(ctx, func() { p.give(nil) })()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.waiting = append(p.waiting, &wanted)
	defer func() {
		p.waiting = slices.DeleteFunc(p.waiting, func(other *needs) bool { return other == &wanted })
		p.changed.Broadcast()
	}()
	for {
		phones, all := p.free(&wanted)
		if all {
			for _, phone := range phones {
				p.busy[phone] = true
			}
			return phones, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.changed.Wait()
	}
}

// give returns phones to the pool.
func (p *pool) give(phones []env.Phone) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, phone := range phones {
		delete(p.busy, phone)
	}
	p.changed.Broadcast()
}

// free finds free phones for a waiting scenario, apart from those that earlier ones could use: otherwise scenarios that need
// one phone could keep one that needs two waiting for ever.
func (p *pool) free(wanted *needs) (phones []env.Phone, all bool) {
	kept := map[env.Phone]bool{}
	for _, other := range p.waiting {
		phones, all = match(*other, func(phone env.Phone) bool { return !p.busy[phone] && !kept[phone] })
		if other == wanted {
			break
		}
		for _, phone := range phones {
			kept[phone] = true
		}
	}
	return phones, all
}

// wanted returns the phones that would do for each need, the one at start first; nil for one that no pool serves.
func wanted(picks []pick, start int) needs {
	return group.Map(picks, func(one pick) []env.Phone {
		at := start % max(len(one.phones), 1)
		if at == 0 {
			return one.phones
		}
		return slices.Concat(one.phones[at:], one.phones[:at])
	})
}

// match finds a different phone for each need that wants one; all is false if there are too few. A need wants any phone or those
// of one country code, so the need with the smallest choice goes first.
func match(wanted needs, free func(env.Phone) bool) (phones []env.Phone, all bool) {
	order := make([]int, len(wanted))
	for need := range order {
		order[need] = need
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(wanted[a]), len(wanted[b])) })
	phones, all = make([]env.Phone, len(wanted)), true
	for _, need := range order {
		i := slices.IndexFunc(wanted[need], func(phone env.Phone) bool { return free(phone) && !slices.Contains(phones, phone) })
		if i >= 0 {
			phones[need] = wanted[need][i]
		} else if wanted[need] != nil {
			all = false
		}
	}
	return phones, all
}
