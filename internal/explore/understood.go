package explore

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// understood is a body as any provider might understand it: every member of its first object, also where a key is
// there twice.
type understood struct {
	members  []parameter
	doubled  bool // a key is there twice
	strict   bool // one JSON object in UTF-8 and nothing else, no key twice anywhere
	depth    int  // how deep lists and objects lie in each other
	isObject bool
}

// parameter is one member: its key, and its value as JSON.
type parameter struct {
	key   string
	value jsontext.Value
}

func understand(body []byte) understood {
	u := understood{depth: depth(body)}
	u.strict = strictly(body)
	decoder := jsontext.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if decoder.PeekKind() != '{' {
		return u
	}
	if _, err := decoder.ReadToken(); err != nil {
		return u
	}
	var members []parameter
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return u // what is cut or broken is nothing
		}
		p := parameter{key: name.String()}
		value, err := decoder.ReadValue()
		if err != nil {
			return u
		}
		p.value = value.Clone()
		for _, other := range members {
			u.doubled = u.doubled || other.key == p.key
		}
		members = append(members, p)
	}
	u.isObject, u.members = true, members
	return u
}

// strictly tells whether a body is one JSON object as the standard wants it.
func strictly(body []byte) bool {
	decoder := jsontext.NewDecoder(bytes.NewReader(body))
	if decoder.PeekKind() != '{' {
		return false
	}
	for {
		_, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return false
		}
		if decoder.StackDepth() == 0 && len(bytes.TrimSpace(body[decoder.InputOffset():])) > 0 {
			return false
		}
	}
}

// depth is how deep lists and objects lie in each other, also in what is no JSON.
func depth(body []byte) int {
	deep, deepest, inText := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			deep++
			deepest = max(deepest, deep)
		case c == '}' || c == ']':
			deep--
		}
	}
	return deepest
}

// called is the values of a parameter. Upper and lower case do not matter: some decoders do not tell them apart.
func (u understood) called(name string) []jsontext.Value {
	var values []jsontext.Value
	for _, p := range u.members {
		if strings.EqualFold(p.key, name) {
			values = append(values, p.value)
		}
	}
	return values
}

// only tells whether all parameters are among the named ones.
func (u understood) only(names ...string) bool {
	for _, p := range u.members {
		known := false
		for _, name := range names {
			known = known || p.key == name
		}
		if !known {
			return false
		}
	}
	return true
}

// said is what a JSON string says, and whether the value is one.
func said(value jsontext.Value) (string, bool) {
	if value.Kind() != '"' {
		return "", false
	}
	plain, err := jsontext.AppendUnquote(nil, value)
	return string(plain), err == nil || len(plain) > 0 // invalid UTF-8 is replaced, and told as an error
}
