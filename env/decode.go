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

// fill reads the attributes of a block into the fields of a struct whose tags name them, and returns it. What is not written and has
// no default, or was complained about, leaves a field as it is.
func fill[T any](b *block, one *T) *T {
	into := reflect.ValueOf(one).Elem()
	for i := range into.NumField() {
		spec := b.spec.attribute(into.Type().Field(i).Tag.Get("hcl"))
		if spec == nil {
			continue
		}
		value := spec.otherwise
		if b.has(spec.name) {
			value = cmp.Or(b.attribute(*spec), value)
		}
		if value != nil {
			into.Field(i).Set(reflect.ValueOf(value))
		}
	}
	return one
}

// has reports whether an attribute is written.
func (b *block) has(name string) bool { return b.Body.Attributes[name] != nil }

// attribute reads an attribute; nil where it is null or empty, or has been complained about. What is sensitive in it is
// registered, also where it is only made of something sensitive, before it is unmarked.
func (b *block) attribute(spec attributeSpec) any {
	f := field{block: b, attributeSpec: spec, expression: b.Body.Attributes[spec.name].Expr}
	marked, ok := b.evaluate(f.expression, spec.kind, b.context, func() { f.complain(spec.wrong, spec.advice) })
	if !ok {
		b.unread = append(b.unread, spec.name)
		return nil
	}
	value, paths := marked.UnmarkDeepWithPaths()
	for _, at := range paths {
		part, err := at.Path.Apply(value)
		if err != nil {
			continue // never: the path was found in this very value
		}
		for one := range at.Marks {
			switch file, read := one.(fromFile); {
			case !read:
				b.secrets.Add(texts(part)...)
			case spec.name == "headers":
				b.secrets.Add(append(texts(part), file.text)...)
				b.checkLength(file.text, "What file() reads into a header", f.at())
			}
		}
	}
	if spec.secret {
		b.secrets.Add(leaves(value)...)
	}
	f.value = value
	empty := !value.IsNull() && (value.Type() == cty.String && value.AsString() == "" || // so that a variable's default can say "none"
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
	case slices.ContainsFunc(leaves(value), func(text string) bool { return strings.ContainsRune(text, 0) }):
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

// texts returns the strings of a value that was made of something sensitive. A number that was is most often the outcome of
// a comparison.
func texts(value cty.Value) []string {
	if value.Type() == cty.Number || value.Type() == cty.Bool {
		return nil
	}
	return leaves(value)
}

// field is an attribute that is being read.
type field struct {
	*block
	attributeSpec
	expression hclsyntax.Expression
	value      cty.Value // unmarked, known, of the attribute's type, not null
}

func (f field) at() hcl.Range { return f.expression.Range() }

// complain notes what is wrong with the value.
func (f field) complain(what, detail string) any {
	f.unread = append(f.unread, f.name)
	f.note(f.at(), f.subject()+" "+what, detail)
	return nil
}

// subject names the attribute in a sentence.
func (f field) subject() string {
	if f.at() == (hcl.Range{}) { // see overrideBaseURL
		return "The URL of --base-url (or BASE_URL)"
	}
	return fmt.Sprintf("%q of %s", f.name, f.title)
}

func (f field) text() string { return f.value.AsString() }

// item is one element of a list or map of strings, with the place where the file shows it.
type item struct {
	key   string // maps only
	text  string
	at    hcl.Range // of a list's element, of a map's key
	value hcl.Range // of what is said
}

// items returns the elements of a list, or of a map in the order of its keys. It complains of those that are null, and of
// keys that a map shows twice.
func (f field) items() []item {
	places := map[string]item{} // of what is a list or a map as it is written
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
		key, _ = convert.Convert(key, cty.String) // which any key can be
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
