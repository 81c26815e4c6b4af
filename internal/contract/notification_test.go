package contract

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
)

func TestHowANotificationIsJudged(t *testing.T) {
	const (
		missing = "it does not name the validation: neither its id nor its phone is in it"
		leak    = "it holds the OTP or a token"
		earlier = "it tells of an earlier event"
		wrong   = "it tells of an attempt that was refused"
		noJSON  = "it is not JSON"
	)
	accepted := func(kind string) Notification { return Notification{Accepted: true, Type: kind} }
	for name, test := range map[string]struct {
		body     string
		expected Notification
	}{
		"as documented":                  {`{"type":"onboarding_phone_validation_validated","object":{"_id":"` + anID + `","status":"validated"}}`, accepted("onboarding_phone_validation_validated")},
		"no type":                        {`{"object":{"_id":"` + anID + `"}}`, accepted("")},
		"an id deep inside":              {`{"a":[{"b":{"c":["x","` + anID + `"]}}]}`, accepted("")},
		"an id in upper case":            {`{"id":"` + strings.ToUpper(anID) + `"}`, accepted("")},
		"an id as a key":                 {`{"` + anID + `":{}}`, accepted("")},
		"an id in a URL":                 {`{"self":"https://x.example.test/v2/phone-validations/` + anID + `?a=1"}`, accepted("")},
		"the phone":                      {`{"phone":"62647737"}`, accepted("")},
		"the phone as a number":          {`{"phone":62647737}`, accepted("")},
		"the phone with its code":        {`{"phone":"+50762647737"}`, accepted("")},
		"the phone with a bare code":     {`{"phone":"50762647737"}`, accepted("")},
		"the phone beside its code":      {`{"phone":"+507 62647737"}`, accepted("")},
		"the code's plus in a URL":       {`{"phone":"%2B50762647737"}`, accepted("")},
		"an escaped phone":               {`{"phone":"\u00362647737"}`, accepted("")},
		"a list":                         {`["62647737"]`, accepted("")},
		"a key twice":                    {`{"phone":"62647737","a":1,"a":2}`, accepted("")},
		"a trailing newline":             {`{"phone":"62647737"}` + "\n", accepted("")},
		"of a wrong OTP":                 {`{"type":"onboarding_phone_validation_otp_incorect","object":{"phone":"62647737"}}`, Notification{Ignored: true, Reason: wrong, Type: "onboarding_phone_validation_otp_incorect"}},
		"of a lock":                      {`{"type":"onboarding_phone_validation_failed","object":{}}`, Notification{Ignored: true, Reason: wrong, Type: "onboarding_phone_validation_failed"}},
		"of a wrong OTP, with the right": {`{"type":"onboarding_phone_validation_otp_incorect","object":{"phone":"62647737","otp":123456}}`, Notification{Leaks: true, Reason: leak, Type: "onboarding_phone_validation_otp_incorect"}},
		"a type that is no text":         {`{"type":7,"phone":"62647737"}`, accepted("")},
		"created":                        {`{"type":"onboarding_phone_validation_created","object":{"_id":"` + anID + `"}}`, Notification{Ignored: true, Reason: earlier, Type: "onboarding_phone_validation_created"}},
		"sent again":                     {`{"type":"onboarding_phone_validation_resend","object":{}}`, Notification{Ignored: true, Reason: earlier, Type: "onboarding_phone_validation_resend"}},
		"created in the middle":          {`{"type":"created_then_validated","object":{"_id":"` + anID + `"}}`, accepted("created_then_validated")},
		"the OTP":                        {`{"type":"x_validated","object":{"phone":"62647737","otp":123456}}`, Notification{Leaks: true, Reason: leak, Type: "x_validated"}},
		"the OTP as text":                {`{"phone":"62647737","text":"code 123456"}`, Notification{Leaks: true, Reason: leak}},
		"the OTP escaped":                {`{"phone":"62647737","text":"\u003123456"}`, Notification{Leaks: true, Reason: leak}},
		"the token":                      {`{"phone":"62647737","token":"` + aToken + `"}`, Notification{Leaks: true, Reason: leak}},
		"the OTP in what is not JSON":    {`otp=123456`, Notification{Leaks: true, Reason: leak}},
		"an OTP within other digits":     {`{"phone":"62647737","at":1234567890}`, accepted("")},
		"another phone":                  {`{"phone":"62647738"}`, Notification{Reason: missing}},
		"the phone within longer digits": {`{"phone":"162647737"}`, Notification{Reason: missing}},
		"another id":                     {`{"_id":"000000000000000000000000"}`, Notification{Reason: missing}},
		"an empty object":                {`{}`, Notification{Reason: missing}},
		"only the country code":          {`{"countryCode":"+507"}`, Notification{Reason: missing}},
		"a form":                         {`phone=62647737`, Notification{Reason: noJSON + ": it is a form (name=value&...)"}},
		"nothing":                        {``, Notification{Reason: noJSON + ": its body is empty"}},
		"XML":                            {`<?xml version="1.0"?><phone>62647737</phone>`, Notification{Reason: noJSON + ": it is XML"}},
		"a page":                         {`<!DOCTYPE html><p>62647737`, Notification{Reason: noJSON + ": it is an HTML page"}},
		"gzip that does not say so":      {"\x1f\x8b\x08\x00", Notification{Reason: noJSON + ": the body is compressed with gzip, and no Content-Encoding says so: is it compressed twice, or the header dropped on the way?"}},
		"cut JSON":                       {`{"phone":"62647737"`, Notification{Reason: noJSON}},
		"bytes after the value":          {`{"phone":"62647737"}x`, Notification{Reason: noJSON}},
		"invalid UTF-8":                  {"{\"phone\":\"62647737\",\"a\":\"\xff\"}", Notification{Reason: noJSON}},
	} {
		t.Run(name, func(t *testing.T) {
			known := Known{Values: providerstate.Values{ValidationID: anID, Phone: aPhone, CountryCode: aCode}, Secrets: []string{anOTP, aToken}}
			judged := JudgeNotification([]byte(test.body), known)
			judged.Claim, judged.Observed = "", Observation{}
			require.Equal(t, test.expected, judged)
		})
	}
	t.Run("the phone may hold the OTP", func(t *testing.T) {
		known := Known{Values: providerstate.Values{Phone: "62-123456", CountryCode: aCode}, Secrets: thePrivate.Secrets, Keep: thePrivate.Keep}
		require.True(t, JudgeNotification([]byte(`{"phone":"62-123456"}`), known).Accepted)
		require.True(t, JudgeNotification([]byte(`{"phone":"62-123456","otp":"123456"}`), known).Leaks)
	})
	t.Run("nothing but the phone is known", func(t *testing.T) {
		known := Known{Values: providerstate.Values{Phone: aPhone, CountryCode: aCode}}
		require.True(t, JudgeNotification([]byte(`{"phone":"62647737"}`), known).Accepted)
		require.False(t, JudgeNotification([]byte(`{"_id":"`+anID+`"}`), known).Accepted)
	})
}
