package explore

import (
	"maps"
	"net/textproto"
	"regexp"
	"slices"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
)

// The properties that one exchange alone does not show.
const (
	// Answered: no request stays unanswered at each try while the documented request is answered. One that is answered 502,
	// 503 or 504 at each try breaks contract.NoServerError.
	Answered contract.Property = "answered"
	// StillAnswers: whatever was sent before, the documented request is answered as documented.
	StillAnswers contract.Property = "still-answers"
)

// sentenceOf returns a property as a sentence.
func sentenceOf(p contract.Property) string {
	return map[contract.Property]string{
		contract.NoServerError:     "No request is answered 5xx.",
		Answered:                   "Every request is answered.",
		contract.NoLeak:            "No answer echoes the OTP, a token or a stack trace.",
		contract.NoUnearnedSuccess: "No request succeeds unless phone, country code, OTP and token are right.",
		contract.KnownStatus:       "A request that fits the documentation is answered with a documented status.",
		contract.KnownShape:        "The answer to a request that fits the documentation has the documented shape.",
		StillAnswers:               "Whatever was sent before, a correct request is answered as documented.",
	}[p]
}

// breach is a property broken by an answer.
type breach struct {
	Property contract.Property
	Rule     string // the closest rule, "PV-20"
	Words    string // what is wrong, in a sentence, with its secrets
}

// breaches returns what an answer breaks, each property of a rule once. own is the request's headers without those that the
// environment adds to every call.
func (s *search) breaches(e exchange.Exchange, own textproto.MIMEHeader, v providerstate.Values) []breach {
	e.Request.Header, e.Undocumented = own, !plainHeaders(own)
	alike := group.By(s.o.Checks.Judge(e, private(v)).Findings, func(f contract.Finding) breach { return breach{Property: f.Property, Rule: f.Rule} })
	return group.Map(alike, func(f []contract.Finding) breach { return breach{f[0].Property, f[0].Rule, f[0].Sentence()} })
}

// private returns what is known of a state, secrets included.
func private(v providerstate.Values) contract.Known {
	return contract.Hidden([]string{v.OTP, v.Token}, v)
}

// maxHeader is the size in bytes of an additional header that every provider has to accept.
const maxHeader = 1 << 10

// plainHeaders reports whether the headers beside Authorization are the documented ones. An additional one of letters and digits
// is no reason to refuse a request, but a firewall may take another for an attack.
func plainHeaders(h textproto.MIMEHeader) bool {
	h = maps.Clone(h)
	delete(h, "Authorization")
	if further := h["X-Explore"]; len(further) == 1 && len(further[0]) <= maxHeader && alphanumeric.MatchString(further[0]) {
		delete(h, "X-Explore")
	}
	return maps.EqualFunc(h, textproto.MIMEHeader{"Accept": {"application/json"}, "Content-Type": {"application/json"}}, slices.Equal)
}

var alphanumeric = regexp.MustCompile(`^[0-9A-Za-z]*$`)
