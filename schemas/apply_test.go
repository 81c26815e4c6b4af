package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	second "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The names of the schemas' files.
const (
	Validated        Name = "answer-200.json"
	DoesNotMatch     Name = "answer-403.json"
	NotFound         Name = "answer-404.json"
	MissingParameter Name = "answer-409-missing-parameter.json"
	CountryCode      Name = "answer-409-country-code.json"
	Expired          Name = "answer-412.json"
)

// Names lists all of them.
func Names() []Name {
	return []Name{Request, Validated, DoesNotMatch, NotFound, MissingParameter, CountryCode, Expired, Error}
}

// documented holds the value that the documentation shows for each schema.
func documented() map[Name]string {
	const parameters = `{"code":"MissingParameter","message":"missing phone\n. missing countryCode\n. missing otp"}`
	return map[Name]string{
		Request:          `{"phone":"62647737","countryCode":"+507","otp":123456,"project":"p","projectFlow":"f","phoneGateway":"sms"}`,
		Validated:        `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`,
		DoesNotMatch:     `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`,
		NotFound:         `{"code":"phone_validation_not_found","message":"404:phone_validation_not_found"}`,
		MissingParameter: parameters,
		CountryCode:      `{"code":"MissingParameter","message":"Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits."}`,
		Expired:          `{"code":"phoneValidation_has_expired","message":"412:phoneValidation_has_expired"}`,
		Error:            parameters,
	}
}

func parse(t require.TestingT, text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	require.NoError(t, decoder.Decode(&v), text)
	return v
}

func load(t testing.TB) *Set {
	t.Helper()
	set, err := Load(Files())
	require.NoError(t, err)
	return set
}

func TestTheDocumentedValuesFitTheirSchemasAndNoOther(t *testing.T) {
	set := load(t)
	for value, text := range documented() {
		for _, name := range Names() {
			mismatches, err := set.Apply(name, parse(t, text))
			require.NoError(t, err)
			fits := name == value ||
				name == Error && value != Request && value != Validated ||
				name == MissingParameter && value == Error
			require.Equal(t, fits, len(mismatches) == 0, "the value of %s by %s: %v", value, name, mismatches)
		}
	}
}

func TestEachMissingMessageFitsAndNoOther(t *testing.T) {
	set := load(t)
	for message, fits := range map[string]bool{
		"missing phone": true, "missing countryCode": true, "missing otp": true,
		`missing phone\n. missing countryCode`: true, `missing phone\n. missing otp`: true, `missing countryCode\n. missing otp`: true,
		`missing phone\n. missing countryCode\n. missing otp`: true,
		`missing otp\n. missing phone`:                        false, "missing project": false, "": false, `missing phone\n`: false, "missing phone. missing otp": false,
	} {
		mismatches, err := set.Apply(MissingParameter, parse(t, `{"code":"MissingParameter","message":"`+message+`"}`))
		require.NoError(t, err)
		require.Equal(t, fits, len(mismatches) == 0, message)
	}
}

func TestWhatAMismatchSays(t *testing.T) {
	set := load(t)
	for name, test := range map[string]struct {
		schema   Name
		value    string
		expected []Mismatch
	}{
		"a member that is absent":   {DoesNotMatch, `{"code":"otp_does_not_match"}`, []Mismatch{{"$.message", "", "missing"}}},
		"another constant":          {DoesNotMatch, `{"code":"x","message":"403:otp_does_not_match"}`, []Mismatch{{"$.code", `"otp_does_not_match"`, `"x"`}}},
		"another type":              {Error, `{"code":7,"message":{"a":[1.50,null]}}`, []Mismatch{{"$.code", "of type string", "7"}, {"$.message", "of type string", `{"a":[1.50,null]}`}}},
		"the value itself":          {Error, `[]`, []Mismatch{{"$", "of type object", "[]"}}},
		"null":                      {Error, `null`, []Mismatch{{"$", "of type object", "null"}}},
		"none of several constants": {MissingParameter, `{"code":"MissingParameter","message":"no"}`, []Mismatch{{"$.message", `one of "missing phone", "missing countryCode", "missing otp", "missing phone\n. missing countryCode", "missing phone\n. missing otp", "missing countryCode\n. missing otp", "missing phone\n. missing countryCode\n. missing otp"`, `"no"`}}},
		"a pattern":                 {Request, `{"phone":"1","countryCode":"507","otp":1}`, []Mismatch{{"$.countryCode", `matching ^\+[0-9]{1,3}$`, `"507"`}}},
		"within an object":          {Validated, strings.Replace(documented()[Validated], `"validated"`, `"sent"`, 1), []Mismatch{{"$.data.status", `"validated"`, `"sent"`}}},
		"signs of HTML":             {Error, `{"code":["<&>"],"message":""}`, []Mismatch{{"$.code", "of type string", `["<&>"]`}}},
	} {
		t.Run(name, func(t *testing.T) {
			mismatches, err := set.Apply(test.schema, parse(t, test.value))
			require.NoError(t, err)
			require.Equal(t, test.expected, mismatches)
		})
	}
}

