package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
)

// ReadStatus returns whether a validation that was read back is validated, and its status, or the reason why that cannot be
// told: the documented GET calls are not under contract, so that is never a breach.
func ReadStatus(e exchange.Exchange) (validated bool, status, reason string) {
	v, reason := readBack(e)
	status, isText := member(v, "data", "status").(string)
	switch {
	case reason != "":
		return false, "", reason
	case !isText:
		return false, "", "the read-back has no data.status"
	}
	return status == "validated", quote(status), ""
}

// ReadLink returns whether a registration that was read back is linked to the validation, or the reason why that cannot be
// told. Without an id any linked validation counts.
func ReadLink(e exchange.Exchange, validationID string) (linked bool, link, reason string) {
	v, reason := readBack(e)
	data, registered := member(v, "data").(map[string]any)
	switch {
	case reason != "":
		return false, "", reason
	case !registered:
		return false, "", "the read-back has no registration in data"
	case links(data["phoneValidation"], validationID):
		return true, "linked", ""
	}
	return false, "no link to it", ""
}

func links(v any, id string) bool {
	switch v := v.(type) {
	case string:
		return v != "" && (id == "" || sameID(v, id))
	case json.Number: // a state's id may be a number too
		return id == "" || v.String() == id
	case map[string]any:
		for _, key := range []string{"_id", "id"} {
			switch own := v[key].(type) {
			case string, json.Number:
				return links(own, id)
			}
		}
		return len(v) > 0 // a populated record without a known name for its id
	case []any: // of several linked records
		return slices.ContainsFunc(v, func(one any) bool { return links(one, id) })
	}
	return false
}

// sameID reports whether two ids are the same. Only ids of hexadecimal digits, as in a UUID, are compared without case.
func sameID(a, b string) bool {
	const hexadecimal = "0123456789abcdefABCDEF-"
	return a == b || strings.EqualFold(a, b) && strings.Trim(a, hexadecimal) == ""
}

func readBack(e exchange.Exchange) (v any, reason string) {
	if failure := Unanswered(e); failure != nil {
		return nil, failure.Message
	}
	if e.Answer.Status != http.StatusOK {
		return nil, fmt.Sprintf("the read-back was answered %s", summary(e.Answer))
	}
	r := parse(e.Answer)
	if r.err != nil {
		return nil, "the read-back cannot be read: " + r.err.Error()
	}
	return r.value, ""
}
