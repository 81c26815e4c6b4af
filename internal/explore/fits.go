package explore

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/schemas"
)

// Up to where a request counts as one that fits: what is beyond may be refused by any gateway on the way, or is not
// what most JSON decoders can hold.
const (
	mostBytes  = 16 << 10
	mostDepth  = 32
	mostHeader = 1 << 10 // bytes of one header
	mostSpaces = 32      // in a phone
)

// fits reports whether a request is one that the documentation describes, and leaves nothing open that run would only
// observe: its body fits the request schema, it carries the right token, its values are of the form that the state's
// own are of, and nothing else about it gives a reason to refuse it.
func (j judge) fits(r exchange.Request, u understood, v providerstate.Values) bool {
	if len(r.Body) > mostBytes || u.depth > mostDepth || !u.strict || !plainHeaders(r, v.Token) {
		return false
	}
	decoder := json.NewDecoder(strings.NewReader(string(r.Body)))
	decoder.UseNumber()
	var body any
	if decoder.Decode(&body) != nil {
		return false
	}
	mismatches, err := j.checks.Schemas.Apply(schemas.Request, body)
	return err == nil && len(mismatches) == 0 && !slices.ContainsFunc(u.members, func(p parameter) bool { return !ordinary(p, v) })
}

// plainHeaders reports whether the headers are those of the documentation. A further one of letters and digits is
// nobody's reason to refuse a request; what a firewall may take for an attack is.
func plainHeaders(r exchange.Request, token string) bool {
	for name, values := range r.Header {
		switch name {
		case "Accept", "Content-Type":
			if !slices.Equal(values, []string{"application/json"}) {
				return false
			}
		case "Authorization":
			if !slices.Equal(values, []string{"Bearer " + token}) {
				return false
			}
		default:
			for _, value := range values {
				if !strings.HasPrefix(name, "X-Explore") || len(value) > mostHeader || strings.ContainsFunc(value, notAlphanumeric) {
					return false
				}
			}
		}
	}
	return r.Header["Accept"] != nil && r.Header["Content-Type"] != nil && r.Header["Authorization"] != nil
}

func notAlphanumeric(c rune) bool {
	return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
}

// ordinary reports whether a parameter is documented and its value one that the documentation speaks of. A phone of
// another length may be none in that country, an id of another form none in that database, an OTP of another length
// or with a fraction none at all: a provider may say so in its own way.
func ordinary(p parameter, v providerstate.Values) bool {
	value, _ := scalar(p.value)
	switch p.key {
	case "otp":
		return len(value) == len(fill{values: v}.digits()) && value[0] != '0' && onlyDigits(value)
	case "phone":
		return len(strings.ReplaceAll(value, " ", "")) == len(v.Phone) && len(value) <= len(v.Phone)+mostSpaces
	case "countryCode":
		return !strings.HasPrefix(value, "+0") // no country has it
	case "project":
		return value != "" && formOf(value) == formOf(v.Project)
	case "projectFlow":
		return value != "" && formOf(value) == formOf(v.ProjectFlow)
	case "phoneGateway":
		return value == v.PhoneGateway
	}
	return false
}

func onlyDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// formOf is the same for ids of one form: of as many characters, hexadecimal or not.
func formOf(id string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			return '0'
		case !notAlphanumeric(c):
			return 'z'
		}
		return c
	}, id)
}

// element is the one element of a list that has one: languages that write a list as text write that element.
func element(value jsontext.Value) jsontext.Value {
	var elements []jsontext.Value
	for range 3 { // a list in a list is odd enough
		if value.Kind() != '[' {
			break
		}
		if json.Unmarshal(value, &elements) != nil || len(elements) != 1 {
			break
		}
		value, elements = elements[0], nil
	}
	return value
}
