package cli

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/runner"
	"verifik-contract/internal/text"
	"verifik-contract/internal/traffic"
)

// judgeFlags is the flags of the verbs that judge traffic which others sent.
type judgeFlags struct {
	outputs
	contract contractFlag
	rules    []string
	level    string
	failOn   string
	require  string
	endpoint string // of check and proxy
}

func (j *judgeFlags) flags(cmd *cobra.Command) {
	j.contract.flag(cmd)
	j.reportFlags(cmd)
	cmd.Flags().StringArrayVar(&j.rules, "rule", nil, "only the promise `ID`, for example PV-02; repeatable")
	oneOfFlag(cmd, &j.level, "level", "", "the `LEVEL` and the stronger ones: must or should (default should)", "must", "should")
	oneOfFlag(cmd, &j.failOn, "fail-on", "should", "the weakest `LEVEL` whose breach ends 1: must or should", "must", "should")
	oneOfFlag(cmd, &j.require, "require", "", "end 3 where a rule of this `LEVEL` (must, or should and must) was never seen", "must", "should")
	completeFlag(cmd, "rule", ruleIDs(cmd.Name() == "serve"))
}

func (j *judgeFlags) endpointFlag(cmd *cobra.Command) {
	cmd.Flags().Var((*once)(&j.endpoint), "endpoint", "the `PATH` that the traffic goes to, where it is another: the whole path, or what stands before the endpoint's own")
}

// endFlags is the flags that say when a verb stops waiting for traffic, if no signal comes.
type endFlags struct {
	until    int           // after so many exchanges of the endpoint; 0: never
	duration time.Duration // 0: for ever

	end context.CancelFunc
}

func (e *endFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.IntVar(&e.until, "until", 0, "end after so many requests to the endpoint, `N`")
	flags.DurationVar(&e.duration, "for", 0, "end after a `DURATION`, for example 2m")
	annotateFlag(cmd, "until", aboveZero, "10")
	annotateFlag(cmd, "for", aboveZero, "2m")
}

// begin returns a context that ends when the traffic is to end, or with the given one.
func (e *endFlags) begin(ctx context.Context) context.Context {
	if ctx, e.end = context.WithCancel(ctx); e.duration > 0 {
		time.AfterFunc(e.duration, e.end)
	}
	return ctx
}

// count takes how many requests there were so far.
func (e *endFlags) count(number int) {
	if e.until > 0 && number >= e.until {
		e.end()
	}
}

// judgedTraffic is traffic that is being judged, and where it is shown.
type judgedTraffic struct {
	*traffic.Traffic
	checks contract.Checks
	wanted func(method, path string) bool // whether an exchange is of the endpoint
	screen io.Writer
	view   *terminal.Passing // shows it live
}

// openTraffic checks the flags, and returns a judge of traffic that has seen nothing yet.
func (a *app) openTraffic(j *judgeFlags, kind result.TrafficKind) (*judgedTraffic, error) {
	own, err := j.contract.loadAll()
	if err != nil {
		return nil, err
	}
	declared := own.features.Rules
	if kind == result.Received {
		declared = own.features.Client
	}
	rules := runner.Rules(group.Where(declared, func(r features.Rule) bool {
		weaker := r.Level == "observe" && (kind != result.Received || j.level != "") || j.level == "must" && r.Level != "must"
		return !weaker && (len(j.rules) == 0 || slices.Contains(j.rules, r.ID))
	}))
	for _, id := range j.rules {
		if !slices.ContainsFunc(declared, func(r features.Rule) bool { return r.ID == id }) {
			return nil, inputError("--rule %s: this verb judges no such rule", text.Quote(id))
		}
	}
	if len(rules) == 0 {
		return nil, inputError("nothing is selected: observe rules are not judged on traffic")
	}
	stream := traffic.New(result.Run{
		Tool: tool(), Target: result.Target{Kind: result.HTTP}, Environment: string(kind),
		Digests:   own.digests(),
		Selection: result.Selection{Rules: j.rules, Level: j.level, FailOn: j.failOn, Require: j.require},
		Rules:     rules, Traffic: &result.Traffic{Kind: kind},
	}, a.secrets)
	checks := own.checks()
	wanted, err := endpointAt(checks, j.endpoint)
	screen, tty := a.screen(j.all())
	options := func() terminal.Options { return a.textOptions(tty, j.quiet) }
	j.liveTraffic = terminal.NewPassing(screen, options, a.canRewrite(tty))
	return &judgedTraffic{stream, checks, wanted, screen, j.liveTraffic}, err
}

// endpointAt returns a function that reports whether a request goes to the endpoint: to its own path or, with at, to that
// path or to its own path below that prefix.
func endpointAt(checks contract.Checks, at string) (func(method, path string) bool, error) {
	endpoint := checks.Endpoint()
	paths := []string{endpoint.Path}
	if at != "" {
		if at = "/" + strings.Trim(at, "/"); strings.ContainsAny(at, "?# ") || strings.Contains(at, "://") {
			return nil, inputError("--endpoint %s: write a path, not a URL", text.Quote(at))
		}
		paths = []string{at, strings.TrimSuffix(at, "/") + endpoint.Path}
	}
	return func(method, path string) bool { return method == endpoint.Method && slices.Contains(paths, path) }, nil
}
