package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/env"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/record"
	"verifik-contract/internal/result"
	"verifik-contract/internal/runner"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
)

// stateFlags is the flags of state.
type stateFlags struct {
	selectFlags
	approvalFlags
	other      string
	parameters []string
	format     string
	end        bool
}

func (a *app) stateCommand() *cobra.Command {
	var f stateFlags
	one := func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return inputError("name one state, in quotation marks: %s", listed(states(f.contract)))
		}
		return nil
	}
	cmd := verb("state STATE", one, func(cmd *cobra.Command, args []string) error { return a.state(cmd.Context(), &f, args[0]) })
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return states(f.contract), cobra.ShellCompDirectiveNoFileComp
	}
	f.environmentFlags(cmd)
	f.approvalFlags.flags(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.parameters, "param", nil, "what the state is to have, `NAME=VALUE`: countryCode, phoneGateway or webhookUrl; repeatable")
	flags.StringVar(&f.other, "other", "", "make this `STATE` as well, of another app registration; its variables begin with "+record.OtherPrefix)
	oneOfFlag(cmd, &f.format, "format", "env", "`FORM`: env or json", "env", "json")
	flags.BoolVar(&f.end, "end", false, "undo the state instead, by the handler's teardown")
	completeFlag(cmd, "other", func() []string { return states(f.contract) })
	completeFlag(cmd, "param", func() []string {
		return []string{providerstate.CountryCode + "=", providerstate.PhoneGateway + "=", providerstate.WebhookURL + "="}
	})
	return cmd
}

func (a *app) state(ctx context.Context, f *stateFlags, name string) error {
	l, err := a.load(f.selectFlags)
	if err != nil {
		return err
	}
	if l.environment.Target.Kind == env.TargetEmbedded {
		return inputError("the embedded target ends with this process, and its states with it: start one that stays with `verifik-contract serve`, and name an environment that points at it with -e")
	}
	needs, webhookURL, err := f.needs(name, statesOf(l.meanings))
	if err != nil {
		return err
	}
	l.environment.Webhook = nil // notifications do not come to this process
	t, err := a.open(l)
	if err != nil {
		return err
	}
	_ = problem.Write(a.Err, a.redacted(l.warnings))
	assignment, cost, refusal := t.States.Planner().Reserve(needs)
	if refusal != nil {
		return a.stateError(ctx, refusal)
	}
	doing := "Make"
	if f.end {
		doing, cost = "Undo", state.Cost{}
	}
	p := &plan.Plan{
		Target: plan.Target{BaseURL: a.secrets.Redact(t.BaseURL), Protected: l.environment.Target.Protected},
		Cost:   plan.Cost{States: len(needs), Cost: cost},
	}
	ctx = a.interruptible(ctx)
	if err := a.approved(ctx, f.approvalFlags, p, doing+" "+listed(names(needs)), func() error { return nil }); err != nil {
		return err
	}
	if f.end {
		return a.stateError(ctx, t.States.TearDown(ctx, assignment, webhookURL))
	}
	session, err := t.States.Begin(ctx, assignment, nil)
	if err != nil {
		return a.stateError(ctx, err)
	}
	session.Allowance = state.NewAllowance(f.maxMessages, cost.Messages)
	made := make([]providerstate.Values, len(needs))
	for i := range made {
		if made[i], err = session.Make(ctx, i, webhookURL); err != nil {
			_ = session.End(ctx) // the error of the state that was not made says more
			return a.stateError(ctx, err)
		}
	}
	fmt.Fprintln(a.Err, "What follows is secret: the OTP and the token of a state that was just made. Keep it out of logs.")
	if f.format == "json" {
		return a.stateJSON(made)
	}
	return a.stateVariables(made, l.environment.Target, t)
}

