package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/text"
)

// Times of the progress view.
const (
	heartbeat = 30 * time.Second // between two lines where nobody watches
	patience  = time.Second      // before a bar appears: most runs are over by then
	hanging   = 3 * time.Second  // from when on a running scenario is named
)

// progress tells how far a long run is: a bar under the live view on a terminal, a line now and then in CI.
type progress struct {
	mutex   sync.Mutex
	total   int
	done    int
	running map[string]running
	now     func() time.Time
}

type running struct {
	name  string
	since time.Time
}

func newProgress(p *plan.Plan, now func() time.Time) *progress {
	progress := &progress{running: map[string]running{}, now: now}
	for _, s := range p.Scenarios {
		if s.Skip == "" {
			progress.total++
		}
	}
	return progress
}

func (p *progress) began(s plan.Scenario) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.running[s.ID] = running{fmt.Sprintf("%s %s", s.Rule, s.Name), p.now()}
}

func (p *progress) ended(id string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if _, ran := p.running[id]; ran {
		delete(p.running, id)
		p.done++
	}
}

// slowest names the scenario that has run longest, where it has run for long.
func (p *progress) slowest() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var longest running
	for _, r := range p.running {
		if longest.name == "" || r.since.Before(longest.since) {
			longest = r
		}
	}
	if longest.name == "" || p.now().Sub(longest.since) < hanging {
		return ""
	}
	return fmt.Sprintf("%s has run for %s", text.Cut(longest.name, 100), text.Duration(p.now().Sub(longest.since).Round(time.Second)))
}

func (p *progress) count() (done, total int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.done, p.total
}

// line returns the heartbeat's text.
func (p *progress) line(since time.Time) string {
	done, total := p.count()
	line := fmt.Sprintf("... %d of %d scenarios after %s", done, total, text.Duration(p.now().Sub(since).Round(time.Second)))
	if slow := p.slowest(); slow != "" {
		line += "; " + slow
	}
	return line
}

// until does something on a goroutine until it is told to quit; stop returns when it has ended.
func until(do func(quit <-chan struct{})) (stop func()) {
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		do(quit)
	}()
	return func() {
		close(quit)
		<-gone
	}
}

// beat writes the heartbeat at each tick until it is told to stop.
func (p *progress) beat(w io.Writer, ticks <-chan time.Time, view *guard) (stop func()) {
	since := p.now()
	return until(func(quit <-chan struct{}) {
		for {
			select {
			case <-ticks:
				view.do(func() { fmt.Fprintln(w, p.line(since)) })
			case <-quit:
				return
			}
		}
	})
}

// bar draws a bar on a terminal once the run's patience is over, and returns where the live view goes, so that its
// lines stand above the bar. Until then they go to the screen itself: mpb drops what it gets before it draws.
// Taken from mpb: a bar, lines above it and a narrow terminal together are more than a few lines of our own.
func (p *progress) bar(w io.Writer, width int, patience <-chan time.Time) (io.Writer, func()) {
	shared := &lockedWriter{w: w}
	return shared, until(func(quit <-chan struct{}) {
		select {
		case <-patience:
			p.draw(shared, width, quit)
		case <-quit:
		}
	})
}

// draw draws the bar until it is told to quit, and leaves no trace of it.
func (p *progress) draw(shared *lockedWriter, width int, quit <-chan struct{}) {
	screen := shared.w
	container := mpb.New(mpb.WithOutput(bare(screen)), mpb.WithWidth(min(max(width, 40), 60)), mpb.WithRefreshRate(100*time.Millisecond), mpb.WithAutoRefresh())
	bar := container.New(int64(p.total), mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding(" ").Rbound("]"),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.CountersNoUnit("%d of %d ")),
		mpb.AppendDecorators(
			decor.AverageSpeed(0, " %.0f/s"),
			decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 6}),
			decor.Any(func(decor.Statistics) string { return "  " + p.slowest() }),
		))
	shared.turn(container)
	defer func() {
		bar.Abort(true)
		container.Wait()
		shared.turn(screen)
	}()
	tick := time.Tick(100 * time.Millisecond)
	for {
		select {
		case <-tick:
			done, _ := p.count()
			bar.SetCurrent(min(int64(done), int64(p.total)-1))
		case <-quit:
			return
		}
	}
}
