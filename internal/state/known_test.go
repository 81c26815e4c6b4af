package state

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

const knowing = `{"a pending phone validation": [
  {"phone": "62647731", "countryCode": "+507", "otp": 123456, "token": "a.b.c", "validationId": "674de8df21c72be3cc42b8a1"},
  {"phone": "62647732", "countryCode": "+507", "otp": 123457, "token": "d.e.f"}
]}`

func prepared(t *testing.T, content string) *Planner {
	t.Helper()
	maker, problems := New([]env.States{{Static: &env.Static{Content: env.Content{File: "fixtures.json", Data: []byte(content)}}}}, Options{Secrets: &secret.Set{}})
	require.False(t, problems.HasErrors(), "%v", problems)
	return maker.Planner()
}

func TestARecordWithMoreValuesIsKeptForWhoNeedsThem(t *testing.T) {
	planner := prepared(t, knowing)
	_, _, refusal := planner.Reserve([]Request{{Name: providerstate.Pending}})
	require.Nil(t, refusal)
	_, _, refusal = planner.Reserve([]Request{{Name: providerstate.Pending, Values: []string{"validationId"}}})
	require.Nil(t, refusal, "the record with the id was given to a scenario that does not need it")
	_, _, refusal = planner.Reserve([]Request{{Name: providerstate.Pending}})
	require.NotNil(t, refusal)
	require.Contains(t, refusal.Reason, `fixtures.json has 2 records of "a pending phone validation", and none is left for this scenario`)
}

func TestAValueThatNoRecordHasIsRefusedInThePlan(t *testing.T) {
	_, _, refusal := prepared(t, knowing).Reserve([]Request{{Name: providerstate.Pending, Values: []string{"appRegistrationId"}}})
	require.NotNil(t, refusal)
	require.Contains(t, refusal.Reason, `and none is left with appRegistrationId for this scenario`)
	require.Contains(t, refusal.Advice, "with appRegistrationId")
}
