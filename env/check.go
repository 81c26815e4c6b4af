package env

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"verifik-contract/internal/text"
)

// block is a block of the file whose name and labels are as the schema wants them.
type block struct {
	*loader
	*hclsyntax.Block
	spec   bodySpec
	title  string // how a sentence names it
	blocks []*block
	values map[string]any  // of its attributes, as decode read them
	empty  map[string]bool // the attributes that are written as nothing
}

// label returns the block's label, "" where it has none.
func (b *block) label() string { return strings.Join(b.Labels, " ") }

// first returns the first block of a type among those given, nil where there is none.
func first(blocks []*block, name string) *block {
	if i := slices.IndexFunc(blocks, func(b *block) bool { return b.Type == name }); i >= 0 {
		return blocks[i]
	}
	return nil
}

// check holds a body against the schema: HCL finds names that are unknown, missing or twice, and what is near to them. It
// returns the blocks that can be read. The title names what has the body, at is where it begins.
func (l *loader) check(body *hclsyntax.Body, spec bodySpec, title string, at hcl.Range) []*block {
	schema := &hcl.BodySchema{}
	for _, known := range spec.attributes {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: known.name, Required: known.required})
	}
	for _, known := range spec.blocks {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: known.name, LabelNames: known.labels()})
	}
	for name, attribute := range body.Attributes {
		// Where the name is wrong the value may be anything.
		if known, ok := spec.attribute(name); !ok || known.secret && !refers(attribute.Expr) {
			l.hide(attribute.Expr.Range())
		}
	}
	content, diagnostics := body.Content(schema)
	for _, d := range diagnostics {
		l.note(*d.Subject, d.Summary, d.Detail)
	}
	fit := map[hcl.Range]bool{}
	for _, b := range content.Blocks {
		fit[b.TypeRange] = true
	}
	var blocks []*block
	there, firsts := map[string]bool{}, map[string]int{}
	for _, b := range body.Blocks {
		there[b.Type] = true
		kinds := spec.kinds(b.Type)
		var known *blockSpec
		again := len(kinds) > 0 && l.second(b, kinds[0], firsts)
		if fit[b.TypeRange] {
			known = l.choose(b, kinds)
		}
		if known == nil || again && known.label.fits != nil {
			l.hideBody(b.Body)
			continue
		}
		checked := &block{loader: l, Block: b, spec: known.bodySpec}
		checked.title = blockTitle(b.Type, checked.label())
		checked.blocks = l.check(b.Body, checked.spec, checked.title, b.DefRange())
		blocks = append(blocks, checked)
	}
	for _, known := range spec.blocks {
		if !known.required || there[known.name] {
			continue
		}
		var forms []string
		for _, kind := range spec.kinds(known.name) {
			forms = append(forms, blockTitle(kind.name, kind.kind)+" { ... }")
		}
		l.note(at, fmt.Sprintf("%s has no %s block", title, known.name), fmt.Sprintf("Add one: %s.", strings.Join(forms, " or ")))
	}
	return blocks
}

// second notes that a block stands there again of which there is one at most: of its name, or of its name and label.
func (l *loader) second(b *hclsyntax.Block, known blockSpec, firsts map[string]int) bool {
	title := b.Type + " block"
	if known.label.fits != nil {
		title = blockTitle(b.Type, strings.Join(b.Labels, " "))
	} else if !known.once {
		return false
	}
	first, again := firsts[title]
	if again {
		l.note(b.DefRange(), "A second "+title, fmt.Sprintf("The first is at line %d. Keep one of the two.", first))
	} else {
		firsts[title] = b.TypeRange.Start.Line
	}
	return again
}

// choose returns the kind of a block that its label names, the only one where it has no kinds, and nil where the label does
// not fit.
func (l *loader) choose(b *hclsyntax.Block, kinds []blockSpec) *blockSpec {
	first := &kinds[0]
	if first.kind == "" {
		if first.label.fits == nil || first.label.fits(b.Labels[0]) {
			return first
		}
		l.note(b.LabelRanges[0], fmt.Sprintf("%q %s", b.Labels[0], first.label.wrong), first.label.advice)
		return nil
	}
	var names []string
	for i := range kinds {
		if kinds[i].kind == b.Labels[0] {
			return &kinds[i]
		}
		names = append(names, kinds[i].kind)
	}
	l.note(b.LabelRanges[0], fmt.Sprintf("Unknown kind %q of %s%s", b.Labels[0], b.Type, text.DidYouMean(b.Labels[0], names)),
		fmt.Sprintf("Kinds: %s.", strings.Join(names, ", ")))
	return nil
}

// hideBody keeps every value of a block that nobody understands from being shown.
func (l *loader) hideBody(body *hclsyntax.Body) {
	for _, attribute := range body.Attributes {
		l.hide(attribute.Expr.Range())
	}
	for _, block := range body.Blocks {
		l.hideBody(block.Body)
	}
}
