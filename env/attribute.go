package env

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// reader reads the attributes of one block. Each method returns false where the attribute is not there, is null, or
// has been complained about; the caller then keeps its default.
type reader struct {
	*loader
	title string
	body  *hclsyntax.Body
	spec  bodySpec
}

func (l *loader) reader(title string, spec bodySpec, body *hclsyntax.Body) reader {
	return reader{loader: l, title: title, body: body, spec: spec}
}

// at is where an attribute's value stands; the block's header where there is none.
func (r reader) at(name string) hcl.Range {
	if attribute, ok := r.body.Attributes[name]; ok {
		return attribute.Expr.Range()
	}
	return r.heads[r.body]
}

// wrong notes what is wrong with an attribute's value.
func (r reader) wrong(name, what, detail string) {
	r.note(finding{at: r.at(name), summary: fmt.Sprintf("%q of %s %s", name, r.title, what), detail: detail})
}

// value evaluates an attribute. What is sensitive in it is registered, also where it is only made of something
// sensitive, before it is unmarked.
func (r reader) value(name string) (cty.Value, bool) {
	attribute, ok := r.body.Attributes[name]
	if !ok {
		return cty.NilVal, false
	}
	marked, ok := r.evaluate(attribute.Expr, r.context)
	if !ok {
		return cty.NilVal, false
	}
	value, paths := marked.UnmarkDeepWithPaths()
	for _, at := range paths {
		// The path was found in this very value, so it applies.
		part, err := at.Path.Apply(value)
		if err != nil {
			continue
		}
		for one := range at.Marks {
			file, read := one.(fromFile)
			switch {
			case !read:
				r.secrets.Add(texts(part)...)
			case name == "headers":
				r.secrets.Add(append(texts(part), file.text)...)
				r.checkLength(file.text, "What file() reads into a header", r.at(name))
			}
		}
	}
	if known, _ := r.spec.attribute(name); known.secret {
		r.secrets.Add(leaves(value)...)
	}
	if value.IsNull() {
		if known, _ := r.spec.attribute(name); known.required {
			r.wrong(name, "is null", "It has to have a value.")
		}
		return cty.NilVal, false
	}
	return value, true
}

// texts are the strings of a value that was made of something sensitive. A number that was is most often the
// outcome of a comparison.
func texts(value cty.Value) []string {
	if value.Type() == cty.Number || value.Type() == cty.Bool {
		return nil
	}
	return leaves(value)
}

// text reads a string. An empty one is the same as none, so that a variable's default can say "none".
func (r reader) text(name string) (string, bool) {
	value, ok := r.value(name)
	if !ok {
		return "", false
	}
	converted, err := convert.Convert(value, cty.String)
	if err != nil {
		r.wrong(name, "is not a string", "Write a text in quotes.")
		return "", false
	}
	text := converted.AsString()
	if text == "" {
		if known, _ := r.spec.attribute(name); known.required {
			r.wrong(name, "is empty", "It has to have a value.")
		}
		return "", false
	}
	if strings.ContainsRune(text, 0) {
		r.wrong(name, "holds a NUL character", "Take it out.")
		return "", false
	}
	return text, true
}

// empty tells whether an attribute is left out, or given as nothing. What cannot be told is not empty.
func (r reader) empty(name string) bool {
	attribute, ok := r.body.Attributes[name]
	if !ok {
		return true
	}
	marked, ok := r.evaluate(attribute.Expr, r.context)
	if !ok {
		return false
	}
	value, _ := marked.UnmarkDeep()
	return value.IsNull() || value.Type() == cty.String && value.AsString() == ""
}

func (r reader) boolean(name string) bool {
	value, ok := r.value(name)
	if !ok {
		return false
	}
	converted, err := convert.Convert(value, cty.Bool)
	if err != nil {
		r.wrong(name, "is neither true nor false", "Write true or false.")
		return false
	}
	return converted.True()
}

func (r reader) number(name string) (*big.Float, bool) {
	value, ok := r.value(name)
	if !ok {
		return nil, false
	}
	converted, err := convert.Convert(value, cty.Number)
	if err != nil {
		r.wrong(name, "is not a number", "Write a number without quotes and without a unit.")
		return nil, false
	}
	return converted.AsBigFloat(), true
}

