package explore

import (
	"flag"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// process guards what rapid keeps for the whole process: its seed and its number of checks are command line flags.
// This file is the only place of the program that drives rapid. Searches run side by side: one that shrinks holds
// the flags only until rapid has read them.
var process struct {
	sync.RWMutex
	prepared bool
}

// draw makes the trial of a seed.
func draw(trials *rapid.Generator[trial], seed int) trial {
	process.RLock()
	defer process.RUnlock()
	return trials.Example(seed) // reads the seed flag too, though it does not use it
}

// shrink finds the smallest trial that still breaks what the trial of a seed breaks. It calls breaks, from this
// goroutine, for smaller and smaller ones; the answer for the same trial must be the same each time, and true for
// the first. rapid gives up after its own rapid.shrinktime of 30 s.
func shrink(trials *rapid.Generator[trial], seed int, breaks func(trial) bool) trial {
	var last trial
	release := claim(seed)
	defer release()
	rapid.Check(&quiet{}, func(t *rapid.T) {
		release()
		made := trials.Draw(t, "case")
		if breaks(made) {
			last = made // rapid ends with the smallest
			t.Fatalf("it breaks")
		}
	})
	return last
}

// claim sets rapid's flags, until release is called, which may be done again and again.
func claim(seed int) (release func()) {
	process.Lock()
	if !process.prepared {
		// rapid asks the testing package whether tests are short, which needs its flags.
		testing.Init()
		if !flag.Parsed() {
			_ = flag.CommandLine.Parse(nil) // no arguments, no error
		}
		set("rapid.nofailfile", "true") // nothing is written to the working folder
		process.prepared = true
	}
	// rapid divides the number by five where tests are short. The first check breaks.
	before := map[string]string{
		"rapid.checks": set("rapid.checks", "5"),
		"rapid.seed":   set("rapid.seed", strconv.Itoa(seed)),
	}
	return sync.OnceFunc(func() {
		for name, value := range before {
			set(name, value)
		}
		process.Unlock()
	})
}

// set sets a flag and returns what it was.
func set(name, value string) string {
	f := flag.Lookup(name)
	if f == nil {
		panic(fmt.Sprintf("explore: rapid has no flag %s any more", name))
	}
	before := f.Value.String()
	if err := f.Value.Set(value); err != nil {
		panic(fmt.Sprintf("explore: rapid's flag %s: %v", name, err))
	}
	return before
}

// seedOf is the seed of one case of a search: never 0, which rapid takes for a random one, and the same on every
// machine. It is the finaliser of SplitMix64.
func seedOf(seed uint64, number int) int {
	z := seed + uint64(number+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z^z>>31)>>34) + 1 // 30 bits fit into every int
}

// quiet is the test that rapid believes to run: it says nothing and goes on after a failure.
type quiet struct{ failed bool }

var _ rapid.TB = (*quiet)(nil)

func (q *quiet) Helper()               {}
func (q *quiet) Name() string          { return "verifik-contract-explore" }
func (q *quiet) Logf(string, ...any)   {}
func (q *quiet) Log(...any)            {}
func (q *quiet) Skipf(string, ...any)  {}
func (q *quiet) Skip(...any)           {}
func (q *quiet) SkipNow()              {}
func (q *quiet) Errorf(string, ...any) { q.failed = true }
func (q *quiet) Error(...any)          { q.failed = true }
func (q *quiet) Fatalf(string, ...any) { q.failed = true }
func (q *quiet) Fatal(...any)          { q.failed = true }
func (q *quiet) FailNow()              { q.failed = true }
func (q *quiet) Fail()                 { q.failed = true }
func (q *quiet) Failed() bool          { return q.failed }
