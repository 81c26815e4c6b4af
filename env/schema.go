package env

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"verifik-contract/internal/text"
)

// bodySpec declares what may stand between two braces, or in the file. It is data, so that unknown names are found and
// something near is suggested in one place, and so that a test can hold the documentation against it.
type bodySpec struct {
	attributes []attributeSpec
	blocks     []blockSpec
}

// attributeSpec declares one attribute.
type attributeSpec struct {
	name      string
	kind      cty.Type        // what its value is converted to
	mismatch  [2]string       // what is wrong with a value of another type, and what to do
	otherwise any             // its value where it is left out, null, empty or wrong
	read      func(field) any // checks the converted value and returns what the environment holds; nil: complained about
	required  bool
	secret    bool // its value is never shown
}

// label is the kind of label that a block has.
type label int

const (
	noLabel   label = iota
	kindLabel       // one of the block's kinds, each with a body of its own
	nameLabel       // a name that the file chooses
	ruleLabel       // a rule's id
)

type blockSpec struct {
	name     string
	label    label
	bodies   []kindSpec // one with kind "" where the label is no kind
	once     bool
	required bool
}

type kindSpec struct {
	kind string
	body bodySpec
}

// fileSchema declares an environment file.
func fileSchema() bodySpec {
	return bodySpec{blocks: []blockSpec{
		{name: "variable", label: nameLabel, bodies: plainBody(
			attributeSpec{name: "description"}, attributeSpec{name: "sensitive"}, attributeSpec{name: "type"}, attributeSpec{name: "default"})},
		{name: "target", label: kindLabel, once: true, required: true, bodies: []kindSpec{
			{TargetHTTP, bodySpec{
				attributes: []attributeSpec{
					required(str("base_url", readBaseURL)),
					boolean("protected"),
					duration("timeout", defaultTimeout),
					whole("concurrency", 1, 1000, defaultConcurrency),
					number("rate", readRate),
					duration("settle", defaultSettle),
					whole("retries", 0, 10, 0),
					headers("headers", ownHeaders()),
					str("proxy", readURL(proxyURL())),
				},
				blocks: []blockSpec{{name: "tls", once: true, bodies: plainBody(
					str("ca_file", readPEM(certificates)), str("client_cert_file", readPEM(certificates)), str("client_key_file", readPEM(privateKey)),
					str("server_name", readServerName), boolean("insecure_skip_verify"))}},
			}},
			{TargetEmbedded, bodySpec{}},
		}},
		{name: "states", label: kindLabel, bodies: []kindSpec{
			{StatesPact, bodySpec{attributes: []attributeSpec{
				required(str("url", readURL(handlerURL()))), headers("headers", ownHeaders("Authorization")), boolean("teardown"), list("without", readWithout)}}},
			{StatesVerifik, bodySpec{
				attributes: []attributeSpec{
					hidden(required(str("client_token", readToken))),
					required(str("project", readText)), required(str("project_flow", readText)), required(list("phones", readPhones)),
					str("base_url", readBaseURL), str("liveness_project_flow", readText), defaulting(str("expiry", readExpiry), ExpiryExpiresAt),
				},
				blocks: []blockSpec{{name: "otp", label: kindLabel, once: true, required: true, bodies: []kindSpec{
					{OTPHTTP, bodySpec{attributes: []attributeSpec{
						required(str("url", readTemplate)), defaulting(str("field", readText), defaultField), duration("every", defaultEvery), duration("for", defaultFor)}}},
					{OTPCommand, bodySpec{attributes: []attributeSpec{required(list("argv", readArgv)), duration("for", defaultFor)}}},
					{OTPDemo, bodySpec{attributes: []attributeSpec{hidden(required(code("value")))}}},
					{OTPPrompt, bodySpec{}},
				}}},
			}},
			{StatesStatic, bodySpec{attributes: []attributeSpec{required(str("file", readRecords))}}},
		}},
		{name: "webhook", once: true, bodies: plainBody(
			defaulting(str("listen", readListen), defaultListen), str("public_url", readBaseURL), duration("wait", defaultWait))},
		{name: "waiver", label: ruleLabel, bodies: plainBody(required(str("reason", readText)), required(str("until", readDate)))},
		{name: "budget", once: true, bodies: plainBody(duration("p95", 0), duration("max", 0), boolean("fail"))},
	}}
}

func plainBody(attributes ...attributeSpec) []kindSpec {
	return []kindSpec{{body: bodySpec{attributes: attributes}}}
}

func required(a attributeSpec) attributeSpec { a.required = true; return a }

func defaulting(a attributeSpec, otherwise any) attributeSpec { a.otherwise = otherwise; return a }

func hidden(a attributeSpec) attributeSpec { a.secret = true; return a }

func (a attributeSpec) id() string { return a.name }
func (b blockSpec) id() string     { return b.name }
func (k kindSpec) id() string      { return k.kind }

func names[T interface{ id() string }](all []T) []string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = one.id()
	}
	return names
}

func find[T interface{ id() string }](all []T, name string) (found T, ok bool) {
	i := slices.IndexFunc(all, func(one T) bool { return one.id() == name })
	if i >= 0 {
		found = all[i]
	}
	return found, i >= 0
}

// body returns what a block with this label may hold; the label is one that accepts accepts.
func (b blockSpec) body(label string) bodySpec {
	if b.label != kindLabel {
		return b.bodies[0].body
	}
	kind, _ := find(b.bodies, label)
	return kind.body
}

// accepts reports whether a block's labels are as the schema wants them.
func (b blockSpec) accepts(labels []string) bool {
	if b.label == noLabel || len(labels) != 1 {
		return b.label == noLabel && len(labels) == 0
	}
	switch b.label {
	case kindLabel:
		return slices.Contains(names(b.bodies), labels[0])
	case nameLabel:
		return isName(labels[0])
	default:
		return isRule(labels[0])
	}
}

// forms shows how a block is begun.
func (b blockSpec) forms() string {
	var forms []string
	switch b.label {
	case noLabel:
		forms = []string{b.name}
	case kindLabel:
		for _, kind := range names(b.bodies) {
			forms = append(forms, blockTitle(b.name, kind))
		}
	case nameLabel:
		forms = []string{blockTitle(b.name, "name")}
	case ruleLabel:
		forms = []string{blockTitle(b.name, "PV-02")}
	}
	return strings.Join(forms, " { ... } or ") + " { ... }"
}

// blockTitle returns how a sentence names a block.
func blockTitle(kind, label string) string {
	if label == "" {
		return kind
	}
	return fmt.Sprintf("%s %q", kind, label)
}

// isName reports whether a variable can have this name: the rules of HCL and of a process's environment together,
// so that var.NAME and CONTRACT_VAR_NAME both work.
func isName(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// isRule reports whether a text has the form of a rule's id; which rules there are, the features know. A contract of
// one's own has its own letters; the carried one's ids have two digits.
func isRule(id string) bool {
	letters, digits, ok := strings.Cut(id, "-")
	if letters == "PV" && len(digits) != 2 {
		return false
	}
	return ok && isDigits(digits) && letters != "" && strings.Trim(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// ruleMeant returns the id that a misspelt one most likely means: pv-2, PV02 and PV_02 are PV-02.
func ruleMeant(given string) string {
	digits, ok := strings.CutPrefix(text.Plain(given), "pv")
	if !ok || !isDigits(digits) {
		return ""
	}
	if digits = strings.TrimLeft(digits, "0"); len(digits) == 0 || len(digits) > 2 {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", "PV-"+strings.Repeat("0", 2-len(digits))+digits)
}
