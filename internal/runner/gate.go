package runner

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// gate limits how many scenarios run at once, and admits them in the order of their turns, whatever order they arrive in. A
// scenario that only waits gives up its place by leave and take, so that another can run.
type gate struct {
	places int
	free   *semaphore.Weighted
	last   chan struct{} // closed when everyone who has a turn has entered
}

// turn is the right of one scenario to enter.
type turn struct {
	places  int
	before  <-chan struct{} // closed when everyone before has entered
	entered chan struct{}
}

func newGate(places int) *gate {
	nobody := make(chan struct{})
	close(nobody)
	return &gate{places: places, free: semaphore.NewWeighted(int64(places)), last: nobody}
}

// turn returns the next turn, for one place, or for every place if the scenario is to run alone. Each turn has to be used.
func (g *gate) turn(alone bool) turn {
	t := turn{places: 1, before: g.last, entered: make(chan struct{})}
	if alone {
		t.places = g.places
	}
	g.last = t.entered
	return t
}

// enter waits for a turn and its places.
func (g *gate) enter(t turn) {
	<-t.before
	g.take(t.places)
	close(t.entered)
}

func (g *gate) take(places int) {
	_ = g.free.Acquire(context.Background(), int64(places)) // fails only if its context ends
}

func (g *gate) leave(places int) { g.free.Release(int64(places)) }
