package traffic

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/schemas"
)

// recording is what a Reader reported of a file.
type recording struct {
	entries []Entry
	left    int
	bad     []string
	err     error
}

func read(in io.Reader, wanted func(method, path string) bool) recording {
	var r recording
	r.err = Reader{
		Wanted: wanted, LeftOut: func() { r.left++ }, Entry: func(e Entry) { r.entries = append(r.entries, e) },
		Bad: func(n int, err error) { r.bad = append(r.bad, fmt.Sprintf("%d: %s", n, err)) },
	}.ReadHAR(in)
	return r
}

func everything(string, string) bool { return true }

func ours(method, path string) bool { return method == "PUT" && path == "/v2/phone-validations" }

// har returns an archive of entries.
func har(entries ...string) string {
	return `{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":[` + strings.Join(entries, ",") + `]}}`
}

// entryOf returns an entry of the endpoint with more members of its request, and with its response.
func entryOf(request, response string) string {
	return `{"startedDateTime":"2026-11-26T05:00:00.125Z","time":12.5,"request":{"method":"PUT","url":"https://api.example.test/v2/phone-validations"` + request + `},"response":{` + response + `}}`
}

const answer403 = `"status":403,"headers":[{"name":"content-type","value":"application/json"}],"content":{"text":"{}"}`

func TestFilesThatOtherToolsWrote(t *testing.T) {
	for _, test := range []struct {
		file          string
		entries       int
		answered, bad int
		err           error
	}{
		{"brokenfile.har", 0, 0, 0, ErrNoHAR},
		{"charles.har", 1, 1, 0, nil},
		{"corrupted_gzip_body.har", 1, 1, 0, nil},
		{"incomplete_log.har", 4, 0, 0, nil},
		{"insomnia.har", 1, 1, 0, nil},
		{"postdata.har", 1, 1, 0, nil},
		{"with-bom.har", 1, 1, 0, nil},
	} {
		t.Run(test.file, func(t *testing.T) {
			file, err := os.Open(filepath.Join("testdata", test.file))
			require.NoError(t, err)
			defer file.Close()
			r := read(file, everything)
			require.ErrorIs(t, r.err, test.err)
			require.Len(t, r.entries, test.entries)
			require.Len(t, r.bad, test.bad)
			answered := 0
			for _, e := range r.entries {
				if e.Exchange.Answer != nil {
					answered++
				}
			}
			require.Equal(t, test.answered, answered)
		})
	}
}

// Real tools recorded four calls (right, wrong, empty, without a token) to a provider whose answer to a wrong OTP has another form.
func TestRecordingsOfTheEndpoint(t *testing.T) {
	set, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	checks := contract.New(set)
	for _, tool := range []string{"mitmproxy", "playwright", "chrome-har"} {
		t.Run(tool, func(t *testing.T) {
			file, err := os.Open(filepath.Join("testdata", tool+".har"))
			require.NoError(t, err)
			defer file.Close()
			r := read(file, ours)
			require.NoError(t, r.err)
			require.Empty(t, r.bad)
			var told []string
			for _, e := range r.entries {
				require.Empty(t, e.Silent)
				j := checks.Judge(e.Exchange, contract.Known{Uncredentialed: e.Uncredentialed})
				words := j.Silent
				for _, f := range j.Findings {
					words += f.Rule + " " + f.Path + " "
				}
				told = append(told, words)
			}
			require.Equal(t, []string{"", "PV-02 $.code PV-02 $.message ", "", "the request has no token: how it is refused is not documented"}, told)
		})
	}
}

