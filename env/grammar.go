package env

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The grammar is a table, so that unknown names are found, and something like them is offered, in one place, and
// so that a test can hold the documentation against it.

// bodySpec is what may stand between two braces, or in the file.
type bodySpec struct {
	attributes []attributeSpec
	blocks     []blockSpec
}

type attributeSpec struct {
	name     string
	required bool
	secret   bool // its value is never shown
}

// label tells what a block's label is.
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

func optional(names ...string) []attributeSpec {
	list := make([]attributeSpec, len(names))
	for i, name := range names {
		list[i] = attributeSpec{name: name}
	}
	return list
}

func required(names ...string) []attributeSpec {
	list := optional(names...)
	for i := range list {
		list[i].required = true
	}
	return list
}

func plainBody(attributes ...[]attributeSpec) []kindSpec {
	return []kindSpec{{body: bodySpec{attributes: slices.Concat(attributes...)}}}
}

// fileGrammar is the grammar of an environment file.
func fileGrammar() bodySpec {
	return bodySpec{blocks: []blockSpec{
		{name: "variable", label: nameLabel, bodies: plainBody(optional("description", "sensitive", "type", "default"))},
		{name: "target", label: kindLabel, once: true, required: true, bodies: []kindSpec{
			{kind: TargetHTTP, body: httpTarget()},
			{kind: TargetEmbedded},
		}},
		{name: "states", label: kindLabel, bodies: []kindSpec{
			{kind: StatesPact, body: bodySpec{attributes: slices.Concat(
				required("url"), optional("headers", "teardown", "without"))}},
			{kind: StatesVerifik, body: verifikStates()},
			{kind: StatesStatic, body: bodySpec{attributes: required("file")}},
		}},
		{name: "webhook", once: true, bodies: plainBody(optional("listen", "public_url", "wait"))},
		{name: "waiver", label: ruleLabel, bodies: plainBody(required("reason", "until"))},
		{name: "budget", once: true, bodies: plainBody(optional("p95", "max", "fail"))},
	}}
}

func httpTarget() bodySpec {
	return bodySpec{
		attributes: slices.Concat(required("base_url"), optional(
			"protected", "timeout", "concurrency", "rate", "settle", "retries", "headers", "proxy")),
		blocks: []blockSpec{{name: "tls", once: true, bodies: plainBody(optional(
			"ca_file", "client_cert_file", "client_key_file", "server_name", "insecure_skip_verify"))}},
	}
}

func verifikStates() bodySpec {
	token := []attributeSpec{{name: "client_token", required: true, secret: true}}
	demo := []attributeSpec{{name: "value", required: true, secret: true}}
	return bodySpec{
		attributes: slices.Concat(token, required("project", "project_flow", "phones"),
			optional("base_url", "liveness_project_flow", "expiry")),
		blocks: []blockSpec{{name: "otp", label: kindLabel, once: true, required: true, bodies: []kindSpec{
			{kind: OTPHTTP, body: bodySpec{attributes: slices.Concat(required("url"), optional("field", "every", "for"))}},
			{kind: OTPCommand, body: bodySpec{attributes: slices.Concat(required("argv"), optional("for"))}},
			{kind: OTPDemo, body: bodySpec{attributes: demo}},
			{kind: OTPPrompt},
		}}},
	}
}

func (s bodySpec) attribute(name string) (attributeSpec, bool) {
	i := slices.IndexFunc(s.attributes, func(a attributeSpec) bool { return a.name == name })
	if i < 0 {
		return attributeSpec{}, false
	}
	return s.attributes[i], true
}

func (s bodySpec) block(name string) (blockSpec, bool) {
	i := slices.IndexFunc(s.blocks, func(b blockSpec) bool { return b.name == name })
	if i < 0 {
		return blockSpec{}, false
	}
	return s.blocks[i], true
}

func (s bodySpec) attributeNames() []string {
	var names []string
	for _, a := range s.attributes {
		names = append(names, a.name)
	}
	return names
}

func (s bodySpec) blockNames() []string {
	var names []string
	for _, b := range s.blocks {
		names = append(names, b.name)
	}
	return names
}

func (b blockSpec) kinds() []string {
	var kinds []string
	for _, k := range b.bodies {
		kinds = append(kinds, k.kind)
	}
	return kinds
}

// body is what a block of this kind may hold.
func (b blockSpec) body(kind string) bodySpec {
	if b.label != kindLabel {
		return b.bodies[0].body
	}
	i := slices.IndexFunc(b.bodies, func(k kindSpec) bool { return k.kind == kind })
	if i < 0 {
		return bodySpec{}
	}
	return b.bodies[i].body
}

// labelled tells whether a block's labels are as the grammar wants them.
func (b blockSpec) labelled(block *hclsyntax.Block) bool {
	switch b.label {
	case noLabel:
		return len(block.Labels) == 0
	case kindLabel:
		return len(block.Labels) == 1 && slices.Contains(b.kinds(), block.Labels[0])
	case nameLabel:
		return len(block.Labels) == 1 && isName(block.Labels[0])
	default:
		return len(block.Labels) == 1 && isRule(block.Labels[0])
	}
}

// isName tells whether a variable can have this name: the rules of HCL and of a process's environment together,
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

// isRule tells whether a text has the shape of a rule's id. Which rules there are, the features know.
func isRule(id string) bool {
	digits, ok := strings.CutPrefix(id, "PV-")
	return ok && len(digits) == 2 && isDigits(digits)
}
