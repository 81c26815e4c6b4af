package reference

import (
	"bytes"
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/group"
)

// createRegistration handles POST /v2/app-registrations.
func (p *Provider) createRegistration(_ *http.Request, f members) *answer {
	reg := &registration{
		project: textOf(f["project"]), flow: textOf(f["projectFlow"]), number: numberIn(f),
		email: textOf(f["email"]), fullName: strings.TrimSpace(textOf(f["fullName"])), language: cmp.Or(textOf(f["language"]), "en"),
	}
	switch n := reg.number; {
	case reg.project == "":
		return conflictAnswer("missing project")
	case reg.flow == "":
		return conflictAnswer("missing projectFlow")
	case reg.email == "" && n.phone == "":
		return conflictAnswer("Needs an email or a phone at least")
	case n.phone != "" && n.countryCode == "":
		return conflictAnswer("missing countryCode")
	case n.phone != "" && !codeFits(n.countryCode):
		return conflictAnswer(formatMessage)
	}
	if refused := refuseUnknown(reg.project, reg.flow); refused != nil {
		return refused
	}
	p.records.reset(reg.number, reg.email)
	p.records.addRegistration(reg, p.now())
	return jsonAnswer(http.StatusOK, object{{"data", object{
		{"appRegistration", append(showRegistration(reg),
			field{"client", clientID}, field{"currentStep", "1"}, field{"language", reg.language},
			field{"createdAt", timestamp(reg.created)}, field{"updatedAt", timestamp(reg.updated)})},
		{"informationValidation", object{{"_id", p.behaviour.newID()}, {"status", "new"}}},
		{"token", reg.token},
	}}})
}

func numberIn(f members) number {
	return number{textOf(f["countryCode"]), withoutSpaces(textOf(f["phone"]))}
}

// refuseUnknown refuses a project or flow that is not an id; every one of 24 hex digits exists.
func refuseUnknown(project, flow string) *answer {
	switch {
	case !idFits(project):
		return refusal{http.StatusNotFound, "project_not_found", "404:project_not_found"}.answer()
	case flow != "" && !idFits(flow):
		return refusal{http.StatusNotFound, "projectFlow_not_found", "404:projectFlow_not_found"}.answer()
	}
	return nil
}

func idFits(id string) bool { return len(id) == 24 && strings.Trim(id, "0123456789abcdefABCDEF") == "" }

// clientID is the one client account of this provider.
const clientID = "63fe7b9a21c72be3cc42b8c1"

// showRegistration returns the fields of a registration, those of the person only where they are known.
func showRegistration(r *registration) object {
	person := object{{"phone", r.number.phone}, {"countryCode", r.number.countryCode}, {"email", r.email}, {"fullName", r.fullName}}
	known := group.Where(person, func(f field) bool { return f.value != "" })
	return append(object{{"_id", r.id}, {"status", r.status}, {"project", r.project}, {"projectFlow", r.flow}}, known...)
}

// createValidation handles POST /v2/phone-validations/app-registration.
func (p *Provider) createValidation(r *http.Request, f members) *answer {
	caller := p.records.tokens[bearer(r.Header.Get("Authorization"))]
	if caller == nil { // removed since its token was checked
		return forbiddenAnswer(http.StatusUnauthorized)
	}
	v, refused := validationFrom(f, p.now())
	if refused != nil {
		return refused
	}
	v.otp = p.behaviour.newOTP()
	if v.project == DemoProject {
		v.otp = DemoOTP
	}
	v.registration, v.flow = caller, cmp.Or(v.flow, caller.flow)
	p.records.addValidation(v)
	p.postCreationWebhook(v)
	return jsonAnswer(http.StatusOK, object{{"data", append(p.showValidation(v),
		field{"client", clientID}, field{"project", v.project}, field{"projectFlow", v.flow}, field{"language", v.registration.language},
		field{"validationMethod", "verificationCode"}, field{"phoneGateway", v.gateway}, field{"otp", newHash()},
	)}})
}

// validationFrom reads the body of createValidation.
func validationFrom(f members, now time.Time) (*validation, *answer) {
	missing := group.Where([]string{"project", "validationMethod", "phone", "countryCode", "type"}, func(name string) bool {
		return strings.Trim(textOf(f[name]), " ") == ""
	})
	v := &validation{
		project: textOf(f["project"]), flow: textOf(f["projectFlow"]), number: numberIn(f), webhookURL: textOf(f["webhookUrl"]),
		gateway:     "whatsapp", // as the documentation's example shows
		sentToInbox: true, created: now, updated: now, expires: now.Add(lifetime),
	}
	var problem string
	if raw, given := f["expiresAt"]; given {
		var err error
		if v.expires, err = time.Parse(time.RFC3339Nano, textOf(raw)); err != nil {
			problem = "Invalid expiresAt format. It should be an ISO 8601 date."
		}
	}
	switch {
	case len(missing) > 0:
		problem = joined("\n. ")(missing)
	case !codeFits(v.number.countryCode):
		problem = formatMessage
	case textOf(f["type"]) != typeOnboarding:
		problem = "Invalid type. Only onboarding is known here."
	case v.webhookURL != "" && !webhookURLFits(v.webhookURL):
		problem = "Invalid webhookUrl. It should be an absolute http or https URL."
	}
	if problem != "" {
		return nil, refusal{http.StatusConflict, missingCode, problem}.answer()
	}
	return v, refuseUnknown(v.project, v.flow)
}

