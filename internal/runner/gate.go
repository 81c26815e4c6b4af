package runner

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// gate lets a number of scenarios run at once, and lets them in in the order of their turns, whatever order they come in. A
// scenario that only waits steps aside by leave and take, so that it keeps no other from running.
type gate struct {
	places int
	free   *semaphore.Weighted
	last   chan struct{} // closed when everyone who has a turn was let in
}

// turn is that of one scenario.
type turn struct {
	places  int
	before  <-chan struct{} // closed when everyone before was let in
	entered chan struct{}
}

func newGate(places int) *gate {
	nobody := make(chan struct{})
	close(nobody)
	return &gate{places: places, free: semaphore.NewWeighted(int64(places)), last: nobody}
}

// turn returns the next turn: of a scenario that takes one place, or every place where it is to run alone. Each has to be taken.
func (g *gate) turn(alone bool) turn {
	t := turn{places: 1, before: g.last, entered: make(chan struct{})}
	if alone {
		t.places = g.places
	}
	g.last = t.entered
	return t
}

// enter waits until it is a scenario's turn and its places are free.
func (g *gate) enter(t turn) {
	<-t.before
	g.take(t.places)
	close(t.entered)
}

func (g *gate) take(places int) {
	_ = g.free.Acquire(context.Background(), int64(places)) // fails only where its context ends
}

func (g *gate) leave(places int) { g.free.Release(int64(places)) }
