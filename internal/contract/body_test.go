package contract

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"verifik-contract/internal/exchange"
)

// lenient decodes the beginning of a body by encoding/json, for comparison.
func lenient(body []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

func TestABodyIsDecodedAsTheStandardLibraryDoes(t *testing.T) {
	pieces := rapid.SampledFrom([]string{
		"{", "}", "[", "]", ",", ":", " ", "\n", `"a"`, `"b"`, `"data"`, `"\u0061"`, `"\ud800"`, `"\ud83d\ude00"`, `"\n\"\\"`, "\"\xff\"", "\"\x01\"", `"é`, `"`,
		"1", "-0", "0.10", "1e400", "01", "-", "null", "true", "false", "nul", `"a":1`, `{"a":1,"a":[2]}`, `[[],{}]`, "x",
	})
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(strings.Join(rapid.SliceOfN(pieces, 0, 9).Draw(t, "pieces"), ""))
		expected, wrong := lenient(body)
		got := decode(body)
		if len(bytes.TrimSpace(body)) == 0 {
			require.EqualError(t, got.err, "the body is empty")
			return
		}
		require.Equal(t, wrong == nil, got.err == nil, "%q: %v, %v", body, wrong, got.err)
		require.Equal(t, expected, got.value, "%q", body)
		if json.Valid(body) && bytes.Equal(body, bytes.ToValidUTF8(body, nil)) && !strings.Contains(got.flaw, "twice") {
			require.Empty(t, got.flaw, "%q", body)
		} else {
			require.NotEmpty(t, got.flaw, "%q", body)
		}
	})
}

func TestAnAnswerIsDecodedOnce(t *testing.T) {
	a := &exchange.Answer{Status: 200, Body: []byte(`{"data":{"n":1}}`)}
	require.NoError(t, parse(a).err)
	require.Equal(t, json.Number("1"), member(parse(a).value, "data", "n"))
	require.Zero(t, testing.AllocsPerRun(10, func() { parse(a) }))
	require.Same(t, parse(a), parse(a))
	before := parse(a)
	a.Decoded = nil
	require.NotSame(t, before, parse(a))
	require.Equal(t, before, parse(a))
}

// Otherwise each MiB of numbers would take fifty in memory.
func TestALargeListOfNumbersIsDecodedWithFewAllocations(t *testing.T) {
	body := []byte("[" + strings.Repeat("1,", 20_000) + "1]")
	require.Less(t, testing.AllocsPerRun(3, func() { decode(body) }), 100.0)
}

func TestOnlyTheMembersOfARequestAreKept(t *testing.T) {
	body := []byte(`{"otp":1,"OTP": [2]}`)
	require.Empty(t, decode(body).members)
	require.Equal(t, []parameter{{"otp", json.Number("1"), []byte("1")}, {"OTP", []any{json.Number("2")}, []byte("[2]")}}, decodeSent(body).membersNamed("otp"))
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"data":{"x":[` + strings.TrimSuffix(strings.Repeat("1,", 500_000), ",") + `]}}`)
	for b.Loop() {
		decode(body)
	}
}

func BenchmarkDecodeByTheStandardLibrary(b *testing.B) {
	body := []byte(`{"data":{"x":[` + strings.TrimSuffix(strings.Repeat("1,", 500_000), ",") + `]}}`)
	for b.Loop() {
		_, _ = lenient(body)
	}
}
