package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// outcome is how a call of the control surface is answered.
type outcome struct {
	status int
	body   object
}

// inJSON answers calls with what a function returns for them.
func inJSON(handle func(*http.Request) outcome) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { handle(r).write(w) }
}

func (o outcome) write(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(o.status)
	_, _ = w.Write(appendJSON(make([]byte, 0, 512), o.body))
}

func succeeded(data object) outcome { return outcome{http.StatusOK, object{{"data", data}}} }

// errorAnswer is an error answer of the control surface; its documentation shows them with and without a status.
func errorAnswer(status int, code, message string) outcome {
	return outcome{status, object{{"code", code}, {"message", message}}}
}

func conflict(message string) outcome {
	return outcome{http.StatusConflict, object{{"message", message}, {"code", missingCode}, {"status", http.StatusConflict}}}
}

func forbidden(status int) outcome {
	return outcome{status, object{{"message", "Access forbidden"}, {"code", "Forbidden"}}}
}

// readFields reads the body of a set-up call. It refuses what is no JSON object, and a text that is longer than any such
// text is.
func (p *Provider) readFields(r *http.Request) (map[string]json.RawMessage, *outcome) {
	body, release, err := p.readBody(r, maxControlBody)
	defer release()
	fields, ok := parse(body)
	var refusal outcome
	switch {
	case errors.Is(err, errBusy):
		refusal = errorAnswer(http.StatusServiceUnavailable, "ServiceUnavailable", "503:try_again")
	case err != nil:
		refusal = errorAnswer(http.StatusRequestEntityTooLarge, "PayloadTooLarge", "413:payload_too_large")
	case !ok:
		refusal = errorAnswer(http.StatusBadRequest, "BadRequest", "400:body_is_not_a_json_object")
	default:
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if limit := fieldLimit(name); len(textOf(fields[name])) > limit {
				refusal = conflict(fmt.Sprintf("Invalid %s. It should have at most %d bytes.", name, limit))
				return nil, &refusal
			}
		}
		return fields, nil
	}
	return nil, &refusal
}

// fieldLimit is how long a text may be that is kept, in bytes. The documentation names none.
func fieldLimit(name string) int {
	switch name {
	case "webhookUrl", "redirectUrl", "identityUrl":
		return 2048
	case "email", "fullName", "firstName", "lastName":
		return 320
	default:
		return 64
	}
}
