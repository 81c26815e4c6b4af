package terminal

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Passing shows traffic while it passes: a line for each finding, repeated when it was seen ten times, a hundred times and
// so on, and at a terminal a status line with counts. It may be used from several goroutines and never blocks them: a
// terminal that stalls must not hold up the traffic.
type Passing struct {
	mutex    sync.Mutex
	out      *Shared
	options  func() Options
	counts   bool           // in a status line
	breaches map[string]int // by rule

	lines   []byte        // to be written,
	status  string        // and the status line after them
	pending bool          // something is to be written
	writing chan struct{} // closed when all is written; nil while nothing is being written
}

// maxUnwritten is how many bytes may wait for a terminal that stalls. Lines beyond that are dropped; the result has them.
const maxUnwritten = 64 << 10

// NewPassing returns a view. counts asks for the status line: w is a terminal on which a line can be rewritten. options is
// called for each line, as the terminal may change its width. With Quiet nothing is shown.
func NewPassing(w io.Writer, options func() Options, counts bool) *Passing {
	return &Passing{out: NewShared(w), options: options, counts: counts && !options().Quiet, breaches: map[string]int{}}
}

// Found shows a finding, whose Times is how often it was seen so far. where names the exchange that shows it.
func (p *Passing) Found(level result.Level, f result.Finding, where string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.breaches[f.Rule]++
	o := p.options()
	if o.Quiet || f.Times != 1 && strings.Trim(fmt.Sprint(f.Times), "0") != "1" {
		return
	}
	s := newScreen(o)
	if f.Times > 1 {
		where = fmt.Sprintf("%s times, now %s", text.Number(f.Times), where)
	}
	s.Prose(0, fmt.Sprintf("%s (%s) %s  %s", s.Bold(f.Rule), level, view.Difference(&f), s.Dim(where)))
	p.show(s.Bytes(), "")
}

// Note shows any other line.
func (p *Passing) Note(line string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.options().Quiet {
		p.show([]byte(text.Line(line)+"\n"), "")
	}
}

// Count shows in the status line how many exchanges there were, and how many findings of each rule.
func (p *Passing) Count(exchanges int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	line := text.Count(exchanges, "exchange")
	for _, rule := range slices.SortedFunc(maps.Keys(p.breaches), result.CompareIDs) {
		line += fmt.Sprintf(", %s ×%s", rule, text.Number(p.breaches[rule]))
	}
	if p.counts {
		p.show(nil, text.Cut(line, cmp.Or(max(p.options().Width, 0), 80)-5))
	}
}

// Close removes the status line, and returns when everything is written.
func (p *Passing) Close() {
	p.mutex.Lock()
	p.show(nil, "")
	writing := p.writing
	p.mutex.Unlock()
	<-writing
}

// show queues lines, and the status line under them, for writing.
func (p *Passing) show(lines []byte, status string) {
	if len(p.lines)+len(lines) <= maxUnwritten {
		p.lines = append(p.lines, lines...)
	}
	p.status, p.pending = status, true
	if p.writing == nil {
		p.writing = make(chan struct{})
		go p.write()
	}
}

// write writes until nothing is pending.
func (p *Passing) write() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for p.pending {
		lines, status := p.lines, p.status
		p.lines, p.pending = nil, false
		p.mutex.Unlock()
		if len(lines) > 0 {
			_, _ = p.out.Write(lines)
		}
		p.out.Status(status)
		p.mutex.Lock()
	}
	close(p.writing)
	p.writing = nil
}
