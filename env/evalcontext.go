package env

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/text"
)

// sensitive marks what must not be shown. Most of cty's accessors panic on marked values, so a value is unmarked, and
// added to the secrets, before it is read.
const sensitive = mark("sensitive")

type mark string

// fromFile marks what file() read, which is sensitive if it becomes a header.
type fromFile struct{ text string }

// functionsOnly returns the context for defaults, which may not refer to variables.
func (l *loader) functionsOnly() *hcl.EvalContext {
	return &hcl.EvalContext{Functions: map[string]function.Function{"env": l.envFunction(), "file": l.fileFunction()}}
}

// envFunction returns env("NAME") and env("NAME", "default").
func (l *loader) envFunction() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(arguments []cty.Value, _ cty.Type) (cty.Value, error) {
			text, ok := l.options.LookupEnv(arguments[0].AsString())
			switch {
			case len(arguments) > 2:
				return cty.NilVal, errors.New("it takes a name and at most one default")
			case ok:
				l.privateTexts, l.processVars = append(l.privateTexts, text), append(l.processVars, arguments[0].AsString())
				return cty.StringVal(text), nil
			case len(arguments) == 2:
				return arguments[1], nil
			}
			return cty.NilVal, errors.New("no such variable is set in the process's environment, and it has no default")
		},
	})
}

// fileFunction returns file("path"), which yields the content of a file without its last line break, which editors add and no
// token or header wants.
func (l *loader) fileFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(arguments []cty.Value, _ cty.Type) (cty.Value, error) {
			data, err := l.content(l.resolve(arguments[0].AsString()), maxText)
			if err != nil {
				return cty.NilVal, fmt.Errorf("%w (relative paths start at the environment file's folder)", atomicfile.Reason(err))
			}
			if !utf8.Valid(data) {
				return cty.NilVal, errors.New("it is not UTF-8 text")
			}
			text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
			l.privateTexts = append(l.privateTexts, text)
			return cty.StringVal(text).Mark(fromFile{text}), nil
		},
	})
}

// resolve returns a path that the environment file names; relative ones start at the file's folder.
func (l *loader) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(l.folder, path)
}

// evaluate evaluates an expression, keeping marks, and calls mismatch if the value is of another type than kind. ok is false if
// there is no usable value. A value that is unknown because a variable has none is not noted again.
func (l *loader) evaluate(expression hclsyntax.Expression, kind cty.Type, context *hcl.EvalContext, mismatch func()) (value cty.Value, ok bool) {
	if !l.checkReferences(expression) {
		return cty.NilVal, false
	}
	defer func() {
		// Some expressions with marked or unknown values make the evaluation panic. The panic's text is not shown: it may
		// hold a value.
		if recover() != nil {
			l.note(expression.Range(), "The expression cannot be evaluated", "Write it more simply.")
			value, ok = cty.NilVal, false
		}
	}()
	value, diagnostics := expression.Value(context)
	for _, d := range diagnostics {
		l.noteEvaluation(d, expression)
	}
	value, err := converted(value, kind)
	if err != nil {
		mismatch()
	}
	return value, err == nil && !diagnostics.HasErrors() && value.IsWhollyKnown()
}

// converted returns a value as one of another type, with its marks. It converts the elements of a list one by one: cty compares
// the type of each with that of every other, which takes a second for ten thousand phones.
func converted(value cty.Value, kind cty.Type) (cty.Value, error) {
	list, marks := value.Unmark()
	if !kind.IsListType() || !list.Type().IsTupleType() || !list.IsKnown() || list.IsNull() || list.LengthInt() == 0 {
		return convert.Convert(value, kind)
	}
	elements := list.AsValueSlice()
	for i, element := range elements {
		var err error
		if elements[i], err = convert.Convert(element, kind.ElementType()); err != nil {
			return cty.NilVal, err
		}
	}
	return cty.ListVal(elements).WithMarks(marks), nil
}

// noteEvaluation notes what HCL says of an expression, unless the text holds a value.
func (l *loader) noteEvaluation(d *hcl.Diagnostic, expression hclsyntax.Expression) {
	const short = 3 // shorter values occur in any sentence by chance
	if slices.ContainsFunc(l.privateTexts, func(text string) bool { return len(text) >= short && strings.Contains(d.Summary+"\n"+d.Detail, text) }) {
		d.Summary, d.Detail = "The expression cannot be evaluated", "The reason is not shown: it holds the value of a variable."
	}
	l.note(*cmp.Or(d.Subject, expression.Range().Ptr()), d.Summary, d.Detail)
}

// checkReferences reports variables that do not exist, with a suggestion, which HCL would not make.
func (l *loader) checkReferences(expression hclsyntax.Expression) bool {
	ok := true
	for _, reference := range expression.Variables() {
		name, named := reference.RootName(), false
		if name == "var" && len(reference) > 1 {
			switch step := reference[1].(type) {
			case hcl.TraverseAttr:
				name, named = step.Name, true
			case hcl.TraverseIndex:
				if step.Key.Type() == cty.String {
					name, named = step.Key.AsString(), true
				}
			}
		}
		if name == "var" && !named {
			name = ""
		}
		if v := l.declared[name]; named && v != nil {
			if v.outside == nil && v.fallback == nil { // assignVariables does not note it where --base-url is given
				l.missing(v)
			}
			continue
		}
		ok = false
		detail := "Write a variable as var.NAME and a text in quotes. " + l.declaredNames()
		if near := text.Nearest(name, l.names()); near != "" {
			detail = fmt.Sprintf("Did you mean var.%s? ", near) + detail
		}
		l.note(reference.SourceRange(), fmt.Sprintf("There is no variable %q", cmp.Or(name, "var")), detail)
	}
	return ok
}

// refersElsewhere reports whether an expression takes its value from elsewhere, so that its source shows no secret.
func refersElsewhere(expression hclsyntax.Expression) bool {
	switch e := expression.(type) {
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.IndexExpr:
		return true
	case *hclsyntax.FunctionCallExpr:
		return len(e.Args) == 1 // a second argument is a default
	case *hclsyntax.TemplateWrapExpr:
		return refersElsewhere(e.Wrapped)
	}
	return false
}
