package certificate_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/certificate"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
)

// encode returns an envelope as its file holds it.
func encode(t *testing.T, e *certificate.Envelope) []byte {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, e.Encode(&file))
	return file.Bytes()
}

// key is a key that is the same in every run of the tests; it guards nothing.
func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(seed byte) ed25519.PublicKey {
	return ed25519.PublicKey(key(seed)[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
}

// run is a run that is certified: a must promise, one with a scenario that could not run, one judged on every
// exchange, a should promise that is waived and one that is observed.
func run() *result.Run {
	digest := "sha256:" + strings.Repeat("0a", 32)
	scenario := func(id, rule string, level result.Level, v result.Verdict) result.Scenario {
		return result.Scenario{ID: id, Rule: rule, Level: level, Name: "scenario " + id, Verdict: v}
	}
	r := &result.Run{
		Version: result.Version,
		Tool:    result.Tool{Name: "verifik-contract", Version: "1.0.0"},
		Started: time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC), Duration: 4200,
		Target: result.Target{Kind: "http", BaseURL: "https://api.example.test"}, Environment: "staging",
		Digests:   result.Digests{Features: digest, Schemas: digest},
		Selection: result.Selection{Level: "observe"},
		Rules: []result.Rule{
			{ID: "PV-01", Level: result.Must, Title: "the right OTP validates", Verdict: result.Passed},
			{ID: "PV-10", Level: result.Must, Title: "each gateway", Verdict: result.Passed},
			{ID: "PV-19", Level: result.Must, Title: "one JSON value", Verdict: result.Passed, EveryExchange: true, Judged: 90},
			{ID: "PV-11", Level: result.Should, Title: "narrows", Verdict: result.Waived, Reason: "ticket 1"},
			{ID: "PV-21", Level: result.Should, Title: "the code belongs to the number", Verdict: result.Skipped, Reason: "one phone only"},
			{ID: "PV-30", Level: result.Observe, Title: "the same again", Verdict: result.Observed},
		},
		Scenarios: []result.Scenario{
			scenario("a:1", "PV-01", result.Must, result.Passed),
			scenario("a:5", "PV-01", result.Must, result.Passed),
			scenario("b:1", "PV-10", result.Must, result.Passed),
			scenario("b:5", "PV-10", result.Must, result.Skipped),
			scenario("c:1", "PV-11", result.Should, result.Waived),
			scenario("d:1", "PV-21", result.Should, result.Skipped),
			scenario("e:1", "PV-30", result.Observe, result.Observed),
		},
		Waivers: []result.Waiver{
			{Rule: "PV-11", Reason: "ticket 1", Until: "2027-01-31", State: "used"},
			{Rule: "PV-01", Reason: "not needed any more", Until: "2027-01-31", State: "stale"},
		},
	}
	r.Scenarios[1].Flaky = true
	r.Scenarios[3].Reason = "the provider delivers by sms"
	return r
}

func file(t *testing.T, key ed25519.PrivateKey) []byte {
	t.Helper()
	envelope, err := certificate.Make(run(), key)
	require.NoError(t, err)
	return encode(t, envelope)
}

func TestASignedCertificateIsVerifiedAndSaysWhatWasJudged(t *testing.T) {
	v, err := certificate.Verify(file(t, key(1)), public(1))
	require.NoError(t, err)
	require.Equal(t, certificate.Verified, v.Signature)
	require.Equal(t, certificate.KeyID(public(1)), v.KeyID)
	r := run()
	require.Equal(t, &certificate.Certificate{
		Version: 1, Tool: r.Tool, Target: certificate.Target{Kind: r.Target.Kind, BaseURL: r.Target.BaseURL}, Environment: "staging", Digests: r.Digests, Level: "observe",
		Started: r.Started, Finished: r.Started.Add(4200 * time.Millisecond),
		Promises: []certificate.Promise{
			{ID: "PV-01", Level: "must", Title: "the right OTP validates", Verdict: "passed", Passed: 2, Flaky: 1},
			{ID: "PV-10", Level: "must", Title: "each gateway", Verdict: "passed", Passed: 1,
				Unchecked: []certificate.Unchecked{{Scenario: "scenario b:5", Reason: "the provider delivers by sms"}}},
			{ID: "PV-19", Level: "must", Title: "one JSON value", Verdict: "passed", Passed: 90},
			{ID: "PV-11", Level: "should", Title: "narrows", Verdict: "waived", Reason: "ticket 1"},
			{ID: "PV-21", Level: "should", Title: "the code belongs to the number", Verdict: "skipped", Reason: "one phone only"},
		},
		Observed: []certificate.Promise{{ID: "PV-30", Level: "observe", Title: "the same again", Verdict: "observed"}},
		Waivers:  []certificate.Waiver{{Rule: "PV-11", Reason: "ticket 1", Until: "2027-01-31"}},
	}, v.Certificate)
}

func TestTheSameRunAndKeyMakeTheSameFile(t *testing.T) {
	require.Equal(t, file(t, key(1)), file(t, key(1)))
}

func TestWithoutAPublicKeyOnlyTheFormIsChecked(t *testing.T) {
	v, err := certificate.Verify(file(t, key(1)), nil)
	require.NoError(t, err)
	require.Equal(t, certificate.NotChecked, v.Signature)
	v, err = certificate.Verify(file(t, nil), nil)
	require.NoError(t, err)
	require.Equal(t, certificate.NotSigned, v.Signature)
	require.Contains(t, text(t, v), "Certificate: not signed\n  Only its form was checked")
}

func TestAPublicKeyRequiresASignature(t *testing.T) {
	_, err := certificate.Verify(file(t, nil), public(1))
	require.ErrorContains(t, err, "not signed")
	_, err = certificate.Verify(file(t, key(2)), public(1))
	require.ErrorContains(t, err, "signed with another key")
}

func TestEveryByteThatIsChangedIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("each byte of a certificate")
	}
	data := file(t, key(1))
	compact := func(b []byte) string {
		var out bytes.Buffer
		if json.Compact(&out, b) != nil {
			return ""
		}
		return out.String()
	}
	original := compact(data)
	for i := range data {
		for _, to := range []byte{data[i] ^ 0x01, data[i] ^ 0x20} {
			changed := bytes.Clone(data)
			changed[i] = to
			if _, err := certificate.Verify(changed, public(1)); err == nil {
				// White space between the members is no part of what is said.
				require.Equal(t, original, compact(changed), "byte %d changed to %q is not found", i, to)
			}
		}
	}
	for i := range data[:len(data)-1] {
		_, err := certificate.Verify(data[:i], public(1))
		require.Error(t, err, "cut after %d bytes", i)
	}
}

