package certificate_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/certificate"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
)

// wanted is what the certificate of run() meets in every respect, a day after.
func wanted() certificate.Expected {
	r := run()
	return certificate.Expected{
		Contract: &certificate.Contract{Digests: r.Digests, Promises: map[string]result.Level{
			"PV-01": "must", "PV-10": "must", "PV-19": "must", "PV-11": "should", "PV-21": "should",
		}},
		Target: "https://api.example.test", MaxAge: 720 * time.Hour, Now: r.Started.Add(24 * time.Hour),
	}
}

func TestAGateOpensOnlyForTheCertificateThatWasExpected(t *testing.T) {
	digest := "sha256:" + strings.Repeat("00", 32)
	for name, c := range map[string]struct {
		change func(e *certificate.Expected)
		says   []string // none: it opens
	}{
		"as expected":                   {func(*certificate.Expected) {}, nil},
		"any target":                    {func(e *certificate.Expected) { e.Target = "" }, nil},
		"a slash at the end":            {func(e *certificate.Expected) { e.Target += "/" }, nil},
		"the scheme's port and letters": {func(e *certificate.Expected) { e.Target = "HTTPS://API.example.TEST:443" }, nil},
		"another port":                  {func(e *certificate.Expected) { e.Target += ":8443" }, []string{"of another target: https://api.example.test (http), not https://api.example.test:8443"}},
		"another scheme":                {func(e *certificate.Expected) { e.Target = "http://api.example.test" }, []string{"of another target"}},
		"the port of another scheme":    {func(e *certificate.Expected) { e.Target += ":80" }, []string{"of another target"}},
		"a path":                        {func(e *certificate.Expected) { e.Target += "/v1" }, []string{"of another target"}},
		"a host that goes on":           {func(e *certificate.Expected) { e.Target += ".evil.test" }, []string{"of another target"}},
		"at its greatest age":           {func(e *certificate.Expected) { e.MaxAge = 24*time.Hour - 4200*time.Millisecond }, nil},
		"too old": {func(e *certificate.Expected) { e.MaxAge = 23 * time.Hour },
			[]string{"too old: the run ended 2026-11-22T03:00:04Z, 24 h ago, and --max-age allows 23 h"}},
		"any age":        {func(e *certificate.Expected) { e.MaxAge, e.Now = 0, e.Now.AddDate(20, 0, 0) }, nil},
		"a clock behind": {func(e *certificate.Expected) { e.Now = run().Started.Add(-4 * time.Minute) }, nil},
		"the future":     {func(e *certificate.Expected) { e.Now = run().Started.Add(-time.Hour) }, []string{"the run ends in the future"}},
		"other features": {func(e *certificate.Expected) { e.Contract.Digests.Features = digest },
			[]string{"another contract: its features are sha256:0a0a", "--any-contract"}},
		"other schemas": {func(e *certificate.Expected) { e.Contract.Digests.Schemas = digest }, []string{"another contract: its schemas are"}},
		"any contract":  {func(e *certificate.Expected) { e.Contract = nil }, nil},
		"a promise that is left out": {func(e *certificate.Expected) { e.Contract.Promises["PV-02"] = "must" },
			[]string{"PV-02 (must) is a promise of the contract, and is not certified as one"}},
		"a promise that the contract does not make": {func(e *certificate.Expected) { delete(e.Contract.Promises, "PV-21") },
			[]string{"PV-21 is certified, but is not a promise of the contract"}},
		"a promise of another level": {func(e *certificate.Expected) { e.Contract.Promises["PV-11"] = "must" },
			[]string{"PV-11 (must) is a promise of the contract, and is not certified as one"}},
		"everything at once": {func(e *certificate.Expected) {
			e.Target, e.MaxAge, e.Contract.Digests = "https://x.test", time.Hour, result.Digests{Features: digest, Schemas: digest}
		}, []string{"another target", "too old", "its features are", "its schemas are"}},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := certificate.Verify(file(t, key(1)), public(1))
			require.NoError(t, err)
			e := wanted()
			c.change(&e)
			opens(t, v.Refusals(e), c.says)
		})
	}
}

