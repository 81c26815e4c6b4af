package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// writeJSON answers a call of the control surface.
func writeJSON(w http.ResponseWriter, status int, body object) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(status)
	_, _ = w.Write(encoder{}.append(make([]byte, 0, 512), body, 0))
}

// setupError is an error answer of the set-up API; its documentation shows them with and without a status.
func setupError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, object{{"code", code}, {"message", message}})
}

func conflict(w http.ResponseWriter, message string) {
	writeJSON(w, http.StatusConflict, object{{"message", message}, {"code", missingCode}, {"status", http.StatusConflict}})
}

func accessForbidden() object {
	return object{{"message", "Access forbidden"}, {"code", "Forbidden"}}
}

// idFits: 24 hex digits. Every such project and flow exists, any other is answered project_not_found or
// projectFlow_not_found.
func idFits(id string) bool {
	if len(id) != 24 {
		return false
	}
	for i := range len(id) {
		if !strings.Contains("0123456789abcdefABCDEF", id[i:i+1]) {
			return false
		}
	}
	return true
}

// readFields reads the body of a set-up call and answers the call where it is no JSON object, or holds a text that is
// longer than any such text is.
func (p *Provider) readFields(w http.ResponseWriter, r *http.Request) (map[string]json.RawMessage, bool) {
	body, release, err := p.readBody(r, maxControlBody)
	defer release()
	switch {
	case errors.Is(err, errBusy):
		setupError(w, http.StatusServiceUnavailable, "ServiceUnavailable", "503:try_again")
		return nil, false
	case err != nil:
		setupError(w, http.StatusRequestEntityTooLarge, "PayloadTooLarge", "413:payload_too_large")
		return nil, false
	}
	fields, ok := parse(body)
	if !ok {
		setupError(w, http.StatusBadRequest, "BadRequest", "400:body_is_not_a_json_object")
		return nil, false
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if limit := fieldLimit(name); len(textOf(fields[name])) > limit {
			conflict(w, fmt.Sprintf("Invalid %s. It should have at most %d bytes.", name, limit))
			return nil, false
		}
	}
	return fields, true
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

// found answers the call where the project or the flow does not exist.
func found(w http.ResponseWriter, project, flow string) bool {
	switch {
	case !idFits(project):
		setupError(w, http.StatusNotFound, "project_not_found", "404:project_not_found")
	case flow != "" && !idFits(flow):
		setupError(w, http.StatusNotFound, "projectFlow_not_found", "404:projectFlow_not_found")
	default:
		return true
	}
	return false
}

// createRegistration is POST /v2/app-registrations.
func (p *Provider) createRegistration(w http.ResponseWriter, r *http.Request) {
	token := bearer(r.Header.Get("Authorization"))
	if token == "" || p.clientToken != "" && token != p.clientToken {
		writeJSON(w, http.StatusUnauthorized, accessForbidden())
		return
	}
	f, ok := p.readFields(w, r)
	if !ok {
		return
	}
	now := p.now()
	reg := &registration{
		project: textOf(f["project"]), flow: textOf(f["projectFlow"]), email: textOf(f["email"]),
		fullName: strings.TrimSpace(textOf(f["fullName"])), language: textOf(f["language"]), created: now, updated: now,
		number: number{textOf(f["countryCode"]), strings.ReplaceAll(textOf(f["phone"]), " ", "")},
	}
	if reg.language == "" {
		reg.language = "en"
	}
	switch n := reg.number; {
	case reg.project == "":
		conflict(w, "missing project")
		return
	case reg.flow == "":
		conflict(w, "missing projectFlow")
		return
	case reg.email == "" && n.phone == "":
		conflict(w, "Needs an email or a phone at least")
		return
	case n.phone != "" && n.countryCode == "":
		conflict(w, "missing countryCode")
		return
	case n.phone != "" && !codeFits(n.countryCode):
		conflict(w, formatMessage)
		return
	}
	if !found(w, reg.project, reg.flow) {
		return
	}
	p.records.mu.Lock()
	p.records.reset(reg.number, reg.email)
	p.records.addRegistration(reg, now)
	shown := append(p.showRegistration(reg),
		field{"client", clientID}, field{"currentStep", "1"}, field{"language", reg.language},
		field{"createdAt", stamp(reg.created)}, field{"updatedAt", stamp(reg.updated)})
	p.records.mu.Unlock()
	writeJSON(w, http.StatusOK, object{{"data", object{
		{"appRegistration", shown},
		{"informationValidation", object{{"_id", p.behaviour.newID()}, {"status", "new"}}},
		{"token", reg.token},
	}}})
}

// clientID is the one client account of this provider.
const clientID = "63fe7b9a21c72be3cc42b8c1"

func (p *Provider) showRegistration(r *registration) object {
	o := object{{"_id", r.id}, {"status", r.status}, {"project", r.project}, {"projectFlow", r.flow}}
	if r.number.phone != "" {
		o = append(o, field{"phone", r.number.phone}, field{"countryCode", r.number.countryCode})
	}
	if r.email != "" {
		o = append(o, field{"email", r.email})
	}
	if r.fullName != "" {
		o = append(o, field{"fullName", r.fullName})
	}
	return o
}

// createValidation is POST /v2/phone-validations/app-registration.
func (p *Provider) createValidation(w http.ResponseWriter, r *http.Request) {
	token := bearer(r.Header.Get("Authorization"))
	p.records.mu.Lock()
	reg := p.records.tokens[token]
	p.records.mu.Unlock()
	if reg == nil {
		writeJSON(w, http.StatusUnauthorized, accessForbidden())
		return
	}
	f, ok := p.readFields(w, r)
	if !ok {
		return
	}
	v, message := validationFrom(f, p.now())
	if message != "" {
		setupError(w, http.StatusConflict, missingCode, message)
		return
	}
	if !found(w, v.project, v.flow) {
		return
	}
	v.registration = reg
	v.otp = p.behaviour.newOTP()
	if v.project == DemoProject {
		v.otp = DemoOTP
	}
	p.records.mu.Lock()
	if p.records.tokens[token] != reg { // swept or torn down meanwhile
		p.records.mu.Unlock()
		writeJSON(w, http.StatusUnauthorized, accessForbidden())
		return
	}
	if v.flow == "" {
		v.flow = reg.flow
	}
	p.records.addValidation(v)
	copied := *v
	p.records.mu.Unlock()
	p.announce(eventCreated, &copied)
	writeJSON(w, http.StatusOK, object{{"data", append(p.showValidation(&copied),
		field{"client", clientID},
		field{"project", copied.project},
		field{"projectFlow", copied.flow},
		field{"validationMethod", "verificationCode"},
		field{"phoneGateway", copied.gateway},
		field{"otp", newHash()},
		field{"language", reg.language},
	)}})
}

// validationFrom reads the body of a creation. message is that of the 409 where something is missing or unfit.
func validationFrom(f map[string]json.RawMessage, now time.Time) (v *validation, message string) {
	var missing []string
	for _, name := range []string{"project", "validationMethod", "phone", "countryCode", "type"} {
		if strings.Trim(textOf(f[name]), " ") == "" {
			missing = append(missing, "missing "+name)
		}
	}
	v = &validation{
		project: textOf(f["project"]), flow: textOf(f["projectFlow"]),
		number:  number{textOf(f["countryCode"]), strings.ReplaceAll(textOf(f["phone"]), " ", "")},
		gateway: textOf(f["phoneGateway"]), webhookURL: textOf(f["webhookUrl"]),
		inInbox: true, created: now, updated: now, expires: now.Add(lifetime),
	}
	if v.gateway == "" {
		v.gateway = "whatsapp" // as the documentation's example shows
	}
	if raw, given := f["expiresAt"]; given {
		expires, err := time.Parse(time.RFC3339Nano, textOf(raw))
		if err != nil {
			return nil, "Invalid expiresAt format. It should be an ISO 8601 date."
		}
		v.expires = expires
	}
	switch {
	case len(missing) > 0:
		return nil, strings.Join(missing, "\n. ")
	case !codeFits(v.number.countryCode):
		return nil, formatMessage
	case textOf(f["validationMethod"]) != "verificationCode":
		return nil, "Invalid validationMethod. It should be verificationCode."
	case textOf(f["type"]) != typeOnboarding:
		return nil, "Invalid type. Only onboarding is known here."
	case !gatewayFits(v.gateway):
		return nil, "Invalid phoneGateway. It should be sms, whatsapp or none."
	case v.webhookURL != "" && !webhookURLFits(v.webhookURL):
		return nil, "Invalid webhookUrl. It should be an absolute http or https URL."
	}
	return v, ""
}

func (p *Provider) showValidation(v *validation) object {
	return object{
		{"_id", v.id},
		{"status", p.behaviour.readStatus(v)},
		{"countryCode", v.number.countryCode},
		{"phone", v.number.phone},
		{"type", v.kind},
		{"expiresAt", stamp(v.expires)},
		{"createdAt", stamp(v.created)},
		{"updatedAt", stamp(v.updated)},
	}
}
