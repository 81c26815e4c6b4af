package reference

import (
	"encoding/json"
	"net/http"
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

func refuse(status int, code, message string) outcome {
	return outcome{status, refusal{status, code, message}.body()}
}

// conflict is a 409 of a registration, which is documented with its status.
func conflict(message string) outcome {
	return outcome{http.StatusConflict, append(refusal{0, missingCode, message}.body(), field{"status", http.StatusConflict})}
}

func forbidden(status int) outcome { return refuse(status, "Forbidden", "Access forbidden") }

// readFields reads the body of a set-up call. It refuses what is no JSON object.
func readFields(r *http.Request) (map[string]json.RawMessage, *outcome) {
	body, v := readBody(r, maxControlBody)
	if v == passed {
		fields, ok := parse(body)
		if ok {
			return fields, nil
		}
		v = malformed
	}
	o := documentedRefusals()[v]
	refusal := refuse(o.status, o.code, o.message)
	return nil, &refusal
}
