// Package plan decides, without sending anything, which scenarios of the contract run in an environment, which
// do not and why, and what the run costs.
package plan

import (
	"verifik-contract/features"
	"verifik-contract/internal/state"
)

// Plan is what a run would do. Its JSON is what `plan --format json` prints.
type Plan struct {
	Environment string     `json:"environment"`
	Target      Target     `json:"target"`
	Selection   Selection  `json:"selection"`
	Rules       []Rule     `json:"rules"`     // those selected, in the features' order
	Scenarios   []Scenario `json:"scenarios"` // those selected, in the features' order; a repetition after the other
	Cost        Cost       `json:"cost"`      // of the scenarios that run, each once (no retries)
	Without     []Without  `json:"without,omitempty"`
}

// Target is the provider that would be called.
type Target struct {
	Kind      string `json:"kind"` // "http" or "embedded"
	BaseURL   string `json:"baseUrl,omitempty"`
	Proxy     string `json:"proxy,omitempty"` // host and port of the one that calls go through
	Protected bool   `json:"protected,omitempty"`
	Retries   int    `json:"retries,omitempty"` // each makes a scenario's calls, states and messages again
}

// Selection is what was asked for; empty members select everything.
type Selection struct {
	Rules    []string `json:"rules,omitempty"`
	Tags     string   `json:"tags,omitempty"`
	Level    string   `json:"level,omitempty"`
	Features []string `json:"features,omitempty"`
	Repeat   int      `json:"repeat,omitempty"`
	Shard    string   `json:"shard,omitempty"`
}

// Rule is one promise that the selection asks for.
type Rule = features.Rule

// Scenario is one scenario, or one row of an outline, in one repetition.
type Scenario struct {
	ID     string `json:"id"` // file:line, with #repetition from the second on
	*Case         // shared by the repetitions that are planned alike
	Repeat int    `json:"repeat,omitempty"` // from 1; 0: the only one
}

// Case is what a scenario is in each repetition that is planned alike.
type Case struct {
	features.Scenario
	Skip   string          `json:"skip,omitempty"`   // why it does not run; empty: it runs
	Advice string          `json:"advice,omitempty"` // what to add to the environment so that it would
	Needs  []state.Request `json:"needs,omitempty"`
	Cost   Cost            `json:"cost"`

	Carrier bool `json:"carrier,omitempty"` // it runs only for the exchanges that an every-exchange rule judges

	Meanings   []Meaning        `json:"-"` // of its steps
	Assignment state.Assignment `json:"-"` // which source makes each of the needs
	webhook    bool             // it awaits a notification
}

// Cost is what a scenario or a plan asks of the target.
type Cost struct {
	Calls      int `json:"calls"`     // PUTs to the endpoint under test
	ReadBacks  int `json:"readBacks"` // GETs that read what a PUT changed
	States     int `json:"states"`    // provider states
	state.Cost     // of making these
}

// Without is a promise of which not all can be certified here.
type Without struct {
	Rule      string `json:"rule"`
	Reason    string `json:"reason"`
	Advice    string `json:"advice,omitempty"`
	Scenarios int    `json:"scenarios"` // how many are skipped for this reason
	All       bool   `json:"all"`       // no scenario of the rule runs
}