func TestWithoutACheckedSignatureAGateOpensOnlyWhenAsked(t *testing.T) {
	for name, c := range map[string]struct {
		key  ed25519.PrivateKey
		says string
	}{
		"not signed":        {nil, "the certificate is not signed"},
		"signed and no key": {key(1), "the signature was not checked: --key names no public key"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := certificate.Verify(file(t, c.key), nil)
			require.NoError(t, err)
			e := wanted()
			opens(t, v.Refusals(e), []string{c.says})
			e.Unsigned = true
			opens(t, v.Refusals(e), nil)
		})
	}
}

func TestTheReferenceProviderMatchesNoExpectedTarget(t *testing.T) {
	r := run()
	r.Target = result.Target{Kind: "embedded", BaseURL: "http://127.0.0.1:4000"}
	envelope, err := certificate.Make(r, key(1))
	require.NoError(t, err)
	data := encode(t, envelope)
	v, err := certificate.Verify(data, public(1))
	require.NoError(t, err)
	e := wanted()
	e.Target = "http://127.0.0.1:4000"
	opens(t, v.Refusals(e), []string{"of another target: http://127.0.0.1:4000 (embedded)"})
}

func opens(t *testing.T, refusals problem.List, says []string) {
	t.Helper()
	if len(says) == 0 {
		require.Empty(t, refusals)
		return
	}
	var b strings.Builder
	require.NoError(t, problem.Write(&b, refusals))
	for _, text := range says {
		require.Contains(t, b.String(), text)
	}
	require.GreaterOrEqual(t, len(refusals), 1)
}

// smallOrder is every encoding of a point of small order: the eight of them, and those whose coordinates were not
// reduced.
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
}

func TestPublicKeysOfSmallOrderAreRefused(t *testing.T) {
	for _, spelling := range smallOrder {
		t.Run(spelling, func(t *testing.T) {
			weak, err := hex.DecodeString(spelling)
			require.NoError(t, err)
			_, err = certificate.ParsePublicKey(block("PUBLIC KEY", pkix(t, ed25519.PublicKey(weak))))
			require.ErrorContains(t, err, "public key is")
		})
	}
	t.Run("no point of the curve", func(t *testing.T) {
		_, err := certificate.ParsePublicKey(block("PUBLIC KEY", pkix(t, ed25519.PublicKey(append([]byte{2}, make([]byte, 31)...)))))
		require.ErrorContains(t, err, "not a point of the curve")
	})
	t.Run("a signer's own", func(t *testing.T) {
		for seed := range byte(32) {
			_, err := certificate.ParsePublicKey(block("PUBLIC KEY", pkix(t, public(seed))))
			require.NoError(t, err)
		}
	})
}

