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

// check holds a body against the schema: unknown, missing and duplicate names. It returns the blocks that can be read. The
// title names the block whose body it is, at is its header; "" is the file.
func (l *loader) check(body *hclsyntax.Body, spec bodySpec, title string, at hcl.Range) []*block {
	for name, attribute := range body.Attributes {
		known, ok := find(spec.attributes, name)
		switch {
		case !ok:
			if !harmless(name, spec) {
				l.hide(attribute.Expr.Range())
			}
			l.unknown("attribute", name, attribute.NameRange, spec, title)
		case known.secret && !refers(attribute.Expr):
			l.hide(attribute.Expr.Range())
		}
	}
	for _, known := range spec.attributes {
		switch {
		case title == blockTitle("target", TargetHTTP) && known.name == "base_url" && l.options.BaseURL != "":
			delete(body.Attributes, "base_url") // it is replaced, and what it refers to needs no value
		case body.Attributes[known.name] == nil && known.required:
			l.note(at, fmt.Sprintf("%s lacks %q", title, known.name), fmt.Sprintf("Add %s = ... to it.", known.name))
		}
	}
	var blocks []*block
	seen := map[string]*hclsyntax.Block{}
	for _, b := range body.Blocks {
		known, ok := find(spec.blocks, b.Type)
		if !ok {
			l.hideBody(b.Body)
			l.unknown("block", b.Type, b.TypeRange, spec, title)
			continue
		}
		if first := seen[b.Type]; first != nil && known.once {
			l.note(b.DefRange(), fmt.Sprintf("A second %s block", b.Type),
				fmt.Sprintf("The first is at line %d, and there is one at most%s.", first.TypeRange.Start.Line, in(title)))
		} else {
			seen[b.Type] = b
		}
		if !known.accepts(b.Labels) {
			l.hideBody(b.Body)
			l.wrongLabel(b, known)
			continue
		}
		checked := &block{loader: l, Block: b}
		checked.title = blockTitle(b.Type, checked.label())
		checked.spec = known.body(checked.label())
		checked.blocks = l.check(b.Body, checked.spec, checked.title, b.DefRange())
		blocks = append(blocks, checked)
	}
	for _, known := range spec.blocks {
		if known.required && seen[known.name] == nil {
			f := finding{at: at, summary: fmt.Sprintf("%s lacks %s block", title, a(known.name)), detail: fmt.Sprintf("Add one: %s.", known.forms())}
			if title == "" {
				f.file, f.summary = body.SrcRange.Filename, "The environment"+f.summary
			}
			l.add(f)
		}
	}
	return blocks
}

// harmless reports whether the value of an unknown attribute may be shown. Where the name is wrong the value may be
// anything, unless the name is near to one whose value is no secret.
func harmless(name string, spec bodySpec) bool {
	meant, ok := find(spec.attributes, text.Nearest(name, names(spec.attributes)))
	return ok && !meant.secret && meant.name != "default" && meant.name != "headers"
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

// unknown notes a name that the schema does not have, and what stands there.
func (l *loader) unknown(kind, name string, at hcl.Range, spec bodySpec, title string) {
	attributes, blocks := names(spec.attributes), names(spec.blocks)
	var detail string
	if all := slices.Concat(attributes, blocks); !slices.Contains(all, name) {
		detail = didYouMean(name, all)
	}
	if len(attributes) > 0 {
		detail += there("Attributes", attributes) + " "
	}
	if len(blocks) > 0 {
		detail += there("Blocks, written without =", blocks)
	}
	if len(attributes)+len(blocks) == 0 {
		detail = "Nothing stands there."
	}
	l.note(at, fmt.Sprintf("Unknown %s %q%s", kind, name, in(title)), detail)
}

func (l *loader) wrongLabel(block *hclsyntax.Block, known blockSpec) {
	switch {
	case len(block.Labels) != 1 || known.label == nil && known.kinds() == nil:
		l.note(block.DefRange(), fmt.Sprintf("The block %s has too few or too many labels", block.Type), fmt.Sprintf("Write it as %s.", known.forms()))
	case known.label != nil:
		l.note(block.LabelRanges[0], fmt.Sprintf("%q %s", block.Labels[0], known.label.wrong), known.label.advice)
	default:
		l.note(block.LabelRanges[0], fmt.Sprintf("Unknown kind %q of %s", block.Labels[0], block.Type),
			didYouMean(block.Labels[0], known.kinds())+there("Kinds", known.kinds()))
	}
}

func there(what string, names []string) string {
	return fmt.Sprintf("%s: %s.", what, strings.Join(names, ", "))
}

func in(title string) string {
	if title == "" {
		return ""
	}
	return " in " + title
}

func a(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// didYouMean returns a sentence with a trailing space, or "".
func didYouMean(given string, candidates []string) string {
	if best := text.Nearest(given, candidates); best != "" {
		return fmt.Sprintf("Did you mean %q? ", best)
	}
	return ""
}

// quoted lists names as a sentence shows them.
func quoted(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = fmt.Sprintf("%q", name)
	}
	return text.List(shown, "or")
}
