package reference

import (
	"net/http"
	"slices"
)

// linkAsAsked is the validation that a registration is linked to: its id or, where asked for, the whole object.
func linkAsAsked(r *registration, populate bool) any {
	if r.linked == "" {
		return nil
	}
	if !populate {
		return r.linked
	}
	for _, v := range r.validations {
		if v.id == r.linked {
			return v.show(v.status)
		}
	}
	return nil // the reset took it
}

// readRegistration is GET /v2/app-registrations/{id}: with the registration's own token.
func (p *Provider) readRegistration(r *http.Request) outcome {
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	caller, reg := p.records.tokens[bearer(r.Header.Get("Authorization"))], p.records.registrations[r.PathValue("id")]
	switch {
	case caller == nil:
		return forbidden(http.StatusUnauthorized)
	case reg == nil:
		return outcome{http.StatusNotFound, object{{"message", "AppRegistration_not_found"}, {"code", "NotFound"}}}
	case reg != caller:
		return forbidden(http.StatusForbidden)
	}
	populate := slices.Contains(r.URL.Query()["populates[]"], "phoneValidation")
	return succeeded(append(p.showRegistration(reg), field{"phoneValidation", p.behaviour.showLink(reg, populate)}))
}

// readValidation is GET /v2/phone-validations/{id}: with the token of the validation's registration.
func (p *Provider) readValidation(r *http.Request) outcome {
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	caller, v := p.records.tokens[bearer(r.Header.Get("Authorization"))], p.records.validations[r.PathValue("id")]
	switch {
	case caller == nil:
		return forbidden(http.StatusUnauthorized)
	case v == nil:
		return outcome{http.StatusNotFound, object{{"message", "PhoneValidation_not_found"}, {"code", "NotFound"}}}
	case v.registration != caller:
		return forbidden(http.StatusForbidden)
	}
	return outcome{http.StatusOK, object{{"success", true}, {"data", p.showValidation(v)}}}
}
