package reference

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	someProject = "63fe7b9a21c72be3cc42b8aa"
	someFlow    = "63fe7b9a21c72be3cc42b8bb"
)

// register makes a registration through the set-up API.
func (b *bench) register(t *testing.T, phone string, more ...string) values {
	t.Helper()
	r := b.call(http.MethodPost, "/v2/app-registrations", "Bearer client",
		`{"project":"`+someProject+`","projectFlow":"`+someFlow+`","phone":"`+phone+`","countryCode":"+507"`+strings.Join(append([]string{""}, more...), ",")+`}`)
	require.Equal(t, http.StatusOK, r.status, r.body)
	var body struct {
		Data struct {
			Token           string
			AppRegistration struct {
				ID string `json:"_id"`
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(r.body), &body))
	return values{Phone: phone, CountryCode: "+507", Token: body.Data.Token, AppRegistrationID: body.Data.AppRegistration.ID}
}

// send makes a validation of a registration through the set-up API and reads its OTP from the inbox.
func (b *bench) send(t *testing.T, v values, more ...string) values {
	t.Helper()
	r := b.call(http.MethodPost, "/v2/phone-validations/app-registration", "Bearer "+v.Token, creation(v, more...))
	require.Equal(t, http.StatusOK, r.status, r.body)
	var body struct {
		Data struct {
			ID string `json:"_id"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(r.body), &body))
	v.ValidationID = body.Data.ID
	v.OTP = b.inbox(t, v)
	v.WrongOTP = b.behaviour.wrongFor(v.OTP)
	return v
}

func creation(v values, more ...string) string {
	return `{"project":"` + someProject + `","validationMethod":"verificationCode","phone":"` + v.Phone + `","countryCode":"` + v.CountryCode + `","type":"onboarding"` + strings.Join(append([]string{""}, more...), ",") + `}`
}

func (b *bench) inbox(t *testing.T, v values) int {
	t.Helper()
	r := b.call(http.MethodGet, inboxPath+"?countryCode=%2B507&phone="+v.Phone, "", "")
	require.Equal(t, http.StatusOK, r.status, r.body)
	var body struct{ OTP int }
	require.NoError(t, json.Unmarshal([]byte(r.body), &body))
	require.Equal(t, r.body, b.call(http.MethodGet, inboxPath+"?countryCode=+507&phone="+v.Phone, "", "").body, "a plus that nobody escaped")
	return body.OTP
}

func TestSetUpAPIAnswersAsDocumented(t *testing.T) {
	b := newBench(t, Options{})
	r := b.call(http.MethodPost, "/v2/app-registrations", "Bearer client", `{"project":"`+someProject+`","projectFlow":"`+someFlow+`","phone":"6264 7737","countryCode":"+507"}`)
	require.Equal(t, http.StatusOK, r.status)
	require.Regexp(t, `^\{"data":\{"appRegistration":\{"_id":"[0-9a-f]{24}","status":"STARTED","project":"`+someProject+`","projectFlow":"`+someFlow+`","phone":"62647737","countryCode":"\+507","client":"[0-9a-f]{24}","currentStep":"1","language":"en","createdAt":"2026-03-01T12:00:00.000Z","updatedAt":"2026-03-01T12:00:00.000Z"\},"informationValidation":\{"_id":"[0-9a-f]{24}","status":"new"\},"token":"[\w.-]+"\}\}$`, r.body)

	v := b.register(t, "62647737")
	r = b.call(http.MethodPost, "/v2/phone-validations/app-registration", "Bearer "+v.Token, creation(v))
	require.Equal(t, http.StatusOK, r.status)
	require.Regexp(t, `^\{"data":\{"_id":"[0-9a-f]{24}","status":"sent","countryCode":"\+507","phone":"62647737","type":"onboarding","expiresAt":"2026-03-01T12:10:00.000Z","createdAt":"2026-03-01T12:00:00.000Z","updatedAt":"2026-03-01T12:00:00.000Z","client":"[0-9a-f]{24}","project":"`+someProject+`","projectFlow":"`+someFlow+`","language":"en","validationMethod":"verificationCode","phoneGateway":"whatsapp","otp":"\$2b\$10\$[./A-Za-z0-9]{53}"\}\}$`, r.body)
	require.NotContains(t, r.body, strconv.Itoa(b.inbox(t, v)))
}

func TestARegistrationShowsWhatWasSentOfThePerson(t *testing.T) {
	b := newBench(t, Options{})
	for person, shown := range map[string]string{
		`"email":"a@example.test"`:                                              `"email":"a@example.test"`,
		`"email":"a@example.test","fullName":" Ana Ruiz "`:                      `"email":"a@example.test","fullName":"Ana Ruiz"`,
		`"phone":"62647737","countryCode":"+507","fullName":"Ana Ruiz"`:         `"phone":"62647737","countryCode":"+507","fullName":"Ana Ruiz"`,
		`"phone":"62647737","countryCode":"+507","email":"","age":7,"status":1`: `"phone":"62647737","countryCode":"+507"`,
	} {
		r := b.call(http.MethodPost, "/v2/app-registrations", "Bearer client", `{"project":"`+someProject+`","projectFlow":"`+someFlow+`",`+person+`}`)
		require.Equal(t, http.StatusOK, r.status, r.body)
		require.Contains(t, r.body, `"projectFlow":"`+someFlow+`",`+shown+`,"client":`)
		var made struct {
			Data struct {
				AppRegistration struct {
					ID string `json:"_id"`
				}
				Token string
			}
		}
		require.NoError(t, json.Unmarshal([]byte(r.body), &made))
		r = b.call(http.MethodGet, "/v2/app-registrations/"+made.Data.AppRegistration.ID, "Bearer "+made.Data.Token, "")
		require.Equal(t, http.StatusOK, r.status)
		require.Contains(t, r.body, `"projectFlow":"`+someFlow+`",`+shown+`,"phoneValidation":`)
	}
}

func TestSetUpAPIMakesAWorkingValidation(t *testing.T) {
	b := newBench(t, Options{})
	v := b.send(t, b.register(t, "62647737"))
	require.Equal(t, statusSent, b.status(v))
	require.Equal(t, http.StatusForbidden, b.put(v, v.WrongOTP).status)
	require.Equal(t, http.StatusOK, b.put(v, v.OTP).status)
	require.Equal(t, statusValidated, b.status(v))
	require.Equal(t, v.ValidationID, b.link(v, ""))
}

func TestSetUpAPIHonoursExpiresAt(t *testing.T) {
	b := newBench(t, Options{})
	v := b.send(t, b.register(t, "62647737"), `"expiresAt":"`+noon.Add(2*time.Second).Format(time.RFC3339)+`"`)
	b.clock.advance(2 * time.Second)
	require.Equal(t, http.StatusPreconditionFailed, b.put(v, v.OTP).status)
}

func TestRegisteringAgainResetsThePhone(t *testing.T) {
	b := newBench(t, Options{})
	v := b.send(t, b.register(t, "62647737"))
	again := b.register(t, "62647737")
	require.NotEqual(t, v.Token, again.Token)
	require.Equal(t, http.StatusNotFound, b.put(v, v.OTP).status)
	again.OTP = v.OTP
	require.Equal(t, http.StatusNotFound, b.put(again, v.OTP).status)
	require.Equal(t, http.StatusNotFound, b.call(http.MethodGet, inboxPath+"?countryCode=%2B507&phone=62647737", "", "").status)

	t.Run("and so does registering the same address", func(t *testing.T) {
		v := b.send(t, b.register(t, "61111111", `"email":"a@example.test"`))
		b.register(t, "62222222", `"email":"a@example.test"`)
		require.Equal(t, http.StatusNotFound, b.put(v, v.OTP).status)
	})
}

func TestRegisteringAgainResetsEachValidationOfThePhone(t *testing.T) {
	b := newBench(t, Options{})
	first := b.register(t, "62647737")
	older, newer := b.send(t, first), b.send(t, first)
	b.register(t, "62647737")
	for _, v := range []values{older, newer} {
		require.Equal(t, http.StatusNotFound, b.put(v, v.OTP).status)
	}
}

func TestNewestValidationOfANumberCounts(t *testing.T) {
	b := newBench(t, Options{})
	v := b.register(t, "62647737")
	first, second := b.send(t, v), b.send(t, v)
	for range 2 * maxValidations {
		second = b.send(t, v)
	}
	require.Len(t, b.records.validations, maxValidations)
	require.NotEqual(t, first.ValidationID, second.ValidationID)
	require.Equal(t, http.StatusOK, b.put(second, second.OTP).status)
	b.clock.advance(retention)
	b.records.makeRoom(b.clock.Now())
	requireEmpty(t, b.records)
}

func TestDemoProjectHasAFixedOTP(t *testing.T) {
	b := newBench(t, Options{})
	v := b.register(t, "62647737")
	r := b.call(http.MethodPost, "/v2/phone-validations/app-registration", "Bearer "+v.Token, strings.Replace(creation(v), someProject, DemoProject, 1))
	require.Equal(t, http.StatusOK, r.status)
	require.Equal(t, DemoOTP, b.inbox(t, v))
}

func TestSetUpAPIRefusesAsDocumented(t *testing.T) {
	b := newBench(t, Options{ClientToken: "client"})
	v := b.register(t, "62647737")
	other := b.register(t, "61111111")
	v = b.send(t, v)
	post, get := http.MethodPost, http.MethodGet
	cases := []struct {
		name, method, path, token, body string
		status                          int
		want                            string
	}{
		{"registration without a token", post, "/v2/app-registrations", "", `{}`, 401, `{"message":"Access forbidden","code":"Forbidden"}`},
		{"registration with another token", post, "/v2/app-registrations", "x", `{}`, 401, `{"message":"Access forbidden","code":"Forbidden"}`},
		{"registration without a phone", post, "/v2/app-registrations", "client", `{"project":"` + someProject + `","projectFlow":"` + someFlow + `"}`, 409, `{"message":"Needs an email or a phone at least","code":"MissingParameter","status":409}`},
		{"registration without a country code", post, "/v2/app-registrations", "client", `{"project":"` + someProject + `","projectFlow":"` + someFlow + `","phone":"1"}`, 409, `{"message":"missing countryCode","code":"MissingParameter","status":409}`},
		{"registration of an unknown project", post, "/v2/app-registrations", "client", `{"project":"x","projectFlow":"` + someFlow + `","phone":"1","countryCode":"+1"}`, 404, `{"code":"project_not_found","message":"404:project_not_found"}`},
		{"registration of an unknown flow", post, "/v2/app-registrations", "client", `{"project":"` + someProject + `","projectFlow":"x","phone":"1","countryCode":"+1"}`, 404, `{"code":"projectFlow_not_found","message":"404:projectFlow_not_found"}`},
		{"registration that is no JSON", post, "/v2/app-registrations", "client", `[`, 400, `{"code":"BadRequest","message":"400:body_is_not_a_json_object"}`},
		{"registration with an empty body", post, "/v2/app-registrations", "client", " ", 400, `{"code":"BadRequest","message":"400:body_is_not_a_json_object"}`},
		{"validation with an empty body", post, "/v2/phone-validations/app-registration", v.Token, "", 400, `{"code":"BadRequest","message":"400:body_is_not_a_json_object"}`},
		{"state with an empty body", post, statesPath, "", "", 400, `{"code":"BadRequest","message":"400:body_is_not_a_json_object"}`},
		{"validation without a token", post, "/v2/phone-validations/app-registration", "", `{}`, 401, `{"message":"Access forbidden","code":"Forbidden"}`},
		{"validation with the client's token", post, "/v2/phone-validations/app-registration", "client", `{}`, 401, `{"message":"Access forbidden","code":"Forbidden"}`},
		{"validation of nothing", post, "/v2/phone-validations/app-registration", v.Token, `{}`, 409, `{"code":"MissingParameter","message":"missing project\n. missing validationMethod\n. missing phone\n. missing countryCode\n. missing type"}`},
		{"validation of a bad country code", post, "/v2/phone-validations/app-registration", v.Token, strings.Replace(creation(v), "+507", "507", 1), 409, formatBody},
		{"validation of an unknown project", post, "/v2/phone-validations/app-registration", v.Token, strings.Replace(creation(v), someProject, "x", 1), 404, `{"code":"project_not_found","message":"404:project_not_found"}`},
		{"validation with a date that is none", post, "/v2/phone-validations/app-registration", v.Token, creation(v, `"expiresAt":"soon"`), 409, `{"code":"MissingParameter","message":"Invalid expiresAt format. It should be an ISO 8601 date."}`},
		{"read-back without a token", get, "/v2/phone-validations/" + v.ValidationID, "", "", 401, `{"message":"Access forbidden","code":"Forbidden"}`},
		{"read-back of another's validation", get, "/v2/phone-validations/" + v.ValidationID, other.Token, "", 403, `{"message":"Access forbidden","code":"Forbidden"}`},
		{"read-back of another's registration", get, "/v2/app-registrations/" + v.AppRegistrationID, other.Token, "", 403, `{"message":"Access forbidden","code":"Forbidden"}`},
		{"read-back of no registration", get, "/v2/app-registrations/0", v.Token, "", 404, `{"message":"AppRegistration_not_found","code":"NotFound"}`},
		{"read-back of no validation", get, "/v2/phone-validations/0", v.Token, "", 404, `{"message":"PhoneValidation_not_found","code":"NotFound"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := b.call(c.method, c.path, "Bearer "+c.token, c.body)
			require.JSONEq(t, c.want, r.body)
			require.Equal(t, c.status, r.status)
		})
	}
}
