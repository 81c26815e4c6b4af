package state

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"verifik-contract/env"
)

// pool lends phones, each to one scenario at a time. A scenario gets all the phones that it needs at once, so no
// two scenarios wait for each other; the one that waits longest goes first.
type pool struct {
	mutex   sync.Mutex
	busy    map[env.Phone]bool
	waiting []*waiter // in order of arrival
}

type waiter struct {
	wanted [][]env.Phone // which phones would do, for each need; nil: it needs none
	got    []env.Phone
	ready  chan struct{}
}

// take waits for a phone for each need. The error is the context's.
func (p *pool) take(ctx context.Context, wanted [][]env.Phone) ([]env.Phone, error) {
	w := &waiter{wanted: wanted, ready: make(chan struct{})}
	p.mutex.Lock()
	p.waiting = append(p.waiting, w)
	p.lend()
	p.mutex.Unlock()
	select {
	case <-w.ready:
		return w.got, nil
	case <-ctx.Done():
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.waiting = slices.DeleteFunc(p.waiting, func(other *waiter) bool { return other == w })
	for _, phone := range w.got {
		delete(p.busy, phone)
	}
	p.lend()
	return nil, ctx.Err()
}

// give takes phones back.
func (p *pool) give(phones []env.Phone) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, phone := range phones {
		delete(p.busy, phone)
	}
	p.lend()
}

// lend serves those who wait, first come first. Who cannot be served yet keeps the free phones that it could use
// from the later ones: otherwise scenarios of one phone could keep one of two phones waiting for ever.
func (p *pool) lend() {
	if p.busy == nil {
		p.busy = map[env.Phone]bool{}
	}
	kept := map[env.Phone]bool{}
	still := p.waiting[:0]
	for _, w := range p.waiting {
		got, all := match(w.wanted, func(phone env.Phone) bool { return !p.busy[phone] && !kept[phone] })
		if !all {
			still = append(still, w)
			for _, phone := range got {
				kept[phone] = true
			}
			continue
		}
		for _, phone := range got {
			p.busy[phone] = true
		}
		w.got = got
		close(w.ready)
	}
	clear(p.waiting[len(still):])
	p.waiting = still
}

// wanted returns which phones would do for each need, nil where no pool serves it.
func wanted(picks []pick) (phones [][]env.Phone) {
	for _, one := range picks {
		phones = append(phones, one.phones)
	}
	return phones
}

// match finds a phone of its own for each need that wants one, or for as many as it can; then all is false. Needs want any
// phone or those of one country code: the choosiest chooses first.
func match(wanted [][]env.Phone, free func(env.Phone) bool) (phones []env.Phone, all bool) {
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
