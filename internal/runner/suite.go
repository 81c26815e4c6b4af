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

	"verifik-contract/internal/plan"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
)

// The PATH is there again once godog is initialised, which starts nothing without it.
var _ = beforegodog.Restore()

// silent is the name of the formatter that shows nothing: every report is made from the result, and godog's own
// formatters lose rules, skip reasons and lines.
const silent = "verifik-contract-silent"

// registerSilent registers it once: godog's registry is global and has no lock.
var registerSilent = sync.OnceFunc(func() {
	godog.Format(silent, "shows nothing", func(name string, out io.Writer) formatters.Formatter {
		return nothing{godog.NewBaseFmt(name, out)}
	})
})

type nothing struct{ *godog.BaseFmt }

// Summary implements godog's Formatter.
func (nothing) Summary() {}

// name is how godog and the plan name the same scenario: names are unique within a file.
type name struct{ key, scenario string }

// suite returns what runs the plan's scenarios from first up to last, which are of one repetition, through godog. They have the
// next turns of the gate.
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
		if !slices.Contains(paths, s.Key) {
			paths = append(paths, s.Key)
		}
	}
	if len(running) == 0 {
		return func() error { return nil }
	}
	slices.SortStableFunc(running, func(a, b int) int { return earlier(&r.Plan.Scenarios[a], &r.Plan.Scenarios[b]) })
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
			Strict:         true,
			NoColors:       true,
			Concurrency:    len(chosen), // the gate holds them: who comes last in the features may be the first to run
			DefaultContext: ctx,
		},
	}
	return func() error {
		// What the scenarios did is in the outcome; the status only tells what godog could not even start.
		if status := suite.Run(); status == 2 {
			return errors.New("godog refused to run the features")
		}
		return nil
	}
}

// earlier compares scenarios by which starts first: one that runs alone, so that it waits for no other, then those that wait
// for something, so that the others run meanwhile, and then those of many calls.
func earlier(a, b *plan.Scenario) int {
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
		return need.Notifies || need.Name == providerstate.Webhook || need.Name == providerstate.Expired
	})
}

// place is where a scenario stands in the plan, and its turn.
type place struct {
	scenario int
	turn     turn
}

// anything matches the text of any step: the plan has found its meaning in the vocabulary. godog would match each text with every
// expression that is registered, twice.
var anything = regexp.MustCompile("")

// initialise prepares godog for one scenario.
func (r *run) initialise(sc *godog.ScenarioContext, chosen map[name]place, gate *gate) {
	sc.Before(func(ctx context.Context, pickle *godog.Scenario) (context.Context, error) {
		place, ok := chosen[name{pickle.Uri, pickle.Name}]
		if !ok {
			return ctx, godog.ErrSkip
		}
		gate.enter(place.turn)
		if r.halted(ctx) != "" {
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
