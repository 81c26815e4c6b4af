package contract

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const dialect403 = `{"message":"otp_does_not_match","code":"Forbidden"}`

func TestWhatAFailureMayComeFrom(t *testing.T) {
	checks := newChecks(t)
	refused := func(words string) func(Exchange) []Finding {
		d, ok := AnswerOf(words)
		require.True(t, ok)
		return func(e Exchange) []Finding { return checks.Refused(e, d) }
	}
	noMatch, notFound := refused("the OTP does not match"), refused("no phone validation was found")
	expired, countryCode := refused("the OTP has expired"), refused("the country code is badly written")
	validated := func(e Exchange) []Finding { return checks.Validated(e, exampleRequest) }
	missing := func(e Exchange) []Finding { return checks.Missing(e, Required()) }
	for name, test := range map[string]struct {
		rule   string
		check  func(Exchange) []Finding
		status int
		body   string
		key    string // "": not explained
	}{
		"a wrong OTP is accepted":         {"PV-02", noMatch, 200, documented200, "otp-not-compared"},
		"the other envelope":              {"PV-02", noMatch, 403, dialect403, "dialect"},
		"the other envelope, expired":     {"PV-07", expired, 412, `{"message":"phoneValidation_has_expired","code":"PreconditionFailed"}`, "dialect"},
		"no prefix":                       {"PV-02", noMatch, 403, `{"code":"otp_does_not_match","message":"otp_does_not_match"}`, "no-prefix"},
		"another prefix":                  {"PV-02", noMatch, 403, `{"code":"otp_does_not_match","message":"404:otp_does_not_match"}`, ""},
		"an expired OTP is accepted":      {"PV-07", expired, 200, documented200, "expiry-not-looked-at"},
		"an expired OTP is not found":     {"PV-07", expired, 404, documented404, "only-unexpired-found"},
		"an expired OTP does not match":   {"PV-07", expired, 403, documented403, "wrong-before-expired"},
		"a bad country code is accepted":  {"PV-06", countryCode, 200, documented200, "format-not-checked"},
		"a bad country code is looked up": {"PV-06", countryCode, 404, documented404, "looked-up-first"},
		"missing and looked up":           {"PV-04", missing, 404, documented404, "looked-up-first"},
		"spaces are kept":                 {"PV-08", validated, 404, documented404, "spaces-kept"},
		"another project is accepted":     {"PV-11", checks.NothingFound, 200, documented200, "narrowing-ignored"},
		"another code is accepted":        {"PV-21", checks.NothingFound, 200, documented200, "country-code-ignored"},
		"spent":                           {"PV-17", validated, 404, documented404, "spent"},
		"a foreign token is accepted":     {"PV-16", func(e Exchange) []Finding { return checks.NotAccepted(e, "the request is refused") }, 200, documented200, "token-not-looked-at"},
		"the OTP as text only":            {"PV-09", validated, 409, documented409, "otp-not-a-number"},
		"the own token is refused":        {"PV-01", validated, 401, `{}`, "token-refused"},
		"no envelope":                     {"PV-01", validated, 200, `{"status":"validated"}`, "no-envelope"},
		"500":                             {"PV-03", notFound, 500, `oops`, "failed-inside"},
		"nothing that is known":           {"PV-01", validated, 200, `{"data":{}}`, ""},
		"a hostile body":                  {"PV-01", validated, 200, "\x00\xff", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(test.status, test.body)
			findings := test.check(e)
			require.NotEmpty(t, findings)
			for i := range findings {
				findings[i].Rule, findings[i].Exchange = test.rule, 0
			}
			d, ok := Diagnose(test.rule, findings, []Exchange{e})
			require.Equal(t, test.key != "", ok)
			require.Equal(t, test.key, d.Key)
			require.Equal(t, ok, d.Text != "")
			require.NotContains(t, d.Text, "\n")
		})
	}
}

func TestWhatCannotBeExplained(t *testing.T) {
	for name, diagnose := range map[string]func() (Diagnosis, bool){
		"no finding":  func() (Diagnosis, bool) { return Diagnose("PV-02", nil, []Exchange{answeredWith(200, documented200)}) },
		"no exchange": func() (Diagnosis, bool) { return Diagnose("PV-02", []Finding{{}}, nil) },
		"no answer":   func() (Diagnosis, bool) { return Diagnose("PV-02", []Finding{{}}, []Exchange{unanswered(CauseLost)}) },
		"only a read-back": func() (Diagnosis, bool) {
			return Diagnose("PV-02", []Finding{{}}, []Exchange{read(200, documented200)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, ok := diagnose()
			require.False(t, ok)
			require.Zero(t, d)
		})
	}
}

func TestTheDialectExplainsOnlyItsOwnAnswers(t *testing.T) {
	wrong, right := answeredWith(403, dialect403), answeredWith(404, documented404)
	// PV-17: a wrong OTP in the dialect, which nobody judges there, then the right one, which is refused.
	d, ok := Diagnose("PV-17", []Finding{{Exchange: 1}}, []Exchange{wrong, right})
	require.True(t, ok)
	require.Equal(t, "spent", d.Key, "what failed is the second answer, which is no dialect")

	// PV-22: the validation is validated after a wrong OTP; the answer to the PUT is not what failed.
	back := read(200, `{"data":{"status":"validated"}}`)
	_, ok = Diagnose("PV-22", []Finding{{Exchange: 1, Path: "$.data.status"}}, []Exchange{wrong, back})
	require.False(t, ok)

	d, ok = Diagnose("PV-02", []Finding{{Exchange: 2}}, []Exchange{right, answeredWith(200, documented200), wrong})
	require.True(t, ok)
	require.Equal(t, "dialect", d.Key)
	require.Equal(t, 1, d.Seen)
	require.Equal(t, 2, d.Of, "successes are no error answers")
}

func TestAFindingOfAnotherExchangeThanThereAreIsSurvived(t *testing.T) {
	for _, at := range []int{-1, 0, 1, 99} {
		d, ok := Diagnose("PV-02", []Finding{{Exchange: at}}, []Exchange{answeredWith(200, documented200)})
		require.True(t, ok)
		require.Equal(t, "otp-not-compared", d.Key)
	}
}

func TestOneLineForARunWhoseFailuresHaveOneCause(t *testing.T) {
	dialect := Diagnosis{Key: "dialect", Text: "another dialect", Seen: 1, Of: 1}
	other := Diagnosis{Key: "spent", Text: "spent?"}
	for name, test := range map[string]struct {
		all      []Diagnosis
		expected string
	}{
		"none":                      {nil, ""},
		"one":                       {[]Diagnosis{dialect}, ""},
		"two of one cause, counted": {[]Diagnosis{dialect, {Key: "dialect", Text: "another dialect", Seen: 2, Of: 3}}, "another dialect, in 3 of 4 error answers"},
		"two of one cause":          {[]Diagnosis{other, other}, "all 2 failures look alike: spent?"},
		"two causes":                {[]Diagnosis{dialect, other}, ""},
		"one is not explained":      {[]Diagnosis{dialect, {}}, ""},
		"the first is not":          {[]Diagnosis{{}, dialect}, ""},
		"none is explained":         {[]Diagnosis{{}, {}}, ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.expected, Common(test.all)) })
	}
}
