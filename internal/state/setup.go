package state

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/transport"
)

// validation is the data in the answer to the creation of a phone validation.
type validation struct {
	ID           string `json:"_id"`
	Project      string `json:"project"`
	ProjectFlow  string `json:"projectFlow"`
	PhoneGateway string `json:"phoneGateway"`
	Liveness     *bool  `json:"showFaceLivenessRecommendation"`
	ExpiresAt    any    `json:"expiresAt"` // ISO 8601

	wanted, expires time.Time // the expiresAt that was asked for and the one that was answered; zero: none
}

// createRegistration calls POST /v2/app-registrations, which resets a phone that was registered before.
func (v *verifik) createRegistration(ctx context.Context, t task, flow string, clock *clock) (id, token string, err error) {
	const step = "create the app registration"
	var answer struct {
		Data struct {
			AppRegistration struct {
				ID string `json:"_id"`
			} `json:"appRegistration"`
			Token string `json:"token"`
		} `json:"data"`
	}
	exchange, err := v.post(ctx, t, step, "/v2/app-registrations", v.declared.ClientToken, flow, nil, &answer, clock)
	if err != nil {
		return "", "", err
	}
	token = answer.Data.Token
	if token == "" {
		return "", "", notMadeAfter(exchange, step+": the answer has no data.token")
	}
	if fault := providerstate.TokenFault(token); fault != "" {
		return "", "", notMadeAfter(exchange, step+": data.token "+fault)
	}
	return answer.Data.AppRegistration.ID, token, nil
}

// createValidation calls POST /v2/phone-validations/app-registration, which sends the OTP message.
func (v *verifik) createValidation(ctx context.Context, t task, flow, token string, clock *clock) (validation, error) {
	body := map[string]string{"validationMethod": "verificationCode", "type": "onboarding"}
	if t.webhookURL != "" {
		body["webhookUrl"] = t.webhookURL
	}
	var wanted time.Time
	if t.Name == providerstate.Expired {
		wanted = clock.ask(v.Now())
		body["expiresAt"] = wanted.Format("2006-01-02T15:04:05.000Z")
	}
	var answer struct {
		Data validation `json:"data"`
	}
	if _, err := v.post(ctx, t, "create the phone validation", "/v2/phone-validations/app-registration", token, flow, body, &answer, clock); err != nil {
		return validation{}, err
	}
	created := answer.Data
	created.wanted = wanted
	expires, _ := created.ExpiresAt.(string)
	created.expires, _ = time.Parse(time.RFC3339, expires) // zero if the provider does not say
	return created, nil
}

// post makes one call of the set-up API with parameters and what every call needs, and decodes the answer into into. The error is
// *NotMade or the context's.
func (v *verifik) post(ctx context.Context, t task, step, path, token, flow string, parameters map[string]string, into any, clock *clock) (exchange.Exchange, error) {
	body := map[string]string{"project": v.declared.Project, "projectFlow": flow, "phone": t.phone.Number, "countryCode": t.phone.CountryCode}
	maps.Copy(body, parameters)
	header := jsonHeader()
	header.Set("Authorization", "Bearer "+token)
	before := v.Now()
	var unread error
	exchange, err := t.post(ctx, v.Target, step+": the provider", transport.Call{
		Label: step, URL: v.base + path, Header: header,
	}, body, func(answer []byte) bool {
		var secrets struct {
			Data map[string]jsontext.Value `json:"data"`
		}
		_ = json.NewDecoder(bytes.NewReader(answer)).Decode(&secrets)
		for name, value := range secrets.Data {
			if strings.EqualFold(name, "token") || strings.EqualFold(name, "otp") { // the otp is documented as a hash, but a sandbox may show more
				text, _ := digitsOf(value)
				t.secrets.Add(text)
			}
		}
		unread = json.NewDecoder(bytes.NewReader(answer)).Decode(into)
		return unread == nil
	})
	if err == nil && unread != nil {
		err = notMadeAfter(exchange, fmt.Sprintf("%s: the provider answered %d, but not with the documented JSON%s",
			step, exchange.Answer.Status, t.quoted(exchange.Answer.Body)))
	}
	clock.see(exchange, before, v.Now())
	return exchange, err
}
