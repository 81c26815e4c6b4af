package export

import (
	"context"
	"encoding/json"
	"fmt"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/providerstate"
	"verifik-contract/schemas"
)

// interactions returns those of a pact by their description.
func interactions(t *testing.T, p Pact) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, one := range in(t, plain(t, p.Document), "interactions").([]any) {
		one := one.(map[string]any)
		name := one["description"].(string)
		require.NotContains(t, all, name, "Pact tells interactions apart by this and their state")
		all[name] = one
	}
	require.Len(t, all, p.Interactions)
	return all
}

// shippedPact is the pact of the carried contract: its tests only read it.
var shippedPact = sync.OnceValue(func() Pact {
	set, problems := features.Load(nil)
	declared, err := schemas.Load(schemas.Files())
	if err != nil || problems.HasErrors() {
		panic(fmt.Sprint(err, problems))
	}
	return NewPact(context.Background(), set, declared, rehearser(declared))
})

func carried(t *testing.T) (Pact, map[string]map[string]any) {
	t.Helper()
	return shippedPact(), interactions(t, shippedPact())
}

// reduced is a part of an interaction as JSON.
func reduced(t *testing.T, part any) string {
	t.Helper()
	text, err := json.Marshal(part)
	require.NoError(t, err)
	return string(text)
}

func TestTheInteractionOfTheRightOTP(t *testing.T) {
	_, all := carried(t)
	one := all["PV-01 The right OTP"]
	require.JSONEq(t, `[{"name":"a pending phone validation","params":{}}]`, reduced(t, one["providerStates"]))
	require.Equal(t, "Synchronous/HTTP", one["type"])
	require.JSONEq(t, `{"testname": "features/right-otp.feature", "text": ["PV-01 must: The right OTP validates the phone"]}`, reduced(t, one["comments"]))
	require.JSONEq(t, `{
		"method": "PUT", "path": "/v2/phone-validations",
		"headers": {"Authorization": ["Bearer the-token-of-the-app-registration"], "Content-Type": ["application/json"]},
		"body": {"content": {"phone": "62647737", "countryCode": "+507", "otp": 135791}, "contentType": "application/json", "encoded": false},
		"generators": {
			"body": {
				"$.phone": {"type": "ProviderState", "expression": "${phone}", "dataType": "STRING"},
				"$.countryCode": {"type": "ProviderState", "expression": "${countryCode}", "dataType": "STRING"},
				"$.otp": {"type": "ProviderState", "expression": "${otp}", "dataType": "INTEGER"}
			},
			"header": {"Authorization": {"type": "ProviderState", "expression": "Bearer ${token}", "dataType": "STRING"}}
		}
	}`, reduced(t, one["request"]))
	require.JSONEq(t, `{"content": {"data": {"_id": "674de8df21c72be3cc42b8a7", "status": "validated", "countryCode": "+507", "phone": "62647737", "type": "onboarding",
		"showFaceLivenessRecommendation": false}}, "contentType": "application/json", "encoded": false}`, reduced(t, in(t, one, "response", "body")))
	require.JSONEq(t, `{
		"$.data._id": {"combine": "AND", "matchers": [{"match": "type"}, {"match": "notEmpty"}]},
		"$.data.countryCode": {"combine": "AND", "matchers": [{"match": "regex", "regex": "^\\+[0-9]{1,3}$"}]},
		"$.data.phone": {"combine": "AND", "matchers": [{"match": "type"}]},
		"$.data.showFaceLivenessRecommendation": {"combine": "AND", "matchers": [{"match": "type"}]}
	}`, reduced(t, in(t, one, "response", "matchingRules", "body")), "status and type are these very values")
	require.Equal(t, "${phone}", in(t, one, "response", "generators", "body", "$.data.phone", "expression"))
}

func TestRequestsAreWrittenWithTheValuesOfTheState(t *testing.T) {
	_, all := carried(t)
	for name, test := range map[string]struct {
		path       []any
		value      any
		expression string // "": it is always this value
	}{
		"PV-08 A phone with a space in front":           {[]any{"phone"}, " 62647737", " ${phone}"},
		"PV-01 A country code like +57":                 {[]any{"countryCode"}, "+57", ""},
		"PV-06 No plus: 507":                            {[]any{"countryCode"}, "507", ""},
		"PV-06 A line break behind: +507\n":             {[]any{"countryCode"}, "+507\n", ""},
		"PV-10 The request names the project flow":      {[]any{"projectFlow"}, "674de8df21c72be3cc42b802", "${projectFlow}"},
		"PV-10 The OTP was delivered by whatsapp":       {[]any{"phoneGateway"}, "whatsapp", ""},
		"PV-11 Another project than the validation's":   {[]any{"project"}, "0b30557a9fc4e90e33587da2", ""},
		"PV-25 zero, true or false (its first request)": {[]any{"otp"}, 0.0, ""},
		"PV-25 The OTP of the documentation's example, and the right one under a badly written country code (its first request)":             {[]any{"otp"}, 123456.0, ""},
		"PV-02 A flow that recommends face liveness (its first request)":                                                                     {[]any{"otp"}, 246802.0, "${wrongOtp}"},
		"PV-25 the right OTP and a fraction, the right OTP with a minus before it or the right OTP with a one before it (its first request)": {[]any{"otp"}, 135791.4, "${otp}.4"},
	} {
		require.Contains(t, all, name)
		request := all[name]["request"]
		require.Equal(t, test.value, in(t, request, append([]any{"body", "content"}, test.path...)...), name)
		if test.expression != "" {
			require.Equal(t, test.expression, in(t, request, "generators", "body", "$."+test.path[0].(string), "expression"), name)
			continue
		}
		require.NotContains(t, in(t, request, "generators", "body"), "$."+test.path[0].(string), name)
	}
	require.NotContains(t, in(t, all["PV-16 The right OTP without a token, or with one that nobody knows (its first request)"], "request", "headers"), "Authorization")
}

