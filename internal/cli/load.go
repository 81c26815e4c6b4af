package cli

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"verifik-contract/env"
	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/group"
	"verifik-contract/internal/plan"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/record"
	"verifik-contract/internal/report"
	"verifik-contract/internal/result"
	"verifik-contract/internal/shard"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
	"verifik-contract/internal/transport"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

// selectFlags is the flags that select an environment, a contract and scenarios.
type selectFlags struct {
	plan.Selection
	environment string
	vars        []string
	varFiles    []string
	baseURL     string
	contract    contractFlag
}

// contractFlag is a folder whose features and schemas join the built-in ones; "" if there is none.
type contractFlag string

func (c *contractFlag) flag(cmd *cobra.Command) {
	cmd.Flags().Var((*once)(c), "contract", "a `DIR` whose features/*.feature and schemas/*.json join the built-in ones; one of the same name replaces it")
}

// files returns the feature and schema files of the folder.
func (c contractFlag) files() []string {
	folder := os.DirFS(string(c))
	subjects, _ := fs.Glob(folder, "features/*.feature")
	shapes, _ := fs.Glob(folder, "schemas/*.json")
	return group.Map(slices.Concat(subjects, shapes), func(name string) string { return filepath.Join(string(c), name) })
}

// declared is the contract that was loaded.
type declared struct {
	features *features.Set
	schemas  *schemas.Set
	meanings [][]plan.Meaning // of each scenario's steps
}

func (d declared) checks() contract.Checks { return contract.New(d.schemas) }

func (d declared) digests() result.Digests {
	return result.Digests{Features: d.features.Digest(), Schemas: d.schemas.Digest()}
}

// builtIn returns the built-in contract, which does not change, so that it is read once.
var builtIn = sync.OnceValues(func() (declared, problem.List) { return contractFlag("").read(nil) })

// load returns the schemas and the named features, or all of them. The problems include undefined steps.
func (c contractFlag) load(names []string) (declared, problem.List) {
	if c == "" && len(names) == 0 {
		return builtIn()
	}
	return c.read(names)
}

func (c contractFlag) read(names []string) (d declared, problems problem.List) {
	var folders []string
	sources := []fs.FS{schemas.Files()}
	if folder := string(c); folder != "" {
		folders = append(folders, filepath.Join(folder, "features"))
		sources = append(sources, os.DirFS(filepath.Join(folder, "schemas")))
		if len(c.files()) == 0 {
			problems.Add(fmt.Sprintf("--contract %s: it holds no contract", folder), "A contract is features/*.feature and schemas/*.json.")
		}
	}
	set, found := features.Load(names, folders...)
	problems = append(problems, found...)
	loaded, err := schemas.Load(sources...)
	d.features, d.schemas = set, loaded
	if err != nil {
		problems.Add(err.Error(), "")
		return d, problems
	}
	for _, rule := range contract.Lacking(loaded) {
		problems.Add(fmt.Sprintf("no schema has an x-answer whose rule is %s", rule), "The promise is judged by that answer: a schema that replaces the built-in one needs its x-answer too.")
	}
	for _, answer := range loaded.Answers() {
		if _, known := set.Rule(answer.Rule); !known && len(names) == 0 {
			problems.Add(fmt.Sprintf("schema %s: its rule is %s, which no feature has", answer.Schema, answer.Rule), "")
		}
	}
	for _, r := range set.Client {
		if !slices.Contains(contract.ClientRules(), r.ID) {
			problems = append(problems, set.Problem(r.File, r.Line, fmt.Sprintf("nothing judges the rule %s", r.ID), "The rules about clients are those that the tool has: "+strings.Join(contract.ClientRules(), ", ")+"."))
		}
	}
	d.meanings, found = plan.Match(set, steps.Table(d.checks()))
	return d, append(problems, found...)
}

// loadAll loads the whole contract.
func (c contractFlag) loadAll() (declared, error) {
	d, problems := c.load(nil)
	if problems.HasErrors() {
		return d, problems
	}
	return d, nil
}

