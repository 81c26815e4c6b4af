// Package result is what a run found: plain data that is written as the result file (schema: result.schema.json) and that every
// report shows. It contains no secrets: they are redacted before.
package result

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"verifik-contract/internal/exchange"
)

// Version is the version of the result file that this tool writes.
const Version = 1

// Millis is a duration in milliseconds, rounded to the microsecond.
type Millis float64

// ToMillis converts a duration to Millis.
func ToMillis(d time.Duration) Millis {
	return Millis(float64(d.Round(time.Microsecond)) / float64(time.Millisecond))
}

// Duration converts m to a duration. A file may contain any number: it is limited to what a duration can be.
func (m Millis) Duration() time.Duration {
	const longest = math.MaxInt64 >> 10 << 10 // exact as a float64
	return time.Duration(max(-longest, min(float64(m)*float64(time.Millisecond), longest)))
}

// Run is one run: the whole result file.
type Run struct {
	Version     int        `json:"version"`
	Tool        Tool       `json:"tool"`
	Started     time.Time  `json:"started"` // UTC, to the millisecond
	Duration    Millis     `json:"duration"`
	Target      Target     `json:"target"`
	Environment string     `json:"environment"`
	Digests     Digests    `json:"digests"`
	Selection   Selection  `json:"selection"`
	Again       string     `json:"again,omitempty"` // the command that ran it, without its selection: FILE:LINE added to it runs one scenario
	Exit        ExitCode   `json:"exit"`
	Stopped     string     `json:"stopped,omitempty"`  // why the run ended before its plan did
	Rules       []Rule     `json:"rules"`              // in the features' order
	Scenarios   []Scenario `json:"scenarios"`          // in the features' order
	Latency     *Latency   `json:"latency,omitempty"`  // of the PUT; absent: none was answered
	Messages    int        `json:"messages,omitempty"` // upper bound of the OTP messages that its states caused
	Webhooks    []Delivery `json:"webhooks,omitempty"`
	Waivers     []Waiver   `json:"waivers,omitempty"`
	Warnings    []string   `json:"warnings,omitempty"`  // a stale waiver, a second notification, a missed budget
	Diagnosis   []string   `json:"diagnosis,omitempty"` // what all failures have in common, a line each
	Drift       *Drift     `json:"drift,omitempty"`     // what changed since the baseline; absent: there was none
	Traffic     *Traffic   `json:"traffic,omitempty"`   // absent: the tool ran the contract itself
	Problems    []string   `json:"problems,omitempty"`  // what else could not be done: an output that cannot be written
}

// Traffic counts exchanges of others that were judged. It certifies nothing: nobody asked for what was not seen.
type Traffic struct {
	Kind      TrafficKind `json:"kind"`
	Sources   []string    `json:"sources,omitempty"` // the recordings, or the address
	Exchanges int         `json:"exchanges"`         // of the endpoint
	Judged    int         `json:"judged"`            // how many of them could be judged
	Silent    []Silent    `json:"silent,omitempty"`  // why the others could not, the most frequent reason first
	LeftOut   int         `json:"leftOut,omitempty"` // exchanges of other endpoints or methods
	Unread    int         `json:"unread,omitempty"`  // entries of a recording that could not be read
}

// TrafficKind is where judged traffic came from.
type TrafficKind string

// The kinds of traffic.
const (
	Recorded TrafficKind = "recorded" // read from files, by check
	Proxied  TrafficKind = "proxied"  // through the proxy
	Received TrafficKind = "received" // from clients, by serve --judge
)

// Silent is a reason for which exchanges could not be judged.
type Silent struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Tool is the program that made the result.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Target is the provider that was judged.
type Target struct {
	Kind    TargetKind `json:"kind"`
	BaseURL string     `json:"baseUrl"`

	Proxy      string `json:"proxy,omitempty"`      // host and port of the proxy that calls went through
	Unverified bool   `json:"unverified,omitempty"` // its TLS certificate was not checked
}

// TargetKind is what kind of target was judged.
type TargetKind string

// The kinds of targets.
const (
	HTTP     TargetKind = "http"
	Embedded TargetKind = "embedded" // the built-in reference provider
)

// Digests identify the contract that was judged: "sha256:<64 hex digits>".
type Digests struct {
	Features string `json:"features"`
	Schemas  string `json:"schemas"`
}

// Selection is what the run was asked for; empty members select everything.
type Selection struct {
	Rules    []string `json:"rules,omitempty"`
	Tags     string   `json:"tags,omitempty"`
	Level    string   `json:"level,omitempty"`
	Features []string `json:"features,omitempty"`
	Repeat   int      `json:"repeat,omitempty"`  // 0 and 1: once
	Shard    string   `json:"shard,omitempty"`   // "2/5"
	FailOn   string   `json:"failOn,omitempty"`  // "must" or "should"
	Require  string   `json:"require,omitempty"` // "must" or "should": every rule of that level or a stronger one has to be judged
}