func TestWhatAScenarioExpects(t *testing.T) {
	_, all := carried(t)
	missing := all["PV-05 The request leaves out countryCode and otp (its first request)"]
	require.Equal(t, 409.0, in(t, missing, "response", "status"))
	require.JSONEq(t, `{"code":"MissingParameter","message":"missing countryCode\n. missing otp"}`, reduced(t, in(t, missing, "response", "body", "content")))
	require.NotContains(t, in(t, missing, "response", "matchingRules"), "body", "it is this very message")

	nothing := all["PV-11 Another project than the validation's"]
	require.Equal(t, 404.0, in(t, nothing, "response", "status"))
	require.JSONEq(t, `{"$.code":{"combine":"AND","matchers":[{"match":"type"}]},"$.message":{"combine":"AND","matchers":[{"match":"type"}]}}`, reduced(t, in(t, nothing, "response", "matchingRules", "body")), "any code will do")

	refused := all["PV-25 The OTP of the documentation's example, and the right one under a badly written country code (its first request)"]
	require.JSONEq(t, `{"combine":"AND","matchers":[{"match":"statusCode","status":"error"}]}`, reduced(t, in(t, refused, "response", "matchingRules", "status")))
	require.NotContains(t, in(t, refused, "response"), "body", "any refusal will do")

	without := all["PV-16 The right OTP without a token, or with one that nobody knows (its first request)"]
	require.NotContains(t, in(t, without, "response"), "headers", "the documentation does not show that answer")

	require.Equal(t, true, in(t, all["PV-15 A flow that recommends it"], "response", "body", "content", "data", "showFaceLivenessRecommendation"))
	require.NotContains(t, in(t, all["PV-15 A flow that recommends it"], "response", "matchingRules", "body"), "$.data.showFaceLivenessRecommendation")
	require.Equal(t, "${validationId}", in(t, all["PV-01 The answer is about this validation and no other"], "response", "generators", "body", "$.data._id", "expression"))
}

// No scenario is lost: each has an interaction, or stands under the reason why it has none.
func TestEveryScenarioIsInThePactOrNamed(t *testing.T) {
	p, all := carried(t)
	set, _ := load(t, "")
	left := map[string]string{}
	for _, l := range p.LeftOut {
		for _, name := range l.Scenarios {
			left[name] = l.Reason
		}
	}
	require.Equal(t, len(set.Scenarios), len(all)+len(left))
	for _, s := range set.Scenarios {
		name := s.Rule + " " + s.Name
		_, there := all[name]
		_, first := all[name+" (its first request)"]
		require.NotEqual(t, there || first, left[name] != "", name)
	}
	for name, reason := range map[string]string{
		"PV-30 The right OTP, twice":                                      "the documentation is silent",
		"PV-12 The status is kept":                                        "reads back",
		"PV-14 The right OTP is notified":                                 "notification",
		"PV-26 A validation that was made before":                         "two provider states",
		"PV-17 A wrong OTP, then the right one":                           "second request",
		"PV-25 A wrong OTP after several others":                          "many requests",
		"PV-08 A phone with a space inside":                               "Pact cannot write",
		"PV-02 The digits of the right OTP, in another order":             "Pact cannot write",
		"PV-16 The right OTP with its own token, forged in further ways":  "depends on what the state yields",
		"PV-15 Any flow":                                                  "another one asks the same",
		"PV-09 The OTP is the last of the parameters, over several lines": "another one asks the same",
	} {
		require.Contains(t, left[name], reason, name)
	}
	require.Equal(t, reduced(t, p.LeftOut), reduced(t, in(t, plain(t, p.Document), "metadata", "contract", "leftOut")))
}

