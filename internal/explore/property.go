package explore

// Property is what holds of every answer, whatever the request is.
type Property string

// The properties. Reports and baselines may name them: the spelling is stable.
const (
	// NoServerError: no answer is 5xx. 502, 503 and 504 count where a request is answered so each time and a plain
	// right request is not.
	NoServerError Property = "no-server-error"
	// Answered: no request is left without an answer each time while a plain right request is answered.
	Answered Property = "answered"
	// NoLeak: no answer echoes the OTP, the token or a stack trace.
	NoLeak Property = "no-leak"
	// NoUnearnedSuccess: no answer is 2xx unless phone, country code, OTP and token are right.
	NoUnearnedSuccess Property = "no-unearned-success"
	// KnownStatus: a request that fits the documentation and carries the right token is answered with a documented
	// status.
	KnownStatus Property = "known-status"
	// KnownShape: the answer to a fitting request fits the schema of its status.
	KnownShape Property = "known-shape"
	// StillAnswers: after whatever was sent, a plain right request is answered as documented.
	StillAnswers Property = "still-answers"
)

// Words says what the property asks, in a sentence.
func (p Property) Words() string {
	switch p {
	case NoServerError:
		return "No request is answered 5xx."
	case Answered:
		return "Every request is answered."
	case NoLeak:
		return "No answer echoes the OTP, a token or a stack trace."
	case NoUnearnedSuccess:
		return "No request succeeds unless phone, country code, OTP and token are right."
	case KnownStatus:
		return "A request that fits the documentation is answered with a documented status."
	case KnownShape:
		return "The answer to a request that fits the documentation has the documented shape."
	case StillAnswers:
		return "Whatever was sent before, a plain right request is answered as documented."
	}
	return string(p)
}
