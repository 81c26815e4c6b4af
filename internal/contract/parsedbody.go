package contract

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// parsedBody is a request's body as any provider might read it: every member of its first object, also where a key is
// there twice.
type parsedBody struct {
	members []parameter
	strict  bool // one JSON object in UTF-8 and nothing else, no key twice anywhere
	depth   int  // how deep lists and objects lie in each other; 0 where it is not strict
}

// parameter is one member: its key, and its value as JSON.
type parameter struct {
	key   string
	value jsontext.Value
}

func parseBody(body []byte) parsedBody {
	var parsed parsedBody
	if value := jsontext.Value(body); value.Kind() == '{' && value.IsValid() {
		parsed.strict = true
		for decoder := jsontext.NewDecoder(bytes.NewReader(body)); ; parsed.depth = max(parsed.depth, decoder.StackDepth()) {
			if _, err := decoder.ReadToken(); err != nil {
				break
			}
		}
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if decoder.PeekKind() != '{' {
		return parsed
	}
	_, err := decoder.ReadToken()
	var members []parameter
	for err == nil && decoder.PeekKind() != '}' {
		var name jsontext.Token
		if name, err = decoder.ReadToken(); err != nil {
			break
		}
		p := parameter{key: name.String()}
		p.value, err = decoder.ReadValue()
		p.value = p.value.Clone()
		members = append(members, p)
	}
	if err == nil { // what is cut or broken is nothing
		parsed.members = members
	}
	return parsed
}

// called returns the values of a parameter. Upper and lower case do not matter: some decoders do not tell them apart.
func (b parsedBody) called(name string) []jsontext.Value {
	var values []jsontext.Value
	for _, p := range b.members {
		if strings.EqualFold(p.key, name) {
			values = append(values, p.value)
		}
	}
	return values
}

// unquoted returns what a JSON string says, and whether the value is one.
func unquoted(value jsontext.Value) (string, bool) {
	if value.Kind() != '"' {
		return "", false
	}
	plain, err := jsontext.AppendUnquote(nil, value)
	return string(plain), err == nil || len(plain) > 0 // invalid UTF-8 is replaced, and told as an error
}

// scalar returns a text's or a number's characters: which of the two it must be is not documented for those who take
// both.
func scalar(value jsontext.Value) (string, bool) {
	if value.Kind() == '0' {
		return string(value), true
	}
	return unquoted(value)
}

// element returns the one element of a list that has one: languages that write a list as text write that element.
func element(value jsontext.Value) jsontext.Value {
	for range 3 { // a list in a list is strange enough
		var elements []jsontext.Value
		if value.Kind() != '[' || json.Unmarshal(value, &elements) != nil || len(elements) != 1 {
			break
		}
		value = elements[0]
	}
	return value
}
