package runner

import "sync"

// gate lets a number of scenarios run at once, and lets them in in the plan's order, whatever order they come in. A
// scenario that only waits steps aside, so that it keeps no other from running.
type gate struct {
	mutex  sync.Mutex
	free   int
	next   int                   // whose turn it is
	early  map[int]chan struct{} // those that came and have not been let in
	behind []chan struct{}       // those that stepped aside and want to go on; they go first
}

func newGate(places int) *gate { return &gate{free: places, early: map[int]chan struct{}{}} }

// enter waits until it is the turn of a scenario and there is a place. Turns are counted from 0, and each comes.
func (g *gate) enter(turn int) {
	g.wait(func(ready chan struct{}) { g.early[turn] = ready })
}

// back waits for a place after stepping aside by leave.
func (g *gate) back() {
	g.wait(func(ready chan struct{}) { g.behind = append(g.behind, ready) })
}

// leave gives the place up.
func (g *gate) leave() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.free++
	g.admit()
}

func (g *gate) wait(queue func(ready chan struct{})) {
	ready := make(chan struct{})
	g.mutex.Lock()
	queue(ready)
	g.admit()
	g.mutex.Unlock()
	<-ready
}

func (g *gate) admit() {
	for g.free > 0 {
		var ready chan struct{}
		if len(g.behind) > 0 {
			ready, g.behind = g.behind[0], g.behind[1:]
		} else if ready = g.early[g.next]; ready != nil {
			delete(g.early, g.next)
			g.next++
		} else {
			return
		}
		g.free--
		close(ready)
	}
}