// whole reads a whole number between two bounds, both included.
func (r reader) whole(name string, least, most, otherwise int) int {
	number, ok := r.number(name)
	if !ok {
		return otherwise
	}
	whole, accuracy := number.Int64()
	if accuracy != big.Exact || whole < int64(least) || whole > int64(most) {
		r.wrong(name, "is out of bounds", fmt.Sprintf("It is a whole number from %d to %d.", least, most))
		return otherwise
	}
	return int(whole)
}

// duration reads a duration of more than zero.
func (r reader) duration(name string, otherwise time.Duration) time.Duration {
	const how = `Write a number with its unit, as "500ms", "10s" or "2m".`
	value, ok := r.value(name)
	if !ok {
		return otherwise
	}
	if value.Type() == cty.Number {
		r.wrong(name, "is a duration without a unit", how)
		return otherwise
	}
	if value.Type() != cty.String {
		r.wrong(name, "is not a duration", how)
		return otherwise
	}
	text := value.AsString()
	duration, err := time.ParseDuration(text)
	switch {
	case err != nil && isDigits(text):
		r.wrong(name, "is a duration without a unit", how)
	case err != nil:
		r.wrong(name, "is not a duration", how)
	case duration <= 0:
		r.wrong(name, "is not more than zero", how)
	default:
		return duration
	}
	return otherwise
}

// item is one element of a list or map, with the place where the file shows it.
type item struct {
	key   string // maps only
	text  string
	at    hcl.Range // of a list's element, of a map's key
	value hcl.Range // maps only
}

// list reads a list of strings.
func (r reader) list(name string) ([]item, bool) {
	value, ok := r.value(name)
	if !ok {
		return nil, false
	}
	kind := value.Type()
	if !kind.IsTupleType() && !kind.IsListType() && !kind.IsSetType() {
		r.wrong(name, "is not a list", `Write ["...", "..."].`)
		return nil, false
	}
	var shown []hclsyntax.Expression
	if tuple, ok := r.body.Attributes[name].Expr.(*hclsyntax.TupleConsExpr); ok {
		shown = tuple.Exprs
	}
	var items []item
	whole := true
	for i, element := range value.AsValueSlice() {
		at := r.at(name)
		if i < len(shown) {
			at = shown[i].Range()
		}
		text, err := convert.Convert(element, cty.String)
		if err != nil || text.IsNull() {
			r.note(finding{at: at, summary: fmt.Sprintf("Element %d of %q is not a string", i+1, name), detail: "Write a text in quotes."})
			whole = false
			continue
		}
		items = append(items, item{text: text.AsString(), at: at})
	}
	return items, whole
}

// table reads a map of strings, in the order of its keys.
func (r reader) table(name string) []item {
	value, ok := r.value(name)
	if !ok {
		return nil
	}
	if kind := value.Type(); !kind.IsObjectType() && !kind.IsMapType() {
		r.wrong(name, "is not a map", `Write { Name = "value" }.`)
		return nil
	}
	keys := r.keys(name)
	values := value.AsValueMap()
	var items []item
	for _, key := range slices.Sorted(maps.Keys(values)) {
		at, ok := keys[key]
		if !ok {
			at = shownPair{key: r.at(name), value: r.at(name)}
		}
		text, err := convert.Convert(values[key], cty.String)
		if err != nil || text.IsNull() {
			r.note(finding{at: at.key, summary: fmt.Sprintf("A value of %q is not a string", name), detail: "Write a text in quotes."})
			continue
		}
		items = append(items, item{key: key, text: text.AsString(), at: at.key, value: at.value})
	}
	return items
}

// shownPair is where the file shows one pair of a map.
type shownPair struct{ key, value hcl.Range }

// keys finds where the file shows the pairs of a map, and complains of keys that it shows twice.
func (r reader) keys(name string) map[string]shownPair {
	shown := map[string]shownPair{}
	object, ok := r.body.Attributes[name].Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return shown
	}
	for _, pair := range object.Items {
		key := hcl.ExprAsKeyword(pair.KeyExpr)
		if key == "" {
			constant, diagnostics := pair.KeyExpr.Value(nil)
			if diagnostics.HasErrors() || constant.IsNull() || !constant.IsKnown() || constant.Type() != cty.String {
				continue
			}
			key = constant.AsString()
		}
		if _, doubled := shown[key]; doubled {
			r.note(finding{at: pair.KeyExpr.Range(), summary: fmt.Sprintf("A key of %q is given twice", name), detail: "Keep one of the two."})
		}
		shown[key] = shownPair{key: pair.KeyExpr.Range(), value: pair.ValueExpr.Range()}
	}
	return shown
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
