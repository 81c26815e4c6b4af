package steps

import (
	"regexp/syntax"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/state"
	"verifik-contract/schemas"
)

func TestEachExpressionCanBeCalled(t *testing.T) {
	seen := map[string]bool{}
	for _, step := range vocabulary() {
		text := step.Expression.String()
		t.Run(text, func(t *testing.T) {
			require.False(t, seen[text], "an expression has one meaning")
			seen[text] = true
			parsed, err := syntax.Parse(text, syntax.Perl)
			require.NoError(t, err)
			require.Equal(t, syntax.OpConcat, parsed.Op, "an alternative outside of a group would not be anchored")
			require.Equal(t, syntax.OpBeginText, parsed.Sub[0].Op)
			require.Equal(t, syntax.OpEndText, parsed.Sub[len(parsed.Sub)-1].Op)
			require.NotContains(t, []syntax.Op{syntax.OpStar, syntax.OpPlus}, parsed.Sub[1].Op, "a leading .* makes each match slow")
			require.LessOrEqual(t, step.Expression.NumSubexp(), 3, "the runner calls steps with three texts at most")
			require.NotEmpty(t, step.Doc)
			require.NotContains(t, step.Doc, "\n")
			require.NotNil(t, step.Do)
		})
	}
	require.GreaterOrEqual(t, len(seen), 20)
	own := Table(builtInChecks())
	own[0] = Step{}
	require.NotNil(t, Table(builtInChecks())[0].Do, "a caller's change is its own")
}

// builtInChecks checks by the built-in contract.
var builtInChecks = sync.OnceValue(func() contract.Checks {
	set, err := schemas.Load(schemas.Files())
	if err != nil {
		panic(err)
	}
	return contract.New(set)
})

// vocabulary returns its table, made once: compiling the expressions for each text is most of the tests' cost.
var vocabulary = sync.OnceValue(func() []Step { return Table(builtInChecks()) })

// matching returns the steps whose expressions match a text, and the last one's arguments.
func matching(text string) (found []Step, args []string) {
	for _, step := range vocabulary() {
		if match := step.Expression.FindStringSubmatch(text); match != nil {
			found, args = append(found, step), match[1:]
		}
	}
	return found, args
}

func TestNoTextHasTwoMeanings(t *testing.T) {
	set, problems := features.Load(nil)
	require.Empty(t, problems)
	used := map[string]bool{}
	texts := map[string]bool{}
	for _, scenario := range set.Scenarios {
		for _, step := range scenario.Steps {
			texts[step.Text] = true
		}
	}
	for text := range texts {
		found, _ := matching(text)
		require.Len(t, found, 1, text)
		used[found[0].Expression.String()] = true
	}
	for _, step := range vocabulary() {
		require.True(t, used[step.Expression.String()], "no feature uses %s", step.Expression)
	}
	for _, text := range []string{
		`there is a pending phone validation for country code ""`, `there is a pending phone validation delivered by "pigeon"`,
		`the country code is written "a" and the phone is validated"`, `the request gives "a" as the request gives "b" as 1`,
		`the request declares the content type ""`, `the person types the right OTP 999 times at once`, `the person types wrong OTPs, 1 at most`,
		`the request leaves out otp, phone and countryCode`, `the answer is that otp, phone and countryCode are missing`,
	} {
		found, _ := matching(text)
		require.Len(t, found, 1, text)
	}
	for _, text := range []string{
		"", "there is", "there is a phone", " the phone is validated", "the phone is validated.", "The phone is validated",
		"the phone is validated\nthe phone is validated", "the status of the validation is not not validated", "the person types the right OTP 1000 times at once",
		"the person types the right OTP times at once", "the request leaves out nothing", "the request leaves out phone,otp", "the answer is that phone", "the answer recommends face liveness ",
		"the answer is that the OTP does not match at all", "the phone is written with umlauts", "the request names the validation's own name", "the country code is written +507",
		"the request declares the content type text/plain", "the app registration is linked", "a list is sent", "there is another phone validation",
	} {
		found, _ := matching(text)
		require.Empty(t, found, text)
	}
}

func TestCostsOfSteps(t *testing.T) {
	pending := state.Request{Name: providerstate.Pending}
	for text, expected := range map[string]Cost{
		"there is a pending phone validation":                                {Needs: []state.Request{pending}},
		"there is an expired phone validation":                               {Needs: []state.Request{{Name: providerstate.Expired}}},
		"there is no phone validation":                                       {Needs: []state.Request{{Name: providerstate.None}}},
		"there is a pending phone validation with face liveness recommended": {Needs: []state.Request{{Name: providerstate.Liveness}}},
		"there is a pending phone validation with a webhook":                 {Needs: []state.Request{{Name: providerstate.Webhook}}, Webhook: true},
		`there is a pending phone validation for country code "+57"`:         {Needs: []state.Request{{Name: providerstate.Pending, CountryCode: "+57"}}},
		`there is a pending phone validation delivered by "sms"`:             {Needs: []state.Request{{Name: providerstate.Pending, PhoneGateway: "sms"}}},
		`there is a locked phone validation delivered by "none"`:             {Needs: []state.Request{{Name: "a locked phone validation", PhoneGateway: "none"}}},
		`there is a pending phone validation with a webhook for country code "+57" delivered by "sms"`: {
			Needs: []state.Request{{Name: providerstate.Webhook, CountryCode: "+57", PhoneGateway: "sms"}}, Webhook: true,
		},
		"there is another app registration":                           {Needs: []state.Request{{Name: providerstate.None, Beside: true}}},
		"there is another pending phone validation":                   {Needs: []state.Request{{Name: providerstate.Pending, Beside: true}}},
		"the id of the validation is known":                           {Values: []string{"validationId"}},
		"the face liveness recommendation of the validation is known": {Values: []string{"showFaceLivenessRecommendation"}},
		"the request names the validation's own project flow":         {Values: []string{"projectFlow"}},
		"the request names another project flow":                      {},
		"the request names another gateway":                           {Values: []string{"phoneGateway"}},
		"the status of the validation can be read":                    {ReadBacks: 1, Values: []string{"validationId"}},
		"the link of the app registration can be read":                {ReadBacks: 1, Values: []string{"appRegistrationId"}},
		"the phone is written with dashes":                            {},
		"the request comes without a token":                           {},
		"the person types the right OTP":                              {Calls: 1},
		"the person types an OTP of which every digit is wrong":       {Calls: 1},
		"the person types the right OTP 20 times at once":             {Calls: 20},
		"the person types wrong OTPs, 10 at most":                     {Calls: 10},
		"nothing is sent instead of a request":                        {Calls: 1},
		"the phone is validated":                                      {},
		"the status of the validation is not validated":               {ReadBacks: 1, Values: []string{"validationId"}},
		"the app registration is linked to the validation":            {ReadBacks: 1, Values: []string{"appRegistrationId"}},
		"a notification tells of the validation":                      {},
		"the answer is recorded":                                      {},
	} {
		found, args := matching(text)
		require.Len(t, found, 1, text)
		var actual Cost
		if found[0].Cost != nil {
			actual = found[0].Cost(args)
		}
		require.Equal(t, expected, actual, text)
	}
}

