package reference

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// field is a member of a JSON object. Its value is a string, a bool, an int, nil, an object, an array or raw.
type field struct {
	key   string
	value any
}

// object is a JSON object whose members keep their order, as the documentation prints them.
type object []field

// array is a JSON array of the same values as a field's.
type array []any

// raw is written as it is.
type raw string

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

func (o *object) drop(key string) {
	*o = slices.DeleteFunc(*o, func(f field) bool { return f.key == key })
}

func (o object) rename(from, to string) {
	if i := o.at(from); i >= 0 {
		o[i].key = to
	}
}

func (o object) get(key string) any {
	if i := o.at(key); i >= 0 {
		return o[i].value
	}
	return nil
}

// encoder writes objects. The zero value writes them compact and in order; the rest is what JSON leaves free.
type encoder struct {
	reverse bool   // members from last to first
	indent  string // one level; "" is compact
	escape  bool   // every character that is no letter as \uXXXX
}

func (e encoder) append(dst []byte, value any, depth int) []byte {
	switch v := value.(type) {
	case string:
		return e.appendString(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case nil:
		return append(dst, "null"...)
	case raw:
		return append(dst, v...)
	case array:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = e.append(dst, item, depth+1)
		}
		return append(dst, ']')
	case object:
		return e.appendObject(dst, v, depth)
	}
	panic(fmt.Sprintf("reference: no JSON for a %T", value))
}

func (e encoder) appendObject(dst []byte, o object, depth int) []byte {
	dst = append(dst, '{')
	for i := range o {
		f := o[i]
		if e.reverse {
			f = o[len(o)-1-i]
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.appendBreak(dst, depth+1)
		dst = e.appendString(dst, f.key)
		dst = append(dst, ':')
		if e.indent != "" {
			dst = append(dst, ' ')
		}
		dst = e.append(dst, f.value, depth+1)
	}
	dst = e.appendBreak(dst, depth)
	return append(dst, '}')
}

func (e encoder) appendBreak(dst []byte, depth int) []byte {
	if e.indent == "" {
		return dst
	}
	return append(append(dst, '\n'), strings.Repeat(e.indent, depth)...)
}

func (e encoder) appendString(dst []byte, s string) []byte {
	if e.escape {
		return appendEscaped(dst, s)
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string never fails
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, unit := range utf16.Encode([]rune(s)) {
		if 'a' <= unit && unit <= 'z' || 'A' <= unit && unit <= 'Z' {
			dst = append(dst, byte(unit))
			continue
		}
		dst = fmt.Appendf(dst, `\u%04x`, unit)
	}
	return append(dst, '"')
}
