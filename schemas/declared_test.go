package schemas

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatTheShippedSchemasDeclare(t *testing.T) {
	set := load(t)
	require.Equal(t, Endpoint{"PUT", "/v2/phone-validations", []string{"phone", "countryCode", "otp"}, []string{"phoneGateway", "project", "projectFlow"}}, set.Endpoint())
	missing := []string{
		"missing phone", "missing countryCode", "missing otp", "missing phone\n. missing countryCode", "missing phone\n. missing otp",
		"missing countryCode\n. missing otp", "missing phone\n. missing countryCode\n. missing otp",
	}
	format := []string{"Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits."}
	require.Equal(t, []Answer{
		{Validated, 200, "PV-01", "the phone is validated", []string{"countryCode", "phone"}, "", nil},
		{DoesNotMatch, 403, "PV-02", "the OTP does not match", nil, "otp_does_not_match", []string{"403:otp_does_not_match"}},
		{NotFound, 404, "PV-03", "no phone validation was found", nil, "phone_validation_not_found", []string{"404:phone_validation_not_found"}},
		{CountryCode, 409, "PV-06", "the country code is badly written", nil, "MissingParameter", format},
		{MissingParameter, 409, "PV-04", "a required parameter is missing", nil, "MissingParameter", missing},
		{Expired, 412, "PV-07", "the OTP has expired", nil, "phoneValidation_has_expired", []string{"412:phoneValidation_has_expired"}},
	}, set.Answers())
}

func TestAnEndpointThatIsNotDeclaredAsItShouldBe(t *testing.T) {
	for name, c := range map[string]struct{ request, problem string }{
		"none":                {`{"required":["phone"]}`, "schema request.json: it has no x-endpoint"},
		"an address":          {`{"x-endpoint":{"method":"PUT","path":"http://x.test/a"},"required":["phone"]}`, `write {"method": "PUT", "path": "/v2/..."}`},
		"no method":           {`{"x-endpoint":{"path":"/a"},"required":["phone"]}`, `write {"method": "PUT", "path": "/v2/..."}`},
		"null":                {`{"x-endpoint":null,"required":["phone"]}`, "x-endpoint is not an object"},
		"nothing required":    {`{"x-endpoint":{"method":"PUT","path":"/a"}}`, "it requires no parameter"},
		"what an answer says": {`{"x-endpoint":{"method":"PUT","path":"/a"},"required":["phone"],"x-answer":{"status":200}}`, "x-answer means nothing here"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(folder(t, map[string]string{"request.json": c.request}))
			require.ErrorContains(t, err, c.problem)
			require.ErrorContains(t, err, "schema request.json")
		})
	}
	_, err := Load(Files(), folder(t, map[string]string{"more.json": `{"x-endpoint":{}}`}))
	require.EqualError(t, err, "schema more.json: x-endpoint means nothing here", "what it is has no other name")
}

func TestASchemaOfALaterFolderReplacesOne(t *testing.T) {
	own := folder(t, map[string]string{"answer-403.json": `{"x-answer":{"status":401,"rule":"PV-02","words":"the OTP does not match"}}`})
	for name := range own {
		if name != "answer-403.json" {
			delete(own, name)
		}
	}
	set, err := Load(Files(), own)
	require.NoError(t, err)
	require.Equal(t, 401, set.Answers()[1].Status)
	require.NotEqual(t, load(t).Digest(), set.Digest())
}
