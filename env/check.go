package env

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// checkBody holds a body against the grammar: unknown, missing and doubled names. The title names the block; ""
// is the file.
func (l *loader) checkBody(body *hclsyntax.Body, spec bodySpec, title string) {
	for name, attribute := range body.Attributes {
		known, ok := spec.attribute(name)
		switch {
		case !ok:
			if !harmless(attribute.Name, spec) {
				l.hide(attribute.Expr.Range())
			}
			l.unknownAttribute(attribute, spec, title)
		case known.secret && !refers(attribute.Expr):
			l.hide(attribute.Expr.Range())
		}
	}
	for _, known := range spec.attributes {
		if _, ok := body.Attributes[known.name]; !ok && known.required && !l.givenElsewhere(title, known.name) {
			l.note(finding{at: l.heads[body], summary: fmt.Sprintf("%s lacks %q", title, known.name),
				detail: fmt.Sprintf("Add %s = ... to it.", known.name)})
		}
	}
	seen := map[string]*hclsyntax.Block{}
	for _, block := range body.Blocks {
		l.checkBlock(block, spec, title, seen)
	}
	for _, known := range spec.blocks {
		has := slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == known.name })
		if has || !known.required {
			continue
		}
		where, owner := finding{at: l.heads[body]}, title
		if title == "" {
			where, owner = finding{file: body.SrcRange.Filename}, "The environment"
		}
		where.summary = fmt.Sprintf("%s lacks %s block", owner, a(known.name))
		where.detail = fmt.Sprintf("Add one: %s.", alternatives(known))
		l.note(where)
	}
}

// harmless tells whether the value of an unknown attribute may be shown. Where the name is wrong the value may be
// anything, unless the name is near to one whose value is no secret.
func harmless(name string, spec bodySpec) bool {
	meant, ok := spec.attribute(suggest(name, spec.attributeNames()))
	return ok && !meant.secret && meant.name != "default" && meant.name != "headers"
}

// givenElsewhere tells whether a flag gives what the block lacks.
func (l *loader) givenElsewhere(title, name string) bool {
	return title == blockTitle("target", TargetHTTP) && name == "base_url" && l.options.BaseURL != ""
}

