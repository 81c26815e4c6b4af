package features_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/plan"
	"verifik-contract/schemas"
	"verifik-contract/steps"
)

// The catalogue: each promise with its level and the least number of its scenarios, an outline's rows counted.
var catalogue = []struct {
	id, level string
	least     int // 0: judged on every exchange
}{
	{"PV-01", "must", 5},   // right OTP; country codes of 1, 2 and 3 digits; its own id
	{"PV-02", "must", 6},   // each digit; neighbours; another order; all; another validation's
	{"PV-03", "must", 1},   // a phone without any validation
	{"PV-04", "must", 1},   // an empty object
	{"PV-05", "should", 6}, // all six other sets
	{"PV-06", "must", 6},   // no plus; plus alone; four digits; letters; two pluses; trailing plus
	{"PV-07", "must", 3},   // right OTP after expiry; read back
	{"PV-08", "must", 4},   // leading, trailing, one inside, several inside
	{"PV-09", "must", 2},   // plain and as the last of the keys
	{"PV-10", "must", 6},   // each alone, all three; each gateway
	{"PV-11", "should", 5}, // other project; other flow
	{"PV-12", "must", 1},   // read back, twice
	{"PV-13", "must", 2},   // read back
	{"PV-14", "must", 1},
	{"PV-15", "must", 2},   // a flow with; any flow
	{"PV-16", "must", 8},   // no header; no bearer; unknown token; another's: never 2xx, and not validated
	{"PV-17", "should", 1}, // wrong, then right
	{"PV-18", "should", 0},
	{"PV-19", "must", 0},
	{"PV-20", "should", 0},
	{"PV-21", "should", 6}, // the same phone under another code
	{"PV-22", "should", 2}, // neither validates nor links
	{"PV-23", "should", 0},
	{"PV-24", "should", 0},
	{"PV-25", "must", 9},   // what is near the right OTP; what is no OTP; after several; after the success
	{"PV-26", "should", 2}, // made before; made after
	{"PV-27", "should", 3}, // wrong; unknown token; expired
	{"PV-30", "observe", 1},
	{"PV-31", "observe", 6}, // as a string; 0; a leading zero; negative; fractional; huge
	{"PV-32", "observe", 9}, // null, empty, a wrong type for each
	{"PV-33", "observe", 5}, // not JSON; empty; an array; a deep one; 1 MiB
	{"PV-34", "observe", 2}, // another; none
	{"PV-35", "observe", 1},
	{"PV-36", "observe", 5}, // extra parameter; gateway: another value, another's; code: a space, other digits
	{"PV-37", "observe", 1},
	{"PV-38", "observe", 1},
	{"PV-39", "observe", 6}, // dashes, dots, parentheses, a leading zero, tab, no-break space
}

func shipped(t *testing.T) *features.Set {
	t.Helper()
	set, problems := features.Load(nil)
	require.Empty(t, problems)
	return set
}

func TestTheContractKeepsToTheCatalogue(t *testing.T) {
	set := shipped(t)
	counts := map[string]int{}
	for _, s := range set.Scenarios {
		counts[s.Rule]++
	}
	require.Len(t, set.Rules, len(catalogue))
	for _, promise := range catalogue {
		rule, ok := set.Rule(promise.id)
		require.True(t, ok, promise.id)
		require.Equal(t, promise.level, rule.Level, promise.id)
		require.Equal(t, promise.least == 0, rule.EveryExchange, promise.id)
		require.GreaterOrEqual(t, counts[promise.id], promise.least, promise.id)
		if promise.least == 0 {
			require.Zero(t, counts[promise.id], promise.id)
		}
		require.Equal(t, promise.id == "PV-37" || promise.id == "PV-38", slices.Contains(rule.Tags, plan.Intrusive), promise.id)
	}
	_, ok := set.Rule("PV-99")
	require.False(t, ok)
}

func TestEachPromiseSaysWhatAndWhere(t *testing.T) {
	for _, rule := range shipped(t).Rules {
		require.NotEmpty(t, rule.Title, rule.ID)
		require.NotEmpty(t, rule.Description, rule.ID)
		require.Positive(t, rule.Line, rule.ID)
		if rule.Level != "observe" {
			require.Contains(t, rule.Description, "Documentation:", "%s says in which part of the documentation it is promised", rule.ID)
		}
	}
}

// texts is the steps of a rule's scenarios, one text a scenario.
func texts(set *features.Set, rule string) []string {
	var all []string
	for _, s := range set.Scenarios {
		if s.Rule != rule {
			continue
		}
		var lines []string
		for _, step := range s.Steps {
			lines = append(lines, step.Text)
		}
		all = append(all, strings.Join(lines, "\n"))
	}
	return all
}

