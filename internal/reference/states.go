package reference

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Ids that the provider's states use and that its set-up API knows as any other.
const (
	// Project is the project of every provider state that has a phone validation.
	Project = "63fe7b9a21c72be3cc42b800"
	// Flow is the project flow of every such state but the one with face liveness.
	Flow = "63fe7b9a21c72be3cc42b801"
	// OtherProject and OtherFlow are those of the state without a phone validation.
	OtherProject = "63fe7b9a21c72be3cc42b810"
	OtherFlow    = "63fe7b9a21c72be3cc42b811"
	// LivenessFlow is the project flow that recommends face liveness.
	LivenessFlow = "63fe7b9a21c72be3cc42b8f1"
	// DemoProject is a project whose validations all have DemoOTP, as a demo project of the provider does.
	DemoProject = "63fe7b9a21c72be3cc42b8de"
	// DemoOTP is the fixed OTP of DemoProject.
	DemoOTP = 123456
)

// Names of the provider states.
const (
	StatePending  = "a pending phone validation"
	StateExpired  = "an expired phone validation"
	StateNone     = "no phone validation"
	StateLiveness = "a pending phone validation with face liveness recommended"
	StateWebhook  = "a pending phone validation with a webhook"
)

// States are the names of the provider states that the Pact handler knows.
func States() []string {
	return []string{StatePending, StateExpired, StateNone, StateLiveness, StateWebhook}
}

// stateChange is the body that Pact posts.
type stateChange struct {
	State  string            `json:"state"`
	Params map[string]string `json:"params"`
	Action string            `json:"action"`
}

func (p *Provider) changeState(w http.ResponseWriter, r *http.Request) {
	body, release, err := p.readBody(r, maxControlBody)
	defer release()
	var change stateChange
	if err == nil {
		change, err = parseStateChange(body)
	}
	switch {
	case errors.Is(err, errBusy):
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case change.Action == "teardown":
		p.records.tearDown(change.key())
		outcome{http.StatusOK, object{}}.write(w)
	default:
		outcome{http.StatusOK, p.setUp(change)}.write(w)
	}
}

func parseStateChange(body []byte) (change stateChange, err error) {
	if err := json.Unmarshal(body, &change); err != nil {
		return change, fmt.Errorf("the body is not {\"state\": string, \"params\": object of strings, \"action\": string}: %w", err)
	}
	return change, change.check()
}

func (c stateChange) check() error {
	if !slices.Contains(States(), c.State) {
		return fmt.Errorf("unknown state %q; the states are: %s", c.State, strings.Join(States(), "; "))
	}
	if c.Action != "" && c.Action != "setup" && c.Action != "teardown" {
		return fmt.Errorf("unknown action %q; the actions are setup and teardown", c.Action)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		value := c.Params[name]
		switch {
		case len(value) > fieldLimit(name):
			return fmt.Errorf("params.%s has %d bytes, at most %d are taken", name, len(value), fieldLimit(name))
		case name == "countryCode" && !codeFits(value):
			return fmt.Errorf("params.countryCode is %q, not + and 1 to 3 digits", value)
		case name == "phoneGateway" && !gatewayFits(value):
			return fmt.Errorf("params.phoneGateway is %q, not sms, whatsapp or none", value)
		case name == "webhookUrl" && !webhookURLFits(value):
			return fmt.Errorf("params.webhookUrl is %q, not an absolute http or https URL", value)
		case name != "countryCode" && name != "phoneGateway" && name != "webhookUrl":
			return fmt.Errorf("unknown parameter params.%s; the parameters are countryCode, phoneGateway and webhookUrl", name)
		}
	}
	if c.State == StateWebhook && c.Params["webhookUrl"] == "" {
		return fmt.Errorf("the state %q needs params.webhookUrl", c.State)
	}
	return nil
}

func gatewayFits(s string) bool { return s == "sms" || s == "whatsapp" || s == "none" }

// setUp makes fresh records for a state and answers its values.
func (p *Provider) setUp(c stateChange) object {
	now := p.now()
	made := now // the validation
	r := &registration{project: Project, flow: Flow, language: "en", state: c.key()}
	switch c.State {
	case StateExpired:
		made = now.Add(-lifetime - time.Minute)
	case StateLiveness:
		r.flow = LivenessFlow
	case StateNone:
		r.project, r.flow = OtherProject, OtherFlow
	}
	r.number.countryCode = cmp.Or(c.Params["countryCode"], "+507")

	s := p.records
	s.mu.Lock()
	defer s.mu.Unlock()
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
	if c.State == StateNone {
		return values
	}
	v := &validation{
		registration: r, project: r.project, flow: r.flow, number: r.number,
		gateway: cmp.Or(c.Params["phoneGateway"], "sms"), webhookURL: c.Params["webhookUrl"],
		otp: p.behaviour.newOTP(), created: made, updated: made, expires: made.Add(lifetime),
	}
	s.addValidation(v)
	p.announce(eventCreated, v)
	return append(values,
		field{"otp", p.behaviour.spell(v.otp)},
		field{"wrongOtp", p.behaviour.spell(p.behaviour.wrongFor(v.otp))},
		field{"phoneGateway", v.gateway},
		field{"showFaceLivenessRecommendation", p.behaviour.recommends(v.flow)},
		field{"validationId", v.id},
	)
}

// stateKey is the same for every set-up and teardown of the same state with the same parameters.
type stateKey struct{ state, countryCode, gateway, webhookURL string }

func (c stateChange) key() stateKey {
	return stateKey{c.State, c.Params["countryCode"], c.Params["phoneGateway"], c.Params["webhookUrl"]}
}

// tearDown ends one set-up of a state. Pact's teardown does not say which one it belongs to, and scenarios run side by side: the
// records go when every set-up was torn down, not before.
func (s *records) tearDown(key stateKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all, open []*registration
	for _, r := range s.registrations {
		if r.state == key {
			all = append(all, r)
			if !r.tornDown {
				open = append(open, r)
			}
		}
	}
	if len(open) > 1 {
		open[0].tornDown = true
		return
	}
	for _, r := range all {
		s.removeRegistration(r)
	}
}
