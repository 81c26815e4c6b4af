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

// Passing is the view of traffic while it passes: a line for each finding, told again when it was seen ten times, a hundred
// times and so on; at a terminal with a last line that counts. It may be told from several goroutines, and holds none of them up: a terminal that stands still
// must not keep anybody from judging.
type Passing struct {
	mutex    sync.Mutex
	out      *Shared
	options  func() Options
	counts   bool           // in the last line
	breaches map[string]int // by rule

	lines  []byte        // that are to be written,
	last   string        // and the last line after them
	due    bool          // something is
	writes chan struct{} // closed when everything was; nil: nobody writes
}

// mostUnwritten is how many bytes may wait for a terminal that stands still. What comes then is in the result alone.
const mostUnwritten = 64 << 10

// NewPassing returns a view. counts says that w is a terminal on which a line may be written over. options is asked each time,
// as a terminal may change its width while traffic passes for hours. With Quiet nothing is shown.
func NewPassing(w io.Writer, options func() Options, counts bool) *Passing {
	return &Passing{out: NewShared(w), options: options, counts: counts && !options().Quiet, breaches: map[string]int{}}
}

// Found shows a finding, whose Times is how often its like was seen by now. where is the exchange that shows it.
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

// Note shows a line of anything else.
func (p *Passing) Note(line string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.options().Quiet {
		p.show([]byte(text.Line(line)+"\n"), "")
	}
}

// Count shows how many exchanges there were, and how many findings of each rule.
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

// Close takes the last line away, and returns when everything is written.
func (p *Passing) Close() {
	p.mutex.Lock()
	p.show(nil, "")
	writes := p.writes
	p.mutex.Unlock()
	<-writes
}

// show has lines written, with a last line under them.
func (p *Passing) show(lines []byte, last string) {
	if len(p.lines)+len(lines) <= mostUnwritten {
		p.lines = append(p.lines, lines...)
	}
	p.last, p.due = last, true
	if p.writes == nil {
		p.writes = make(chan struct{})
		go p.write()
	}
}

// write writes as long as there is something.
func (p *Passing) write() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for p.due {
		lines, last := p.lines, p.last
		p.lines, p.due = nil, false
		p.mutex.Unlock()
		if len(lines) > 0 {
			_, _ = p.out.Write(lines)
		}
		p.out.Status(last)
		p.mutex.Lock()
	}
	close(p.writes)
	p.writes = nil
}