func TestEachLeastScenarioIsThere(t *testing.T) {
	set := shipped(t)
	for rule, expressions := range map[string][]string{
		"PV-01": {`pending phone validation\n.*right OTP\n.*validated$`, `code "\+\d"`, `code "\+\d{2}"`, `code "\+\d{3}"`, `own id$`},
		"PV-02": {`only the first digit`, `only the second digit`, `only the last digit is`, `only the last digit but two`, `every digit`, `one more`, `one less`, `another order`, `of the other validation`},
		"PV-25": {`until one is accepted`, `the right OTP\n.*the person types an OTP of which`, `without its last`, `minus`, `fraction`, `32nd`, `types zero`, `types true`, `query`, `within a list`, `empty text`, `as text`, `example`},
		"PV-03": {`^there is no phone validation\n.*any OTP\n.*no phone validation was found`},
		"PV-04": {`leaves out phone, countryCode and otp`},
		"PV-05": {`out phone\n`, `out countryCode\n`, `out otp\n`, `out phone and countryCode\n`, `out phone and otp\n`, `out countryCode and otp\n`},
		"PV-06": {`written "\d+"`, `written "\+"`, `written "\+\d{4}"`, `written "\+[a-z]+"`, `written "\+\+\d+"`, `written "\d+\+"`},
		"PV-07": {`expired phone validation\n.*right OTP\n.*has expired`, `expired phone validation(?s:.*)right OTP\n.*not validated`},
		"PV-08": {`a space in front`, `a space at the end`, `a space inside`, `several spaces inside`},
		"PV-09": {`OTP is the last`},
		"PV-10": {`own project\n.*right`, `own project flow\n.*right`, `"sms"\n.*own gateway`, `"whatsapp"\n.*own gateway`, `"none"\n.*own gateway`, `own project\n.*own project flow\n.*own gateway`},
		"PV-11": {`another project\n.*right OTP\n.*nothing is found`, `another project flow\n.*right OTP\n.*nothing is found`},
		"PV-12": {`is validated\n.*is still validated$`},
		"PV-13": {`can be read\n.*right OTP\n.*is linked`},
		"PV-14": {`with a webhook\n.*right OTP\n.*notification tells`},
		"PV-15": {`liveness recommended\n.*right OTP\n.*recommends face liveness$`, `is known\n.*right OTP\n.*where the validation's flow does$`},
		"PV-16": {
			`without a token\n.*right OTP\n.*refused`, `credentials instead of a token\n.*right OTP\n.*refused`, `unknown token\n.*right OTP\n.*refused`, `other app registration\n.*right OTP\n.*refused`,
			`altered\n.*right OTP\n.*refused`, `unsigned\n.*right OTP\n.*refused`, `empty key\n.*right OTP\n.*refused`, `types the right OTP\n.*without a token\n.*right OTP\n.*refused`,
			`(?s)without a token\n.*instead of a token\n.*unknown token\n.*not validated`, `(?s)without a token\n.*instead of a token\n.*unknown token\n.*not linked`,
			`other app registration\n.*right OTP\n.*not validated`, `other app registration\n.*right OTP\n.*not linked`,
		},
		"PV-26": {`another pending phone validation\nthere is a pending(?s:.*)other validation is not validated(?s:.*)not linked`},
		"PV-27": {`a wrong OTP\nno notification`, `unknown token\n.*right OTP\nno notification`, `expired phone validation with a webhook\n.*right OTP\nno notification`},
		"PV-17": {`a wrong OTP\n.*the right OTP\n.*is validated`},
		"PV-21": {`another one of.*\n.*right OTP\n.*nothing is found`},
		"PV-22": {`a wrong OTP\n.*not validated`, `a wrong OTP\n.*not linked`},
		"PV-30": {`the right OTP\n.*the right OTP\n.*recorded`},
		"PV-31": {`quotation marks`, `as 0\n`, `as 0\d+\n`, `as -\d+\n`, `as \d+\.\d+\n`, `as 1e400\n`},
		"PV-32": {`"phone" as null`, `"phone" as ""`, `"phone" as \d`, `"countryCode" as null`, `"countryCode" as ""`, `"countryCode" as \d`, `"otp" as null`, `"otp" as ""`, `"otp" as true`},
		"PV-33": {`not JSON`, `^.*\nnothing is sent`, `a list`, `deeply nested`, `one mebibyte`},
		"PV-34": {`content type "`, `no content type`},
		"PV-35": {`expired phone validation\n.*a wrong OTP\n.*recorded`},
		"PV-36": {`"colour"`, `"phoneGateway" as "pigeon"`, `another gateway`, `written "\+\d+ \d+"`, `written "\+[^0-9"]+"`},
		"PV-37": {`20 times at once`},
		"PV-38": {`10 at most`},
		"PV-39": {`dashes`, `dots`, `parentheses`, `a leading zero`, `a tab`, `a no-break space`},
	} {
		for _, expression := range expressions {
			pattern := regexp.MustCompile(expression)
			require.True(t, slices.ContainsFunc(texts(set, rule), pattern.MatchString), "%s has no scenario like %s", rule, expression)
		}
	}
}

