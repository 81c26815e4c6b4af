package state

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/transport"
)

// registration is the answer to the creation of an app registration.
type registration struct{ id, token string }

// validation is the answer to the creation of a phone validation.
type validation struct {
	ID           string `json:"_id"`
	Project      string `json:"project"`
	ProjectFlow  string `json:"projectFlow"`
	PhoneGateway string `json:"phoneGateway"`
	Liveness     *bool  `json:"showFaceLivenessRecommendation"`
	ExpiresAt    any    `json:"expiresAt"` // ISO 8601
	OTP          any    `json:"otp"`       // documented as a hash; a sandbox may show more

	asked, expires time.Time // what was asked for, and what ExpiresAt says; zero: nothing
}

// createRegistration calls POST /v2/app-registrations. A phone that was registered before is reset by it.
func (v *verifik) createRegistration(ctx context.Context, t task, flow string, clock *clock) (registration, error) {
	const step = "create the app registration"
	var answer struct {
		Data struct {
			AppRegistration struct {
				ID string `json:"_id"`
			} `json:"appRegistration"`
			Token string `json:"token"`
		} `json:"data"`
	}
	before := v.now()
	exchange, err := v.post(ctx, t, step, "/v2/app-registrations", v.declared.ClientToken, map[string]string{
		"project": v.declared.Project, "projectFlow": flow,
		"phone": t.phone.Number, "countryCode": t.phone.CountryCode,
	}, &answer, func() []string { return []string{answer.Data.Token} })
	if err != nil {
		return registration{}, err
	}
	clock.see(exchange, before, v.now())
	token := answer.Data.Token
	if token == "" {
		return registration{}, unmade(exchange, step+": the answer has no data.token")
	}
	if fault := providerstate.TokenFault(token); fault != "" {
		return registration{}, unmade(exchange, step+": data.token "+fault)
	}
	return registration{id: answer.Data.AppRegistration.ID, token: token}, nil
}

// createValidation calls POST /v2/phone-validations/app-registration. It sends the OTP message.
func (v *verifik) createValidation(ctx context.Context, t task, flow, token string, clock *clock) (validation, error) {
	const step = "create the phone validation"
	body := map[string]string{
		"project": v.declared.Project, "projectFlow": flow,
		"phone": t.phone.Number, "countryCode": t.phone.CountryCode,
		"validationMethod": "verificationCode", "type": "onboarding",
	}
	if t.webhookURL != "" {
		body["webhookUrl"] = t.webhookURL
	}
	var asked time.Time
	if t.Name == providerstate.Expired {
		asked = clock.ask(v.now())
		body["expiresAt"] = asked.Format("2006-01-02T15:04:05.000Z")
	}
	var answer struct {
		Data validation `json:"data"`
	}
	before := v.now()
	exchange, err := v.post(ctx, t, step, "/v2/phone-validations/app-registration", token, body, &answer, func() []string {
		if answer.Data.OTP == nil {
			return nil
		}
		return []string{fmt.Sprint(answer.Data.OTP)}
	})
	if err != nil {
		return validation{}, err
	}
	clock.see(exchange, before, v.now())
	created := answer.Data
	created.asked = asked
	expires, _ := created.ExpiresAt.(string)
	created.expires, _ = time.Parse(time.RFC3339, expires) // the zero time: the provider does not say
	return created, nil
}

// post makes one call of the set-up API and reads its answer. secrets names those that the answer brought: they
// are known before the exchange is recorded. The error is *Unmade or the context's.
func (v *verifik) post(ctx context.Context, t task, step, path, token string, body map[string]string, into any, secrets func() []string) (exchange.Exchange, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return exchange.Exchange{}, err
	}
	header := jsonHeader()
	header.Set("Authorization", "Bearer "+token)
	exchange := v.client.Do(ctx, transport.Call{
		Purpose: exchange.SetUp, Label: step, Method: "POST", URL: v.base + path, Header: header, Body: content, Fresh: t.fresh,
	})
	if exchange.Answer == nil {
		return exchange, noAnswer(ctx, t, exchange, step+": no answer: "+failure(exchange, v.secrets))
	}
	d := json.NewDecoder(strings.NewReader(string(exchange.Answer.Body)))
	d.UseNumber()
	unread := d.Decode(into)
	v.secrets.Add(secrets()...)
	succeeded := exchange.Answer.Status >= 200 && exchange.Answer.Status <= 299
	if unread != nil || !succeeded {
		exchange.Unread = true
		v.secrets.Add(scan(exchange.Answer.Body)...)
	}
	t.tell(exchange)
	switch {
	case !succeeded:
		return exchange, unmade(exchange, fmt.Sprintf("%s: answered %d%s",
			step, exchange.Answer.Status, said(exchange.Answer.Body, v.secrets, t.phone.Number, t.phone.CountryCode+t.phone.Number)))
	case unread != nil:
		return exchange, unmade(exchange, fmt.Sprintf("%s: answered %d, but not with the documented JSON%s",
			step, exchange.Answer.Status, said(exchange.Answer.Body, v.secrets, t.phone.Number)))
	}
	return exchange, nil
}

// noAnswer records a call that got none. The error is *Unmade or the context's.
func noAnswer(ctx context.Context, t task, exchange exchange.Exchange, reason string) error {
	exchange.Unread = true
	t.tell(exchange)
	if err := ctx.Err(); err != nil {
		return err
	}
	return unmade(exchange, reason)
}

func unmade(exchange exchange.Exchange, reason string) *Unmade {
	return &Unmade{Reason: reason, Exchange: &exchange}
}
