package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// listen passes signals on for as long as the tool runs: to the verb that is interruptible now, or else, and from the
// second one on, the tool ends at once. The process's own stay asked for after that: one that comes while it exits would kill it, and
// with it its exit code.
func (a *app) listen() (stop func()) {
	signals := a.Interrupt
	if signals == nil {
		own := make(chan os.Signal, 2)
		signal.Notify(own, os.Interrupt, syscall.SIGTERM)
		if !signal.Ignored(syscall.SIGHUP) { // the terminal is gone; under nohup it is ignored, and stays so
			signal.Notify(own, syscall.SIGHUP)
		}
		// It kills a process that does not ask for it: a reader that goes away is to cost no result.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
		signals = own
	}
	finished := make(chan struct{})
	go func() {
		for {
			select {
			case <-signals:
				a.interrupt()
			case <-finished:
				return
			}
		}
	}()
	return func() { close(finished) }
}

// doubled is how soon after the first signal a second one may be the same: GNU timeout and systemd signal a process, and then
// all of its group. The time is enough to write a result.
const doubled = time.Second

func (a *app) interrupt() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.cancel == nil {
		a.after(time.Until(a.interrupted.Add(doubled)), a.abandon)
		return
	}
	a.interrupted = time.Now()
	a.cancel()
	a.cancel = nil
}

// interruptible returns a context that ends at the first SIGINT, SIGTERM or SIGHUP. The second one ends the tool at once, but
// not before the first one's result can have been written.
func (a *app) interruptible(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.cancel = cancel
	a.atEnd(func() {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		a.cancel = nil
		cancel()
	})
	return ctx
}

// grace is how long pipes may still be waited for after an interruption.
const grace = 2 * time.Second

// writing returns the context of what is written at a verb's end: a signal ends the waiting for a pipe that nobody reads, and
// after an interruption there is little time.
func writing(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return context.WithTimeout(context.WithoutCancel(ctx), grace)
	}
	return context.WithCancel(ctx)
}

// enduring is a stream whose reader may go away, as `| head` does and a terminal that is closed: what nobody wants to
// read any more is no reason to end, nor an error.
type enduring struct {
	w        io.Writer
	terminal bool
	gone     atomic.Bool
}

func (e *enduring) Write(p []byte) (int, error) {
	if e.gone.Load() {
		return len(p), nil
	}
	n, err := e.w.Write(p)
	if unread(err, e.terminal) {
		e.gone.Store(true)
		return len(p), nil
	}
	return n, err
}

// guard keeps the first panic of other goroutines, with where it came from, until the verb's own can have it: one that ends the
// process by itself is printed by the runtime with whatever secret is in it, and no report is written.
type guard struct {
	mutex  sync.Mutex
	caught string
}

func (g *guard) do(f func()) {
	defer func() {
		if p := recover(); p != nil {
			g.mutex.Lock()
			defer g.mutex.Unlock()
			g.caught = cmp.Or(g.caught, fmt.Sprintf("%v\n\n%s", p, debug.Stack()))
		}
	}()
	f()
}

func (g *guard) failed() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.caught != ""
}

// rethrow panics with what was kept, if anything was.
func (g *guard) rethrow() {
	if g.failed() {
		panic(g.caught)
	}
}