func TestDeliberateChangesAreFound(t *testing.T) {
	edit := func(t *testing.T, change func(e map[string]any)) []byte {
		var e map[string]any
		require.NoError(t, json.Unmarshal(file(t, key(1)), &e))
		change(e)
		data, err := json.Marshal(e)
		require.NoError(t, err)
		return data
	}
	signature := func(e map[string]any) map[string]any { return e["signatures"].([]any)[0].(map[string]any) }
	other := run()
	other.Environment = "production"
	envelope, err := certificate.Make(other, key(1))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		change func(e map[string]any)
		says   string
	}{
		"the payload of another certificate":    {func(e map[string]any) { e["payload"] = envelope.Payload }, "the signature is wrong"},
		"the signature of another certificate":  {func(e map[string]any) { signature(e)["sig"] = envelope.Signatures[0].Sig }, "the signature is wrong"},
		"the signature taken out":               {func(e map[string]any) { e["signatures"] = []any{} }, "not signed"},
		"the signatures member taken out":       {func(e map[string]any) { delete(e, "signatures") }, "not signed"},
		"the signature twice":                   {func(e map[string]any) { e["signatures"] = append(e["signatures"].([]any), signature(e)) }, "2 signatures"},
		"the name of another key":               {func(e map[string]any) { signature(e)["keyid"] = certificate.KeyID(public(2)) }, "another key"},
		"no name of a key":                      {func(e map[string]any) { signature(e)["keyid"] = "" }, "another key"},
		"another type":                          {func(e map[string]any) { e["payloadType"] = "application/json" }, "not a certificate of this tool"},
		"a member that was not signed":          {func(e map[string]any) { e["note"] = "certified" }, "not a DSSE envelope"},
		"a shorter signature":                   {func(e map[string]any) { signature(e)["sig"] = "AAAA" }, "the signature is wrong"},
		"base64 in another spelling":            {func(e map[string]any) { e["payload"] = strings.TrimRight(e["payload"].(string), "=") + "\n" }, "the payload was changed"},
		"base64 of the signature with a line":   {func(e map[string]any) { signature(e)["sig"] = signature(e)["sig"].(string) + "\n" }, "the signature was changed"},
		"a payload that is no base64":           {func(e map[string]any) { e["payload"] = "?" }, "the payload was changed"},
		"a member in another case":              {func(e map[string]any) { e["Payload"] = e["payload"]; delete(e, "payload") }, "not a DSSE envelope"},
		"something else that is JSON":           {func(e map[string]any) { clear(e) }, "not a certificate of this tool"},
		"a payload that says nothing":           {func(e map[string]any) { e["payload"] = "" }, "the signature is wrong"},
		"the loose bits of the signature's end": {func(e map[string]any) { s := signature(e)["sig"].(string); signature(e)["sig"] = loosen(s) }, "the signature was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificate.Verify(edit(t, c.change), public(1))
			require.ErrorContains(t, err, c.says)
		})
	}
	t.Run("a member twice", func(t *testing.T) {
		twice := bytes.Replace(file(t, key(1)), []byte(`"payload":`), []byte(`"payload": "e30=", "payload":`), 1)
		_, err := certificate.Verify(twice, public(1))
		require.ErrorContains(t, err, "not a DSSE envelope")
	})
	t.Run("something after the end", func(t *testing.T) {
		_, err := certificate.Verify(append(file(t, key(1)), '{', '}'), public(1))
		require.ErrorContains(t, err, "not a DSSE envelope")
	})
}

