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
// times and so on; at a terminal with a last line that counts. It may be told from several goroutines.
type Passing struct {
	mutex    sync.Mutex
	out      *Shared
	options  func() Options
	counts   bool           // in the last line
	breaches map[string]int // by rule
}

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
	_, _ = p.out.Write(s.Bytes())
}

// Note shows a line of anything else.
func (p *Passing) Note(line string) {
	if !p.options().Quiet {
		fmt.Fprintln(p.out, text.Line(line))
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
		p.out.Status(text.Cut(line, cmp.Or(max(p.options().Width, 0), 80)-5))
	}
}

// Close takes the last line away.
func (p *Passing) Close() { p.out.Status("") }
