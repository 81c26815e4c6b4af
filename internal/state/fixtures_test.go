package state

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

func TestFixturesProblems(t *testing.T) {
	for name, c := range map[string]struct {
		data         string
		summary      string
		line, column int
	}{
		"an empty file":  {"", "it ends too early", 1, 1},
		"a cut file":     {"{\n \"no phone validation\": [", "it ends too early", 2, 26},
		"a list":         {"[]", "the prepared records are not valid JSON: it is not an object", 1, 1},
		"more afterward": {"{}\n{}", "a syntax error", 2, 1},
		"a state that is not known": {
			"{\n \"a pending validation\": []}", `"a pending validation" is not a state`, 2, 2},
		"a record without a token": {
			"{\"no phone validation\": [\n  {\"phone\":\"1\",\"countryCode\":\"+1\"}]}",
			`"no phone validation", record 1: the state yields no token`, 2, 3},
		"a pending one without an OTP": {
			"{\"a pending phone validation\": [\n\n{\"phone\":\"1\",\"countryCode\":\"+1\",\"token\":\"t\"}]}",
			`"a pending phone validation", record 1: the state yields no otp`, 3, 1},
		"an OTP as a number with a leading zero": {
			"{\"a pending phone validation\": [{\"phone\":\"1\",\"countryCode\":\"+1\",\"token\":\"t\",\n\"otp\":012345}]}",
			"a syntax error (an OTP with a leading zero is one, too)", 2, 8},
		"an OTP with a fraction of nothing": {
			"{\"a pending phone validation\": [\n{\"phone\":\"1\",\"countryCode\":\"+1\",\"token\":\"t\",\"otp\":123456.0}]}",
			`"a pending phone validation", record 1: otp is not made of digits alone`, 2, 1},
		"a name twice":                   {"{\"no phone validation\": [],\n\"no phone validation\": []}", "a name occurs twice", 2, 1},
		"a value that nobody knows":      {`{"no phone validation": [{"phone":"1","countryCode":"+1","token":"t","tokn":"x"}]}`, `record 1: no state has a value "tokn": did you mean "token"?`, 1, 26},
		"a token with the scheme before": {`{"no phone validation": [{"phone":"1","countryCode":"+1","token":"Bearer t"}]}`, `token is not one run`, 1, 26},
		"a phone that is taken by a validation": {
			`{"no phone validation": [{"phone":"1","countryCode":"+1","token":"t"}],` + "\n" +
				`"an expired phone validation": [{"phone":"1","countryCode":"+1","token":"u","otp":1234}]}`,
			`"no phone validation", record 1 has the phone of "an expired phone validation", record 1`, 1, 26},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := New([]env.States{staticStates(c.data)}, Options{Secrets: &secret.Set{}})
			require.True(t, problems.HasErrors())
			require.Len(t, problems, 1)
			require.Contains(t, problems[0].Summary, c.summary)
			require.Equal(t, "some/fixtures.json", problems[0].File)
			require.Equal(t, []int{c.line, c.column}, []int{problems[0].Line, problems[0].Column})
		})
	}
}

func TestFixturesShowAllProblemsAtOnce(t *testing.T) {
	_, problems := New([]env.States{staticStates(`{
"a pending phone validation": [` + fixture(1, "") + `,
7],
"no phone validation": {"phone":"1"},
"an expired phone validation": "none",
"an expired phone validatoin": []}`)}, Options{Secrets: &secret.Set{}})
	type shown struct {
		line    int
		summary string
	}
	var got []shown
	for _, p := range problems {
		require.Equal(t, problem.Error, p.Severity)
		got = append(got, shown{p.Line, p.Summary})
	}
	require.Equal(t, []shown{
		{3, `"a pending phone validation", record 2: it is not an object`},
		{5, `"an expired phone validation" is not a list of records`},
		{6, `"an expired phone validatoin" is not a state: did you mean "an expired phone validation"?`},
		{4, `"no phone validation" is not a list of records`},
	}, got)
}

func TestFixturesMayHoldAnOTPThatNobodyUses(t *testing.T) {
	m, problems := New([]env.States{staticStates(`{
		"no phone validation": [{"phone":"1","countryCode":"+1","token":"t","otp":"000000","wrongOtp":0}],
		"a pending phone validation": [{"phone":"2","countryCode":"+1","token":"u","otp":123456,"wrongOtp":"034567"}]}`)}, Options{Secrets: &secret.Set{}})
	require.Empty(t, problems)
	values, err := makeAll(t, m, nil, "", Request{Name: providerstate.None}, Request{Name: providerstate.Pending})
	require.NoError(t, err)
	require.Empty(t, values[0].OTP+values[0].WrongOTP)
	require.Equal(t, "234567", values[1].WrongOTP)
}

func TestFixturesShareAPhone(t *testing.T) {
	_, problems := New([]env.States{staticStates(`{"a pending phone validation": [` + fixture(1, "") + `,` + fixture(1, "") + `]}`)}, Options{Secrets: &secret.Set{}})
	require.Len(t, problems, 1)
	require.Equal(t, problem.Warning, problems[0].Severity)
	require.Contains(t, problems[0].Summary, `record 2 has the phone of "a pending phone validation", record 1`)
}

func TestFixturesProblemsShowNoValues(t *testing.T) {
	for _, data := range []string{
		`{"a pending phone validation": [{"phone":"1","countryCode":"+1","token":"Bearer SECRETSECRET","otp":"0SECRETSECRET"}]}`,
		`{"a pending phone validation": [{"phone":"1","countryCode":"+1","token":SECRETSECRET}]}`,
		`{"a pending phone validation": "SECRETSECRET"}`,
	} {
		_, problems := New([]env.States{staticStates(data)}, Options{Secrets: &secret.Set{}})
		require.NotEmpty(t, problems)
		shown, err := json.Marshal(problems)
		require.NoError(t, err)
		require.NotContains(t, string(shown), "SECRET")
	}
}

func TestFixturesOfManyProblemsAreCounted(t *testing.T) {
	data := `{"no phone validation": [{}`
	for range 50 {
		data += `,{}`
	}
	_, problems := New([]env.States{staticStates(data + `]}`)}, Options{Secrets: &secret.Set{}})
	require.Len(t, problems, maxFixtureProblems)
	require.Contains(t, problems[0].Summary, "record 1:")
	require.Contains(t, problems[1].Summary, "record 2:")
	require.Contains(t, problems[maxFixtureProblems-1].Detail, "There are 31 more problems")
}

func TestFixturesAreSecret(t *testing.T) {
	secrets := &secret.Set{}
	newMaker(t, Options{Secrets: secrets}, staticStates(`{"a pending phone validation": [`+fixture(62647737, "")+`]}`))
	require.True(t, secrets.Find("a token-62647737 b"))
	require.True(t, secrets.Find("otp 62747737"))
	require.False(t, secrets.Find("phone 62647737"))
}