func (p *Provider) showValidation(v *validation) object { return v.show(p.behaviour.readStatus(v)) }

// readInbox answers the OTP that was "sent" to a number, or 404 while there is none. It knows only validations made
// through the set-up API: the OTP of a provider state is among the state's values.
func (p *Provider) readInbox(r *http.Request, _ members) *answer {
	q := r.URL.Query()
	// An unescaped + arrives as a space.
	n := number{strings.Replace(q.Get("countryCode"), " ", "+", 1), withoutSpaces(q.Get("phone"))}
	v := p.records.ofNumber(n)
	if v == nil || !v.sentToInbox {
		return refusal{http.StatusNotFound, "NotFound", "no message for that number"}.answer()
	}
	return jsonAnswer(http.StatusOK, object{{"otp", p.behaviour.otpValue(v.otp)}, {"countryCode", n.countryCode}, {"phone", n.phone}})
}

// handler answers a call of the control surface.
type handler func(r *http.Request, body members) *answer

func anyToken(string) bool { return true }

func (p *Provider) isClient(token string) bool {
	return token != "" && (p.clientToken == "" || token == p.clientToken)
}

func (p *Provider) isRegistered(token string) bool {
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	return p.records.tokens[token] != nil
}

// control serves a path of the control surface to callers whose token is known.
func (p *Provider) control(known func(token string) bool, handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { p.handle(r, known, handle).send(w) }
}

// handle calls a handler with the records locked. It reads no body without a known token.
func (p *Provider) handle(r *http.Request, known func(token string) bool, handle handler) *answer {
	if !known(bearer(r.Header.Get("Authorization"))) {
		return forbiddenAnswer(http.StatusUnauthorized)
	}
	body, v := readBody(r, maxControlBody)
	fields, badJSON := parse(body)
	if v == passed && (badJSON || len(bytes.TrimSpace(body)) == 0) && r.Method == http.MethodPost {
		v = malformed
	}
	if v != passed {
		return documentedRefusals()[v].answer()
	}
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	return handle(r, fields)
}

// conflictAnswer returns the 409 of a registration, whose documented body repeats the status.
func conflictAnswer(message string) *answer {
	return jsonAnswer(http.StatusConflict, append(refusal{0, missingCode, message}.body(), field{"status", http.StatusConflict}))
}

func forbiddenAnswer(status int) *answer {
	return refusal{status, "Forbidden", "Access forbidden"}.answer()
}

// linkOf returns the validation that a registration is linked to: its id or, with populate, the whole object.
func linkOf(r *registration, populate bool) any {
	if !populate && r.linked != "" {
		return r.linked
	}
	for _, v := range r.validations {
		if v.id == r.linked {
			return v.show(v.status)
		}
	}
	return nil // not linked, or reset has removed the validation
}

// readRegistration handles GET /v2/app-registrations/{id}, which takes the registration's own token.
func (p *Provider) readRegistration(r *http.Request, _ members) *answer {
	reg := p.records.registrations[r.PathValue("id")]
	if refused := p.refuseNonOwner(r, "AppRegistration", reg); refused != nil {
		return refused
	}
	populate := slices.Contains(r.URL.Query()["populates[]"], "phoneValidation")
	return jsonAnswer(http.StatusOK, object{{"data", append(showRegistration(reg), field{"phoneValidation", p.behaviour.showLink(reg, populate)})}})
}

// readValidation handles GET /v2/phone-validations/{id}, which takes the token of the validation's registration.
func (p *Provider) readValidation(r *http.Request, _ members) *answer {
	v := cmp.Or(p.records.validations[r.PathValue("id")], &validation{})
	if refused := p.refuseNonOwner(r, "PhoneValidation", v.registration); refused != nil {
		return refused
	}
	return jsonAnswer(http.StatusOK, object{{"success", true}, {"data", p.showValidation(v)}})
}

// refuseNonOwner refuses to show a record without the token of its owner; owner is nil if there is no such record.
func (p *Provider) refuseNonOwner(r *http.Request, kind string, owner *registration) *answer {
	switch caller := p.records.tokens[bearer(r.Header.Get("Authorization"))]; {
	case caller == nil:
		return forbiddenAnswer(http.StatusUnauthorized)
	case owner == nil:
		return refusal{http.StatusNotFound, "NotFound", kind + "_not_found"}.answer()
	case owner != caller:
		return forbiddenAnswer(http.StatusForbidden)
	}
	return nil
}