func TestEntryFields(t *testing.T) {
	r := read(strings.NewReader(har(entryOf(`,"httpVersion":"h2","headers":[{"name":":method","value":"PUT"},{"name":":authority","value":"x"},{"name":"authorization","value":"Bearer t"},{"name":"accept","value":"a"},{"name":"Accept","value":"b"}],"bodySize":-1,"postData":{"mimeType":"application/json","text":"{\"otp\":1}"}`,
		`"status":403,"statusText":"","httpVersion":"h2","headers":[{"name":"content-type","value":"application/json"}],"content":{"size":2,"text":"{}"},"bodySize":-1,"headersSize":-1,"_x":{"y":[1]},"comment":"z"`))), ours)
	require.NoError(t, r.err)
	e := r.entries[0].Exchange
	require.Equal(t, "PUT", e.Request.Method)
	require.Equal(t, `{"otp":1}`, string(e.Request.Body))
	require.Equal(t, []string{"Bearer t"}, e.Request.Header["Authorization"])
	require.Equal(t, []string{"a", "b"}, e.Request.Header["Accept"])
	require.Equal(t, []string{"application/json"}, e.Request.Header["Content-Type"], "postData says it where no header does")
	require.Len(t, e.Request.Header, 3)
	require.Equal(t, 403, e.Answer.Status)
	require.Equal(t, "{}", string(e.Answer.Body))
	require.False(t, e.Answer.TooLong)
	require.Equal(t, 12500*time.Microsecond, e.Duration)
	require.Equal(t, 125, e.Started.Nanosecond()/1e6)
}