// Level is how binding a promise is, as in RFC 2119.
type Level string

// The levels, strongest first.
const (
	Must    Level = "must"
	Should  Level = "should"
	Observe Level = "observe"
)

// Rule is one promise and its verdict over all its scenarios.
type Rule struct {
	ID            string    `json:"id"` // "PV-02"
	Level         Level     `json:"level"`
	Title         string    `json:"title"`
	Description   string    `json:"description,omitempty"`
	Verdict       Verdict   `json:"verdict"`
	Reason        string    `json:"reason,omitempty"`        // why it did not pass, in a line
	EveryExchange bool      `json:"everyExchange,omitempty"` // judged on every exchange; it has no scenario
	File          string    `json:"file"`
	Line          int       `json:"line"`
	Findings      []Finding `json:"findings,omitempty"` // in exchanges of any scenario; a scenario has its own findings
	Judged        int       `json:"judged,omitempty"`   // on how many exchanges of any scenario the rule was judged
	Breaches      int       `json:"breaches,omitempty"` // how many of them broke it, without its own scenarios'; Findings has the first
}

// OnExchanges reports whether reports show the rule beside the scenarios: it has none, or other scenarios' exchanges broke it.
func (r *Rule) OnExchanges() bool { return r.EveryExchange || r.Breaches > 0 }

// Scenario is one scenario run.
type Scenario struct {
	ID        string         `json:"id"` // file:line, and #repetition from the second on; unique in a run
	Rule      string         `json:"rule"`
	Level     Level          `json:"level"`
	Feature   string         `json:"feature"` // the feature's title
	Name      string         `json:"name"`    // with the values of its outline's row
	File      string         `json:"file"`
	Line      int            `json:"line"` // of the scenario, or of its outline's row
	Tags      []string       `json:"tags,omitempty"`
	Repeat    int            `json:"repeat,omitempty"` // the repetition, from 1; absent: the only one
	Verdict   Verdict        `json:"verdict"`
	Reason    string         `json:"reason,omitempty"` // failed: its first finding in a line; skipped, broken, waived: why
	Cause     exchange.Cause `json:"cause,omitempty"`  // of broken; of skipped: unreached, or none
	Diagnosis string         `json:"diagnosis,omitempty"`
	Flaky     bool           `json:"flaky,omitempty"` // passed after retries
	Attempts  int            `json:"attempts,omitempty"`
	Retried   []Failure      `json:"retried,omitempty"` // why each attempt before the last could not be judged
	Duration  Millis         `json:"duration"`
	Steps     []Step         `json:"steps,omitempty"`
	Observed  []Observation  `json:"observed,omitempty"`
	Findings  []Finding      `json:"findings,omitempty"`
	States    string         `json:"states,omitempty"`    // the command that makes its states again, for the commands of its exchanges
	Exchanges []Exchange     `json:"exchanges,omitempty"` // none of a repetition after the first that passed or observed
}

// Step is one step of a scenario and how it ended: passed, failed, broken or skipped.
type Step struct {
	Keyword  string  `json:"keyword"` // "Given"
	Text     string  `json:"text"`
	Line     int     `json:"line"`
	Verdict  Verdict `json:"verdict"`
	Duration Millis  `json:"duration,omitempty"`
}

// Finding is an expectation that was not met.
type Finding struct {
	Rule        string `json:"rule"`
	Expectation string `json:"expectation"`
	Path        string `json:"path,omitempty"` // JSON path, "$.data.status"
	Expected    string `json:"expected,omitempty"`
	Actual      string `json:"actual,omitempty"`
	Scenario    string `json:"scenario,omitempty"` // of an every-exchange rule: the ID of the scenario whose exchange it is
	Exchange    int    `json:"exchange"`           // index into the scenario's exchanges; -1: none
	Step        int    `json:"step,omitempty"`     // the line of the step that found it, in the scenario's file
	Warning     bool   `json:"warning,omitempty"`
	Leak        bool   `json:"leak,omitempty"`  // a secret was shown
	Times       int    `json:"times,omitempty"` // of traffic: in how many exchanges
}

// Observation is what was answered where the documentation is silent.
type Observation struct {
	Label  string `json:"label,omitempty"`
	Status int    `json:"status"` // 0: no answer; Note says why
	Code   string `json:"code,omitempty"`
	Shape  string `json:"shape,omitempty"`
	Note   string `json:"note,omitempty"`
}

