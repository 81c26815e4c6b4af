package env

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/text"
)

// readOutside gives variables the values that come from outside the environment file: --var wins over --var-file, which
// wins over CONTRACT_VAR_name.
func (l *loader) readOutside() {
	for _, v := range l.declaration {
		if text, ok := l.options.LookupEnv("CONTRACT_VAR_" + v.name); ok {
			l.giveText(v, text, "The value of CONTRACT_VAR_"+v.name)
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
			// What lacks a name may be a value by itself, so it is not shown; base64 ends in equals signs.
			l.note(hcl.Range{}, fmt.Sprintf("--var number %d is not name=value", i+1), "It is not shown: it may be secret. "+l.declaredNames())
		case v == nil:
			l.note(hcl.Range{}, fmt.Sprintf("--var gives %q, which the environment does not declare%s", name, l.nearVariable(name)), l.declaredNames())
		default:
			l.giveText(v, value, "The value of --var "+name)
		}
	}
}

const variablesForm = "One name = value stands on each line, as in the environment file. The line is not shown: it may hold a secret."

// readVariables reads one file of variables: HCL attributes, nothing else. Its lines are values, so none is shown.
func (l *loader) readVariables(path string) {
	data, err := atomicfile.Read(path, maxText)
	if err != nil {
		l.unusable("variables", path, err)
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
			l.note(attribute.Expr.Range(), fmt.Sprintf("The value of %q is not a plain one", name), "Neither variables nor functions stand in a variables file, and a text stands in quotes. The line is not shown: it may hold a secret.")
			value = cty.DynamicVal
		}
		l.give(v, given{value: value, origin: fmt.Sprintf("The value of %q", name), at: attribute.NameRange})
	}
}

// parseValue reads a value that is written as HCL. Neither variables nor functions stand in it.
func parseValue(text string) (cty.Value, bool) {
	const file = ""
	data := []byte(text)
	tokens, _ := hclsyntax.LexExpression(data, file, hcl.InitialPos) // the parser repeats what the lexer says
	if tooMany(tokens) || slices.ContainsFunc(tokens, leadingZero) {
		return cty.NilVal, false
	}
	expression, diagnostics := hclsyntax.ParseExpression(data, file, hcl.InitialPos)
	if diagnostics.HasErrors() {
		return cty.NilVal, false
	}
	value, diagnostics := expression.Value(nil)
	if diagnostics.HasErrors() || !value.IsWhollyKnown() {
		return cty.NilVal, false
	}
	return value, true
}

func (l *loader) nearVariable(name string) string {
	return text.DidYouMean(name, slices.Sorted(maps.Keys(l.declared)))
}

func (l *loader) declaredNames() string {
	if len(l.declared) == 0 {
		return "The environment declares no variable."
	}
	return fmt.Sprintf("The environment declares: %s.", strings.Join(slices.Sorted(maps.Keys(l.declared)), ", "))
}