func (c *selectFlags) environmentFlags(cmd *cobra.Command) {
	c.contract.flag(cmd)
	c.Repeat = 1 // where there is no flag for it
	f := cmd.Flags()
	f.StringVarP(&c.environment, "env", "e", "local", "the environment `ENV`: local, staging, production, a name for env/NAME.hcl, or a path")
	f.StringArrayVar(&c.vars, "var", nil, "a variable of the environment, `NAME=VALUE`; repeatable")
	f.StringArrayVar(&c.varFiles, "var-file", nil, "a `FILE` of variables; repeatable")
	f.StringVar(&c.baseURL, "base-url", "", "another `URL` for an http target; also by the variable BASE_URL")
	completeFlag(cmd, "env", env.Names)
}

func (c *selectFlags) selectionFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&c.Rules, "rule", nil, "only the promise `ID`, for example PV-02; repeatable")
	f.Var((*once)(&c.Tags), "tags", "only what the tag `EXPRESSION` selects, for example '@must and not @intrusive'")
	f.StringVar(&c.Level, "level", "", "the `LEVEL` and the stronger ones: must, should or observe (default observe; should on a protected target)")
	f.Var((*once)(&c.Shard), "shard", "only one part of the plan, `I/N`: 2/5 is the second of five")
	f.IntVar(&c.Repeat, "repeat", 1, "run the selection `N` times")
	annotateFlag(cmd, "tags", anything, "an empty expression selects everything, as Cucumber has it")
	annotateFlag(cmd, "repeat", anything, "load checks it, together with everything else")
	completeFlag(cmd, "rule", ruleIDs(false))
	completeFlag(cmd, "level", features.Levels)
}

// loaded is everything that can be loaded and checked offline.
type loaded struct {
	choice      selectFlags
	environment *env.Environment
	declared
	warnings       problem.List
	shard          shard.Shard    // of the plan; zero: all of it
	shardByCountry map[string]int // by country code, a shard (from 1) that has such a phone
}

// load reads the environment, the features and the schemas, and checks what can be checked without sending anything. The
// error is a problem.List of everything that is wrong. It refuses to write over a file that the environment reads.
func (a *app) load(c selectFlags, written ...report.Target) (*loaded, error) {
	if c.baseURL == "" {
		c.baseURL = a.variable("BASE_URL")
	}
	l := &loaded{choice: c}
	var problems, found problem.List
	l.environment, found = env.Load(c.environment, env.Options{Vars: c.vars, VarFiles: c.varFiles, BaseURL: c.baseURL, LookupEnv: a.LookupEnv, Secrets: a.secrets})
	problems = append(problems, found...)
	l.declared, found = c.contract.load(c.Features)
	problems = append(problems, found...)
	if c.Repeat < 1 {
		problems.Add(fmt.Sprintf("--repeat %d", c.Repeat), "Repeat at least once.")
	}
	if l.environment != nil && len(l.environment.Waivers) > 0 {
		all := l.declared
		if len(c.Features) > 0 { // other features may have the rule
			all, _ = c.contract.load(nil)
		}
		ids := group.Map(slices.Concat(all.features.Rules, l.features.Rules), func(r features.Rule) string { return r.ID })
		slices.SortFunc(ids, result.CompareIDs)
		for _, w := range l.environment.Waivers {
			if !slices.Contains(ids, w.Rule) {
				problems = append(problems, problem.Problem{
					Severity: problem.Error, Summary: fmt.Sprintf("the waiver of %s names a rule that no feature has", w.Rule),
					Detail: "The rules: " + strings.Join(slices.Compact(ids), ", ") + ".",
					File:   l.environment.File, Line: w.Line,
				})
			}
		}
	}
	if problems.HasErrors() {
		return nil, problems
	}
	for _, t := range written {
		if isRead(l.environment.Files, t.Path) {
			return nil, inputError("%s would be written over, and the environment reads it: name another file to write to", text.Quote(t.Path))
		}
	}
	if base, path := l.environment.Target.BaseURL, l.schemas.Endpoint().Path; endsLike(base, path) {
		problems = append(problems, problem.Problem{
			Severity: problem.Warning, Summary: fmt.Sprintf("the base URL ends with what is added to it: %s would be called", a.secrets.Redact(base+path)),
			Detail: "Leave that out of the base URL: " + path + " is added to it.",
			File:   l.environment.File,
		})
	}
	l.warnings = problems
	if c.Shard != "" {
		var err error
		if l.shard, err = shard.Parse(c.Shard); err != nil {
			return nil, inputError("%w", err)
		}
		return l, l.keepShardPhones()
	}
	return l, nil
}

