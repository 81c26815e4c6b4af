package cli

import (
	"runtime/debug"
	"sync"
)

// guard keeps the first panic of other goroutines until the verb's own can have it: one that ends the process by
// itself is printed by the runtime with whatever secret is in it, and no report is written.
type guard struct {
	mutex  sync.Mutex
	caught *caught
}

// caught is a panic and where it came from.
type caught struct {
	value any
	stack []byte
}

func (g *guard) do(f func()) {
	defer func() {
		if p := recover(); p != nil {
			g.mutex.Lock()
			defer g.mutex.Unlock()
			if g.caught == nil {
				g.caught = &caught{p, debug.Stack()}
			}
		}
	}()
	f()
}

func (g *guard) failed() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.caught != nil
}

// rethrow panics with what was kept, if anything was.
func (g *guard) rethrow() {
	if g.failed() {
		panic(g.caught)
	}
}
