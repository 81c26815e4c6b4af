// Package env loads environments. An environment is one HCL file that says where the provider is, how its states are
// made and what is waived; docs/ENVIRONMENTS.md is the reference.
package env

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
)

// Environment is an environment as its file declares it, with all variables resolved.
type Environment struct {
	Name    string // "local" for env/local.hcl
	File    string // a path on disk, or "embedded:local.hcl"
	Target  Target
	States  []States // in the file's order: the first that can make a state makes it; none if the target is embedded, which has its own
	Webhook *Webhook // nil: no notifications can be received; if the target is embedded, a loopback receiver
	Waivers []Waiver
	Budget  *Budget  // nil: latency is reported, never judged
	Files   []string // paths of all files that were read
}

// The kinds of target.
const (
	TargetHTTP     = "http"
	TargetEmbedded = "embedded"
)

// Target is the provider under test.
type Target struct {
	Kind        string
	BaseURL     string            `hcl:"base_url"`  // absolute http(s) URL without a trailing slash, query or fragment; may have a path prefix; "" where embedded
	Protected   bool              `hcl:"protected"` // run asks first
	Timeout     time.Duration     `hcl:"timeout"`
	Concurrency int               `hcl:"concurrency"` // scenarios at once, at least 1
	Rate        float64           `hcl:"rate"`        // calls a second, of all workers; 0: no limit
	Settle      time.Duration     `hcl:"settle"`      // the wait before the second look at what must not happen
	Retries     int               `hcl:"retries"`
	Headers     map[string]string `hcl:"headers"`
	Proxy       string            `hcl:"proxy"` // URL; "": HTTPS_PROXY and the like decide
	TLS         TLS
}

// TLS says how the target's certificate is checked and which client certificate is sent. Its files are read when the
// environment is loaded, so that a missing file is a problem of the environment.
type TLS struct {
	CA                 Content `hcl:"ca_file"` // empty: the system's
	ClientCert         Content `hcl:"client_cert_file"`
	ClientKey          Content `hcl:"client_key_file"`
	ServerName         string  `hcl:"server_name"`
	InsecureSkipVerify bool    `hcl:"insecure_skip_verify"`
}

// Content is the content of a file when the environment was loaded.
type Content struct {
	Data []byte
	File string // the path
}

// The kinds of state sources.
const (
	statesPact    = "pact"
	statesVerifik = "verifik"
	statesStatic  = "static"
)

// States is one source of provider states; exactly one field is set.
type States struct {
	Pact    *Pact
	Verifik *Verifik
	Static  *Static
}

// Pact is a Pact provider-state handler.
type Pact struct {
	URL      string            `hcl:"url"`
	Headers  map[string]string `hcl:"headers"`
	Teardown bool              `hcl:"teardown"`
	Without  []string          `hcl:"without"` // names of states that the handler does not know
	Embedded bool              // set in code only: it is the embedded target's, which knows only the built-in contract's states
}

// Verifik is the provider's own set-up API.
type Verifik struct {
	BaseURL             string  `hcl:"base_url"` // "": the target's
	ClientToken         string  `hcl:"client_token"`
	Project             string  `hcl:"project"`
	ProjectFlow         string  `hcl:"project_flow"`
	LivenessProjectFlow string  `hcl:"liveness_project_flow"` // "": none
	Phones              []Phone `hcl:"phones"`                // at least one
	Expiry              string  `hcl:"expiry"`                // ExpiryExpiresAt or ExpiryNone
	OTP                 OTP
}

// Phone is one phone of a pool.
type Phone struct {
	CountryCode string // "+507"
	Number      string // "62647737"
}

// The ways to make an expired validation.
const (
	ExpiryExpiresAt = "expiresAt"
	ExpiryNone      = "none"
)

// The kinds of OTP sources.
const (
	OTPHTTP    = "http"
	OTPCommand = "command"
	OTPDemo    = "demo"
	OTPPrompt  = "prompt"
)

