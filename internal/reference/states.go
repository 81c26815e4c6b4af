package reference

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/providerstate"
)

// The ids that provider states have. The set-up API accepts them like any other.
const (
	// Project is the project of every state with a phone validation, except the one with face liveness.
	Project = "63fe7b9a21c72be3cc42b800"
	// Flow is the project flow of those states.
	Flow = "63fe7b9a21c72be3cc42b801"
	// OtherProject is the project of the remaining two states, OtherFlow the flow of the one without a phone validation.
	OtherProject = "63fe7b9a21c72be3cc42b810"
	OtherFlow    = "63fe7b9a21c72be3cc42b811"
	// LivenessFlow is the project flow that recommends face liveness.
	LivenessFlow = "63fe7b9a21c72be3cc42b8f1"
	// DemoProject is a demo project: all its validations have the OTP DemoOTP.
	DemoProject = "63fe7b9a21c72be3cc42b8de"
	// DemoOTP is the fixed OTP of DemoProject.
	DemoOTP = 123456
)

func (p *Provider) changeState(_ *http.Request, body members) *answer {
	for _, name := range []string{"state", "action"} {
		if optional(body[name]) == noText {
			return refusal{http.StatusBadRequest, "BadRequest", name + " is not a string"}.answer()
		}
	}
	params, problem := readParameters(body["params"])
	change := providerstate.Change{State: providerstate.Name(optional(body["state"])), Params: params, Action: optional(body["action"])}
	if reason := cmp.Or(problem, whyUnchangeable(change)); reason != "" {
		return refusal{http.StatusBadRequest, "BadRequest", reason}.answer()
	}
	ends := change.Action == providerstate.TearDown
	change.Action = "" // so that a teardown equals its set-up
	if ends {
		p.records.tearDown(change)
		return jsonAnswer(http.StatusOK, object{})
	}
	return jsonAnswer(http.StatusOK, p.setUp(change))
}

// readParameters reads the parameters of a state. The reason, "" if there is none, says what is wrong with them. An unknown one
// is refused as a spelling mistake: ignoring it would make another state than was asked for.
func readParameters(text jsontext.Value) (params providerstate.Parameters, reason string) {
	if text == nil {
		return params, ""
	}
	err := json.Unmarshal(text, &params, json.RejectUnknownMembers(true))
	typeErr := &json.SemanticError{}
	switch isTypeErr := errors.As(err, &typeErr); {
	case err == nil:
		return params, ""
	case !isTypeErr:
		return params, "params: " + err.Error()
	case errors.Is(err, json.ErrUnknownName):
		return params, fmt.Sprintf("unknown parameter params.%s; the parameters are %s, %s and %s", typeErr.JSONPointer.LastToken(),
			providerstate.CountryCode, providerstate.PhoneGateway, providerstate.WebhookURL)
	case typeErr.JSONPointer == "":
		return params, "params is not an object of strings"
	}
	return params, fmt.Sprintf("params.%s is not a string", typeErr.JSONPointer.LastToken())
}

// whyUnchangeable returns why a state cannot be set up or torn down as asked; "" if it can.
func whyUnchangeable(c providerstate.Change) string {
	switch params := c.Params; {
	case !slices.Contains(providerstate.Names(), c.State):
		return fmt.Sprintf("unknown state %q; the states are: %q", c.State, providerstate.Names())
	case c.Action != "" && c.Action != providerstate.SetUp && c.Action != providerstate.TearDown:
		return fmt.Sprintf("unknown action %q; the actions are setup and teardown", c.Action)
	case params.CountryCode != "" && !codeFits(params.CountryCode):
		return fmt.Sprintf("params.countryCode is %q, not + and 1 to 3 digits", params.CountryCode)
	case params.PhoneGateway != "" && !gatewayFits(params.PhoneGateway):
		return fmt.Sprintf("params.phoneGateway is %q, not sms, whatsapp or none", params.PhoneGateway)
	case params.WebhookURL != "" && !webhookURLFits(params.WebhookURL):
		return fmt.Sprintf("params.webhookUrl is %q, not an absolute http or https URL", params.WebhookURL)
	case c.State == providerstate.Webhook && params.WebhookURL == "":
		return fmt.Sprintf("the state %q needs params.webhookUrl", c.State)
	}
	return ""
}

func gatewayFits(s string) bool { return slices.Contains(providerstate.Gateways(), s) }

// setUp makes new records for a state and returns its values.
func (p *Provider) setUp(c providerstate.Change) object {
	now := p.now()
	made := now // when the validation was made
	r := &registration{project: Project, flow: Flow, language: "en", state: c}
	switch c.State {
	case providerstate.Expired:
		made = now.Add(-lifetime - time.Minute)
	case providerstate.Liveness:
		r.project, r.flow = OtherProject, LivenessFlow
	case providerstate.None:
		r.project, r.flow = OtherProject, OtherFlow
	}
	r.number.countryCode = cmp.Or(c.Params.CountryCode, "+507")

	s := p.records
	r.number.phone = s.freshPhone()
	s.addRegistration(r, now)
	values := object{
		{"phone", r.number.phone},
		{"countryCode", r.number.countryCode},
		{"token", r.token},
		{"project", r.project},
		{"projectFlow", r.flow},
		{"appRegistrationId", r.id},
	}
	if c.State == providerstate.None {
		return values
	}
	v := &validation{
		registration: r, project: r.project, flow: r.flow, number: r.number,
		gateway: cmp.Or(c.Params.PhoneGateway, "sms"), webhookURL: c.Params.WebhookURL,
		otp: p.behaviour.newOTP(), created: made, updated: made, expires: made.Add(lifetime),
	}
	s.addValidation(v)
	p.postCreationWebhook(v)
	return append(values,
		field{"otp", p.behaviour.otpValue(v.otp)},
		field{"wrongOtp", p.behaviour.otpValue(p.behaviour.wrongFor(v.otp))},
		field{"phoneGateway", v.gateway},
		field{"showFaceLivenessRecommendation", p.behaviour.recommendsLiveness(v.flow)},
		field{"validationId", v.id},
	)
}

// tearDown undoes one set-up of a state. Pact's teardown does not say which one, and scenarios run side by side, so the records
// are removed only once every set-up is torn down.
func (s *records) tearDown(c providerstate.Change) {
	inUse := func(r *registration) bool { return !r.tornDown }
	made := slices.DeleteFunc(slices.Clone(s.inOrder), func(r *registration) bool { return r.state != c })
	if i := slices.IndexFunc(made, inUse); i >= 0 {
		made[i].tornDown = true
	}
	if !slices.ContainsFunc(made, inUse) {
		for _, r := range made {
			s.removeRegistration(r)
		}
	}
}
