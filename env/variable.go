package env

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"verifik-contract/internal/secret"
)

// variable is one declared variable.
type variable struct {
	name        string
	at          hcl.Range // its label
	description string
	sensitive   bool
	kind        cty.Type // cty.DynamicPseudoType where the file does not say
	fallback    *hclsyntax.Attribute
}

// declareVariables reads the variable blocks.
func (l *loader) declareVariables(body *hclsyntax.Body) {
	for _, block := range blocks(body, "variable") {
		v := &variable{name: block.Labels[0], at: block.LabelRanges[0], kind: cty.DynamicPseudoType}
		if first, doubled := l.declared[v.name]; doubled {
			l.hideBody(block.Body)
			l.note(finding{at: v.at, summary: fmt.Sprintf("A second variable %q", v.name),
				detail: fmt.Sprintf("The first is at line %d. Rename one of them.", first.at.Start.Line)})
			continue
		}
		v.fallback = block.Body.Attributes["default"]
		v.sensitive = l.constantBool(block.Body.Attributes["sensitive"])
		if v.sensitive && v.fallback != nil {
			l.hide(v.fallback.Expr.Range())
		}
		v.description = l.constantText(block.Body.Attributes["description"])
		if attribute := block.Body.Attributes["type"]; attribute != nil {
			kind, diagnostics := typeexpr.TypeConstraint(attribute.Expr)
			if diagnostics.HasErrors() {
				l.note(finding{at: attribute.Expr.Range(), summary: fmt.Sprintf("The type of variable %q is not a type", v.name),
					detail: "Types are string, number, bool, any, list(string), map(string) and their like, without quotes."})
			} else {
				v.kind = kind
			}
		}
		l.declared[v.name] = v
		l.declaration = append(l.declaration, v)
	}
}

// constantBool reads a true or false that no variable decides. What cannot be read counts as true: nothing is
// shown by mistake.
func (l *loader) constantBool(attribute *hclsyntax.Attribute) bool {
	if attribute == nil {
		return false
	}
	value, diagnostics := attribute.Expr.Value(nil)
	if !diagnostics.HasErrors() && value.Type() == cty.Bool && value.IsKnown() && !value.IsNull() {
		return value.True()
	}
	l.note(finding{at: attribute.Expr.Range(), summary: fmt.Sprintf("%q is neither true nor false", attribute.Name),
		detail: "Write true or false; no variable can stand here."})
	return true
}

func (l *loader) constantText(attribute *hclsyntax.Attribute) string {
	if attribute == nil {
		return ""
	}
	value, diagnostics := attribute.Expr.Value(nil)
	if !diagnostics.HasErrors() && value.Type() == cty.String && value.IsKnown() && !value.IsNull() {
		return value.AsString()
	}
	l.hide(attribute.Expr.Range())
	l.note(finding{at: attribute.Expr.Range(), summary: fmt.Sprintf("%q is not a text", attribute.Name),
		detail: "Write a text in quotes; no variable can stand here."})
	return ""
}

// given is a value for a variable from outside the environment file.
type given struct {
	text   string    // --var and CONTRACT_VAR_name: as given
	value  cty.Value // --var-file: the zero Value where it is a text
	origin string    // how a problem names it
	at     hcl.Range // --var-file: the name
}

// assignVariables gives each variable its value. All sensitive ones are registered before the first expression of
// the file is evaluated.
func (l *loader) assignVariables(body *hclsyntax.Body) {
	outside := l.gather()
	values := map[string]cty.Value{}
	for _, v := range l.declaration {
		values[v.name] = cty.DynamicVal // unknown: what is made of it is unknown too, and no second problem
		if g, ok := outside[v.name]; ok {
			l.register(v, g)
			if value, ok := l.fromOutside(v, g); ok {
				values[v.name] = l.admit(v, value)
			}
		}
	}
	for _, v := range l.declaration {
		if _, ok := outside[v.name]; ok {
			l.checkUnusedDefault(v)
			continue
		}
		if v.fallback == nil {
			if !l.overridden(v, body) {
				l.missing(v)
			}
			continue
		}
		if value, ok := l.fallbackOf(v); ok {
			values[v.name] = l.admit(v, value)
		}
	}
	l.open(values)
}

// register puts a sensitive value away as it was given, so that not even a complaint about it shows it.
func (l *loader) register(v *variable, g given) {
	if g.text != "" {
		l.private = append(l.private, g.text)
	}
	if v.sensitive && g.text != "true" && g.text != "false" { // hiding these words would mangle every text
		l.secrets.Add(g.text)
	}
	if v.sensitive && g.value != cty.NilVal {
		l.secrets.Add(leaves(g.value)...)
	}
}

// admit makes a value ready for use: known to the notebook, and marked where it is sensitive.
func (l *loader) admit(v *variable, value cty.Value) cty.Value {
	texts := leaves(value)
	l.private = append(l.private, texts...)
	if !v.sensitive {
		return value
	}
	l.secrets.Add(texts...)
	for _, text := range texts {
		l.checkLength(text, fmt.Sprintf("The value of the sensitive variable %q", v.name), v.at)
	}
	return value.Mark(sensitive)
}

// checkLength complains of a value that is to be kept secret and that no report could hide.
func (l *loader) checkLength(text, what string, at hcl.Range) {
	if secret.TooShort(text) {
		l.note(finding{at: at, unshown: true, summary: what + " is too short to be hidden",
			detail: "It has fewer than four characters, and taking those out of every text would leave none readable. Give a longer one."})
	}
}