// OTP is where the one-time password that was sent to a phone is read.
type OTP struct {
	Kind  string
	URL   string        `hcl:"url"`   // http: a template with {countryCode} and {phone}
	Field string        `hcl:"field"` // http: the field of the JSON answer that holds it
	Every time.Duration `hcl:"every"` // http: the pause between polls
	For   time.Duration `hcl:"for"`   // http, command: the longest wait
	Argv  []string      `hcl:"argv"`  // command: run without a shell; {countryCode} and {phone} are filled in
	Own   []string      // command: environment variables that the file reads, which the command does not get
	Dir   string        // command: absolute path of its working directory, the environment file's folder
	Value string        `hcl:"value"` // demo: the digits
}

// Static is a file of prepared records.
type Static struct {
	Content `hcl:"file"`
}

// Webhook is the receiver of the provider's notifications.
type Webhook struct {
	Listen    string        `hcl:"listen"`     // host:port
	PublicURL string        `hcl:"public_url"` // "": the listener's own address
	Wait      time.Duration `hcl:"wait"`
}

// Waiver excuses one rule for a while.
type Waiver struct {
	Rule   string    // "PV-02"
	Reason string    `hcl:"reason"`
	Until  time.Time `hcl:"until"` // UTC midnight at the start of the last day, which is included
	Line   int       // where the file declares it
}

// Budget is how long a PUT may take; zero means no limit.
type Budget struct {
	P95  time.Duration `hcl:"p95"`
	Max  time.Duration `hcl:"max"`
	Fail bool          `hcl:"fail"` // false: a warning
}

// read reads a block other than the target into the environment.
func (l *loader) read(e *Environment, b *block) {
	if e.Target.Kind == TargetEmbedded && (b.Type == "states" || b.Type == "webhook") {
		l.note(b.DefRange(), fmt.Sprintf("A %s block beside target %q", b.Type, TargetEmbedded),
			fmt.Sprintf("The embedded target has its own. Take the block out, or write target %q.", TargetHTTP))
	}
	switch b.Type {
	case "states":
		e.States = append(e.States, l.states(b))
	case "webhook":
		e.Webhook = l.webhook(b)
	case "waiver":
		e.Waivers = append(e.Waivers, *fill(b, &Waiver{Rule: b.label(), Line: b.TypeRange.Start.Line}))
	case "budget":
		e.Budget = fill(b, &Budget{})
	}
}

// Defaults of a target and a receiver.
const (
	defaultTimeout     = 10 * time.Second
	defaultConcurrency = 8
	defaultSettle      = 300 * time.Millisecond
	// EmbeddedSettle is the settle of the embedded target, which has finished all effects when it answers.
	EmbeddedSettle = 50 * time.Millisecond
	defaultListen  = "127.0.0.1:0"
	defaultWait    = 5 * time.Second
)

func (l *loader) target(e *Environment, b *block) {
	if b.label() == TargetEmbedded {
		if l.options.BaseURL != "" {
			l.note(b.DefRange(), "--base-url (or BASE_URL) has nothing to point at: the target is the embedded one",
				fmt.Sprintf("It would certify the reference provider, not yours. Choose an environment with target %q by -e, as -e staging.", TargetHTTP))
		}
		e.Target = Target{Kind: TargetEmbedded, Timeout: defaultTimeout, Concurrency: defaultConcurrency, Settle: EmbeddedSettle}
		e.Webhook = &Webhook{Listen: defaultListen, Wait: defaultWait}
		return
	}
	e.Target = *fill(b, &Target{Kind: TargetHTTP})
	for _, inner := range b.blocks {
		e.Target.TLS = l.tls(inner)
	}
}

