package env

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// variable is a declared variable.
type variable struct {
	Description string `hcl:"description"`
	Sensitive   bool   `hcl:"sensitive"`
	name        string
	at          hcl.Range // of its label
	body        *hclsyntax.Body
	kind        cty.Type // cty.DynamicPseudoType if the file does not say
	verbatim    bool     // a text from a flag or the process's environment is the value itself, not HCL
	fallback    *hclsyntax.Attribute
	outside     *outsideValue // nil: no value is given outside the file
}

// declareVariables reads the variable blocks, in which no other variable is allowed.
func (l *loader) declareVariables(blocks []*block) {
	for _, b := range blocks {
		if b.Type != "variable" {
			continue
		}
		v := fill(b, &variable{name: b.label(), at: b.LabelRanges[0], body: b.Body, fallback: b.Body.Attributes["default"]})
		v.Sensitive = v.Sensitive || slices.Contains(b.unread, "sensitive") // if in doubt, nothing is shown
		if v.Sensitive && v.fallback != nil {
			l.hide(v.fallback.Expr.Range())
			written, _ := v.fallback.Expr.Value(nil) // the value of a function is added to the secrets where it is used
			l.secrets.Add(textsIn(written)...)
		}
		v.kind, v.verbatim = l.typeOf(v)
		l.declared[v.name] = v
	}
}

// typeOf returns the type of a variable, which is the declared one or else that of a primitive default, and whether a text from
// outside is the value itself; otherwise it is parsed as HCL.
func (l *loader) typeOf(v *variable) (kind cty.Type, verbatim bool) {
	kind = cty.DynamicPseudoType
	if attribute := v.body.Attributes["type"]; attribute != nil {
		declared, diagnostics := typeexpr.TypeConstraint(attribute.Expr)
		if diagnostics.HasErrors() {
			l.note(attribute.Expr.Range(), fmt.Sprintf("The type of variable %q is not a type", v.name),
				"Types are string, number, bool, any, list(string), map(string) and their like, without quotes.")
		} else if declared != cty.DynamicPseudoType {
			return declared, declared == cty.String
		}
	}
	if v.fallback != nil {
		if value, diagnostics := v.fallback.Expr.Value(nil); !diagnostics.HasErrors() && !value.IsNull() { // functions have no type yet, null has any
			kind = value.Type()
		}
	}
	if kind.IsPrimitiveType() {
		return kind, kind == cty.String
	}
	return cty.DynamicPseudoType, kind == cty.DynamicPseudoType
}

// outsideValue is the value of a variable from outside the environment file.
type outsideValue struct {
	value  cty.Value // zero if what was given is not a value
	origin string    // its name in a problem
	at     hcl.Range // of the name in a variables file
}

// setOutside gives a variable a value from outside, in place of any earlier one.
func (l *loader) setOutside(v *variable, g outsideValue) {
	v.outside = &g
	if v.Sensitive {
		l.secrets.Add(textsIn(g.value)...)
	}
}

// setOutsideText gives a variable a text from outside, and makes sure that no message shows it.
func (l *loader) setOutsideText(v *variable, text, origin string) {
	l.privateTexts = append(l.privateTexts, text)
	l.setOutside(v, outsideValue{value: cty.StringVal(text), origin: origin})
	if !v.verbatim {
		v.outside.value = parseValue(text)
	}
}

// readOutside reads the values from outside the environment file: --var wins over --var-file, which wins over
// CONTRACT_VAR_name.
func (l *loader) readOutside() {
	for _, name := range l.names() {
		if text, ok := l.options.LookupEnv("CONTRACT_VAR_" + name); ok {
			l.setOutsideText(l.declared[name], text, "The value of CONTRACT_VAR_"+name)
		}
	}
	for _, path := range l.options.VarFiles {
		l.readVariables(path)
	}
	for i, text := range l.options.Vars {
		name, value, ok := strings.Cut(text, "=")
		v := l.declared[name]
		switch {
		case !ok || !isName(name) || v == nil && strings.Trim(value, "=") == "":
			// Without a name it may be just a value, so it is not shown; base64 ends in equals signs.
			l.note(hcl.Range{}, fmt.Sprintf("--var number %d is not name=value", i+1), "It is not shown: it may be secret. "+l.declaredNames())
		case v == nil:
			l.note(hcl.Range{}, fmt.Sprintf("--var gives %q, which the environment does not declare%s", name, l.nearVariable(name)), l.declaredNames())
		default:
			l.setOutsideText(v, value, "The value of --var "+name)
		}
	}
}

const variablesForm = "Write one name = value on each line, as in the environment file. The line is not shown: it may hold a secret."

// readVariables reads a variables file, which holds HCL attributes only. Its lines are values, so none is shown.
func (l *loader) readVariables(path string) {
	data, err := l.content(path, maxText)
	if err != nil {
		l.noteUnreadable("variables", path, err)
		return
	}
	body, ok := l.parse(path, data, true)
	if !ok {
		return
	}
	for _, block := range body.Blocks {
		l.note(block.TypeRange, "A variables file holds no blocks", variablesForm)
	}
	for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
		attribute, v := body.Attributes[name], l.declared[name]
		if v == nil {
			l.note(attribute.NameRange, fmt.Sprintf("The file gives %q, which the environment does not declare%s", name, l.nearVariable(name)), l.declaredNames())
			continue
		}
		value, diagnostics := attribute.Expr.Value(nil)
		if diagnostics.HasErrors() {
			l.note(attribute.Expr.Range(), fmt.Sprintf("The value of %q is not a literal", name), "A variables file may not use variables or functions, and texts need quotes. The line is not shown: it may hold a secret.")
			value = cty.DynamicVal
		}
		l.setOutside(v, outsideValue{value: value, origin: fmt.Sprintf("The value of %q", name), at: attribute.NameRange})
	}
}