// endsLike reports whether the path of a base URL ends with the endpoint's, or with the beginning of it, as /v2.
func endsLike(base, path string) bool {
	base = "/" + record.BasePath(base) // a host may be called v2
	for part := path; part != ""; part = part[:strings.LastIndex(part, "/")] {
		if strings.HasSuffix(base, part) {
			return true
		}
	}
	return false
}

// plan builds the plan. An OTP that nobody is there to type is an error, not a skip: in CI such a run would certify next to
// nothing.
func (a *app) plan(l *loaded, states *state.Maker) (*plan.Plan, error) {
	if l.asksForOTPs() && !a.canAsk() {
		return nil, inputError("the environment asks for OTPs at the terminal (otp \"prompt\"), and nobody is here to type them: use otp \"http\", \"command\" or \"demo\"")
	}
	p, problems := plan.Build(plan.Input{Environment: l.environment, Features: l.features, Meanings: l.meanings, States: states, Selection: l.choice.Selection})
	if problems.HasErrors() {
		return nil, problems
	}
	proxy, err := transport.Proxy(l.environment.Target.Proxy, p.Target.BaseURL)
	if err != nil {
		return nil, inputError("the target: %w", err)
	}
	if proxy != nil {
		p.Target.Proxy = proxy.Host
	}
	p.Target.BaseURL = a.secrets.Redact(p.Target.BaseURL) // a variable may be part of it, and a plan is shown
	if l.shard.Count == 0 {
		return p, nil
	}
	items := group.Map(p.Scenarios, l.item)
	p.Selection.Shard = l.shard.String()
	kept := shard.Split(items, l.shard)
	p.Keep(func(i int) bool { return kept[i] })
	if len(p.Scenarios) == 0 {
		return nil, inputError("shard %s is empty: the selection has %d scenarios; use fewer shards", l.shard, len(items))
	}
	return p, nil
}

// item returns a scenario for splitting the plan. One that needs a phone of a certain country goes to a shard that has one.
func (l *loaded) item(s plan.Scenario) shard.Item {
	item := shard.Item{Key: s.ID, Cost: s.Cost.Calls + s.Cost.ReadBacks}
	for _, need := range s.Needs { // not Cost.Messages: it depends on the phones, of which each shard has its own
		item.Cost += 2
		if need.Name != providerstate.None {
			item.Cost += 8
		}
		item.Home = cmp.Or(item.Home, l.shardByCountry[need.CountryCode])
	}
	return item
}

// asksForOTPs reports whether the environment asks a person for OTPs.
func (l *loaded) asksForOTPs() bool {
	return slices.ContainsFunc(l.environment.States, func(s env.States) bool { return s.Verifik != nil && s.Verifik.OTP.Kind == env.OTPPrompt })
}

// keepShardPhones leaves the shard every N-th phone of each pool, so that no two shards use the same one.
func (l *loaded) keepShardPhones() error {
	l.shardByCountry = map[string]int{}
	for _, s := range l.environment.States {
		if s.Verifik == nil {
			continue
		}
		var own []env.Phone
		for i, phone := range s.Verifik.Phones {
			if l.shardByCountry[phone.CountryCode] == 0 {
				l.shardByCountry[phone.CountryCode] = i%l.shard.Count + 1
			}
			if l.shard.Takes(i) {
				own = append(own, phone)
			}
		}
		if len(own) == 0 {
			return inputError("shard %s has no phone: the pool has %d; use fewer shards or add phones", l.shard, len(s.Verifik.Phones))
		}
		s.Verifik.Phones = own
	}
	return nil
}

// states returns the maker of the environment's states. handler is the URL of the embedded target's own provider-state
// handler. Without clients in the options the maker can only plan.
func (a *app) states(l *loaded, handler string, o state.Options) (*state.Maker, error) {
	declared := l.environment.States
	if l.environment.Target.Kind == env.TargetEmbedded {
		declared = []env.States{{Pact: &env.Pact{URL: handler, Embedded: true}}}
	}
	if o.Secrets = a.secrets; a.canAsk() {
		o.Prompt = a.ask
	}
	states, problems := state.New(declared, o)
	if problems.HasErrors() {
		return nil, problems
	}
	l.warnings = append(l.warnings, problems...)
	return states, nil
}

// canAsk reports whether a person can answer a question.
func (a *app) canAsk() bool { return a.InTerminal && a.ErrTerminal && !a.inCI() }