func zipped(t *testing.T, text string, w func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	z := w(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func TestBodiesOfAnswers(t *testing.T) {
	const body = `{"code":"x","message":"y"}`
	quoted := strings.ReplaceAll(body, `"`, `\"`)
	gz := zipped(t, body, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	coded := func(coding string) string { return `[{"name":"Content-Encoding","value":"` + coding + `"}]` }
	for _, test := range []struct {
		name, headers, content string
		want                   string
		whole                  bool
	}{
		{"text", "[]", `{"size":26,"text":"` + quoted + `"}`, body, true},
		{"sizes that are not known", "[]", `{"size":-1,"text":"` + quoted + `"}`, body, true},
		{"no size", "[]", `{"text":"` + quoted + `"}`, body, true},
		{"base64", "[]", `{"size":26,"encoding":"base64","text":"` + base64.StdEncoding.EncodeToString([]byte(body)) + `"}`, body, true},
		{"base64 in lines, without its end", "[]", `{"encoding":"base64","text":"eyJjb2RlIjoi\neCIsIm1lc3NhZ2UiOiJ5In0"}`, body, true},
		{"decoded, and said to be gzip", coded("gzip"), `{"size":40,"text":"` + quoted + `"}`, body, true},
		{"still gzip", coded("gzip"), `{"size":49,"encoding":"base64","text":"` + gz + `"}`, body, true},
		{"still deflate", coded("deflate"), `{"encoding":"base64","text":"` + zipped(t, body, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }) + `"}`, body, true},
		{"corrupt gzip", coded("gzip"), `{"encoding":"base64","text":"` + gz[:20] + `"}`, "", false},
		{"brotli, which nobody undid", coded("br"), `{"encoding":"base64","text":"iwyAeyJjb2RlIjoieCL/"}`, "", false},
		{"gzip as a text of replacement characters", coded("gzip"), `{"text":"\u001f\ufffd\b\u0000"}`, "", false},
		{"cut by the tool", "[]", `{"size":4000,"text":"` + quoted + `"}`, body, false},
		{"cut by the network", `[{"name":"content-length","value":"99"}]`, `{"text":"` + quoted + `"}`, body, false},
		{"not kept", "[]", `{"size":26,"mimeType":"application/json"}`, "", false},
		{"not kept, and of no known size", "[]", `{"mimeType":"application/json"}`, "", false},
		{"not kept, and said to be nothing", "[]", `{"size":0}`, "", false},
		{"empty", "[]", `{"size":0,"text":""}`, "", true},
		{"empty, by its header", `[{"name":"Content-Length","value":"0"}]`, `{"size":0}`, "", true},
		{"base64 that is not said to be", "[]", `{"size":26,"text":"` + base64.StdEncoding.EncodeToString([]byte(body)) + `"}`, body, true},
		{"a text that looks like base64", "[]", `{"size":4,"text":"true"}`, "true", true},
		{"broken off", "[]", `{"size":26,"text":"` + quoted + `"},"_error":"net::ERR_ABORTED","x":{}`, body, false},
		{"no error", "[]", `{"size":26,"text":"` + quoted + `"},"_error":null,"x":{}`, body, true},
		{"an error of no words", "[]", `{"size":26,"text":"` + quoted + `"},"_error":"","x":{}`, body, true},
		{"of no known size on the wire", "[]", `{"size":0,"text":""},"bodySize":-1,"x":{}`, "", false},
		{"more than is looked at", "[]", `{"text":"` + strings.Repeat("x", 1<<20+1) + `"}`, strings.Repeat("x", 1<<20), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := read(strings.NewReader(har(entryOf("", `"status":403,"headers":`+test.headers+`,"content":`+test.content))), ours)
			require.NoError(t, r.err)
			require.Empty(t, r.bad)
			a := r.entries[0].Exchange.Answer
			require.Equal(t, test.whole, !a.TooLong)
			if test.want != "" {
				require.Equal(t, test.want, string(a.Body))
			}
		})
	}
}

func TestAnAnswerThatHasNoBodyIsWholeWithoutOne(t *testing.T) {
	for _, status := range []string{"103", "204", "304"} {
		r := read(strings.NewReader(har(entryOf("", `"status":`+status+`,"headers":[],"content":{"size":-1},"bodySize":-1`))), ours)
		require.NoError(t, r.err)
		require.False(t, r.entries[0].Exchange.Answer.TooLong, status)
	}
}

func TestBodiesOfRequests(t *testing.T) {
	for _, test := range []struct{ name, request, want, silent string }{
		{"none", `,"bodySize":0`, "", ""},
		{"null", `,"bodySize":0,"postData":null`, "", ""},
		{"none, as a header says", `,"bodySize":-1,"headers":[{"name":"Content-Length","value":"0"}]`, "", ""},
		{"not said to be none", "", "", "the recording does not hold the whole request"},
		{"of a size that is not known", `,"bodySize":-1`, "", "the recording does not hold the whole request"},
		{"an empty text of a size that is not known", `,"bodySize":-1,"postData":{"mimeType":"application/json","text":""}`, "", "the recording does not hold the whole request"},
		{"cut, as a header says", `,"bodySize":-1,"headers":[{"name":"Content-Length","value":"60"}],"postData":{"text":"{}"}`, "{}", "the recording does not hold the whole request"},
		{"base64", `,"postData":{"mimeType":"application/json","encoding":"base64","text":"e30="}`, "{}", ""},
		{"a form that was taken apart", `,"bodySize":23,"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"otp","value":"1"},{"name":"countryCode","value":"+5"}]}`, "", "the recording does not hold the whole request"},
		{"JSON that was taken apart", `,"bodySize":32,"postData":{"mimeType":"application/json","params":[{"name":"phone","value":"62"},{"name":"otp","value":1234567}]}`, `{"phone":"62","otp":1234567}`, "the recording does not hold the whole request"},
		{"JSON of nothing that was taken apart", `,"bodySize":2,"postData":{"mimeType":"application/json","params":[]}`, "{}", ""},
		{"JSON that was taken for a form", `,"postData":{"mimeType":"application/json","params":[{"name":"{\"phone\":\"62","value":"7\"}"}]}`, `{"phone":"62=7"}`, ""},
		{"JSON that was taken for the name of a field", `,"bodySize":15,"postData":{"mimeType":"application/json","params":[{"name":"{\"otp\":1234567}","value":""}]}`, `{"otp":1234567}`, ""},
		{"not kept, and said to be nothing", `,"bodySize":0,"headers":[{"name":"Content-Type","value":"application/json"}]`, "", "the recording does not hold the whole request"},
		{"nothing, by its header", `,"bodySize":0,"headers":[{"name":"Content-Type","value":"application/json"},{"name":"Content-Length","value":"0"}]`, "", ""},
		{"not kept", `,"bodySize":60`, "", "the recording does not hold the whole request"},
		{"cut", `,"bodySize":60,"postData":{"text":"{}"}`, "{}", "the recording does not hold the whole request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := read(strings.NewReader(har(entryOf(test.request, answer403))), ours)
			require.NoError(t, r.err)
			require.Empty(t, r.bad)
			require.Equal(t, test.want, string(r.entries[0].Exchange.Request.Body))
			require.Equal(t, test.silent, r.entries[0].Silent)
		})
	}
}