// fromOutside makes the variable's type of a value that a flag, a file or the process's environment gave.
func (l *loader) fromOutside(v *variable, g given) (cty.Value, bool) {
	value := g.value
	if value == cty.NilVal {
		kind := l.expected(v)
		if kind == cty.String {
			return cty.StringVal(g.text), true
		}
		parsed, ok := parseValue(g.text)
		if !ok {
			l.note(finding{summary: fmt.Sprintf("%s is not %s", g.origin, typeName(kind)),
				detail: fmt.Sprintf("Variable %q is %s: its value is written as in the environment file. The value is not shown: it may be secret.", v.name, typeName(kind))})
			return cty.NilVal, false
		}
		value = parsed
	}
	kind := v.kind
	if kind == cty.DynamicPseudoType && v.fallback != nil {
		kind = l.expected(v)
	}
	converted, err := convert.Convert(value, kind)
	if err != nil {
		l.note(finding{at: g.at, summary: fmt.Sprintf("%s is not %s", g.origin, typeName(kind)),
			detail: fmt.Sprintf("Variable %q is %s.", v.name, typeName(kind))})
		return cty.NilVal, false
	}
	return converted, true
}

// expected is the type of a variable's value: the declared one, else the default's where that is a plain one, else
// a string.
func (l *loader) expected(v *variable) cty.Type {
	if v.kind != cty.DynamicPseudoType {
		return v.kind
	}
	if v.fallback == nil {
		return cty.String
	}
	value, diagnostics := v.fallback.Expr.Value(nil)
	switch {
	case diagnostics.HasErrors() || value.IsNull() || value.Type() == cty.String:
		return cty.String
	case value.Type().IsPrimitiveType():
		return value.Type()
	}
	return cty.DynamicPseudoType
}

// fallbackOf evaluates a default, of which a function may be a part but no other variable.
func (l *loader) fallbackOf(v *variable) (cty.Value, bool) {
	if l.refusesVariables(v) {
		return cty.NilVal, false
	}
	value, ok := l.evaluate(v.fallback.Expr, l.functionsOnly())
	if !ok {
		return cty.NilVal, false
	}
	converted, err := convert.Convert(value, v.kind)
	if err != nil {
		l.note(finding{at: v.fallback.Expr.Range(), summary: fmt.Sprintf("The default of variable %q is not %s", v.name, typeName(v.kind)),
			detail: "Its type and its default have to agree."})
		return cty.NilVal, false
	}
	return converted, true
}

// checkUnusedDefault says what is wrong with a default that another value replaced, as far as that is wrong
// whatever the process's environment holds.
func (l *loader) checkUnusedDefault(v *variable) {
	if v.fallback == nil || l.refusesVariables(v) {
		return
	}
	value, diagnostics := v.fallback.Expr.Value(nil)
	if diagnostics.HasErrors() {
		return // a function's matter: it is not called in vain
	}
	if v.sensitive {
		l.secrets.Add(leaves(value)...)
	}
	if _, err := convert.Convert(value, v.kind); err != nil {
		l.fallbackOf(v)
	}
}

func (l *loader) refusesVariables(v *variable) bool {
	references := v.fallback.Expr.Variables()
	for _, reference := range references {
		l.note(finding{at: reference.SourceRange(), summary: fmt.Sprintf("The default of variable %q refers to another name", v.name),
			detail: "A default stands by itself: values and the functions env and file. Combine variables where they are used."})
	}
	return len(references) > 0
}

// overridden tells whether a variable is used for the target's base URL only, which a flag replaces.
func (l *loader) overridden(v *variable, body *hclsyntax.Body) bool {
	if l.options.BaseURL == "" {
		return false
	}
	uses, needed := 0, 0
	var walk func(*hclsyntax.Body, string)
	walk = func(body *hclsyntax.Body, title string) {
		for name, attribute := range body.Attributes {
			for _, reference := range attribute.Expr.Variables() {
				if used, ok := referred(reference); ok && reference.RootName() == "var" && used == v.name {
					uses++
					if !l.givenElsewhere(title, name) {
						needed++
					}
				}
			}
		}
		for _, block := range body.Blocks {
			walk(block.Body, blockTitle(block.Type, strings.Join(block.Labels, " ")))
		}
	}
	walk(body, "")
	return uses > 0 && needed == 0
}

func (l *loader) missing(v *variable) {
	detail := ""
	if v.description != "" {
		detail = v.description + "\n"
	}
	detail += fmt.Sprintf("Give it by --var %s=..., by CONTRACT_VAR_%s in the process's environment,\n"+
		"or by a line %s = ... in a file that --var-file names.", v.name, v.name, v.name)
	l.note(finding{at: v.at, summary: fmt.Sprintf("Variable %q has no value", v.name), detail: detail})
}

// leaves are the texts and numbers that a value is made of. Truth values are none: "true" is no secret.
func leaves(value cty.Value) []string {
	var texts []string
	plain, _ := value.UnmarkDeep()
	// The callback returns no error, so the walk has none.
	_ = cty.Walk(plain, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsNull() || !v.IsKnown() {
			return false, nil
		}
		switch v.Type() {
		case cty.String:
			texts = append(texts, v.AsString())
		case cty.Number:
			texts = append(texts, v.AsBigFloat().Text('f', -1))
		}
		return true, nil
	})
	return texts
}

func typeName(kind cty.Type) string {
	switch kind {
	case cty.DynamicPseudoType:
		return "a value of HCL"
	case cty.String:
		return "a string"
	case cty.Number:
		return "a number"
	case cty.Bool:
		return "true or false"
	}
	return a(strings.TrimSpace(typeexpr.TypeString(kind)))
}