func TestTheOrderOfMismatchesIsStable(t *testing.T) {
	set := load(t)
	value := parse(t, `{"data":{"_id":"","status":1,"countryCode":"1","phone":null}}`)
	first, err := set.Apply(Validated, value)
	require.NoError(t, err)
	var paths []string
	for _, m := range first {
		paths = append(paths, m.Path)
	}
	require.Equal(t, []string{"$.data._id", "$.data.countryCode", "$.data.phone", "$.data.showFaceLivenessRecommendation", "$.data.status", "$.data.type"}, paths)
	for range 50 {
		again, err := load(t).Apply(Validated, value)
		require.NoError(t, err)
		require.Equal(t, first, again)
	}
}

func TestNumbersOfEverySize(t *testing.T) {
	set := load(t)
	nines := strings.Repeat("9", 100_000)
	for name, test := range map[string]struct {
		otp  string
		fits bool
	}{
		"an OTP":                               {"123456", true},
		"zero":                                 {"0", true},
		"minus zero":                           {"-0", true},
		"zero with a fraction":                 {"0.000", true},
		"zero with an exponent":                {"0e5", true},
		"an integer with a fraction":           {"123456.0", true},
		"an integer by its exponent":           {"1.5e1", true},
		"a fraction":                           {"24681.3", false},
		"a fraction by its exponent":           {"15e-1", false},
		"negative":                             {"-246813", false},
		"beyond float64":                       {"1e400", true},
		"beyond float64, negative":             {"-1e400", false},
		"below float64":                        {"1e-400", false},
		"below float64, negative":              {"-1e-400", false},
		"an exponent of nine digits":           {"1e999999999", true},
		"an exponent of nine digits, down":     {"1e-999999999", false},
		"an exponent beyond int":               {"1E+99999999999999999999", true},
		"an exponent below int":                {"1E-99999999999999999999", false},
		"zero with an exponent beyond int":     {"0E+99999999999999999999", true},
		"a hundred thousand digits":            {nines, true},
		"a hundred thousand digits, negative":  {"-" + nines, false},
		"a hundred thousand decimals":          {"0.5" + nines, false},
		"a hundred thousand zeros as decimals": {"1." + strings.Repeat("0", 100_000), true},
		"many decimals that an exponent takes": {"0." + strings.Repeat("1", 100) + "e100", true},
	} {
		t.Run(name, func(t *testing.T) {
			mismatches, err := set.Apply(Request, parse(t, `{"phone":"1","countryCode":"+1","otp":`+test.otp+`}`))
			require.NoError(t, err)
			require.Equal(t, test.fits, len(mismatches) == 0, "%v", mismatches)
			for _, m := range mismatches {
				require.Equal(t, "$.otp", m.Path)
			}
			for _, answer := range []string{`{"code":` + test.otp + `,"message":` + test.otp + `}`, `{"data":{"status":` + test.otp + `}}`, test.otp} {
				for _, name := range Names() {
					mismatches, err := set.Apply(name, parse(t, answer))
					require.NoError(t, err)
					require.NotEmpty(t, mismatches)
				}
			}
		})
	}
}

func TestAValueIsNotChanged(t *testing.T) {
	set := load(t)
	text := `{"code":1e999,"message":[{"a":-1e999}]}`
	value := parse(t, text)
	_, err := set.Apply(Error, value)
	require.NoError(t, err)
	require.Equal(t, parse(t, text), value)
}

// secondOpinion compiles the shipped schemas with another, maintained validator.
func secondOpinion(t testing.TB) map[Name]*second.Schema {
	t.Helper()
	compiled := map[Name]*second.Schema{}
	for _, name := range Names() {
		data, err := fs.ReadFile(Files(), string(name))
		require.NoError(t, err)
		document, err := second.UnmarshalJSON(bytes.NewReader(data))
		require.NoError(t, err)
		compiler := second.NewCompiler()
		compiler.DefaultDraft(second.Draft7)
		require.NoError(t, compiler.AddResource("mem:///"+string(name), document))
		compiled[name], err = compiler.Compile("mem:///" + string(name))
		require.NoError(t, err)
	}
	return compiled
}

