package env

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hcldec"
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
	body        *hclsyntax.Body
	kind        cty.Type // cty.DynamicPseudoType where the file does not say
	fallback    *hclsyntax.Attribute
}

// declareVariables reads the variable blocks. What describes a variable stands by itself: no variable decides it.
func (l *loader) declareVariables(blocks []*block) {
	for _, b := range blocks {
		if b.Type != "variable" {
			continue
		}
		v := &variable{name: b.label(), at: b.LabelRanges[0], body: b.Body, kind: cty.DynamicPseudoType, fallback: b.Body.Attributes["default"]}
		if first, duplicate := l.declared[v.name]; duplicate {
			l.hideBody(b.Body)
			l.note(v.at, fmt.Sprintf("A second variable %q", v.name), fmt.Sprintf("The first is at line %d. Rename one of them.", first.at.Start.Line))
			continue
		}
		sensitive, ok := l.constant(b, "sensitive", cty.Bool, "is neither true nor false", "Write true or false")
		v.sensitive = !ok || sensitive != cty.NilVal && sensitive.True() // what cannot be read counts as true: nothing is shown by mistake
		if v.sensitive && v.fallback != nil {
			l.hide(v.fallback.Expr.Range())
			written, _ := v.fallback.Expr.Value(nil) // what a function makes of it is registered where it is used
			l.secrets.Add(leaves(written)...)
		}
		description, ok := l.constant(b, "description", cty.String, "is not a text", "Write a text in quotes")
		if !ok {
			l.hide(b.Body.Attributes["description"].Expr.Range())
		} else if description != cty.NilVal {
			v.description = description.AsString()
		}
		if attribute := b.Body.Attributes["type"]; attribute != nil {
			kind, diagnostics := typeexpr.TypeConstraint(attribute.Expr)
			if diagnostics.HasErrors() {
				l.note(attribute.Expr.Range(), fmt.Sprintf("The type of variable %q is not a type", v.name),
					"Types are string, number, bool, any, list(string), map(string) and their like, without quotes.")
			} else {
				v.kind = kind
			}
		}
		l.declared[v.name] = v
		l.declaration = append(l.declaration, v)
	}
}

// constant reads an attribute that is written out; the zero Value where there is none.
func (l *loader) constant(b *block, name string, kind cty.Type, what, detail string) (cty.Value, bool) {
	attribute := b.Body.Attributes[name]
	if attribute == nil {
		return cty.NilVal, true
	}
	value, diagnostics := attribute.Expr.Value(nil)
	if diagnostics.HasErrors() || value.Type() != kind || !value.IsKnown() || value.IsNull() {
		l.note(attribute.Expr.Range(), fmt.Sprintf("%q %s", name, what), detail+"; no variable can stand here.")
		return cty.NilVal, false
	}
	return value, true
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
	outside := l.outsideValues()
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
	l.context = l.functionsOnly()
	l.context.Variables = map[string]cty.Value{"var": cty.ObjectVal(values)}
}

// register puts a sensitive value away as it was given, so that not even a complaint about it shows it.
func (l *loader) register(v *variable, g given) {
	if g.text != "" {
		l.private = append(l.private, g.text)
	}
	if v.sensitive {
		l.secrets.Add(leaves(cty.StringVal(g.text))...)
		l.secrets.Add(leaves(g.value)...)
	}
}

// admit makes a value ready for use: known to the diagnostics, and marked where it is sensitive.
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
		l.add(finding{at: at, unshown: true, summary: what + " is too short to be hidden",
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
			l.add(finding{summary: fmt.Sprintf("%s is not %s", g.origin, typeName(kind)),
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
		l.note(g.at, fmt.Sprintf("%s is not %s", g.origin, typeName(kind)), fmt.Sprintf("Variable %q is %s.", v.name, typeName(kind)))
		return cty.NilVal, false
	}
	return converted, true
}

// expected returns the type of a variable's value: the declared one, else the default's where that is a plain one, else
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
	for _, reference := range v.fallback.Expr.Variables() {
		l.note(reference.SourceRange(), fmt.Sprintf("The default of variable %q refers to another name", v.name),
			"A default stands by itself: values and the functions env and file. Combine variables where they are used.")
		return cty.NilVal, false
	}
	value, fits, ok := l.evaluate(v.body, hcldec.AttrSpec{Name: "default", Type: v.kind}, l.functionsOnly())
	if !fits {
		l.note(v.fallback.Expr.Range(), fmt.Sprintf("The default of variable %q is not %s", v.name, typeName(v.kind)),
			"Its type and its default have to agree.")
	}
	return value, fits && ok
}

// overridden reports whether a variable is used for the target's base URL only, which a flag replaces.
func (l *loader) overridden(v *variable, body *hclsyntax.Body) bool {
	uses := func(within hclsyntax.Node) (n int) {
		_ = hclsyntax.VisitAll(within, func(node hclsyntax.Node) hcl.Diagnostics {
			if e, ok := node.(*hclsyntax.ScopeTraversalExpr); ok && e.Traversal.RootName() == "var" {
				if used, named := referred(e.Traversal); named && used == v.name {
					n++
				}
			}
			return nil
		})
		return n
	}
	return l.replaced != nil && uses(l.replaced) > 0 && uses(l.replaced) == uses(body)
}

func (l *loader) missing(v *variable) {
	detail := ""
	if v.description != "" {
		detail = v.description + "\n"
	}
	detail += fmt.Sprintf("Give it by --var %s=..., by CONTRACT_VAR_%s in the process's environment,\n"+
		"or by a line %s = ... in a file that --var-file names.", v.name, v.name, v.name)
	l.note(v.at, fmt.Sprintf("Variable %q has no value", v.name), detail)
}

// leaves returns the texts and numbers that a value is made of. Truth values are none: hiding these words would mangle
// every text.
func leaves(value cty.Value) []string {
	var texts []string
	if value == cty.NilVal {
		return nil
	}
	plain, _ := value.UnmarkDeep()
	// The callback returns no error, so the walk has none.
	_ = cty.Walk(plain, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsNull() || !v.IsKnown() {
			return false, nil
		}
		switch {
		case v.Type() == cty.String && v.AsString() != "true" && v.AsString() != "false":
			texts = append(texts, v.AsString())
		case v.Type() == cty.Number:
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