// Words returns the status, or "no answer", followed by more and by the note in parentheses.
func (o *Observation) Words(note string, more ...string) string {
	var words []string
	switch {
	case o.Status != 0:
		words = append(words, strconv.Itoa(o.Status))
	case o.Shape == "": // a notification has a shape, and no status
		words = append(words, "no answer")
	}
	if note != "" {
		more = append(more, "("+note+")")
	}
	words = append(words, more...)
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), " ")
}

// Exchange is one call, redacted.
type Exchange struct {
	Purpose  exchange.Purpose `json:"purpose"`
	Label    string           `json:"label,omitempty"`
	Attempt  int              `json:"attempt,omitempty"`
	Request  Request          `json:"request"`
	Answer   *Answer          `json:"answer,omitempty"`  // absent: no complete answer
	Failure  *Failure         `json:"failure,omitempty"` // why there is none
	Started  time.Time        `json:"started"`
	Duration Millis           `json:"duration"`
	TraceID  string           `json:"traceId,omitempty"`
	Curl     string           `json:"curl,omitempty"` // repeats the call, with $PHONE, $OTP, $TOKEN and the like for secrets and values of the used-up state
}

// Request is what was sent.
type Request struct {
	Method  string              `json:"method"`
	URL     string              `json:"url"`
	Headers map[string][]string `json:"headers,omitempty"`
	Body    string              `json:"body,omitempty"`
	Size    int                 `json:"size,omitempty"` // of the whole body in bytes; absent: Body is all of it
}

// Answer is what came back.
type Answer struct {
	Status  int                 `json:"status"`
	Proto   string              `json:"proto,omitempty"`
	Headers map[string][]string `json:"headers,omitempty"`
	Body    string              `json:"body,omitempty"`
	Size    int                 `json:"size,omitempty"` // of the whole body in bytes; absent: Body is all of it
	TooLong bool                `json:"tooLong,omitempty"`

	HeadersLeftOut int `json:"headersLeftOut,omitempty"` // header values that were too many to keep
}

// Header returns the values of a header. Its name may be in any case, because another tool may have written the result.
func Header(headers map[string][]string, name string) []string {
	var values []string
	for _, key := range slices.Sorted(maps.Keys(headers)) {
		if strings.EqualFold(key, name) {
			values = append(values, headers[key]...)
		}
	}
	return values
}

// Failure is why no complete answer came.
type Failure struct {
	Cause   exchange.Cause `json:"cause"`
	Message string         `json:"message"`
}

// Latency is how long the answered PUTs took.
type Latency struct {
	Count   int      `json:"count"`
	P50     Millis   `json:"p50"`
	P95     Millis   `json:"p95"`
	Max     Millis   `json:"max"`
	Samples []Millis `json:"samples,omitempty"` // ascending; thinned out evenly to at most 1,000
	Budget  *Budget  `json:"budget,omitempty"`
}

// Budget is the latency that the environment allows.
type Budget struct {
	P95  Millis   `json:"p95,omitempty"`
	Max  Millis   `json:"max,omitempty"`
	Fail bool     `json:"fail,omitempty"`
	Over []string `json:"over,omitempty"` // the limits that were exceeded, in words
}

// Delivery is one notification that the webhook receiver got.
type Delivery struct {
	Scenario string       `json:"scenario,omitempty"` // the ID of the scenario whose address it came to
	Kind     DeliveryKind `json:"kind"`
	Reason   string       `json:"reason,omitempty"`
	Received time.Time    `json:"received"`
	Type     string       `json:"type,omitempty"` // the `type` member of its body
	Body     string       `json:"body,omitempty"`
	Size     int          `json:"size,omitempty"` // of the body in bytes, as far as it was read; absent: Body is all of it
}

// DeliveryKind is what became of a notification.
type DeliveryKind string

// The kinds of deliveries.
const (
	Accepted  DeliveryKind = "accepted"
	Ignored   DeliveryKind = "ignored" // it is about an earlier event, or was not awaited
	Refused   DeliveryKind = "refused" // it is not as promised
	Duplicate DeliveryKind = "duplicate"
	Late      DeliveryKind = "late"
	Foreign   DeliveryKind = "foreign" // it came to no scenario's address, or is not a notification
)

// Waiver is one waiver of the environment and what became of it.
type Waiver struct {
	Rule   string      `json:"rule"`
	Reason string      `json:"reason"`
	Until  string      `json:"until"` // 2027-01-31
	State  WaiverState `json:"state"`
}

// WaiverState is what became of a waiver.
type WaiverState string

// The states of waivers.
const (
	WaiverUsed    WaiverState = "used"
	WaiverStale   WaiverState = "stale" // its rule passes
	WaiverExpired WaiverState = "expired"
	WaiverUnused  WaiverState = "unused"
)