func (l *loader) checkBlock(block *hclsyntax.Block, spec bodySpec, title string, seen map[string]*hclsyntax.Block) {
	known, ok := spec.block(block.Type)
	if !ok {
		l.hideBody(block.Body)
		l.unknownBlock(block, spec, title)
		return
	}
	kind := ""
	if len(block.Labels) > 0 {
		kind = block.Labels[0]
	}
	l.heads[block.Body] = block.DefRange()
	if first := seen[block.Type]; first != nil && known.once {
		l.note(finding{at: block.DefRange(), summary: fmt.Sprintf("A second %s block", block.Type),
			detail: fmt.Sprintf("The first is at line %d, and there is one at most%s.", first.TypeRange.Start.Line, in(title))})
	} else {
		seen[block.Type] = block
	}
	if !known.labelled(block) {
		l.hideBody(block.Body)
		l.wrongLabel(block, known)
		return
	}
	l.checkBody(block.Body, known.body(kind), blockTitle(block.Type, kind))
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

func (l *loader) unknownAttribute(attribute *hclsyntax.Attribute, spec bodySpec, title string) {
	f := finding{at: attribute.NameRange, summary: fmt.Sprintf("Unknown attribute %q%s", attribute.Name, in(title))}
	switch _, isBlock := spec.block(attribute.Name); {
	case isBlock:
		f.detail = fmt.Sprintf("%q is a block: write it without the =.", attribute.Name)
	case title == blockTitle("target", TargetEmbedded):
		f.detail = fmt.Sprintf("The embedded target takes none: it is the reference provider, on an address of its own. "+
			"For another target write target %q.", TargetHTTP)
	case len(spec.attributes) == 0 && len(spec.blocks) == 0:
		f.detail = "It takes none."
	case len(spec.attributes) == 0:
		f.detail = didYouMean(attribute.Name, spec.blockNames()) + fmt.Sprintf("Blocks stand here: %s.", strings.Join(spec.blockNames(), ", "))
	default:
		f.detail = didYouMean(attribute.Name, spec.attributeNames()) +
			fmt.Sprintf("There are: %s.", strings.Join(spec.attributeNames(), ", "))
	}
	l.note(f)
}

func (l *loader) unknownBlock(block *hclsyntax.Block, spec bodySpec, title string) {
	f := finding{at: block.TypeRange, summary: fmt.Sprintf("Unknown block %q%s", block.Type, in(title))}
	best := suggest(block.Type, spec.blockNames())
	switch _, isAttribute := spec.attribute(block.Type); {
	case isAttribute:
		f.detail = fmt.Sprintf("%q is an attribute: write %s = ...", block.Type, block.Type)
	case best != "":
		f.detail = fmt.Sprintf("Did you mean %q?", best)
	case len(spec.blocks) == 0:
		f.detail = "No blocks stand here."
	default:
		f.detail = fmt.Sprintf("There are: %s.", strings.Join(spec.blockNames(), ", "))
	}
	l.note(f)
}

func (l *loader) wrongLabel(block *hclsyntax.Block, known blockSpec) {
	if known.label == noLabel {
		l.note(finding{at: block.LabelRanges[0], summary: fmt.Sprintf("The block %s has no label", block.Type),
			detail: fmt.Sprintf("Write it as %s.", alternatives(known))})
		return
	}
	f := finding{at: block.DefRange(), detail: fmt.Sprintf("Write it as %s.", alternatives(known))}
	switch len(block.Labels) {
	case 0:
		f.summary = fmt.Sprintf("The block %s needs a label", block.Type)
		l.note(f)
		return
	case 1:
	default:
		f.at = block.LabelRanges[1]
		f.summary = fmt.Sprintf("The block %s has one label only", block.Type)
		l.note(f)
		return
	}
	given := block.Labels[0]
	f.at = block.LabelRanges[0]
	switch known.label {
	case kindLabel:
		f.summary = fmt.Sprintf("Unknown kind %q of %s", given, block.Type)
		f.detail = didYouMean(given, known.kinds()) + fmt.Sprintf("There are: %s.", strings.Join(known.kinds(), ", "))
	case nameLabel:
		f.summary = fmt.Sprintf("%q cannot be a variable's name", given)
		f.detail = "A name is letters, digits and _, and does not begin with a digit, so that var.NAME and CONTRACT_VAR_NAME both work."
	default:
		f.summary = fmt.Sprintf("%q is not a rule's id", given)
		f.detail = ruleMeant(given) + "A rule's id is PV- and two digits, as in waiver \"PV-02\"."
	}
	l.note(f)
}

// ruleMeant is the id that a misspelt one most likely means: pv-2, PV02 and PV_02 are PV-02.
func ruleMeant(given string) string {
	digits, ok := strings.CutPrefix(plain(given), "pv")
	if !ok || !isDigits(digits) {
		return ""
	}
	if digits = strings.TrimLeft(digits, "0"); len(digits) == 0 || len(digits) > 2 {
		return ""
	}
	return fmt.Sprintf("Did you mean %q? ", "PV-"+strings.Repeat("0", 2-len(digits))+digits)
}

// alternatives shows how a block is begun.
func alternatives(known blockSpec) string {
	var forms []string
	switch known.label {
	case noLabel:
		forms = []string{known.name}
	case kindLabel:
		for _, kind := range known.kinds() {
			forms = append(forms, blockTitle(known.name, kind))
		}
	case nameLabel:
		forms = []string{blockTitle(known.name, "name")}
	case ruleLabel:
		forms = []string{blockTitle(known.name, "PV-02")}
	}
	for i := range forms {
		forms[i] += " { ... }"
	}
	return strings.Join(forms, " or ")
}

// blockTitle is how a block is named in a sentence.
func blockTitle(kind, label string) string {
	if label == "" {
		return kind
	}
	return fmt.Sprintf("%s %q", kind, label)
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