func TestEveryStateAndDocumentedAnswerHasAStep(t *testing.T) {
	for _, name := range providerstate.Names() {
		found, _ := matching("there is " + string(name))
		require.Len(t, found, 1, name)
	}
	for _, answer := range builtInChecks().Answers() {
		found, args := matching("the answer is that " + answer.Words)
		require.Len(t, found, 1, answer.Words)
		require.Equal(t, []string{answer.Words}, args)
	}
	for _, way := range contract.Wrongs() {
		found, _ := matching("the person types " + way.Words)
		require.Len(t, found, 1, way)
	}
	for _, thing := range contract.NoOTPs() {
		found, _ := matching("the person types " + thing.Words)
		require.Len(t, found, 1, thing.Words)
	}
	require.Equal(t, []string{"phone", "countryCode", "otp"}, list("phone, countryCode and otp"))
	require.Equal(t, []string{"otp"}, list("otp"))
}

func TestAnyStateWithANameOfTheFormHasAStep(t *testing.T) {
	for text, wrong := range map[string]string{
		"there is a locked phone validation":                                 "",
		"there is no phone validation of this country":                       "",
		"there is a pending phone validation ":                               "did you mean \"there is a pending phone validation\"?",
		"there is a pendng phone validation":                                 "did you mean \"there is a pending phone validation\"?",
		"there is a pending phone validation for country code +507":          "write there is a pending phone validation for country code \"+507\"",
		"there is a pending phone validation delivered by sms":               "write there is a pending phone validation delivered by \"sms\"",
		"there is a pending phone validation with face liveness recommended": "",
	} {
		found, args := matching(text)
		require.Len(t, found, 1, text)
		if wrong == "" {
			require.Empty(t, found[0].Wrong(args), text)
			require.Equal(t, providerstate.Name(args[0]), found[0].Cost(args).Needs[0].Name)
		} else {
			require.Contains(t, found[0].Wrong(args), wrong, text)
		}
	}
	found, args := matching("there is an expired phone validation with a webhook")
	require.Len(t, found, 1)
	require.Equal(t, Cost{Needs: []state.Request{{Name: providerstate.Expired, Notifies: true}}, Webhook: true}, found[0].Cost(args))
	found, args = matching("there is a pending phone validation with face liveness recommended and a webhook")
	require.Len(t, found, 1)
	require.Empty(t, found[0].Wrong(args))
	require.Equal(t, Cost{Needs: []state.Request{{Name: providerstate.Liveness, Notifies: true}}, Webhook: true}, found[0].Cost(args))
	found, args = matching("there is a locked phone validation with a webhook")
	require.Len(t, found, 1)
	require.Equal(t, Cost{Needs: []state.Request{{Name: "a locked phone validation with a webhook", Notifies: true}}, Webhook: true}, found[0].Cost(args))
}

func TestStepsAreShownInPlainWords(t *testing.T) {
	for _, step := range vocabulary() {
		require.NotRegexp(t, `[\^$\\\[\]{}+]|\(\?|\.\*`, step.Text())
	}
	require.Equal(t, `there is (a pending phone validation|an expired phone validation|no phone validation|a pending phone validation with `+
		`face liveness recommended|a pending phone validation with a webhook)( for country code "...")?( delivered by "...")?`, vocabulary()[0].Text())
}

func TestUnknownWordsOfAnswersAreReported(t *testing.T) {
	for text, wrong := range map[string]string{
		"the answer is that the OTP dose not match": "\"the answer is that the OTP dose not match\" is unknown: did you mean \"the answer is that the OTP does not match\"?\nThe answers: ",
		"the answer is that it rains":               "no schema has an answer of the words \"it rains\"\nThe answers: the phone is validated, the OTP does not match, ",
		"the answer is recorded":                    "",
		"a pending phone validation":                "\"a pending phone validation\" is unknown: did you mean \"there is a pending phone validation\"?",
		"there is a pending phone valdiation":       "\"there is a pending phone valdiation\" is unknown: did you mean \"there is a pending phone validation\"?",
	} {
		said := ""
		for _, step := range vocabulary() {
			if step.Unknown != nil {
				said += step.Unknown(text)
			}
		}
		require.True(t, strings.HasPrefix(said, wrong), said)
		require.Equal(t, wrong == "", said == "")
	}
}
