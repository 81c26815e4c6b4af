package runner

import (
	"cmp"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"sync"

	"beforegodog"

	"github.com/cucumber/godog"
	"github.com/cucumber/godog/formatters"

	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
)

// Without a PATH, initialising godog starts no process; now the PATH is restored.
var _ = beforegodog.Restore()

// silent is the name of a formatter that shows nothing: reports are made from the result, because godog's formatters lose rules,
// skip reasons and lines.
const silent = "verifik-contract-silent"

// registerSilent registers that formatter once: godog's registry is global and has no lock.
var registerSilent = sync.OnceFunc(func() {
	godog.Format(silent, "shows nothing", func(name string, out io.Writer) formatters.Formatter {
		return silentFormatter{godog.NewBaseFmt(name, out)}
	})
})

type silentFormatter struct{ *godog.BaseFmt }

// Summary implements godog's Formatter.
func (silentFormatter) Summary() {}

// name is what godog and the plan know a scenario by: names are unique within a file.
type name struct{ key, scenario string }

// suite returns a function that runs the plan's scenarios from first up to last, all of one repetition, through godog. It
// reserves the next turns of the gate for them.
func (r *run) suite(ctx context.Context, first, last int, gate *gate) func() error {
	registerSilent()
	var running []int
	var paths []string
	for i := first; i < last; i++ {
		s := r.Plan.Scenarios[i]
		if s.Skip != "" {
			continue
		}
		running = append(running, i)
		paths = group.With(paths, s.Key)
	}
	if len(running) == 0 {
		return func() error { return nil }
	}
	slices.SortStableFunc(running, func(a, b int) int { return compareStart(&r.Plan.Scenarios[a], &r.Plan.Scenarios[b]) })
	chosen := map[name]place{}
	for _, i := range running {
		s := &r.Plan.Scenarios[i]
		chosen[name{s.Key, s.Name}] = place{i, gate.turn(slices.Contains(s.Tags, plan.Alone))}
	}
	suite := godog.TestSuite{
		Name:                "contract",
		ScenarioInitializer: func(sc *godog.ScenarioContext) { r.initialise(sc, chosen, gate) },
		Options: &godog.Options{
			FS:             r.Features.FS(),
			Paths:          paths,
			Format:         silent,
			Output:         io.Discard,
			Concurrency:    len(chosen), // the gate limits and orders them
			DefaultContext: ctx,
		},
	}
	return func() error {
		if status := suite.Run(); status == 2 { // others say how scenarios ended, which is recorded here
			return errors.New("godog refused to run the features")
		}
		return nil
	}
}

// compareStart orders scenarios by which starts first: those that run alone, so that they wait for no other; then those that wait
// for something, so that the others run meanwhile; then those of many calls.
func compareStart(a, b *plan.Scenario) int {
	rank := func(s *plan.Scenario) int {
		switch {
		case slices.Contains(s.Tags, plan.Alone):
			return 0
		case waits(s):
			return 1
		}
		return 2
	}
	return cmp.Or(rank(a)-rank(b), b.Cost.Calls-a.Cost.Calls)
}

// waits reports whether a scenario waits for things to settle, for a notification or for an OTP to expire.
func waits(s *plan.Scenario) bool {
	return s.Cost.ReadBacks > 0 || slices.ContainsFunc(s.Needs, func(need state.Request) bool {
		return need.Notified() || need.Name == providerstate.Expired
	})
}

// place is a scenario's index in the plan, and its turn.
type place struct {
	scenario int
	turn     turn
}

// anything matches any step, because the plan already knows what each step means. godog would match each text with every
// registered expression, twice.
var anything = regexp.MustCompile("")

// initialise prepares godog for one scenario.
func (r *run) initialise(sc *godog.ScenarioContext, chosen map[name]place, gate *gate) {
	sc.Before(func(ctx context.Context, pickle *godog.Scenario) (context.Context, error) {
		place, ok := chosen[name{pickle.Uri, pickle.Name}]
		if !ok {
			return ctx, godog.ErrSkip
		}
		gate.enter(place.turn)
		if r.stopReason(ctx) != "" {
			gate.leave(place.turn.places)
			return ctx, godog.ErrSkip
		}
		return context.WithValue(ctx, scenarioKey{}, r.start(place.scenario, gate, place.turn.places)), nil
	})
	sc.Step(anything, func(ctx context.Context) error {
		s, ok := ctx.Value(scenarioKey{}).(*scenario)
		if !ok {
			return godog.ErrSkip
		}
		return s.step(ctx)
	})
	sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
		if s, ok := ctx.Value(scenarioKey{}).(*scenario); ok {
			defer func() { gate.leave(s.held) }()
			s.finish(ctx)
		}
		return ctx, nil
	})
}

type scenarioKey struct{}
