package reference

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// createRegistration is POST /v2/app-registrations.
func (p *Provider) createRegistration(r *http.Request) outcome {
	token := bearer(r.Header.Get("Authorization"))
	if token == "" || p.clientToken != "" && token != p.clientToken {
		return forbidden(http.StatusUnauthorized)
	}
	f, refusal := readFields(r)
	if refusal != nil {
		return *refusal
	}
	now := p.now()
	reg := &registration{
		project: textOf(f["project"]), flow: textOf(f["projectFlow"]), number: numberIn(f),
		email: textOf(f["email"]), language: cmp.Or(textOf(f["language"]), "en"),
	}
	switch n := reg.number; {
	case reg.project == "":
		return conflict("missing project")
	case reg.flow == "":
		return conflict("missing projectFlow")
	case reg.email == "" && n.phone == "":
		return conflict("Needs an email or a phone at least")
	case n.phone != "" && n.countryCode == "":
		return conflict("missing countryCode")
	case n.phone != "" && !codeFits(n.countryCode):
		return conflict(formatMessage)
	}
	if code := unknown(reg.project, reg.flow); code != "" {
		return refuse(http.StatusNotFound, code, "404:"+code)
	}
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	p.records.reset(reg.number, reg.email)
	p.records.addRegistration(reg, now)
	return succeeded(object{
		{"appRegistration", append(showRegistration(reg),
			field{"client", clientID}, field{"currentStep", "1"}, field{"language", reg.language},
			field{"createdAt", stamp(reg.created)}, field{"updatedAt", stamp(reg.updated)})},
		{"informationValidation", object{{"_id", p.behaviour.newID()}, {"status", "new"}}},
		{"token", reg.token},
	})
}

func numberIn(f map[string]json.RawMessage) number {
	return number{textOf(f["countryCode"]), withoutSpaces(textOf(f["phone"]))}
}

// unknown is the code of the refusal of what is no id, "" for none: every project and flow of 24 hex digits exists.
func unknown(project, flow string) string {
	switch {
	case !idFits(project):
		return "project_not_found"
	case flow != "" && !idFits(flow):
		return "projectFlow_not_found"
	}
	return ""
}

func idFits(id string) bool { return len(id) == 24 && strings.Trim(id, "0123456789abcdefABCDEF") == "" }

// clientID is the one client account of this provider.
const clientID = "63fe7b9a21c72be3cc42b8c1"

func showRegistration(r *registration) object {
	return object{
		{"_id", r.id}, {"status", r.status}, {"project", r.project}, {"projectFlow", r.flow},
		{"phone", r.number.phone}, {"countryCode", r.number.countryCode},
	}
}

// createValidation is POST /v2/phone-validations/app-registration.
func (p *Provider) createValidation(r *http.Request) outcome {
	token := bearer(r.Header.Get("Authorization"))
	if p.ofToken(token) == nil {
		return forbidden(http.StatusUnauthorized)
	}
	f, refusal := readFields(r)
	if refusal != nil {
		return *refusal
	}
	v, message := validationFrom(f, p.now())
	if message != "" {
		return refuse(http.StatusConflict, missingCode, message)
	}
	if code := unknown(v.project, v.flow); code != "" {
		return refuse(http.StatusNotFound, code, "404:"+code)
	}
	v.otp = p.behaviour.newOTP()
	if v.project == DemoProject {
		v.otp = DemoOTP
	}
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	if v.registration = p.records.tokens[token]; v.registration == nil { // swept or torn down meanwhile
		return forbidden(http.StatusUnauthorized)
	}
	v.flow = cmp.Or(v.flow, v.registration.flow)
	p.records.addValidation(v)
	p.announce(eventCreated, v)
	return succeeded(append(p.showValidation(v),
		field{"client", clientID},
		field{"project", v.project},
		field{"projectFlow", v.flow},
		field{"validationMethod", "verificationCode"},
		field{"phoneGateway", v.gateway},
		field{"otp", newHash()},
		field{"language", v.registration.language},
	))
}

// validationFrom reads the body of a creation. message is that of the 409 where something is missing or unfit.
func validationFrom(f map[string]json.RawMessage, now time.Time) (v *validation, message string) {
	var missing []string
	for _, name := range []string{"project", "validationMethod", "phone", "countryCode", "type"} {
		if strings.Trim(textOf(f[name]), " ") == "" {
			missing = append(missing, name)
		}
	}
	v = &validation{
		project: textOf(f["project"]), flow: textOf(f["projectFlow"]), number: numberIn(f), webhookURL: textOf(f["webhookUrl"]),
		gateway: "whatsapp", // as the documentation's example shows
		inInbox: true, created: now, updated: now, expires: now.Add(lifetime),
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
		return nil, joined("\n. ")(missing)
	case !codeFits(v.number.countryCode):
		return nil, formatMessage
	case textOf(f["type"]) != typeOnboarding:
		return nil, "Invalid type. Only onboarding is known here."
	}
	return v, ""
}

func (p *Provider) showValidation(v *validation) object { return v.show(p.behaviour.readStatus(v)) }

// readInbox answers the OTP that was "sent" to a number, or 404 while there is none. Only validations that were made
// through the set-up API are there: the values of a provider state hold theirs already.
func (p *Provider) readInbox(r *http.Request) outcome {
	q := r.URL.Query()
	// A + that nobody escaped arrives as a space.
	n := number{strings.Replace(q.Get("countryCode"), " ", "+", 1), withoutSpaces(q.Get("phone"))}
	p.records.mu.Lock()
	defer p.records.mu.Unlock()
	v := p.records.numbers[n]
	if v == nil || !v.inInbox {
		return refuse(http.StatusNotFound, "NotFound", "no message for that number")
	}
	return outcome{http.StatusOK, object{{"otp", p.behaviour.spell(v.otp)}, {"countryCode", n.countryCode}, {"phone", n.phone}}}
}

// outcome is how a call of the control surface is answered.
type outcome struct {
	status int
	body   object
}

// inJSON answers calls with what a function returns for them.
func inJSON(handle func(*http.Request) outcome) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { handle(r).write(w) }
}

func (o outcome) write(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(o.status)
	_, _ = w.Write(appendJSON(make([]byte, 0, 512), o.body))
}

func succeeded(data object) outcome { return outcome{http.StatusOK, object{{"data", data}}} }

func refuse(status int, code, message string) outcome {
	return outcome{status, refusal{status, code, message}.body()}
}

// conflict is a 409 of a registration, which is documented with its status.
func conflict(message string) outcome {
	return outcome{http.StatusConflict, append(refusal{0, missingCode, message}.body(), field{"status", http.StatusConflict})}
}

func forbidden(status int) outcome { return refuse(status, "Forbidden", "Access forbidden") }

// readFields reads the body of a set-up call. It refuses what is no JSON object.
func readFields(r *http.Request) (map[string]json.RawMessage, *outcome) {
	body, v := readBody(r, maxControlBody)
	if v == passed {
		fields, ok := parse(body)
		if ok {
			return fields, nil
		}
		v = malformed
	}
	o := documentedRefusals()[v]
	refusal := refuse(o.status, o.code, o.message)
	return nil, &refusal
}

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
