package contract

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/providerstate"
)

func TestClaimsOfNotifications(t *testing.T) {
	for body, claim := range map[string]string{
		`{"type":"onboarding_phone_validation_validated","object":{}}`:                   `type "onboarding_phone_validation_validated"`,
		`{"type":"onboarding_phone_validation_failed","object":{"status":"validated"}}`:  `status "validated"`,
		`{"event":"phone.Validated"}`:                                                    `event "phone.Validated"`,
		`{"event":"phoneValidationValidated"}`:                                           `event "phoneValidationValidated"`,
		`[{"data":{"Status":"VALIDATED"}}]`:                                              `Status "VALIDATED"`,
		`{"type":"onboarding_phone_validation_otp_incorect","object":{"status":"sent"}}`: "",
		`{"status":"not_validated"}`:                                                     "",
		`{"status":"invalidated"}`:                                                       "",
		`{"status":"to be validated"}`:                                                   "",
		`{"type":"phone_validation_created"}`:                                            "",
		`{"message":"it was not validated","note":"validated"}`:                          "",
		`{"status":true}`:                                                                "",
		`validated`:                                                                      "",
		``:                                                                               "",
	} {
		require.Equal(t, claim, JudgeNotification([]byte(body), Known{}).Claim, body)
	}
}

func TestTheNotificationOfASuccessIsRecordedWithoutItsValues(t *testing.T) {
	o := JudgeNotification([]byte(`{"type":"t_validated","object":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","phone":"62647737"}}`), Known{Values: providerstate.Values{ValidationID: "674de8df21c72be3cc42b8a7", Phone: "62647737", CountryCode: "+507"}}).Observed
	require.Equal(t, Observation{Label: "notification", Code: "t_validated", Shape: "{object: {_id: string, phone: string, status: string}, type: string}", Note: `status "validated", names the validation by id, phone`}, o)
}