func TestMaskedRequestsAreSilent(t *testing.T) {
	body := func(otp string) string { return `,"postData":{"text":"{\"otp\":` + otp + `}"}` }
	bearer := func(value string) string {
		return `,"headers":[{"name":"Authorization","value":"` + value + `"}]` + body("1234")
	}
	for request, want := range map[string]bool{
		body(`\"***\"`): true, body(`\"REDACTED\"`): true, body(`\"[otp redacted]\"`): true, body(`\"XXXXXX\"`): true,
		body(`\"***REDACTED***\"`): true, body(`\"<hidden>\"`): true, body(`1234,\"project\":\"the hidden one\"`): false,
		body(`1234,\"phone\":\"6264****\"`): true, body(`1234,\"phone\":\"62xxxx37\"`): true, body(`1234,\"phone\":\"6264 7737\"`): false,
		body(`1234`): false, body(`\"1234\"`): false, body(`\"[redacted]\"`): false, body(`\"\"`): false, body(`\"abcdef\"`): false,
		bearer(""): true, bearer("Bearer"): true, bearer("Bearer "): true, bearer("Bearer x"): false, bearer("Basic"): false,
	} {
		r := read(strings.NewReader(har(entryOf(request, answer403))), ours)
		require.Empty(t, r.bad, request)
		require.Equal(t, want, strings.Contains(r.entries[0].Silent, "masked"), request)
	}
}

func TestMaskedAnswersGiveNoFindings(t *testing.T) {
	set, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	request := `,"headers":[{"name":"Authorization","value":"Bearer x"},{"name":"Content-Type","value":"application/json"}],"postData":{"text":"{\"phone\":\"62647737\",\"countryCode\":\"+507\",\"otp\":123456}"}`
	success := `{"data":{"_id":"1","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`
	for name, test := range map[string]struct {
		status   int
		body     string
		findings int
		silent   bool
	}{
		"nothing":                        {200, success, 0, false},
		"an id":                          {200, strings.Replace(success, `"1"`, `"***"`, 1), 0, false},
		"a phone":                        {200, strings.Replace(success, `"62647737"`, `"****7737"`, 1), 0, true},
		"a boolean":                      {200, strings.Replace(success, `false`, `"[REDACTED]"`, 1), 0, true},
		"all data":                       {200, `{"data":"***"}`, 0, true},
		"the body":                       {200, `[REDACTED]`, 0, true},
		"a phone, and a status is wrong": {200, strings.NewReplacer(`"62647737"`, `"****7737"`, "validated", "valid").Replace(success), 1, true},
		"nothing of what is wrong":       {200, strings.NewReplacer(`"1"`, `"***"`, "validated", "valid").Replace(success), 1, false},
		"a message":                      {403, `{"code":"otp_does_not_match","message":"***"}`, 0, true},
	} {
		body, err := json.Marshal(test.body)
		require.NoError(t, err)
		r := read(strings.NewReader(har(entryOf(request, fmt.Sprintf(`"status":%d,"headers":[{"name":"Content-Type","value":"application/json"}],"content":{"text":%s}`, test.status, body)))), ours)
		j := contract.Judgement{Silent: r.entries[0].Silent}
		if j.Silent == "" {
			j = contract.New(set).Judge(r.entries[0].Exchange, contract.Known{})
		}
		if r.entries[0].Masked {
			j = Unmasked(j)
		}
		require.Len(t, j.Findings, test.findings, name)
		require.Equal(t, test.silent, strings.Contains(j.Silent, "masked"), "%s: %s", name, j.Silent)
	}
}

