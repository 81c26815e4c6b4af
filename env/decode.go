package env

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// fill reads the attributes of a block into the struct fields whose tags name them, and returns the struct. It leaves alone the
// fields of attributes that are wrong, or absent without a default.
func fill[T any](b *block, one *T) *T {
	into := reflect.ValueOf(one).Elem()
	for i := range into.NumField() {
		spec := b.spec.attribute(into.Type().Field(i).Tag.Get("hcl"))
		if spec == nil {
			continue
		}
		value := spec.defaultValue
		if b.has(spec.name) {
			value = cmp.Or(b.attribute(*spec), value)
		}
		if value != nil {
			into.Field(i).Set(reflect.ValueOf(value))
		}
	}
	return one
}

// has reports whether an attribute is set.
func (b *block) has(name string) bool { return b.Body.Attributes[name] != nil }

// attribute reads an attribute; nil if it is null, empty or wrong. What is wrong has then been noted: also null and empty, if the
// attribute is required. Before it unmarks the value, it adds what is sensitive in it to the secrets, including what was made
// from something sensitive.
func (b *block) attribute(spec attributeSpec) any {
	f := field{block: b, attributeSpec: spec, expression: b.Body.Attributes[spec.name].Expr}
	marked, ok := b.evaluate(f.expression, spec.kind, b.context, func() { f.complain(spec.wrong, spec.advice) })
	if !ok {
		b.unread = append(b.unread, spec.name)
		return nil
	}
	value, paths := marked.UnmarkDeepWithPaths()
	for _, at := range paths {
		part, _ := at.Path.Apply(value) // never fails: the path is of this value
		var texts []string
		if part.Type() != cty.Number && part.Type() != cty.Bool { // a number or bool is most likely the result of a comparison, and no secret
			texts = textsIn(part)
		}
		for one := range at.Marks {
			switch file, read := one.(fromFile); {
			case !read:
				b.secrets.Add(texts...)
			case spec.name == "headers":
				b.secrets.Add(append(texts, file.text)...)
				b.checkLength(file.text, "What file() reads into a header", f.at())
			}
		}
	}
	if spec.secret {
		b.secrets.Add(textsIn(value)...)
	}
	f.value = value
	empty := !value.IsNull() && (value.Type() == cty.String && value.AsString() == "" || // as if absent unless required, so that a variable's default can be ""
		value.CanIterateElements() && value.LengthInt() == 0)
	switch {
	case value.IsNull() && spec.required:
		return f.complain("is null", "It has to have a value.")
	case empty && spec.required && value.Type() != cty.String:
		return f.complain("is empty", spec.advice)
	case empty && spec.required:
		return f.complain("is empty", "It has to have a value.")
	case value.IsNull() || empty:
		return nil
	case slices.ContainsFunc(textsIn(value), func(text string) bool { return strings.ContainsRune(text, 0) }):
		return f.complain("holds a NUL character", "Take it out.")
	}
	complaints := len(b.findings)
	read := spec.read(f)
	switch {
	case read == nil && len(b.findings) == complaints:
		return f.complain(spec.wrong, spec.advice)
	case read != nil && spec.secret:
		f.checkLength(f.text(), f.subject(), f.at())
	}
	return read
}

// field is an attribute being read.
type field struct {
	*block
	attributeSpec
	expression hclsyntax.Expression
	value      cty.Value // unmarked, known, of the attribute's type, not null
}

func (f field) at() hcl.Range { return f.expression.Range() }

// complain notes what is wrong with the value, and returns nil.
func (f field) complain(what, detail string) any {
	f.unread = append(f.unread, f.name)
	f.note(f.at(), f.subject()+" "+what, detail)
	return nil
}

// subject returns the name of the attribute in a sentence.
func (f field) subject() string {
	if f.at() == (hcl.Range{}) { // see overrideBaseURL
		return "The URL of --base-url (or BASE_URL)"
	}
	return fmt.Sprintf("%q of %s", f.name, f.title)
}

func (f field) text() string { return f.value.AsString() }

// item is one element of a list or map of strings, with its place in the file.
type item struct {
	key   string // of a map; of a list: the index
	text  string
	at    hcl.Range // of a list's element or a map's key
	value hcl.Range // of a map's value
}

// items returns the elements of a list, or of a map in the order of its keys. It notes null elements and keys that occur
// twice.
func (f field) items() []item {
	places := map[string]item{} // empty if the expression is not a literal list or map
	elements, _ := hcl.ExprList(f.expression)
	for i, element := range elements {
		places[strconv.Itoa(i)] = item{at: element.Range()}
	}
	pairs, _ := hcl.ExprMap(f.expression)
	for _, pair := range pairs {
		key, diagnostics := pair.Key.Value(nil)
		if diagnostics.HasErrors() || key.IsNull() || key.Type() != cty.String {
			continue
		}
		if _, duplicate := places[key.AsString()]; duplicate {
			f.note(pair.Key.Range(), fmt.Sprintf("A key of %q is given twice", f.name), "Keep one of the two.")
		}
		places[key.AsString()] = item{at: pair.Key.Range(), value: pair.Value.Range()}
	}
	var items []item
	for key, value := range f.value.Elements() {
		key, _ = convert.Convert(key, cty.String) // never fails for a key
		one, shown := places[key.AsString()]
		if !shown {
			one = item{at: f.at(), value: f.at()}
		}
		if value.IsNull() {
			f.note(one.at, fmt.Sprintf("An element of %q is null", f.name), "Write a text in quotes.")
			continue
		}
		one.key, one.text = key.AsString(), value.AsString()
		items = append(items, one)
	}
	return items
}
