package env

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"verifik-contract/internal/group"
)

// bodySpec declares what a block or the file may hold. It is data, so that unknown names are found in one place, and so
// that a test can compare the documentation with it.
type bodySpec struct {
	attributes []attributeSpec
	blocks     []blockSpec
}

// attributeSpec declares one attribute.
type attributeSpec struct {
	name         string
	kind         cty.Type        // the type that its value is converted to
	defaultValue any             // the default; also used if the value is null, empty or wrong
	read         func(field) any // checks the converted value and returns the field's value; nil: it is wrong
	wrong        string          // what is wrong with a value of another type, or one for which read returns nil without a note
	advice       string          // what to do about that
	required     bool
	secret       bool // its value is never shown
}

// label declares the quoted label of a block, if it does not name a kind.
type label struct {
	example string
	fits    func(string) bool
	wrong   string // what is wrong with one that does not fit
	advice  string
}

// blockSpec declares a block. Blocks whose label is not a kind may occur once for each label.
type blockSpec struct {
	name     string
	label    label
	once     bool
	required bool
	kinds    []kindSpec
}

// kindSpec declares what a block of one kind holds. A block without kinds has a single kindSpec without a name.
type kindSpec struct {
	name string
	bodySpec
}

// fileSchema declares an environment file.
func fileSchema() bodySpec {
	return bodySpec{blocks: []blockSpec{
		{name: "variable", label: label{"name", isName, "cannot be a variable's name",
			"A name is letters, digits and _, and does not begin with a digit, so that var.NAME and CONTRACT_VAR_NAME both work."}, kinds: []kindSpec{
			kind("", str("description", readText), boolean("sensitive"), attributeSpec{name: "type"}, attributeSpec{name: "default"})}},
		{name: "target", once: true, required: true, kinds: []kindSpec{
			kind(TargetHTTP,
				required(str("base_url", urlRule{}.read)),
				boolean("protected"),
				duration("timeout", defaultTimeout),
				integer("concurrency", 1, 1000, defaultConcurrency),
				rate("rate"),
				duration("settle", defaultSettle),
				integer("retries", 0, 10, 0),
				headers(),
				str("proxy", urlRule{
					schemes: []string{"http", "https", "socks5", "socks5h"}, userinfo: true, example: "http://proxy.example.test:3128"}.read),
			).with(blockSpec{name: "tls", once: true, kinds: []kindSpec{kind("",
				str("ca_file", readFile(maxText)), str("client_cert_file", readFile(maxText)), str("client_key_file", readFile(maxText)),
				textOfForm("server_name", isHostName, "is not a host's name", "Write the name alone, without scheme, port and path, as api.example.test."),
				boolean("insecure_skip_verify"))}}),
			kind(TargetEmbedded),
		}},
		{name: "states", kinds: []kindSpec{
			kind(statesPact,
				required(str("url", urlRule{query: true}.read)), headers("Authorization"), boolean("teardown"),
				list("without", readWithout, `["a pending phone validation with a webhook"]`)),
			kind(statesVerifik,
				hidden(required(str("client_token", readToken))),
				required(str("project", readText)), required(str("project_flow", readText)),
				required(list("phones", readPhones, `["+507 62647737"]`)),
				str("base_url", urlRule{}.read), str("liveness_project_flow", readText),
				withDefault(textOfForm("expiry", func(text string) bool { return text == ExpiryExpiresAt || text == ExpiryNone },
					"is not a way to expire a validation", fmt.Sprintf("It is %q or %q.", ExpiryExpiresAt, ExpiryNone)), ExpiryExpiresAt),
			).with(blockSpec{name: "otp", once: true, required: true, kinds: []kindSpec{
				kind(OTPHTTP, required(str("url", urlRule{query: true, template: true}.read)),
					withDefault(str("field", readText), defaultField), duration("every", defaultEvery), duration("for", defaultFor)),
				kind(OTPCommand, required(list("argv", readArgv, `["./read-otp", "{countryCode}", "{phone}"]`)), duration("for", defaultFor)),
				kind(OTPDemo, hidden(required(textOfForm("value", isOTP, "is not an OTP",
					"An OTP is up to 15 digits, and its first is not zero: it is sent as a number.")))),
				kind(OTPPrompt),
			}}),
			kind(statesStatic, required(str("file", readFile(maxRecords)))),
		}},
		{name: "webhook", once: true, kinds: []kindSpec{kind("",
			withDefault(textOfForm("listen", isAddress, "is not an address",
				`Write host:port, as "127.0.0.1:0" or "[::1]:8080"; port 0 takes a free one.`), defaultListen), str("public_url", urlRule{}.read), duration("wait", defaultWait))}},
		{name: "waiver", label: label{"PV-02", isRule, "is not a rule's id", "A rule's id is PV- and two digits, as in waiver \"PV-02\"."},
			kinds: []kindSpec{kind("", required(str("reason", readText)), required(date("until")))}},
		{name: "budget", once: true, kinds: []kindSpec{kind("", duration("p95", 0), duration("max", 0), boolean("fail"))}},
	}}
}

func kind(name string, attributes ...attributeSpec) kindSpec {
	return kindSpec{name, bodySpec{attributes: attributes}}
}

func (k kindSpec) with(block blockSpec) kindSpec { k.blocks = []blockSpec{block}; return k }

func required(a attributeSpec) attributeSpec { a.required = true; return a }

func withDefault(a attributeSpec, defaultValue any) attributeSpec {
	a.defaultValue = defaultValue
	return a
}

func hidden(a attributeSpec) attributeSpec { a.secret = true; return a }

// attribute returns the attribute of that name; nil if there is none.
func (s bodySpec) attribute(name string) *attributeSpec {
	return group.First(group.Pointers(s.attributes), func(a *attributeSpec) bool { return a.name == name })
}

// block returns the block of that name; nil if there is none.
func (s bodySpec) block(name string) *blockSpec {
	return group.First(group.Pointers(s.blocks), func(b *blockSpec) bool { return b.name == name })
}

// labels returns the names of a block's labels.
func (b blockSpec) labels() []string {
	switch {
	case b.label.example != "":
		return []string{b.label.example}
	case b.kinds[0].name != "":
		return []string{"kind"}
	}
	return nil
}

// blockTitle returns the name of a block in a sentence.
func blockTitle(kind, label string) string {
	if label == "" {
		return kind
	}
	return fmt.Sprintf("%s %q", kind, label)
}

// isName reports whether a variable can have this name, so that both var.NAME and CONTRACT_VAR_NAME work.
func isName(name string) bool { return nameForm.MatchString(name) }

var nameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// isRule reports whether a text has the form of a rule's id; only the features know which rules there are. The ids of
// the built-in contract have two digits, those of a user's own other letters.
func isRule(id string) bool {
	return ruleForm.MatchString(id) && (len(id) == 5 || !strings.HasPrefix(id, "PV-"))
}

var ruleForm = regexp.MustCompile(`^[A-Z]+-[0-9]+$`)
