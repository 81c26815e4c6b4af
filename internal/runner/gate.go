package runner

import "sync"

// gate lets a number of scenarios run at once, and lets them in in the plan's order, whatever order they come in. A
// scenario that only waits steps aside, so that it keeps no other from running.
type gate struct {
	mutex  sync.Mutex
	places int
	free   int
	next   int             // whose turn it is
	early  map[int]guest   // those that came and have not been let in
	behind []chan struct{} // those that stepped aside and want to go on; they go first
}

// guest is a scenario that waits to be let in.
type guest struct {
	ready chan struct{}
	alone bool // while no other runs
}

func newGate(places int) *gate {
	return &gate{places: places, free: places, early: map[int]guest{}}
}

// enter waits until it is the turn of a scenario and there is a place, or every place where it is to run alone. It returns
// how many it has. Turns are counted from 0, and each comes.
func (g *gate) enter(turn int, alone bool) int {
	g.wait(func(ready chan struct{}) { g.early[turn] = guest{ready, alone} })
	if alone {
		return g.places
	}
	return 1
}

// back waits for a place after stepping aside by leave.
func (g *gate) back() {
	g.wait(func(ready chan struct{}) { g.behind = append(g.behind, ready) })
}

// leave gives places up.
func (g *gate) leave(places int) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.free += places
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
		if len(g.behind) > 0 {
			close(g.behind[0])
			g.behind = g.behind[1:]
			g.free--
			continue
		}
		first, came := g.early[g.next]
		if !came || first.alone && g.free < g.places {
			return
		}
		delete(g.early, g.next)
		g.next++
		g.free--
		if first.alone {
			g.free = 0
		}
		close(first.ready)
	}
}