// A bare word is a mask if it is the whole value, unless a constant is documented there: it may be the provider's own.
func TestAProvidersOwnWordIsNotAMask(t *testing.T) {
	set, err := schemas.Load(schemas.Files())
	require.NoError(t, err)
	const (
		whole   = `"phone":"62647737","countryCode":"+507","otp":123456`
		success = `{"data":{"_id":"1","status":"validated","countryCode":"+507","phone":"62647737","type":"onboarding","showFaceLivenessRecommendation":false}}`
		missing = `{"code":"MissingParameter","message":"missing otp"}`
		refused = `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`
	)
	said := []string{"otp omitted", "omitted", "REDACTED", "removed", "hidden", "the hidden one", "otp is missing (omitted)", "xxxxx"}
	shown := []string{"[redacted]", "[otp redacted]", "<hidden>", `\u003chidden\u003e`, "{masked}", "(removed)", "***", "••••", "***REDACTED***", "__MASKED__", "va***ed"}
	for _, place := range []struct {
		name, request string
		status        int
		answer, value string // value: what stands in the answer
		said, shown   []string
	}{
		{"message of 409", `"phone":"62647737","countryCode":"+507"`, 409, missing, "missing otp", []string{"otp omitted", "otp is missing (omitted)", "otp: hidden"}, []string{"[otp redacted]", "(otp removed)", "otp ***"}},
		{"message of 403", whole, 403, refused, "403:otp_does_not_match", said, shown},
		{"code of 403", whole, 403, refused, `"code":"otp_does_not_match`, said, shown},
		{"type", whole, 200, success, "onboarding", said, shown},
		{"status", whole, 200, success, "validated", said, shown},
		{"phone", whole, 200, success, "62647737", []string{"otp omitted", "the hidden one", "5xx"}, append([]string{"omitted", "REDACTED", "xxxxx", "62xxxx37"}, shown...)},
		{"countryCode", whole, 200, success, `+507`, []string{"omitted code", "507"}, append([]string{"hidden", "+xxxx"}, shown...)},
		{"a boolean", whole, 200, success, `false`, []string{`"was removed"`, `"xxxxx"`}, []string{`"removed"`, `"[redacted]"`, `"***"`}},
		{"data", whole, 200, success, success[len(`{"data":`) : len(success)-1], []string{`"removed by us"`, `"xxxxx"`}, []string{`"removed"`, `"[redacted]"`, `"***"`}},
		{"the body", whole, 200, success, success, []string{"was removed", "xxxxx"}, []string{"removed", "[redacted]", "***"}},
	} {
		judge := func(value string) contract.Judgement {
			if place.name == "code of 403" {
				value = `"code":"` + value
			}
			answer := strings.Replace(place.answer, place.value, value, 1)
			require.NotEqual(t, place.answer, answer)
			body, err := json.Marshal(answer)
			require.NoError(t, err)
			sent, err := json.Marshal("{" + place.request + "}")
			require.NoError(t, err)
			request := `,"headers":[{"name":"Authorization","value":"Bearer x"},{"name":"Content-Type","value":"application/json"}],"postData":{"text":` + string(sent) + `}`
			r := read(strings.NewReader(har(entryOf(request, fmt.Sprintf(`"status":%d,"headers":[{"name":"Content-Type","value":"application/json"}],"content":{"text":%s}`, place.status, body)))), ours)
			require.Empty(t, r.bad)
			if silent := r.entries[0].Silent; silent != "" {
				return contract.Judgement{Silent: silent}
			}
			j := contract.New(set).Judge(r.entries[0].Exchange, contract.Known{})
			require.NotEmpty(t, j.Findings, "%s: %s: %s", place.name, value, j.Silent)
			if r.entries[0].Masked {
				j = Unmasked(j)
			}
			return j
		}
		for _, value := range place.said {
			j := judge(value)
			require.NotEmpty(t, j.Findings, "%s: %s", place.name, value)
			require.Empty(t, j.Silent, "%s: %s", place.name, value)
		}
		for _, value := range place.shown {
			j := judge(value)
			require.Empty(t, j.Findings, "%s: %s", place.name, value)
			require.Equal(t, maskedAnswer, j.Silent, "%s: %s", place.name, value)
		}
	}
}

