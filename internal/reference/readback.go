package reference

import (
	"cmp"
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
	reg := p.records.registrations[r.PathValue("id")]
	if refusal := p.notTheirs(r, "AppRegistration", reg); refusal != nil {
		return *refusal
	}
	populate := slices.Contains(r.URL.Query()["populates[]"], "phoneValidation")
	return succeeded(append(showRegistration(reg), field{"phoneValidation", p.behaviour.showLink(reg, populate)}))
}

// readValidation is GET /v2/phone-validations/{id}: with the token of the validation's registration.
func (p *Provider) readValidation(r *http.Request) outcome {
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	v := cmp.Or(p.records.validations[r.PathValue("id")], &validation{})
	if refusal := p.notTheirs(r, "PhoneValidation", v.registration); refusal != nil {
		return *refusal
	}
	return outcome{http.StatusOK, object{{"success", true}, {"data", p.showValidation(v)}}}
}

// notTheirs refuses to read a record without the token of the registration that has it, nil where there is no such record.
func (p *Provider) notTheirs(r *http.Request, kind string, owner *registration) *outcome {
	var refusal outcome
	switch caller := p.records.tokens[bearer(r.Header.Get("Authorization"))]; {
	case caller == nil:
		refusal = forbidden(http.StatusUnauthorized)
	case owner == nil:
		refusal = refuse(http.StatusNotFound, "NotFound", kind+"_not_found")
	case owner != caller:
		refusal = forbidden(http.StatusForbidden)
	default:
		return nil
	}
	return &refusal
}
