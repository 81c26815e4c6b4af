package contract

// Property is what holds of every answer, whatever the request is.
type Property string

// The properties that one exchange shows. Reports and baselines may name them: the spelling is stable.
const (
	// NoServerError: no answer is 5xx.
	NoServerError Property = "no-server-error"
	// NoLeak: no answer echoes the OTP, the token or a stack trace.
	NoLeak Property = "no-leak"
	// NoUnearnedSuccess: no answer is 2xx unless phone, country code, OTP and token are right.
	NoUnearnedSuccess Property = "no-unearned-success"
	// KnownStatus: a request that fits the documentation and carries the right token is answered with a documented
	// status.
	KnownStatus Property = "known-status"
	// KnownShape: the answer to a fitting request fits the schema of its status.
	KnownShape Property = "known-shape"
)
