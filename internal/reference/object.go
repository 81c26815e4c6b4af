package reference

import (
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// field is a member of a JSON object.
type field struct {
	key   string
	value any
}

// object is a JSON object whose members keep their order, as the documentation prints them.
type object []field

func (o object) at(key string) int {
	return slices.IndexFunc(o, func(f field) bool { return f.key == key })
}

// set changes a member where it stands, or adds it at the end.
func (o *object) set(key string, value any) {
	if i := o.at(key); i >= 0 {
		(*o)[i].value = value
		return
	}
	*o = append(*o, field{key, value})
}

func (o *object) drop(keys ...string) {
	*o = slices.DeleteFunc(*o, func(f field) bool { return slices.Contains(keys, f.key) })
}

func (o object) rename(from, to string) {
	if i := o.at(from); i >= 0 {
		o[i].key = to
	}
}

// appendJSON writes a value compact and in order.
func appendJSON(dst []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		dst, _ = jsontext.AppendQuote(dst, v) // what is no UTF-8 is replaced
		return dst
	case *object:
		return appendJSON(dst, *v)
	case object:
		dst = append(dst, '{')
		for i, f := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendJSON(dst, f.key), ':')
			dst = appendJSON(dst, f.value)
		}
		return append(dst, '}')
	}
	encoded, _ := json.Marshal(value) // of what the package writes nothing fails
	return append(dst, encoded...)
}

// MarshalJSON writes an object within a list.
func (o object) MarshalJSON() ([]byte, error) { return appendJSON(nil, o), nil }
