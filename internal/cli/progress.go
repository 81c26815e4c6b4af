package cli

import (
	"fmt"
	"sync"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/text"
)

// Times of the progress view.
const (
	lineInterval   = 30 * time.Second // between two lines where nobody watches
	statusInterval = time.Second      // between two status lines on a terminal: most runs end before the first
	slowAfter      = 3 * time.Second  // after which a running scenario is named
)

// progress shows how far a long run is: in a status line on a terminal, in a line now and then in CI.
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
	runs := group.Where(p.Scenarios, func(s plan.Scenario) bool { return s.Skip == "" })
	return &progress{total: len(runs), running: map[string]running{}, now: now}
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

// line returns how far the run is, and names the scenario that has been running longest, if it has been for long.
func (p *progress) line(since time.Time) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	passed := func(since time.Time) time.Duration { return p.now().Sub(since).Round(time.Second) }
	after := passed(since)
	line := fmt.Sprintf("... %d of %d scenarios after %s", p.done, p.total, text.Duration(after))
	longest := running{since: p.now().Add(-slowAfter)}
	for _, r := range p.running {
		if !r.since.After(longest.since) {
			longest = r
		}
	}
	if longest.name != "" {
		line += fmt.Sprintf("; %s has run for %s", text.Cut(longest.name, 100), text.Duration(passed(longest.since)))
	}
	// At the end, where a narrow terminal cuts the line: what hangs is worth more than an estimate.
	if seconds, left := int(after.Seconds()), p.total-p.done; p.done > 0 && seconds > 0 && left > 0 {
		if rate := float64(p.done) / float64(seconds); rate >= 0.01 {
			line += fmt.Sprintf("; %.2f a second", rate)
		}
		line += fmt.Sprintf("; about %s left", text.Duration(time.Duration((seconds*left+p.done-1)/p.done)*time.Second))
	}
	return line
}

// watch shows the line at each tick until stop is called.
func (p *progress) watch(ticks <-chan time.Time, show func(line string)) (stop func()) {
	since, quit := p.now(), make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-ticks:
				show(p.line(since))
			case <-quit:
				return
			}
		}
	})
	return func() {
		close(quit)
		watching.Wait()
	}
}
