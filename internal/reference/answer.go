package reference

import (
	"errors"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// verdict is what the endpoint decided about a call.
type verdict int

const (
	passed verdict = iota
	unauthorised
	tooLarge
	busy
	malformed
	missingParameter
	badCountryCode
	refusedOption // of faults and variants only, as is crashed
	crashed
	notFound
	otherRegistration
	otherProject
	alreadyValidated
	tooManyAttempts
	hasExpired
	wrongOTP
	verdicts // the number of verdicts
)

// refusal is an error answer: its status and the two documented fields.
type refusal struct {
	status        int
	code, message string
}

func (r refusal) body() object { return object{{"code", r.code}, {"message", r.message}} }

const (
	missingCode   = "MissingParameter"
	formatMessage = "Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits."
)

func documentedRefusals() [verdicts]refusal {
	nothingFound := refusal{http.StatusNotFound, "phone_validation_not_found", "404:phone_validation_not_found"}
	return [verdicts]refusal{
		missingParameter:  {http.StatusConflict, missingCode, ""}, // compose adds the message, which names the parameters
		badCountryCode:    {http.StatusConflict, missingCode, formatMessage},
		notFound:          nothingFound,
		otherRegistration: nothingFound,
		otherProject:      nothingFound,
		hasExpired:        {http.StatusPreconditionFailed, "phoneValidation_has_expired", "412:phoneValidation_has_expired"},
		wrongOTP:          {http.StatusForbidden, "otp_does_not_match", "403:otp_does_not_match"},

		// The documentation shows none of these.
		unauthorised:     {http.StatusUnauthorized, "Unauthorized", "401:invalid_token"},
		tooLarge:         {http.StatusRequestEntityTooLarge, "PayloadTooLarge", "413:payload_too_large"},
		busy:             {http.StatusServiceUnavailable, "ServiceUnavailable", "503:try_again"},
		malformed:        {http.StatusBadRequest, "BadRequest", "400:body_is_not_a_json_object"},
		refusedOption:    {http.StatusConflict, "InvalidParameter", "409:parameter_not_allowed"},
		crashed:          {http.StatusInternalServerError, "InternalServerError", "500:internal_server_error"},
		alreadyValidated: {http.StatusConflict, "phone_validation_already_validated", "409:phone_validation_already_validated"},
		tooManyAttempts:  {http.StatusConflict, "too_many_attempts", "409:too_many_attempts"},
	}
}

// answer is what the client gets: first as fields, then as bytes.
type answer struct {
	status     int
	mediaType  string  // "" sends no Content-Type
	body, data *object // data is the member of a success's body
	bytes      []byte
}

// jsonAnswer returns an answer with a JSON body.
func jsonAnswer(status int, body object) *answer {
	return &answer{status: status, mediaType: "application/json", bytes: encoded(body)}
}

func (r refusal) answer() *answer { return jsonAnswer(r.status, r.body()) }

// setMediaType keeps net/http from guessing the media type.
func (a *answer) setMediaType(w http.ResponseWriter) {
	w.Header()["Content-Type"] = nil
	if a.mediaType != "" {
		w.Header().Set("Content-Type", a.mediaType)
	}
}

// send sends the whole answer.
func (a *answer) send(w http.ResponseWriter) {
	a.setMediaType(w)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.bytes) // an error means that the client has gone
}

func send(c *call) { c.answer.send(c.w) }

// field is a member of a JSON object.
type field struct {
	key   string
	value any
}

// object is a JSON object whose members keep their order, as the documentation prints them.
type object []field

func (o object) index(key string) int {
	return slices.IndexFunc(o, func(f field) bool { return f.key == key })
}

// set replaces the value of a member, or appends the member.
func (o *object) set(key string, value any) {
	if i := o.index(key); i >= 0 {
		(*o)[i].value = value
		return
	}
	*o = append(*o, field{key, value})
}

func (o *object) drop(keys ...string) {
	*o = slices.DeleteFunc(*o, func(f field) bool { return slices.Contains(keys, f.key) })
}

func (o object) rename(from, to string) {
	if i := o.index(from); i >= 0 {
		o[i].key = to
	}
}

// MarshalJSONTo implements json.MarshalerTo.
func (o object) MarshalJSONTo(e *jsontext.Encoder) error {
	err := e.WriteToken(jsontext.BeginObject)
	for _, f := range o {
		err = errors.Join(err, e.WriteToken(jsontext.String(f.key)), json.MarshalEncode(e, f.value))
	}
	return errors.Join(err, e.WriteToken(jsontext.EndObject))
}

// encoded returns the compact JSON of a value. Faults repeat names, and invalid UTF-8 is replaced.
func encoded(value any) []byte {
	text, _ := json.Marshal(value, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) // never fails for the values that this package writes
	return text
}
