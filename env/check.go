package env

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"verifik-contract/internal/group"
	"verifik-contract/internal/text"
)

// block is a block of the file whose name and labels fit the schema.
type block struct {
	*loader
	*hclsyntax.Block
	spec   bodySpec
	title  string // its name in a sentence
	blocks []*block
	unread []string // the attributes whose value is wrong or cannot be known
}

// label returns the block's label; "" if it has none.
func (b *block) label() string { return strings.Join(b.Labels, " ") }

// check checks a body against the schema: HCL finds unknown, missing and repeated names, and suggests similar ones. It returns
// the blocks that can be read. title names the owner of the body, which begins at at.
func (l *loader) check(body *hclsyntax.Body, spec bodySpec, title string, at hcl.Range) []*block {
	schema := &hcl.BodySchema{
		Attributes: group.Map(spec.attributes, func(a attributeSpec) hcl.AttributeSchema {
			return hcl.AttributeSchema{Name: a.name, Required: a.required}
		}),
		Blocks: group.Map(spec.blocks, func(b blockSpec) hcl.BlockHeaderSchema {
			return hcl.BlockHeaderSchema{Type: b.name, LabelNames: b.labels()}
		}),
	}
	for name, attribute := range body.Attributes {
		// The value of an unknown attribute may be anything, so it is hidden too.
		if known := spec.attribute(name); known == nil || known.secret && !refersElsewhere(attribute.Expr) {
			l.hide(attribute.Expr.Range())
		}
	}
	_, findings := body.Content(schema)
	l.findings = append(l.findings, findings...)
	var blocks []*block
	firsts := map[string]int{}
	for _, b := range body.Blocks {
		inner, ok := l.schemaOf(b, spec, firsts)
		if !ok {
			l.hideValues(b.Body)
			continue
		}
		title := blockTitle(b.Type, strings.Join(b.Labels, " "))
		blocks = append(blocks, &block{loader: l, Block: b, spec: inner, title: title, blocks: l.check(b.Body, inner, title, b.DefRange())})
	}
	for _, known := range spec.blocks {
		if known.required && !slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == known.name }) {
			forms := group.Map(known.kinds, func(k kindSpec) string { return blockTitle(known.name, k.name) + " { ... }" })
			l.note(at, fmt.Sprintf("%s has no %s block", title, known.name), fmt.Sprintf("Add one: %s.", strings.Join(forms, " or ")))
		}
	}
	return blocks
}

// schemaOf returns the schema of what a block may hold. ok is false if the block is unknown or wrong, or repeats a label, which
// has then been noted. firsts holds the line of the first block of each title.
func (l *loader) schemaOf(b *hclsyntax.Block, spec bodySpec, firsts map[string]int) (inner bodySpec, ok bool) {
	known := spec.block(b.Type)
	if known == nil || len(b.Labels) != len(known.labels()) {
		return bodySpec{}, false // HCL has reported it
	}
	label, title := strings.Join(b.Labels, ""), b.Type+" block"
	named := known.label.fits != nil
	if named {
		title = blockTitle(b.Type, label)
	}
	if line, again := firsts[title]; again && (known.once || named) {
		l.note(b.DefRange(), "A second "+title, fmt.Sprintf("The first is at line %d. Keep one of the two.", line))
		if named {
			return bodySpec{}, false
		}
	} else {
		firsts[title] = b.TypeRange.Start.Line
	}
	if named && !known.label.fits(label) {
		l.note(b.LabelRanges[0], fmt.Sprintf("%q %s", label, known.label.wrong), known.label.advice)
		return bodySpec{}, false
	}
	for _, kind := range known.kinds {
		if named || kind.name == label {
			return kind.bodySpec, true
		}
	}
	names := group.Map(known.kinds, func(k kindSpec) string { return k.name })
	l.note(b.LabelRanges[0], fmt.Sprintf("Unknown kind %q of %s%s", label, b.Type, text.DidYouMean(label, names)),
		fmt.Sprintf("Kinds: %s.", strings.Join(names, ", ")))
	return bodySpec{}, false
}

// hideValues hides every value in a block that the schema does not know.
func (l *loader) hideValues(body *hclsyntax.Body) {
	_ = hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
		if attribute, ok := node.(*hclsyntax.Attribute); ok {
			l.hide(attribute.Expr.Range())
		}
		return nil
	})
}
