package env

import (
	"fmt"

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
	Description string `hcl:"description"`
	Sensitive   bool   `hcl:"sensitive"`
	name        string
	at          hcl.Range // its label
	body        *hclsyntax.Body
	kind        cty.Type // cty.DynamicPseudoType where the file does not say
	verbatim    bool     // a text from outside is the value as it stands
	fallback    *hclsyntax.Attribute
	given       *given // nil: nothing outside gives it a value
}

// declareVariables reads the variable blocks. What describes a variable stands by itself: no variable decides it.
func (l *loader) declareVariables(blocks []*block) {
	for _, b := range blocks {
		if b.Type != "variable" {
			continue
		}
		v := &variable{name: b.label(), at: b.LabelRanges[0], body: b.Body, fallback: b.Body.Attributes["default"]}
		complaints := len(l.findings)
		b.fill(v)
		if b.has("sensitive") && len(l.findings) > complaints { // what cannot be read counts as true: nothing is shown by mistake
			v.Sensitive = true
		}
		if v.Sensitive && v.fallback != nil {
			l.hide(v.fallback.Expr.Range())
			written, _ := v.fallback.Expr.Value(nil) // what a function makes of it is registered where it is used
			l.secrets.Add(leaves(written)...)
		}
		v.kind, v.verbatim = l.typeOf(v)
		l.declared[v.name] = v
		l.declaration = append(l.declaration, v)
	}
}

// typeOf returns the type of a variable's value, the declared one, else the default's where that is a plain one, and whether a text
// from outside is the value as it stands: it is read as HCL otherwise.
func (l *loader) typeOf(v *variable) (kind cty.Type, verbatim bool) {
	if attribute := v.body.Attributes["type"]; attribute != nil {
		kind, diagnostics := typeexpr.TypeConstraint(attribute.Expr)
		if diagnostics.HasErrors() {
			l.note(attribute.Expr.Range(), fmt.Sprintf("The type of variable %q is not a type", v.name),
				"Types are string, number, bool, any, list(string), map(string) and their like, without quotes.")
		} else if kind != cty.DynamicPseudoType {
			return kind, kind == cty.String
		}
	}
	if v.fallback == nil {
		return cty.DynamicPseudoType, true
	}
	value, diagnostics := v.fallback.Expr.Value(nil)
	switch {
	case diagnostics.HasErrors() || value.IsNull(): // a function's, most likely
		return cty.DynamicPseudoType, true
	case value.Type().IsPrimitiveType():
		return value.Type(), value.Type() == cty.String
	}
	return cty.DynamicPseudoType, false
}

// given is a value for a variable from outside the environment file.
type given struct {
	value  cty.Value // the zero Value: what was given is none
	origin string    // how a problem names it
	at     hcl.Range // in a file of variables: the name
}

// give hands a variable a value from outside, which takes the place of an earlier one.
func (l *loader) give(v *variable, g given) {
	v.given = &g
	if v.Sensitive {
		l.secrets.Add(leaves(g.value)...)
	}
}

// giveText hands a variable a text from outside, and puts it away, so that not even a complaint about it shows it.
func (l *loader) giveText(v *variable, text, origin string) {
	l.private = append(l.private, text)
	l.give(v, given{value: cty.StringVal(text), origin: origin})
	if !v.verbatim {
		v.given.value, _ = parseValue(text)
	}
}

// assignVariables gives each variable its value. All sensitive ones are registered before the first expression of
// the file is evaluated.
func (l *loader) assignVariables() {
	l.readOutside()
	values := map[string]cty.Value{}
	for _, v := range l.declaration {
		value, ok := cty.NilVal, false
		switch {
		case v.given != nil:
			value, ok = l.fromOutside(v)
		case v.fallback != nil:
			value, ok = l.fallbackOf(v)
		case l.options.BaseURL == "":
			l.missing(v)
		}
		values[v.name] = cty.DynamicVal // unknown: what is made of it is unknown too, and no second problem
		if ok {
			values[v.name] = l.admit(v, value)
		}
	}
	l.context = l.functionsOnly()
	l.context.Variables = map[string]cty.Value{"var": cty.ObjectVal(values)}
}

// admit makes a value ready for use: known to the diagnostics, and marked where it is sensitive.
func (l *loader) admit(v *variable, value cty.Value) cty.Value {
	texts := leaves(value)
	l.private = append(l.private, texts...)
	if !v.Sensitive {
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
		l.note(at, what+" is too short to be hidden",
			"It has fewer than four characters, and taking those out of every text would leave none readable. Give a longer one.")
	}
}

// fromOutside makes the variable's type of a value that a flag, a file or the process's environment gave.
func (l *loader) fromOutside(v *variable) (cty.Value, bool) {
	if v.given.value != cty.NilVal {
		if converted, err := convert.Convert(v.given.value, v.kind); err == nil {
			return converted, true
		}
	}
	l.note(v.given.at, fmt.Sprintf("%s is not of the type %s", v.given.origin, typeexpr.TypeString(v.kind)),
		fmt.Sprintf("The value of variable %q is written as in the environment file. It is not shown: it may be secret.", v.name))
	return cty.NilVal, false
}

// fallbackOf evaluates a default, of which a function may be a part but no other variable.
func (l *loader) fallbackOf(v *variable) (cty.Value, bool) {
	for _, reference := range v.fallback.Expr.Variables() {
		l.note(reference.SourceRange(), fmt.Sprintf("The default of variable %q refers to another name", v.name),
			"A default stands by itself: values and the functions env and file. Combine variables where they are used.")
		return cty.NilVal, false
	}
	return l.evaluate(v.body, hcldec.AttrSpec{Name: "default", Type: v.kind}, l.functionsOnly(), func() {
		l.note(v.fallback.Expr.Range(), fmt.Sprintf("The default of variable %q is not of the type %s", v.name, typeexpr.TypeString(v.kind)),
			"Its type and its default have to agree.")
	})
}

// missing notes that a variable that is used has no value.
func (l *loader) missing(v *variable) {
	detail := ""
	if v.Description != "" {
		detail = v.Description + "\n"
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
