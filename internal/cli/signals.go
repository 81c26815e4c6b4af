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

	"verifik-contract/internal/result"
)

// listen handles signals until stop is called: the first one interrupts a verb that can be interrupted; otherwise, and from
// the second one on, the tool ends at once. The process stays subscribed after that: a signal that came while it exits would
// kill it and replace its exit code.
func (a *app) listen() (stop func()) {
	signals := a.Interrupt
	if signals == nil {
		own := make(chan os.Signal, 2)
		signal.Notify(own, os.Interrupt, syscall.SIGTERM)
		if !signal.Ignored(syscall.SIGHUP) { // the terminal is gone; nohup has it ignored
			signal.Notify(own, syscall.SIGHUP)
		}
		// It would kill a process that does not subscribe: a reader that goes away must not cost the result.
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

// sameSignal is how long after the first signal a second one may still belong to it: GNU timeout and systemd signal a process,
// and then its whole group. It is long enough to write a result.
const sameSignal = time.Second

func (a *app) interrupt() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.cancel == nil {
		a.after(time.Until(a.interrupted.Add(sameSignal)), a.abandon)
		return
	}
	a.interrupted = time.Now()
	a.cancel()
	a.cancel = nil
}

// interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP cancels. The second one ends the tool, but not
// before the result can have been written.
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

// grace is how long the tool still waits for pipes after an interruption.
const grace = 2 * time.Second

// writing returns the context for writing a verb's outputs: a signal ends the wait for a pipe that nobody reads, and after an
// interruption only grace is left.
func writing(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() != nil {
		return context.WithTimeout(context.WithoutCancel(ctx), grace)
	}
	return context.WithCancel(ctx)
}

// tolerantWriter is a stream whose reader may go away, as `| head` or a closed terminal does. From then on, writes are ignored
// without an error.
type tolerantWriter struct {
	w        io.Writer
	terminal bool
	gone     atomic.Bool
	lost     atomic.Pointer[failure] // why something could not be written, though somebody reads; nil: nothing was lost
}

func (e *tolerantWriter) Write(p []byte) (int, error) {
	if e.gone.Load() {
		return len(p), nil
	}
	n, err := e.w.Write(p)
	if readerGone(err, e.terminal) {
		e.gone.Store(true)
		return len(p), nil
	}
	if err != nil {
		lost := &failure{code: result.ExitUnjudged, err: err}
		e.lost.Store(lost)
		return n, lost
	}
	return n, nil
}

// panicGuard catches the first panic of other goroutines, with its stack, for the verb's own goroutine. The runtime would print
// it with whatever secrets it contains, and end the process without a report.
type panicGuard struct {
	mutex  sync.Mutex
	caught string
}

func (g *panicGuard) do(f func()) {
	defer func() {
		if p := recover(); p != nil {
			g.mutex.Lock()
			defer g.mutex.Unlock()
			g.caught = cmp.Or(g.caught, fmt.Sprintf("%v\n\n%s", p, debug.Stack()))
		}
	}()
	f()
}

func (g *panicGuard) failed() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.caught != ""
}

// rethrow panics with the panic that was caught, if any.
func (g *panicGuard) rethrow() {
	if g.failed() {
		panic(g.caught)
	}
}