func TestContentsThatContradictThemselvesAreRefusedThoughTheyAreSigned(t *testing.T) {
	promise := func(c map[string]any, i int) map[string]any { return c["promises"].([]any)[i].(map[string]any) }
	waiver := func(c map[string]any) map[string]any { return c["waivers"].([]any)[0].(map[string]any) }
	for name, c := range map[string]struct {
		change func(c map[string]any)
		says   string
	}{
		"a negative count":               {func(c map[string]any) { promise(c, 0)["passed"] = -2 }, `"PV-01" contradicts itself: "passed", -2 passed`},
		"a negative count of retries":    {func(c map[string]any) { promise(c, 0)["flaky"] = -1 }, "-1 of them only after retries"},
		"more retries than passed":       {func(c map[string]any) { promise(c, 0)["flaky"] = 3 }, "3 of them only after retries"},
		"passed on nothing":              {func(c map[string]any) { promise(c, 2)["passed"] = 0 }, `"PV-19" contradicts itself: "passed", 0 passed`},
		"passed with a reason":           {func(c map[string]any) { promise(c, 2)["reason"] = "1 of 90 answers" }, `reason "1 of 90 answers"`},
		"skipped and passed":             {func(c map[string]any) { promise(c, 4)["passed"] = 4 }, `"PV-21" contradicts itself: "skipped", 4 passed`},
		"a rule twice":                   {func(c map[string]any) { c["promises"] = append(c["promises"].([]any), promise(c, 1)) }, `"PV-10" is listed twice`},
		"a rule promised and observed":   {func(c map[string]any) { c["observed"].([]any)[0].(map[string]any)["id"] = "PV-01" }, `"PV-01" is listed twice`},
		"no rule's id":                   {func(c map[string]any) { promise(c, 0)["id"] = "the first" }, `"the first" is not a rule id`},
		"an observed rule that failed":   {func(c map[string]any) { c["observed"].([]any)[0].(map[string]any)["verdict"] = "failed" }, `of the level "observe" is "failed"`},
		"a promise among what is not":    {func(c map[string]any) { c["observed"].([]any)[0].(map[string]any)["level"] = "must" }, "observed promises are listed separately"},
		"a finish before the start":      {func(c map[string]any) { c["finished"] = "2026-11-22T02:59:59Z" }, "started at 2026-11-22T03:00:00Z and ended at 2026-11-22T02:59:59Z"},
		"no start":                       {func(c map[string]any) { delete(c, "started") }, "started at 0001-01-01"},
		"no finish":                      {func(c map[string]any) { delete(c, "finished") }, "ended at 0001-01-01"},
		"a waived rule without waiver":   {func(c map[string]any) { c["waivers"] = []any{} }, `"PV-11" is waived, and no waiver`},
		"a waiver of nothing":            {func(c map[string]any) { waiver(c)["rule"] = "PV-21" }, `the waiver of "PV-21" until`},
		"a waiver twice":                 {func(c map[string]any) { c["waivers"] = append(c["waivers"].([]any), waiver(c)) }, `the waiver of "PV-11" until`},
		"a waiver without a reason":      {func(c map[string]any) { waiver(c)["reason"] = "" }, `reason "", covers no promise`},
		"a waiver until no day":          {func(c map[string]any) { waiver(c)["until"] = "2027-02-30" }, `until "2027-02-30"`},
		"a waiver that ended before":     {func(c map[string]any) { waiver(c)["until"] = "2026-11-21" }, `until "2026-11-21"`},
		"a digest that is none":          {func(c map[string]any) { c["digests"].(map[string]any)["schemas"] = "sha256:0" }, "the digest of the schemas"},
		"a target of no kind":            {func(c map[string]any) { c["target"].(map[string]any)["kind"] = "sandbox" }, `kind "sandbox"`},
		"a target without address":       {func(c map[string]any) { c["target"].(map[string]any)["baseUrl"] = "" }, "does not name the target"},
		"a level that leaves should out": {func(c map[string]any) { c["level"] = "must" }, `is "must", not should or observe`},
	} {
		t.Run(name, func(t *testing.T) {
			var e certificate.Envelope
			require.NoError(t, json.Unmarshal(file(t, nil), &e))
			payload, err := base64.StdEncoding.DecodeString(e.Payload)
			require.NoError(t, err)
			var contents map[string]any
			require.NoError(t, json.Unmarshal(payload, &contents))
			c.change(contents)
			payload, err = json.Marshal(contents)
			require.NoError(t, err)
			data := encode(t, sign(t, payload))
			_, err = certificate.Verify(data, public(1))
			require.ErrorContains(t, err, "the payload is not a certificate")
			require.ErrorContains(t, err, c.says)
		})
	}
	t.Run("the last day of a waiver", func(t *testing.T) {
		r := run()
		r.Waivers[0].Until = "2026-11-22"
		_, err := certificate.Make(r, nil)
		require.NoError(t, err)
	})
}

// sign makes the envelope that the owner of key(1) would make of any payload.
func sign(t *testing.T, payload []byte) *certificate.Envelope {
	t.Helper()
	text := "DSSEv1 52 " + certificate.PayloadType + " " + itoa(len(payload)) + " " + string(payload)
	return &certificate.Envelope{
		PayloadType: certificate.PayloadType, Payload: base64.StdEncoding.EncodeToString(payload),
		Signatures: []certificate.Signature{{KeyID: certificate.KeyID(public(1)), Sig: base64.StdEncoding.EncodeToString(ed25519.Sign(key(1), []byte(text)))}},
	}
}