// overrideBaseURL replaces the base_url of an http target by that of --base-url, so that variables in it need no value.
func (l *loader) overrideBaseURL(body *hclsyntax.Body) {
	for _, b := range body.Blocks {
		if l.options.BaseURL != "" && b.Type == "target" && slices.Equal(b.Labels, []string{TargetHTTP}) {
			b.Body.Attributes["base_url"] = &hclsyntax.Attribute{Name: "base_url", Expr: &hclsyntax.LiteralValueExpr{Val: cty.StringVal(l.options.BaseURL)}}
		}
	}
}

func (l *loader) tls(b *block) TLS {
	t := fill(b, &TLS{})
	for have, lack := range map[string]string{"client_cert_file": "client_key_file", "client_key_file": "client_cert_file"} {
		if b.has(have) && !b.has(lack) {
			l.note(b.Body.Attributes[have].NameRange, fmt.Sprintf("%q is given without %q", have, lack), "Give a client certificate and its key together.")
		}
	}
	if t.ClientCert.File != "" && t.ClientKey.File != "" {
		if _, err := tls.X509KeyPair(t.ClientCert.Data, t.ClientKey.Data); err != nil {
			l.note(b.Body.Attributes["client_key_file"].Expr.Range(), "The client certificate and its key cannot be used together",
				sentence(err)+" Give a certificate in PEM and its own key, not encrypted.")
		}
	}
	return *t
}

func (l *loader) webhook(b *block) *Webhook {
	w := fill(b, &Webhook{})
	host, _, err := net.SplitHostPort(w.Listen)
	ip := net.ParseIP(host)
	local := w.PublicURL == "" && !slices.Contains(b.unread, "public_url")
	if unspecified := host == "" || ip != nil && ip.IsUnspecified(); err == nil && unspecified && local {
		l.note(b.Body.Attributes["listen"].Expr.Range(), `"listen" of webhook is every address of the machine, which the provider cannot call`,
			`Add public_url = "https://..." as the provider reaches it, or listen on one address.`)
	}
	return w
}

// Defaults of an OTP source.
const (
	defaultField = "otp"
	defaultEvery = time.Second
	defaultFor   = 60 * time.Second
)

func (l *loader) states(b *block) States {
	switch b.label() {
	case statesPact:
		return States{Pact: fill(b, &Pact{})}
	case statesVerifik:
		return States{Verifik: l.verifik(b)}
	}
	return States{Static: fill(b, &Static{})}
}

func (l *loader) verifik(b *block) *Verifik {
	v := fill(b, &Verifik{})
	for _, otp := range b.blocks {
		v.OTP = *fill(otp, &OTP{Kind: otp.label()})
		if v.OTP.Kind == OTPCommand {
			v.OTP.Dir, _ = filepath.Abs(l.folder) // fails only if the working directory has been removed
		}
	}
	return v
}

// readWithout reads names of states: those of the built-in contract, and others of the right form that are not likely to be
// misspelt ones.
func readWithout(f field) any {
	var without []string
	for _, name := range f.items() {
		near := string(text.Nearest(name.text, providerstate.Names()))
		if near != name.text && (near != "" || !providerstate.Name(name.text).Valid()) {
			f.note(name.at, `"without" names a state that no scenario asks for`+text.DidYouMean(name.text, providerstate.Names()),
				"A state's name is (a|an|no) ... phone validation ..., as scenarios name it.")
		}
		without = append(without, name.text)
	}
	return without
}

// readFile returns a reader of the file that an attribute names, which may have at most limit bytes.
func readFile(limit int64) func(field) any {
	return func(f field) any {
		path := f.resolve(f.text())
		data, err := f.content(path, limit)
		if err != nil {
			return f.complain("cannot be read", sentence(err)+" Relative paths start at the environment file's folder.")
		}
		if f.name == "ca_file" && !x509.NewCertPool().AppendCertsFromPEM(data) {
			return f.complain("holds no usable certificate", "It needs a certificate in PEM: -----BEGIN CERTIFICATE-----.")
		}
		return Content{data, path}
	}
}