func TestTimestampsOfAllToolsAreParsed(t *testing.T) {
	for _, said := range []string{"2026-01-01T00:00:00.000Z", "2026-01-01T02:00:00+02:00", "2026-01-01T02:00:00.000+0200", "2026-01-01T00:00:00.000", "2026-01-01T00:00:00"} {
		r := read(strings.NewReader(har(strings.Replace(entryOf("", answer403), "2026-11-26T05:00:00.125Z", said, 1))), ours)
		require.True(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Equal(r.entries[0].Exchange.Started), said)
	}
}

func TestAnImpossibleDurationIsUnknown(t *testing.T) {
	for said, want := range map[string]time.Duration{"12.5": 12500 * time.Microsecond, "-1": 0, "1e300": 0, "1e999": 0, "1e13": 0} {
		r := read(strings.NewReader(har(strings.Replace(entryOf("", answer403), `"time":12.5`, `"time":`+said, 1))), ours)
		require.Equal(t, want, r.entries[0].Exchange.Duration, said)
	}
}

func TestABadEntryIsReportedByItsNumberAndTheRestIsRead(t *testing.T) {
	good := entryOf("", answer403)
	other := strings.Replace(good, `"PUT"`, `"OPTIONS"`, 1)
	for _, test := range []struct {
		name, file string
		entries    int
		bad        []string
	}{
		{"of other types", har(good, "7", `null`, `{"request":[]}`, `{"request":{"url":"x://%zz"}}`, good), 2, []string{
			"2: it is a JSON number", "3: it has no request with a URL", "4: its request is a JSON array", "5: the URL of its request is not valid"}},
		{"a status that is a word", har(strings.Replace(good, "403", `"no"`, 1), good), 1, []string{"1: it is not as HAR 1.2 defines it"}},
		{"a status that is a text", har(strings.Replace(good, "403", `"403"`, 1)), 1, nil},
		{"bad base64", har(entryOf(`,"postData":{"encoding":"base64","text":"!"}`, answer403), good), 1, []string{"1: the body of its request is not in base64: illegal base64 data at input byte 0"}},
		{"truncated", har(good, good)[:len(har(good))+100], 1, []string{"2: the file ends here, in the middle of its JSON"}},
		{"truncated between two", har(good, good)[:len(har(good))-3] + ",", 1, []string{"2: the file ends here, in the middle of its JSON"}},
		{"broken in the middle", har(good, "{x", good), 1, []string{"2: from byte "}},
		{"something behind it", har(good) + "\n", 1, nil},
		{"an entry of another method", har(other, good), 1, nil},
		{"pages and comments before", `{"_x":1,"log":{"pages":[{"id":"a"},{"id":"b"}],"comment":"c","entries":[` + good + `],"browser":{}},"y":[]}`, 1, nil},
		{"a byte order mark", "\ufeff" + har(good), 1, nil},
		{"no entries", har(), 0, nil},
		{"no entries, and then some", `{"log":{"entries":null,"entries":[` + good + `]}}`, 1, nil},
		{"no log, and then one", `{"log":null,"log":{"entries":[` + good + `]}}`, 1, nil},
		{"a log, then none, then another", `{"log":{"entries":[` + good + `]},"log":null,"log":{"entries":[7,` + good + `]}}`, 2, []string{"2: it is a JSON number"}},
		{"a header that is a number", har(entryOf(`,"headers":7`, answer403), good), 1, []string{"1: its request.headers is a JSON number"}},
		{"an answer that is a list", har(strings.Replace(good, `"content":{"text":"{}"}`, `"content":[]`, 1), good), 1, []string{"1: its response.content is a JSON array"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := read(strings.NewReader(test.file), ours)
			require.NoError(t, r.err)
			require.Len(t, r.entries, test.entries)
			require.Len(t, r.bad, len(test.bad), "%v", r.bad)
			for i, want := range test.bad {
				require.True(t, strings.HasPrefix(r.bad[i], want), r.bad[i])
			}
		})
	}
}

