package contract

import (
	"cmp"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/text"
	"verifik-contract/schemas"
)

// Up to where a request counts as one that fits: what is beyond may be refused by any gateway on the way, or is not
// what most JSON decoders can hold.
const (
	mostBytes  = 16 << 10
	mostDepth  = 32
	mostSpaces = 32 // in a phone
)

// unfit returns why a request is none that the documentation describes, or leaves something open that run would only
// observe; "": its body fits the request schema, it carries the right token, its values are of the form that the
// state's own are of, and nobody knows of anything else about it that is a reason to refuse it.
func (c Checks) unfit(e exchange.Exchange, body parsedBody, v providerstate.Values) string {
	switch {
	case e.Undocumented:
		return "the documentation does not show the answer to such a request"
	case len(e.Request.Body) > mostBytes, body.depth > mostDepth:
		return "the body is larger than every provider has to take"
	case !body.strict:
		return "the body is not one JSON object"
	case !slices.Equal(e.Request.Header["Authorization"], []string{"Bearer " + v.Token}):
		return "the request does not carry the token that is known to be right"
	}
	mismatches, err := c.Schemas.Apply(schemas.Request, decode(e.Request.Body).value)
	if err != nil || len(mismatches) > 0 {
		return "the body does not fit the request schema"
	}
	for _, p := range body.members {
		if !ordinary(p, v) {
			return "the documentation does not speak of such a value of " + text.Quote(p.key)
		}
	}
	return ""
}

// ordinary reports whether a parameter is documented and its value one that the documentation speaks of. A phone of
// another length may be none in that country, an id of another form none in that database, an OTP of another length
// or with a fraction none at all: a provider may say so in its own way.
func ordinary(p parameter, v providerstate.Values) bool {
	value, _ := scalar(p.value)
	switch p.key {
	case "otp":
		return len(value) == len(cmp.Or(v.OTP, example)) && value[0] != '0' && strings.Trim(value, "0123456789") == ""
	case "phone":
		return len(strings.ReplaceAll(value, " ", "")) == len(v.Phone) && len(value) <= len(v.Phone)+mostSpaces
	case "countryCode":
		return !strings.HasPrefix(value, "+0") // no country has it
	case "project":
		return value != "" && idForm(value) == idForm(v.Project)
	case "projectFlow":
		return value != "" && idForm(value) == idForm(v.ProjectFlow)
	case "phoneGateway":
		return value == v.PhoneGateway
	}
	return false
}

// idForm returns the same for ids of one form: of as many characters, hexadecimal or not.
func idForm(id string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			return '0'
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z':
			return 'z'
		}
		return c
	}, id)
}