// oddValue generates JSON values, many of which are nearly right.
func oddValue() *rapid.Generator[any] {
	texts := []any{"", "validated", "Validated", "validated\n", "onboarding", "+507", "+5070", "+", "507", "+1\n", "674de8df21c72be3cc42b8a7", "674DE8DF21C72BE3CC42B8A7",
		"674de8df21c72be3cc42b8a", "otp_does_not_match", "403:otp_does_not_match", "404:phone_validation_not_found", "MissingParameter", "missing phone", "missing phone\n. missing otp",
		"phoneValidation_has_expired", "sms", "whatsapp", "SMS", "6264 7737", " ", "٥٠٧", "+٥٠٧", "\u0000", "é"}
	numbers := []any{"0", "-1", "1", "123456", "1.5", "1.0", "1e3", "1e-3", "-0", "1e300", "-1e300", "1e400", "-1e400", "1e-400", "123456789012345678901234567890", "0.1e1"}
	for i := range numbers {
		numbers[i] = json.Number(numbers[i].(string))
	}
	scalars := append(append([]any{nil, true, false}, texts...), numbers...)
	return rapid.OneOf(
		rapid.SampledFrom(scalars),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom(scalars), 0, 3), func(s []any) any { return s }),
		rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"code", "data", "_id", "x", ""}), rapid.SampledFrom(scalars), 0, 3), func(m map[string]any) any { return m }),
	)
}

// mutate changes a value in one place.
func mutate(t *rapid.T, value any) any {
	object, ok := value.(map[string]any)
	if !ok || len(object) == 0 || rapid.IntRange(0, 19).Draw(t, "the whole") == 0 {
		return oddValue().Draw(t, "value")
	}
	keys := []string{"code", "message", "data", "_id", "status", "phone", "countryCode", "otp", "type", "showFaceLivenessRecommendation", "project", "phoneGateway", "Code", "", "a.b", "a/b"}
	var own []string
	for _, key := range keys {
		if _, has := object[key]; has {
			own = append(own, key)
		}
	}
	changed := make(map[string]any, len(object))
	for key, member := range object {
		changed[key] = member
	}
	switch rapid.SampledFrom([]string{"remove", "add", "change", "within", "rename"}).Draw(t, "how") {
	case "remove":
		delete(changed, rapid.SampledFrom(append(own, "none")).Draw(t, "key"))
	case "add":
		changed[rapid.SampledFrom(keys).Draw(t, "key")] = oddValue().Draw(t, "value")
	case "change":
		changed[rapid.SampledFrom(append(own, "more")).Draw(t, "key")] = oddValue().Draw(t, "value")
	case "within":
		key := rapid.SampledFrom(append(own, "more")).Draw(t, "key")
		changed[key] = mutate(t, object[key])
	case "rename":
		key := rapid.SampledFrom(append(own, "none")).Draw(t, "key")
		changed[rapid.SampledFrom(keys).Draw(t, "to")] = changed[key]
		delete(changed, key)
	}
	return changed
}

func TestAnotherValidatorComesToTheSameVerdicts(t *testing.T) {
	set, other := load(t), secondOpinion(t)
	values := documented()
	for _, name := range Names() {
		t.Run(string(name), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				value := parse(t, values[rapid.SampledFrom(append([]Name{name, name, name}, Names()...)).Draw(t, "from")])
				for range rapid.IntRange(0, 3).Draw(t, "mutations") {
					value = mutate(t, value)
				}
				mismatches, err := set.Apply(name, value)
				require.NoError(t, err)
				opinion := other[name].Validate(value)
				require.Equal(t, opinion == nil, len(mismatches) == 0, "%v\nours: %v\nthe other's: %v", value, mismatches, opinion)
				for _, m := range mismatches {
					require.True(t, m.Path == "$" || strings.HasPrefix(m.Path, "$."), m.Path)
					require.True(t, m.Expected != "" || m.Actual == Missing)
					require.NotEmpty(t, m.Actual)
				}
			})
		})
	}
}

func BenchmarkApply(b *testing.B) {
	set, values := load(b), documented()
	for _, name := range []Name{Validated, DoesNotMatch, MissingParameter} {
		value := parse(b, values[name])
		b.Run(fmt.Sprint(name), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if mismatches, err := set.Apply(name, value); err != nil || len(mismatches) > 0 {
					b.Fatal(err, mismatches)
				}
			}
		})
	}
}