// parseValue reads a value in HCL, without variables or functions; zero if it is not one.
func parseValue(text string) cty.Value {
	const file = ""
	data := []byte(text)
	tokens, _ := hclsyntax.LexExpression(data, file, hcl.InitialPos) // the parser reports the lexer's errors too
	if tooManyTokens(tokens) || slices.ContainsFunc(tokens, leadingZero) {
		return cty.NilVal
	}
	expression, diagnostics := hclsyntax.ParseExpression(data, file, hcl.InitialPos)
	if diagnostics.HasErrors() {
		return cty.NilVal
	}
	value, diagnostics := expression.Value(nil)
	if diagnostics.HasErrors() || !value.IsWhollyKnown() {
		return cty.NilVal
	}
	return value
}

// names returns the names of the declared variables, sorted.
func (l *loader) names() []string { return slices.Sorted(maps.Keys(l.declared)) }

func (l *loader) nearVariable(name string) string { return text.DidYouMean(name, l.names()) }

func (l *loader) declaredNames() string {
	if len(l.declared) == 0 {
		return "The environment declares no variable."
	}
	return fmt.Sprintf("The environment declares: %s.", strings.Join(l.names(), ", "))
}

// assignVariables gives each variable its value. It adds all sensitive ones to the secrets before the first expression
// of the file is evaluated.
func (l *loader) assignVariables() {
	l.readOutside()
	values := map[string]cty.Value{}
	for _, name := range l.names() {
		v := l.declared[name]
		value, ok := cty.NilVal, false
		switch {
		case v.outside != nil:
			value, ok = l.convertOutside(v)
		case v.fallback != nil:
			value, ok = l.fallbackOf(v)
		case l.options.BaseURL == "":
			l.missing(v)
		}
		values[name] = cty.DynamicVal // unknown, so that what uses it is unknown too and causes no second problem
		if ok {
			values[name] = l.register(v, value)
		}
	}
	l.context = l.functionsOnly()
	l.context.Variables = map[string]cty.Value{"var": cty.ObjectVal(values)}
}

// register makes a value known to the diagnostics, and marks it if it is sensitive.
func (l *loader) register(v *variable, value cty.Value) cty.Value {
	texts := textsIn(value)
	l.privateTexts = append(l.privateTexts, texts...)
	if !v.Sensitive {
		return value
	}
	l.secrets.Add(texts...)
	for _, text := range texts {
		l.checkLength(text, fmt.Sprintf("The value of the sensitive variable %q", v.name), v.at)
	}
	return value.Mark(sensitive)
}

// checkLength notes a secret that is too short to be redacted.
func (l *loader) checkLength(text, what string, at hcl.Range) {
	if secret.TooShort(text) {
		l.note(at, what+" is too short to be hidden",
			"It has fewer than four characters: replacing it everywhere would make texts unreadable. Give a longer one.")
	}
}

// convertOutside converts a value from outside to the variable's type.
func (l *loader) convertOutside(v *variable) (cty.Value, bool) {
	if v.outside.value != cty.NilVal {
		if converted, err := convert.Convert(v.outside.value, v.kind); err == nil {
			return converted, true
		}
	}
	l.note(v.outside.at, fmt.Sprintf("%s is not of the type %s", v.outside.origin, typeexpr.TypeString(v.kind)),
		fmt.Sprintf("The value of variable %q is written as in the environment file. It is not shown: it may be secret.", v.name))
	return cty.NilVal, false
}

// fallbackOf evaluates a default, which may call functions but not refer to other variables.
func (l *loader) fallbackOf(v *variable) (cty.Value, bool) {
	for _, reference := range v.fallback.Expr.Variables() {
		l.note(reference.SourceRange(), fmt.Sprintf("The default of variable %q refers to another name", v.name),
			"A default may hold values and the functions env and file, but no variables. Combine variables where they are used.")
		return cty.NilVal, false
	}
	return l.evaluate(v.fallback.Expr, v.kind, l.functionsOnly(), func() {
		l.note(v.fallback.Expr.Range(), fmt.Sprintf("The default of variable %q is not of the type %s", v.name, typeexpr.TypeString(v.kind)),
			"Its type and its default have to agree.")
	})
}

// missing notes that a variable has no value.
func (l *loader) missing(v *variable) {
	howTo := fmt.Sprintf("Give it by --var %s=..., by CONTRACT_VAR_%s in the process's environment,\n"+
		"or by a line %s = ... in a file that --var-file names.", v.name, v.name, v.name)
	l.note(v.at, fmt.Sprintf("Variable %q has no value", v.name), v.Description+"\n"+howTo)
}

// textsIn returns the texts and numbers in a value, without true and false: hiding these words would mangle every
// text.
func textsIn(value cty.Value) []string {
	var texts []string
	if value == cty.NilVal {
		return nil
	}
	plain, _ := value.UnmarkDeep()
	// The callback never returns an error.
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
