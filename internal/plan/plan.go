// Package plan decides, without sending anything, which scenarios run in an environment, which do not and why, and what the run
// costs.
package plan

import (
	"slices"
	"strings"

	"verifik-contract/features"
	"verifik-contract/internal/group"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
)

// Plan is what a run would do. Its JSON is what `plan --format json` prints.
type Plan struct {
	Environment string     `json:"environment"`
	Target      Target     `json:"target"`
	Selection   Selection  `json:"selection"`
	Rules       []Rule     `json:"rules"`     // the selected ones, in the features' order
	Scenarios   []Scenario `json:"scenarios"` // the selected ones, in the features' order, one repetition after another
	Cost        Cost       `json:"cost"`      // of the scenarios that run, without retries
	Without     []Without  `json:"without,omitempty"`
}

// Target is the provider that would be called.
type Target struct {
	Kind      string `json:"kind"` // "http" or "embedded"
	BaseURL   string `json:"baseUrl,omitempty"`
	Proxy     string `json:"proxy,omitempty"` // host and port of the proxy that calls go through
	Protected bool   `json:"protected,omitempty"`
	Retries   int    `json:"retries,omitempty"` // each repeats a scenario's calls, states and messages
}

// Selection is what to run. Empty members select everything.
type Selection struct {
	Rules    []string `json:"rules,omitempty"`
	Tags     string   `json:"tags,omitempty"`
	Level    string   `json:"level,omitempty"`
	Features []string `json:"features,omitempty"`
	Repeat   int      `json:"repeat,omitempty"`
	Shard    string   `json:"shard,omitempty"`
}

// place returns where rules are looked for, to follow one's name; "" for everywhere.
func (s Selection) place() string {
	if len(s.Features) == 0 {
		return ""
	}
	return " in " + text.List(s.Features, "or")
}

// flags returns a selection with a level as run takes it, the features first.
func (s Selection) flags() string {
	words := append(slices.Clone(s.Features), group.Map(s.Rules, func(id string) string { return "--rule " + id })...)
	if s.Tags != "" {
		words = append(words, "--tags "+text.Quote(s.Tags))
	}
	words = append(words, "--level "+s.Level)
	if s.Shard != "" {
		words = append(words, "--shard "+s.Shard)
	}
	return strings.Join(words, " ")
}

// Rule is a promise that is judged.
type Rule = features.Rule

// Scenario is a scenario, or a row of an outline, in one repetition.
type Scenario struct {
	ID     string `json:"id"` // file:line, with #repetition from the second on
	*Case         // shared with the repetitions that are planned alike
	Repeat int    `json:"repeat,omitempty"` // from 1; 0: the only one
}

// Case is what repetitions of a scenario share.
type Case struct {
	features.Scenario
	Skip   string          `json:"skip,omitempty"`   // why it does not run; "": it runs
	Advice string          `json:"advice,omitempty"` // what to change so that it would run
	Needs  []state.Request `json:"needs,omitempty"`
	Cost   Cost            `json:"cost"`

	Carrier bool `json:"carrier,omitempty"` // it runs only so that every-exchange rules have exchanges to judge

	Meanings   []Meaning        `json:"-"` // of its steps
	Assignment state.Assignment `json:"-"` // of the needs to sources
	webhook    bool             // it awaits a notification
	number     int              // of the scenario within its file
}

// Cost is what a scenario or a whole plan costs.
type Cost struct {
	Calls      int `json:"calls"`     // PUTs to the endpoint under test
	ReadBacks  int `json:"readBacks"` // GETs that read what a PUT changed
	States     int `json:"states"`    // provider states
	state.Cost     // of making them
}

// Without is a promise that the environment cannot certify in whole.
type Without struct {
	Rule      string `json:"rule"`
	Reason    string `json:"reason"`
	Advice    string `json:"advice,omitempty"`
	Scenarios int    `json:"scenarios"` // how many are skipped for this reason
	All       bool   `json:"all"`       // none of the rule runs
}