// loosen changes the last character before the padding so that it decodes to the same bytes where bits are not checked.
func loosen(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	body := strings.TrimRight(s, "=")
	last := strings.IndexByte(alphabet, body[len(body)-1])
	return body[:len(body)-1] + string(alphabet[last^1]) + s[len(body):]
}

func TestAPayloadThatCertifiesNothingIsRefusedThoughItsFormIsRight(t *testing.T) {
	for name, c := range map[string]struct{ from, to, says string }{
		"a must promise that failed":  {`"level":"must","title":"the right OTP validates","verdict":"passed"`, `"level":"must","title":"the right OTP validates","verdict":"failed"`, `"PV-01" of the level "must" is "failed"`},
		"a should promise that broke": {`"verdict":"waived"`, `"verdict":"broken"`, `"PV-11" of the level "should" is "broken"`},
		"no must promise at all":      {`"level":"must"`, `"level":"should"`, "no promise of the level must"},
		"an unknown member":           {`"environment":`, `"extra":1,"environment":`, "not a certificate"},
		"no environment":              {`"environment":"staging"`, `"environment":""`, "does not name the tool, its version and the environment"},
		"a later version":             {`"version":1`, `"version":2`, "of version 2"},
	} {
		t.Run(name, func(t *testing.T) {
			var e certificate.Envelope
			require.NoError(t, json.Unmarshal(file(t, nil), &e))
			payload, err := base64.StdEncoding.DecodeString(e.Payload)
			require.NoError(t, err)
			changed := strings.ReplaceAll(string(payload), c.from, c.to)
			require.NotEqual(t, string(payload), changed)
			e.Payload = base64.StdEncoding.EncodeToString([]byte(changed))
			data := encode(t, &e)
			_, err = certificate.Verify(data, nil)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// The text that DSSE signs, as its specification shows it for this payload and type, is what the signature is of.
func TestTheSignatureIsThatOfDSSE(t *testing.T) {
	var e certificate.Envelope
	require.NoError(t, json.Unmarshal(file(t, key(1)), &e))
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	require.NoError(t, err)
	sig, err := base64.StdEncoding.DecodeString(e.Signatures[0].Sig)
	require.NoError(t, err)
	require.Len(t, e.PayloadType, 52)
	require.Less(t, 999, len(payload))
	text := "DSSEv1 52 application/vnd.verifik-contract.certificate.v1+json " + itoa(len(payload)) + " " + string(payload)
	require.True(t, ed25519.Verify(public(1), []byte(text), sig))
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// The fingerprint was made with ssh-keygen -lf of the same key.
func TestAKeyIsNamedByItsSSHFingerprint(t *testing.T) {
	require.Equal(t, "SHA256:fe85JkIjo8VPe+XqXJGH5Mau1EMFdK1OdKvJUFicyA8", certificate.KeyID(public(1)))
}

func TestTheFileAndItsPayloadFitTheSchema(t *testing.T) {
	schemaFile, err := os.Open("certificate.schema.json")
	require.NoError(t, err)
	defer func() { require.NoError(t, schemaFile.Close()) }()
	document, err := jsonschema.UnmarshalJSON(schemaFile)
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("certificate.json", document))
	envelopes, err := compiler.Compile("certificate.json")
	require.NoError(t, err)
	payloads, err := compiler.Compile("certificate.json#/definitions/certificate")
	require.NoError(t, err)
	value := func(data []byte) any {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		require.NoError(t, err)
		return v
	}
	for _, k := range []ed25519.PrivateKey{nil, key(1)} {
		data := file(t, k)
		require.NoError(t, envelopes.Validate(value(data)))
		var e certificate.Envelope
		require.NoError(t, json.Unmarshal(data, &e))
		payload, err := base64.StdEncoding.DecodeString(e.Payload)
		require.NoError(t, err)
		require.NoError(t, payloads.Validate(value(payload)))
		failed := bytes.Replace(payload, []byte(`"verdict":"passed"`), []byte(`"verdict":"failed"`), 1)
		require.Error(t, payloads.Validate(value(failed)), "the schema tells a certificate from a result")
	}
}

// As earlier versions wrote them, of runs of the embedded target: internal/result/testdata/earlier says how they were made.
func TestWhatEarlierVersionsCertifiedIsVerified(t *testing.T) {
	files, err := filepath.Glob("testdata/earlier/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		v, err := certificate.Verify(data, nil)
		require.NoError(t, err, file)
		require.Equal(t, "local", v.Certificate.Environment)
		require.Greater(t, len(v.Certificate.Promises), 20)
		require.NotEmpty(t, text(t, v))
	}
}

func TestTheTextShowsWhatIsCertified(t *testing.T) {
	v, err := certificate.Verify(file(t, key(1)), public(1))
	require.NoError(t, err)
	shown := text(t, v)
	want, err := os.ReadFile("testdata/verified.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), shown)
}

func TestACertificateOfTheReferenceProviderSaysSo(t *testing.T) {
	r := run()
	r.Target = result.Target{Kind: "embedded", BaseURL: "http://127.0.0.1:1"}
	e, err := certificate.Make(r, nil)
	require.NoError(t, err)
	data := encode(t, e)
	v, err := certificate.Verify(data, nil)
	require.NoError(t, err)
	require.Contains(t, text(t, v), "no other is certified")
}

func TestHostileTextsAreShownAsOneLine(t *testing.T) {
	r := run()
	r.Environment = "a\x1b[31m\n  verified \xff"
	r.Rules[0].Title = "x\r\x00\u202ey"
	e, err := certificate.Make(r, nil)
	require.NoError(t, err)
	data := encode(t, e)
	v, err := certificate.Verify(data, nil)
	require.NoError(t, err)
	for _, c := range text(t, v) {
		require.False(t, c != '\n' && c < ' ' || c == '\u202e', "%q", c)
	}
	require.NotContains(t, text(t, v), "\n  verified")
}

func text(t *testing.T, v *certificate.Verification) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, certificate.Write(&b, v))
	return b.String()
}

func problems(t *testing.T, err error) string {
	t.Helper()
	var list problem.List
	require.True(t, errors.As(err, &list), "%v", err)
	var b strings.Builder
	require.NoError(t, problem.Write(&b, list))
	return b.String()
}