func TestAScenarioOfAnotherContractIsInThePact(t *testing.T) {
	set, declared := load(t, "../../examples/lock")
	set.Scenarios = group.Where(set.Scenarios, func(s features.Scenario) bool { return s.Rule == "LOCK-01" })
	one := interactions(t, NewPact(t.Context(), set, declared, rehearser(declared)))["LOCK-01 The right OTP, locked"]
	require.JSONEq(t, `[{"name":"a locked phone validation","params":{}}]`, reduced(t, one["providerStates"]))
	require.Equal(t, 423.0, in(t, one, "response", "status"))
	require.Equal(t, "features/lock.feature", in(t, one, "comments", "testname"), "from wherever it is named")
	require.Equal(t, "423:phone_locked", in(t, one, "response", "body", "content", "message"))
}

// What Pact has no words for is held to the type, and an answer of which no example can be made leaves out what asks for it.
func TestAnAnswerThatASchemaOnlyBoundsIsMatchedOrLeftOut(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{
		"schemas/answer-423.json": `{"x-answer":{"status":423,"rule":"LOCK-01","words":"it is locked"},"type":"object","required":["code","message"],
			"examples":[{"code":"locked","message":"423:locked"}],
			"properties":{"code":{"enum":["locked","blocked"]},"message":{"type":"string","pattern":"^423:"}}}`,
		"schemas/answer-451.json": `{"x-answer":{"status":451,"rule":"LOCK-01","words":"it is gone"},"type":"object","required":["code"],"properties":{"code":{"type":"string","pattern":"^[0-9]+$"}}}`,
		"features/lock.feature": `Feature: f
  @LOCK-01 @must
  Rule: r
    d
    Scenario: Locked
      Given there is a locked phone validation
      When the person types the right OTP
      Then the answer is that it is locked
    Scenario: Gone
      Given there is a locked phone validation
      When the person types the right OTP
      Then the answer is that it is gone
`,
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
	}
	set, declared := load(t, folder)
	p := NewPact(t.Context(), set, declared, rehearser(declared))
	all := interactions(t, p)
	require.Greater(t, len(all), 70, "the other scenarios are not concerned")
	require.JSONEq(t, `{"code":"locked","message":"423:locked"}`, reduced(t, in(t, all["LOCK-01 Locked"], "response", "body", "content")))
	require.JSONEq(t, `{"$.code":{"combine":"AND","matchers":[{"match":"type"}]},"$.message":{"combine":"AND","matchers":[{"match":"regex","regex":"^423:"}]}}`, reduced(t, in(t, all["LOCK-01 Locked"], "response", "matchingRules", "body")))
	require.NotContains(t, all, "LOCK-01 Gone")
	require.Contains(t, reduced(t, p.LeftOut), `it expects none of the answers that a schema has an example of`)
}

// Pact gets the media types as an expression, the core knows them in another way.
func TestTheMediaTypesAreThoseOfTheContract(t *testing.T) {
	expression := regexp.MustCompile(saysJSON)
	_, declared := load(t, "")
	checks := contract.New(declared)
	every := checks.Everywhere()
	media := every[slices.IndexFunc(every, func(e contract.Every) bool { return e.Rule == contract.RuleMediaType })]
	for _, kind := range []string{
		"application/json", "application/json; charset=utf-8", "Application/JSON", " application/json ", "application/json;", "application/problem+json", "application/vnd.x.y+json;v=1",
		"text/json", "text/plain", "application/jsonp", "application/json+xml", "+json", "application/+json", "application", "", "x/y+json", "text/html; application/json",
	} {
		findings, _ := media.Judge(checks.Judging(exchange.Exchange{Purpose: exchange.Judged, Answer: &exchange.Answer{Status: 200, Header: textproto.MIMEHeader{"Content-Type": {kind}}, Body: []byte("{}")}}, contract.Known{}))
		require.Equal(t, len(findings) == 0, expression.MatchString(kind), "%q", kind)
	}
}

func TestValuesAreFoundWhereverTheyStand(t *testing.T) {
	v, w := valuesA("a pending phone validation", providerstate.Parameters{}), valuesB("a pending phone validation", providerstate.Parameters{})
	require.Equal(t, "x ${phone}9", templated("x 626477379", v))
	require.Equal(t, "${countryCode}${phone}", templated("+50762647737", v))
	for _, pair := range []struct{ ours, theirs string }{{v.Phone, w.Phone}, {v.OTP, w.OTP}, {v.WrongOTP, w.WrongOTP}, {v.CountryCode, w.CountryCode}, {v.Token, w.Token}, {v.Project, w.Project}, {v.ProjectFlow, w.ProjectFlow}, {v.PhoneGateway, w.PhoneGateway}, {v.ValidationID, w.ValidationID}, {v.AppRegistrationID, w.AppRegistrationID}} {
		require.NotEqual(t, pair.ours, pair.theirs)
		require.True(t, strings.HasPrefix(templated(pair.ours, v), "${") && templated(pair.ours, v) == templated(pair.theirs, w), "%s and %s", pair.ours, pair.theirs)
	}
}