func checks(t *testing.T) contract.Checks {
	t.Helper()
	declared, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	return contract.Checks{Schemas: declared}
}

func TestEachStepHasExactlyOneMeaning(t *testing.T) {
	set := shipped(t)
	costs, problems := plan.Match(set, steps.Table(checks(t)))
	require.Empty(t, problems)
	require.Len(t, costs, len(set.Scenarios))
}

func TestAScenarioWhoseAnswerNeedsNoValidationSendsNoMessage(t *testing.T) {
	for _, rule := range []string{"PV-03", "PV-04", "PV-05", "PV-06", "PV-32", "PV-33", "PV-34"} {
		for _, text := range texts(shipped(t), rule) {
			require.True(t, strings.HasPrefix(text, "there is no phone validation\n"), "%s: %s", rule, text)
		}
	}
}

func TestAnObservedScenarioExpectsNothing(t *testing.T) {
	set := shipped(t)
	expectations := regexp.MustCompile(`(?m)^(the phone is validated|the answer is that|the answer names|the answer recommends|nothing is found|the request is refused|the OTP is not accepted|the status of the validation is|the status of the other|the (?:other )?app registration is|a notification|no notification)`)
	for _, rule := range set.Rules {
		for _, text := range texts(set, rule.ID) {
			require.Equal(t, rule.Level != "observe", expectations.MatchString(text), "%s: %s", rule.ID, text)
		}
	}
}

func TestTheStepsSpeakNoHTTP(t *testing.T) {
	jargon := regexp.MustCompile(`(?i)\b(200|403|404|409|412|put|get|post|http|https|status code|header|headers|json|endpoint|request body|payload|api|url|bearer)\b`)
	for _, s := range shipped(t).Scenarios {
		for _, step := range s.Steps {
			words := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(step.Text, "")
			words = strings.ReplaceAll(words, "text that is not JSON", "") // what is sent there is named by what it is not
			require.NotRegexp(t, jargon, words, "%s:%d", s.File, step.Line)
		}
	}
}

func TestScenariosAreToldApartByTheirNames(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range shipped(t).Scenarios {
		key := s.File + "\n" + s.Name
		require.False(t, seen[key], key)
		seen[key] = true
		require.NotContains(t, s.Name, "<", "a placeholder that no column fills")
		require.Positive(t, s.Line)
		require.Contains(t, s.Tags, "@"+s.Rule, "a scenario has the tags of its rule")
		for _, step := range s.Steps {
			require.Contains(t, []string{"Given", "When", "Then", "And", "But"}, step.Keyword)
			require.NotContains(t, step.Text, "<", "a placeholder that no column fills")
		}
	}
}

func TestThePromisesComeInTheCataloguesOrderWithinTheirFiles(t *testing.T) {
	set := shipped(t)
	require.Equal(t, "PV-01", set.Rules[0].ID)
	last := map[string]string{}
	for _, rule := range set.Rules {
		require.Less(t, last[rule.File], rule.ID)
		last[rule.File] = rule.ID
	}
	for i, s := range set.Scenarios[1:] {
		before := set.Scenarios[i]
		if s.File == before.File {
			require.LessOrEqual(t, before.Line, s.Line)
		}
	}
}

func TestEveryEmbeddedFeatureIsLoadedAndIsTheOneOnDisk(t *testing.T) {
	set := shipped(t)
	names := features.Names()
	require.Len(t, set.Files, len(names))
	for _, name := range names {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		i := slices.IndexFunc(set.Files, func(f features.File) bool { return f.Key == name })
		require.GreaterOrEqual(t, i, 0)
		require.Equal(t, string(content), string(set.Files[i].Content))
		require.Equal(t, "features/"+name, set.Files[i].Name)
	}
}