func TestFilesThatAreNotAnArchive(t *testing.T) {
	for _, file := range []string{"", " ", "[]", "7", "{}", `{"log":7}`, `{"log":{}}`, `{"log":{"entries":{}}}`, "<html>", `{"version":1,"rules":[]}`, "\x1f\x8b\x08"} {
		require.ErrorIs(t, read(strings.NewReader(file), ours).err, ErrNoHAR, file)
	}
	broken := errors.New("the disk is gone")
	require.ErrorIs(t, read(io.MultiReader(strings.NewReader(`{"log":{"entries":[`), failing{broken}), ours).err, broken)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAnAnswerWithoutHeadersGetsTheContentTypeOfItsContent(t *testing.T) {
	told := func(kind string) Entry {
		return read(strings.NewReader(har(entryOf(`,"bodySize":0`, `"status":403,"headers":[],"content":{"mimeType":"`+kind+`","text":"{}"}`))), ours).entries[0]
	}
	require.Empty(t, told("application/json").Silent)
	require.Equal(t, "application/json", told("application/json").Exchange.Answer.Header.Get("Content-Type"))
	require.Equal(t, "the recording does not hold the answer's headers", told("text/plain").Silent)
	require.Equal(t, "the recording does not hold the answer's headers", told("").Silent)
}

func TestBrowsersAreRecognisedByName(t *testing.T) {
	bare := entryOf("", answer403)
	signed := entryOf(`,"headers":[{"name":"Authorization","value":"Bearer t"}]`, answer403)
	chrome := func(entries ...string) string {
		return strings.Replace(har(entries...), `"name":"x"`, `"name":"WebInspector"`, 1)
	}
	require.True(t, read(strings.NewReader(chrome(bare)), ours).entries[0].Uncredentialed)
	other := entryOf(`,"headers":[{"name":"Accept","value":"*/*"}]`, answer403)
	require.True(t, read(strings.NewReader(chrome(other)), ours).entries[0].Uncredentialed)
	require.False(t, read(strings.NewReader(har(other)), ours).entries[0].Uncredentialed)
	require.True(t, read(strings.NewReader(har(bare)), ours).entries[0].Uncredentialed, "no header is there at all")
	require.False(t, read(strings.NewReader(chrome(signed, other)), ours).entries[1].Uncredentialed, "this export has credentials")
}

// entries is an archive of n entries that is never in memory as a whole.
func entries(n int, entry string) io.Reader {
	readers := []io.Reader{strings.NewReader(`{"log":{"entries":[`)}
	for i := range n {
		if i > 0 {
			readers = append(readers, strings.NewReader(","))
		}
		readers = append(readers, strings.NewReader(entry))
	}
	return io.MultiReader(append(readers, strings.NewReader("]}}"))...)
}

func TestALargeArchiveTakesLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a large archive")
	}
	large := strings.Replace(entryOf("", `"status":200,"content":{"text":"`+strings.Repeat("x", 64<<10)+`"}`), "/v2/phone-validations", "/other", 1)
	seen, most := 0, uint64(0)
	require.NoError(t, Reader{Wanted: ours, LeftOut: func() {
		if seen++; seen%100 == 0 {
			var m runtime.MemStats
			runtime.GC() // what remains is in use
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}, Bad: func(int, error) { t.Fail() }}.ReadHAR(entries(400, large)))
	require.Equal(t, 400, seen)
	require.Less(t, most, uint64(8<<20), "the archive has 26 MB")
}
