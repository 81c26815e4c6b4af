package explore

import (
	"maps"
	"net/textproto"
	"regexp"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
)

// The properties that one exchange alone does not show.
const (
	// Answered: no request is left without an answer each time while a plain right request is answered. Where it is
	// answered 502, 503 or 504 each time, it breaks contract.NoServerError.
	Answered contract.Property = "answered"
	// StillAnswers: after whatever was sent, a plain right request is answered as documented.
	StillAnswers contract.Property = "still-answers"
)

// asks says what a property asks, in a sentence.
func asks(p contract.Property) string {
	return map[contract.Property]string{
		contract.NoServerError:     "No request is answered 5xx.",
		Answered:                   "Every request is answered.",
		contract.NoLeak:            "No answer echoes the OTP, a token or a stack trace.",
		contract.NoUnearnedSuccess: "No request succeeds unless phone, country code, OTP and token are right.",
		contract.KnownStatus:       "A request that fits the documentation is answered with a documented status.",
		contract.KnownShape:        "The answer to a request that fits the documentation has the documented shape.",
		StillAnswers:               "Whatever was sent before, a plain right request is answered as documented.",
	}[p]
}

// breach is a property that an answer breaks.
type breach struct {
	Property contract.Property
	Rule     string // the promise that is nearest, "PV-20"
	Words    string // what is wrong, in a sentence; as the answer has it, with its secrets
}

// breaches returns what an answer breaks, each rule once. own is the request's headers without those that the environment adds to every
// call.
func (s *search) breaches(e exchange.Exchange, own textproto.MIMEHeader, v providerstate.Values) []breach {
	e.Request.Header, e.Undocumented = own, !plainHeaders(own)
	var all []breach
	for _, f := range s.o.Checks.Judge(e, private(v)).Findings {
		if !slices.ContainsFunc(all, func(b breach) bool { return b.Property == f.Property && b.Rule == f.Rule }) {
			all = append(all, breach{f.Property, f.Rule, f.Sentence()})
		}
	}
	return all
}

// private returns what an answer must not echo, and which values of the state are no secret.
func private(v providerstate.Values) contract.Known {
	return contract.Hidden([]string{v.OTP, v.Token}, v)
}

// mostHeader is how many bytes of a further header every provider has to take.
const mostHeader = 1 << 10

// plainHeaders reports whether the headers beside the token's are those of the documentation. A further one of letters
// and digits is nobody's reason to refuse a request; what a firewall may take for an attack is.
func plainHeaders(h textproto.MIMEHeader) bool {
	h = maps.Clone(h)
	delete(h, "Authorization")
	if further := h["X-Explore"]; len(further) == 1 && len(further[0]) <= mostHeader && alphanumeric.MatchString(further[0]) {
		delete(h, "X-Explore")
	}
	return maps.EqualFunc(h, textproto.MIMEHeader{"Accept": {"application/json"}, "Content-Type": {"application/json"}}, slices.Equal)
}

var alphanumeric = regexp.MustCompile(`^[0-9A-Za-z]*$`)