// needs returns the states that the flags ask for.
func (f *stateFlags) needs(name string, known []string) (needs []state.Request, webhookURL string, err error) {
	for _, name := range []string{name, f.other} {
		if name != "" && !slices.Contains(known, name) {
			return nil, "", unknownName("the contract has no state", name, known)
		}
	}
	own := state.Request{Name: providerstate.Name(name)}
	given := map[string]*string{providerstate.CountryCode: &own.CountryCode, providerstate.PhoneGateway: &own.PhoneGateway, providerstate.WebhookURL: &webhookURL}
	for _, parameter := range f.parameters {
		name, value, _ := strings.Cut(parameter, "=")
		switch {
		case given[name] == nil:
			return nil, "", unknownName("--param "+parameter+": a state has no parameter", name, slices.Sorted(maps.Keys(given)))
		case value == "":
			return nil, "", inputError("--param %s has no value: write NAME=VALUE, for example countryCode=+57 (or is a variable not set?)", parameter)
		}
		if err := (*once)(given[name]).Set(value); err != nil {
			return nil, "", inputError("--param %s: %w", parameter, err)
		}
	}
	if u, err := url.Parse(webhookURL); webhookURL != "" && (err != nil || u.Host == "") {
		return nil, "", inputError("--param %s=%s: write the URL to which the provider is to send notifications", providerstate.WebhookURL, webhookURL)
	}
	own.Notifies = webhookURL != ""
	if summary, detail := own.Impossible(); summary != "" {
		return nil, "", inputError("--param: %s. %s", summary, detail)
	}
	if own.Notified() && webhookURL == "" {
		return nil, "", inputError("%q needs --param %s=URL: where the provider is to send notifications", name, providerstate.WebhookURL)
	}
	needs = []state.Request{own}
	if f.other != "" {
		needs = append(needs, state.Request{Name: providerstate.Name(f.other), Beside: true})
	}
	return needs, webhookURL, nil
}

// states returns the names of the provider states of the contract's scenarios, for completion.
func states(c contractFlag) []string {
	d, _ := c.load(nil)
	return statesOf(d.meanings)
}

func statesOf(meanings [][]plan.Meaning) []string {
	all := group.Map(providerstate.Names(), func(name providerstate.Name) string { return string(name) })
	for _, m := range slices.Concat(meanings...) {
		all = group.With(all, names(m.Cost.Needs)...)
	}
	return all
}

func names(needs []state.Request) []string {
	return group.Map(needs, func(need state.Request) string { return string(need.Name) })
}

// unknownName returns the error of an unknown name, with those that exist.
func unknownName(refusal, name string, known []string) error {
	return &failure{result.ExitInput, fmt.Errorf("%s %q%s", refusal, name, text.DidYouMean(name, known)), "There are " + listed(known) + "."}
}

func listed(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// stateError returns the error, with its exit code, of a state that could not be made or undone.
func (a *app) stateError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return exitWith(result.ExitInterrupted)
	}
	if refused, ok := errors.AsType[*state.Skip](err); ok && refused.Advice != "" {
		return &failure{code: result.ExitInput, err: err, hint: text.Line(refused.Advice)}
	}
	return &failure{code: result.ExitUnjudged, err: err}
}

// stateVariables prints the variables that a failure's curl lines use: the values of the states, and secrets of the
// environment.
func (a *app) stateVariables(made []providerstate.Values, target env.Target, t *runner.Target) error {
	var words []string
	add := func(name, value string) { words = append(words, name+"="+curl.Argument(value)) }
	for i, values := range made {
		for _, v := range values.All() {
			add([]string{"", record.OtherPrefix}[i]+v.Variable(), v.Text)
		}
	}
	tokens := contract.MadeUp(made[0].Token)
	for _, name := range slices.Sorted(maps.Keys(tokens)) {
		add(name, tokens[name])
	}
	recorder := record.Recorder{Secrets: a.secrets}
	for _, name := range slices.Sorted(maps.Keys(target.Headers)) {
		if variable := recorder.HeaderVariable(name, target.Headers[name]); variable != "" {
			add(variable, target.Headers[name])
		}
	}
	for _, hidden := range []struct{ name, value string }{{record.TargetPath, record.BasePath(t.BaseURL)}, {record.Proxy, t.Way.Proxy}} {
		if recorder.Hides(hidden.value) {
			add(hidden.name, hidden.value)
		}
	}
	_, err := fmt.Fprintln(a.Out, "export "+strings.Join(words, " "))
	return err
}

// stateJSON prints the values as a provider-state handler answers them; those of the other state are in "other".
func (a *app) stateJSON(made []providerstate.Values) error {
	objects := make([]map[string]any, len(made))
	for i, values := range made {
		objects[i] = map[string]any{}
		for _, v := range values.All() {
			switch {
			case v.Text == "":
			case v.Name == providerstate.OTP || v.Name == providerstate.WrongOTP || v.Name == providerstate.FaceLiveness:
				objects[i][v.Name] = json.RawMessage(v.Text)
			default:
				objects[i][v.Name] = v.Text
			}
		}
	}
	if len(objects) > 1 {
		objects[0]["other"] = objects[1]
	}
	return text.Encode(a.Out, objects[0])
}
