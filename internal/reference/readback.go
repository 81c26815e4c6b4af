package reference

import (
	"net/http"
	"slices"
	"strings"
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
			return object{{"_id", v.id}, {"status", v.status}, {"phone", v.number.phone}, {"countryCode", v.number.countryCode}}
		}
	}
	return nil // the reset took it
}

// readRegistration is GET /v2/app-registrations/{id}: with the registration's own token.
func (p *Provider) readRegistration(w http.ResponseWriter, r *http.Request) {
	populate := slices.Contains(r.URL.Query()["populates[]"], "phoneValidation")
	readBack(p, w, r, func(caller *registration) (int, object) {
		switch reg := lookUp(p.records.registrations, r.PathValue("id")); reg {
		case nil:
			return http.StatusNotFound, object{{"message", "AppRegistration_not_found"}, {"code", "NotFound"}}
		case caller:
			shown := append(p.showRegistration(reg), field{"phoneValidation", p.behaviour.showLink(reg, populate)})
			return http.StatusOK, object{{"data", shown}}
		}
		return http.StatusForbidden, accessForbidden()
	})
}

// readValidation is GET /v2/phone-validations/{id}: with the token of the validation's registration.
func (p *Provider) readValidation(w http.ResponseWriter, r *http.Request) {
	readBack(p, w, r, func(caller *registration) (int, object) {
		v := lookUp(p.records.validations, r.PathValue("id"))
		switch {
		case v == nil:
			return http.StatusNotFound, object{{"message", "PhoneValidation_not_found"}, {"code", "NotFound"}}
		case v.registration == caller:
			return http.StatusOK, object{{"success", true}, {"data", p.showValidation(v)}}
		}
		return http.StatusForbidden, accessForbidden()
	})
}

// readBack asks for a token and lets show look at the records while they are locked; the answer is written after
// that, so that a slow reader holds nobody up.
func readBack(p *Provider, w http.ResponseWriter, r *http.Request, show func(caller *registration) (int, object)) {
	token := bearer(r.Header.Get("Authorization"))
	status, body := http.StatusUnauthorized, accessForbidden()
	p.records.mu.Lock()
	if caller := p.records.tokens[token]; caller != nil {
		status, body = show(caller)
	}
	p.records.mu.Unlock()
	writeJSON(w, status, body)
}

// lookUp finds a record by its id. Hex digits mean the same in either case.
func lookUp[T any](records map[string]*T, id string) *T {
	if r := records[id]; r != nil {
		return r
	}
	if r := records[strings.ToLower(id)]; r != nil {
		return r
	}
	return records[strings.ToUpper(id)]
}
