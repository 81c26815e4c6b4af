package contract

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

var thePrivate = Known{Secrets: []string{anOTP, aToken}, Keep: []string{anID, aPhone, aCode + aPhone}}

// echo returns the documented success with another member.
func echo(key, raw string) string {
	return with(documented200, `"type"`, quote(key)+":"+raw+`,"type"`)
}

func TestNoSecretInABody(t *testing.T) {
	token64 := base64.StdEncoding.EncodeToString([]byte("Bearer " + aToken))
	for name, test := range map[string]struct{ body, actual string }{
		"the OTP as a number":               {echo("otp", anOTP), "it holds the OTP"},
		"the OTP as text":                   {echo("otp", quote(anOTP)), "it holds the OTP"},
		"the OTP in a sentence":             {echo("hint", `"expected 123456, got 654321"`), "it holds the OTP"},
		"the OTP in a list":                 {echo("otps", `[1,123456]`), "it holds the OTP"},
		"the OTP as a key":                  {echo(anOTP, "true"), "it holds the OTP"},
		"the OTP with a fraction":           {echo("otp", anOTP+".0"), "it holds the OTP"},
		"the OTP negative":                  {echo("otp", "-"+anOTP), "it holds the OTP"},
		"the OTP in base64":                 {echo("x", quote(base64.StdEncoding.EncodeToString([]byte(anOTP)))), "it holds the OTP"},
		"the OTP in hex":                    {echo("x", quote(hex.EncodeToString([]byte(anOTP)))), "it holds the OTP"},
		"the OTP in JSON's escapes":         {echo("x", `"\u0031\u0032\u0033\u0034\u0035\u0036"`), "it holds the OTP"},
		"the OTP half escaped":              {echo("x", `"\u0031234\u00356"`), "it holds the OTP"},
		"the OTP after an escaped line":     {echo("x", `"code:\n123456\n"`), "it holds the OTP"},
		"the OTP in a URL's escapes":        {echo("x", `"otp%3D%31%32%33%34%35%36"`), "it holds the OTP"},
		"the OTP in a query":                {echo("next", `"https://x.example.test/?otp=123456&y=1"`), "it holds the OTP"},
		"the request, quoted":               {echo("request", quote(exampleSent)), "it holds the OTP"},
		"the OTP in HTML":                   {"<p>Your code is 123456.</p>", "it holds the OTP"},
		"the OTP in cut JSON":               {`{"otp":123456,"da`, "it holds the OTP"},
		"the OTP after the value":           {documented200 + "123456", "it holds the OTP"},
		"the OTP beside invalid UTF-8":      {"\xff123456\xff", "it holds the OTP"},
		"the OTP under a key that is twice": {`{"a":"123456","a":"x"}`, "it holds the OTP"},
		"the OTP before a letter":           {echo("n", `"123456a"`), "it holds the OTP"},
		"the OTP between escaped letters":   {echo("x", `"\u0061123456\u0062"`), "it holds the OTP"},
		"the OTP spaced":                    {echo("x", `"123 456"`), "it holds the OTP"},
		"the OTP with an exponent":          {echo("x", `1.23456e5`), "it holds the OTP"},
		"the OTP in HTML's entities":        {echo("x", `"&#49;&#x32;3456"`), "it holds the OTP"},
		"the OTP in hex with colons":        {echo("x", `"31:32:33:34:35:36"`), "it holds the OTP"},
		"the OTP in base64 of base64":       {echo("x", `"TVRJek5EVTI="`), "it holds the OTP"},
		"the OTP in a JWT":                  {echo("x", `"eyJhbGciOiJub25lIn0.eyJvdHAiOjEyMzQ1Nn0."`), "it holds the OTP"},
		"the token in a longer word":        {echo("x", quote("s"+aToken+"0")), "it holds a token"},
		"the token, escaped thrice":         {echo("x", quote(url.QueryEscape(url.QueryEscape(url.QueryEscape("?t="+aToken))))), "it holds a token"},
		"the token in wrapped base64":       {echo("x", quote(token64[:20]+"\r\n"+token64[20:])), "it holds a token"},
		"the token":                         {echo("token", quote(aToken)), "it holds a token"},
		"the header that was sent":          {echo("authorization", quote("Bearer "+aToken)), "it holds a token"},
		"the token in base64, in a text":    {echo("x", quote(token64)), "it holds a token"},
		"the token in a URL":                {echo("x", quote("https://x.example.test/?t="+url.QueryEscape(aToken))), "it holds a token"},
		"the token as a key":                {echo(aToken, `1`), "it holds a token"},
		"the token with escaped points":     {echo("x", quote(aToken)[:20]+strings.ReplaceAll(quote(aToken)[20:], ".", `\u002e`)), "it holds a token"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{200, 401, 500, 503} {
				requireFindings(t, []found{{"", "nothing secret in the body", test.actual}}, judge(t, "PV-24", answeredWith(status, test.body), thePrivate))
			}
		})
	}
	requireFindings(t, []found{{"", "nothing secret in the body", "it holds the OTP"}, {"", "nothing secret in the body", "it holds a token"}},
		judge(t, "PV-24", answeredWith(200, echo("x", quote(anOTP+" "+aToken))), thePrivate))
}

func TestNoTokenOfAnother(t *testing.T) {
	const anothers = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6ImFub3RoZXIifQ.c2lnbmF0dXJlLW9mLWFub3RoZXI"
	known := thePrivate
	known.Tokens = &secret.Set{}
	known.Tokens.Add(aToken, anothers)
	requireFindings(t, []found{{"", "nothing secret in the body", "it holds a token of another app registration"}}, judge(t, "PV-24", answeredWith(200, echo("session", quote(anothers))), known))
	requireFindings(t, []found{{"", "nothing secret in the body", "it holds a token"}}, judge(t, "PV-24", answeredWith(200, echo("session", quote(aToken))), known))
	require.Empty(t, judge(t, "PV-24", answeredWith(200, documented200), known))
	require.Empty(t, judge(t, "PV-24", answeredWith(200, echo("session", quote(anothers))), thePrivate), "what is not known cannot be found")
}

func TestNoSecretInAHeader(t *testing.T) {
	for name, test := range map[string]struct{ header, value, actual string }{
		"the OTP":           {"X-Debug", anOTP, "it holds the OTP"},
		"the OTP in base64": {"X-Debug", base64.StdEncoding.EncodeToString([]byte(anOTP)), "it holds the OTP"},
		"the OTP in hex":    {"X-Debug", strings.ToUpper(hex.EncodeToString([]byte(anOTP))), "it holds the OTP"},
		"a cookie":          {"Set-Cookie", "otp=123456; Path=/", "it holds the OTP"},
		"a location":        {"Location", "/done?otp=123456", "it holds the OTP"},
		"the token":         {"X-Authorization", "Bearer " + aToken, "it holds a token"},
		"a link":            {"Link", "</x?token=" + aToken + `>; rel="up"`, "it holds a token"},
	} {
		t.Run(name, func(t *testing.T) {
			e := answeredWith(403, documented403)
			e.Answer.Header["Vary"] = []string{"Origin"}
			e.Answer.Header[test.header] = []string{"first", test.value}
			requireFindings(t, []found{{"", "nothing secret in the header " + test.header, test.actual}}, judge(t, "PV-24", e, thePrivate))
		})
	}
	t.Run("the OTP in a header's name", func(t *testing.T) {
		e := answeredWith(403, documented403)
		e.Answer.Header["X-Otp-123456"] = []string{""}
		findings := judge(t, "PV-24", e, thePrivate)
		require.Len(t, findings, 1)
		require.Equal(t, "it holds the OTP", findings[0].Actual)
	})
}

func TestCoincidencesAreNoEcho(t *testing.T) {
	for name, body := range map[string]string{
		"the documented success":         documented200,
		"the phone, which holds no OTP":  echo("fullPhone", `"+50762647737"`),
		"the OTP within another number":  echo("n", "91234567"),
		"the OTP within a 24-hex id":     echo("project", `"67123456df21c72be3cc42b8"`),
		"the OTP within a timestamp":     echo("at", `1791234560`),
		"the OTP within microseconds":    echo("at", `"2027-01-31T12:00:00.1234567Z"`),
		"the OTP within a UUID":          echo("id", `"0af76519-16cd-43dd-8448-eb2123456c80"`),
		"the OTP between escaped digits": echo("x", `"\u0031123456\u0032"`),
		"other digits":                   echo("x", `123457`),
		"half of the token":              echo("x", quote(aToken[:30])),
		"the word Bearer":                echo("x", `"Bearer"`),
	} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, judge(t, "PV-24", answeredWith(200, body), thePrivate))
		})
	}
	t.Run("the trace that was sent, echoed", func(t *testing.T) {
		e := answeredWith(200, documented200)
		e.Answer.Header["Traceparent"] = e.Request.Header["Traceparent"]
		e.Answer.Header["X-Request-Id"] = []string{"0af7651916cd43dd8448eb211c80319c"}
		require.Empty(t, judge(t, "PV-24", e, thePrivate))
	})
	t.Run("headers that servers send", func(t *testing.T) {
		e := answeredWith(200, documented200)
		for header, text := range map[string]string{
			"X-Request-Id": "req-91234567-a", "Date": "Sun, 31 Jan 2027 12:34:56 GMT", "Etag": `W/"c9-1123456"`,
			"X-Response-Time": "123.4567ms", "X-Ratelimit-Reset": "1791234560", "Server": "nginx", "Cf-Ray": "8f1234567abc-PTY",
		} {
			e.Answer.Header[header] = []string{text}
		}
		require.Empty(t, judge(t, "PV-24", e, thePrivate))
	})
	t.Run("an OTP inside a value that the request sent", func(t *testing.T) {
		e := answeredWith(200, echo("project", `"demo-123456-x"`))
		require.Len(t, judge(t, "PV-24", e, thePrivate), 1, "not sent: an echo")
		e.Request.Body = []byte(with(exampleSent, `"otp"`, `"project":"demo-123456-x","otp"`))
		require.Empty(t, judge(t, "PV-24", e, thePrivate))
		e.Answer.Body = []byte(echo("project", `"123456-x"`))
		require.Len(t, judge(t, "PV-24", e, thePrivate), 1, "outside of that value it is an echo")
	})
	t.Run("an OTP inside the number that code and phone make", func(t *testing.T) {
		for _, spelt := range []string{"+50662647737", "506 6264-7737", "506-62647737"} {
			e := answeredWith(200, echo("full", quote(spelt)))
			e.Request.Body = []byte(with(exampleSent, aCode, "+506"))
			for _, otp := range []string{"50662647737", "7737", "5066264", "506626"} {
				require.Empty(t, judge(t, "PV-24", e, Known{Secrets: []string{otp}}), spelt)
			}
		}
	})
	t.Run("an OTP inside the path that was called", func(t *testing.T) {
		e := answeredWith(200, documented200)
		e.Request.URL = "https://x.example.test/tenant-123456/v2/phone-validations"
		e.Answer.Header["Link"] = []string{`</tenant-123456/v2>; rel="up"`}
		require.Empty(t, judge(t, "PV-24", e, thePrivate))
	})
	t.Run("the right OTP, typed as a text of its own, is no chance", func(t *testing.T) {
		e := answeredWith(200, echo("x", `"<123456>"`))
		e.Request.Body = []byte(with(exampleSent, anOTP, `"<123456>"`))
		require.Len(t, judge(t, "PV-24", e, thePrivate), 1)
	})
	t.Run("an OTP as long as the body", func(t *testing.T) {
		e := answeredWith(200, documented200)
		e.Answer.Header["Content-Length"], e.Answer.Header["Age"] = []string{"123456"}, []string{"123456"}
		require.Empty(t, judge(t, "PV-24", e, thePrivate))
		e.Answer.Header["Age"] = []string{"otp=123456"}
		require.Len(t, judge(t, "PV-24", e, thePrivate), 1, "that is no age")
	})
	t.Run("an OTP as good as a count or a duration", func(t *testing.T) {
		for name, values := range map[string]struct{ chance, echo string }{
			"X-Ratelimit-Remaining": {"123456", "otp 123456"},
			"Ratelimit-Limit":       {"123456", "123456;otp"},
			"Retry-After":           {"123456", "otp=123456"},
			"X-Runtime":             {"0.123456", "0.1 123456"},
			"X-Response-Time":       {"4.123456 ms", "4 ms 123456"},
			"Server-Timing":         {"db;dur=0.123456, app;dur=123456", "db;otp=123456"},
			"X-Debug":               {"", "123456"},
		} {
			e := answeredWith(200, documented200)
			e.Answer.Header[name] = []string{values.chance}
			require.Empty(t, judge(t, "PV-24", e, thePrivate), name)
			e.Answer.Header[name] = []string{values.echo}
			require.Len(t, judge(t, "PV-24", e, thePrivate), 1, name)
		}
	})
	t.Run("an OTP inside a phone that was typed with spaces", func(t *testing.T) {
		e := answeredWith(200, with(documented200, aPhone, "62-123456-7"))
		e.Request.Body = []byte(with(exampleSent, aPhone, " 62-123456 -7"))
		require.Empty(t, judge(t, "PV-24", e, thePrivate))
	})
	t.Run("an OTP inside a header that the request sent", func(t *testing.T) {
		e := answeredWith(200, documented200)
		e.Request.Header["X-Correlation-Id"] = []string{"run-123456-7"}
		e.Answer.Header["X-Correlation-Id"] = []string{"run-123456-7"}
		require.Empty(t, judge(t, "PV-24", e, thePrivate))
	})
	t.Run("an OTP inside an id that the state yielded", func(t *testing.T) {
		e := answeredWith(200, echo("project", `"p-123456"`))
		p := thePrivate
		p.Keep = append([]string{"p-123456"}, p.Keep...)
		require.Empty(t, judge(t, "PV-24", e, p))
	})
	t.Run("what was sent as Authorization is no excuse for the token", func(t *testing.T) {
		e := answeredWith(200, echo("x", quote("Bearer "+aToken)))
		e.Request.Header["X-Copy"] = []string{"Bearer " + aToken}
		require.Len(t, judge(t, "PV-24", e, thePrivate), 1)
	})
	t.Run("a secret of three characters is not looked for", func(t *testing.T) {
		require.Empty(t, judge(t, "PV-24", answeredWith(200, echo("n", "123")), Known{Secrets: []string{"123"}}))
	})
	t.Run("the state has no secret", func(t *testing.T) {
		require.Empty(t, judge(t, "PV-24", answeredWith(200, echo("otp", anOTP)), Known{Values: providerstate.Values{Phone: aPhone}}))
	})
}

func TestNoStackTrace(t *testing.T) {
	traces := map[string]string{
		"node":                     "Error: boom\n    at PhoneValidationService.validate (/app/src/services/phone-validation.js:87:13)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
		"node, anonymous":          "TypeError: x is undefined\n    at /app/src/index.js:10:5",
		"node, async":              "Error\n    at async /app/src/index.mjs:10:5",
		"node, modules":            "Error\n    at file:///app/src/index.mjs:10:5",
		"node, its own":            "Error\n    at node:internal/main/run_main_module:28:49",
		"node, Windows":            "Error\n    at validate (C:\\app\\src\\index.js:10:5)",
		"node, constructor":        "Error\n    at new Validation (/app/v.js:3:9)\n    at Object.<anonymous> (/app/v.js:9:1)",
		"Express, in HTML":         "<pre>Error: boom<br> &nbsp; &nbsp;at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)<br></pre>",
		"Express, Windows":         `<pre>Error: boom<br> &nbsp; &nbsp;at Layer.handle [as handle_request] (C:\app\node_modules\express\lib\router\layer.js:95:5)<br></pre>`,
		"Java":                     "java.lang.IllegalStateException: boom\n\tat co.example.Service.validate(Service.java:87)\n\tat java.base/java.lang.Thread.run(Thread.java:840)",
		"Java, its cause":          "Caused by: java.sql.SQLException: no connection\n\t... 32 more",
		"Java, a thread":           "Exception in thread \"main\" java.lang.Error",
		"Java, in one line":        "java.lang.IllegalStateException: boom at co.example.Service.validate(Service.java:87)",
		"Java, of one line":        "at co.example.Service.validate(Unknown Source)",
		"Java, native":             "\tat java.lang.Thread.sleep(Native Method)\n",
		"Rust, of one line":        "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds",
		"Java, without lines":      "\tat co.example.Service.validate(Unknown Source)\n\tat co.example.Main.main(Unknown Source)\n",
		"Kotlin":                   "\tat co.example.ServiceKt.validate(Service.kt:12)",
		"Python":                   "Traceback (most recent call last):\n  File \"/app/x.py\", line 87, in validate\nForbidden",
		"Python, only its frames":  "  File \"/app/x.py\", line 87, in validate\n    raise Forbidden",
		"Go":                       "panic: boom\n\ngoroutine 41 [running]:\nmain.validate(0xc000012345)\n\t/app/x.go:87 +0x1d",
		"Go, in one line":          "main.validate(0xc000012345) /app/x.go:87 +0x1d",
		"Go, only its frames":      "main.validate(...)\n\t/app/x.go:87",
		"PHP":                      "PHP Fatal error:  Uncaught Exception: boom in /app/x.php:3\nStack trace:\n#0 /app/index.php(12): validate()\n#1 {main}\n  thrown in /app/x.php on line 3",
		"PHP, at the top":          "PHP Fatal error:  Uncaught Exception: boom in /app/x.php:3\nStack trace:\n#0 {main}\n  thrown in /app/x.php on line 3",
		"Ruby":                     "app/models/validation.rb:12:in `validate': boom (RuntimeError)\n\tfrom app/x.rb:3:in `<main>'",
		"Ruby 3.4":                 "app/models/validation.rb:12:in 'Validation#validate': boom (RuntimeError)",
		".NET":                     "System.InvalidOperationException: boom\n   at Example.Service.Validate(String otp) in /src/Service.cs:line 87",
		".NET, in one line":        "System.InvalidOperationException: boom at Example.Service.Validate(String otp) in /src/Service.cs:line 87",
		".NET, a local function":   "boom at Program.<<Main>$>g__Validate|0_1(String otp) in C:\\my app\\Program.cs:line 3",
		"PHP, with spaces":         "boom #0 C:\\my app\\index.php(12): App\\Phone->validate()",
		"PHP, in one line, at top": "boom in /app/x.php:3 Stack trace: #0 {main}",
		"PHP, internal":            "boom in /app/x.php:3 Stack trace: #0 [internal function]: validate()",
		"PHP, in one line":         "Uncaught Exception: boom in /app/x.php:3 Stack trace: #0 /app/index.php(12): validate() #1 {main}",
		".NET, without symbols":    "System.Exception: boom\n   at Example.Service.Validate(String otp)\n   at Example.Controller.<Put>d__3.MoveNext()\n",
		"Elixir":                   "** (KeyError) key :otp not found\n    (app 0.1.0) lib/app/phone.ex:12: App.Phone.validate/2",
		"Erlang":                   `[{phone,validate,2,[{file,"src/phone.erl"},{line,12}]}]`,
		"Perl":                     "Can't locate object method \"otp\" via package \"Phone\" at /srv/lib/Phone.pm line 41.",
		"Dart":                     "#0      validate (package:app/phone.dart:12:5)",
		"Lua":                      "phone.lua:12: boom\nstack traceback:\n\t[C]: in function 'error'",
		"Haskell":                  "CallStack (from HasCallStack):\n  error, called at src/Phone.hs:12:5 in main:Phone",
		"Swift":                    "App/Phone.swift:12: Fatal error: Unexpectedly found nil",
		"Rust":                     "thread 'main' panicked\nstack backtrace:\n   0: rust_begin_unwind",
	}
	for name, trace := range traces {
		t.Run(name, func(t *testing.T) {
			inJSON, err := json.Marshal(map[string]any{"code": "x", "message": "m", "stack": trace})
			require.NoError(t, err)
			inList, err := json.Marshal(map[string]any{"stack": strings.Split(trace, "\n")})
			require.NoError(t, err)
			var frames []any
			for line := range strings.SplitSeq(trace, "\n") {
				frames = append(frames, map[string]any{"call": line, "depth": len(frames)})
			}
			inFrames, err := json.Marshal(map[string]any{"frames": frames})
			require.NoError(t, err)
			asKey, err := json.Marshal(map[string]any{trace: true})
			require.NoError(t, err)
			for form, body := range map[string]string{
				"as a key":  string(asKey),
				"in frames": string(inFrames),
				"as text":   trace, "with carriage returns": strings.ReplaceAll(trace, "\n", "\r\n"),
				"in JSON": string(inJSON), "in a list of lines": string(inList),
			} {
				findings := judge(t, "PV-24", answeredWith(500, body), thePrivate)
				require.Len(t, findings, 1, form)
				require.Equal(t, "no stack trace in the body", findings[0].Expected)
			}
		})
	}
	t.Run("Laravel's list of frames", func(t *testing.T) {
		body := `{"message":"boom","exception":"Exception","file":"/app/x.php","line":3,"trace":[{"file":"/app/vendor/y.php","line":12,"function":"z"}]}`
		require.Len(t, judge(t, "PV-24", answeredWith(500, body), thePrivate), 1)
	})
	t.Run("in a header", func(t *testing.T) {
		e := answeredWith(403, documented403)
		e.Answer.Header["X-Error"] = []string{"boom at co.example.Service.validate(Service.java:87)"}
		requireFindings(t, []found{{"", "no stack trace in the header X-Error", "at co.example.Service.validate(Service.java:87)"}}, judge(t, "PV-24", e, thePrivate))
	})
}

func TestTextsThatAreNoStackTrace(t *testing.T) {
	for name, text := range map[string]string{
		"a time":                         "at 10:30 (UTC)",
		"a time in parentheses":          "at noon (10:30:15)",
		"a count in parentheses":         "at most 3 attempts (limit:3)",
		"a time of a day":                "\n  at 2027-01-31T10:30:15 (UTC)",
		"a place":                        "at the office (room 12:3)",
		"an address":                     "at 127.0.0.1:8080",
		"a URL":                          "see https://docs.example.test/errors.go:12 for more",
		"a file of Go with a version":    "generated from models.go:12 +0 of 3",
		"the name of an exception":       "java.lang.IllegalArgumentException",
		"a code with points":             "co.example.errors.OtpDoesNotMatchError",
		"a word":                         "Exception",
		"a goroutine":                    "goroutine",
		"a file":                         "File \"photo.png\" is too large",
		"a numbered list":                "#1 phone (12): wrong",
		"a sentence of one line":         "at least one of phone (string), otp (number) is missing",
		"a Ruby file":                    "validation.rb",
		"a caused failure":               "Caused by: a wrong OTP",
		"a phone at a line":              "the phone at line 12",
		"a place in a form":              "wrong at otp (number) in the form:line 3",
		"a place in a value":             "Parsing failed at otp(number) in body:line 1",
		"a place in a value of a member": "Parsing failed at otp(number) in request.body:line 1",
		"a place in the request":         "error at value(s) in the request:line 3",
		"a place on its own line":        "wrong:\nat value(s) in the request:line 3",
		"a numbered ticket":              "see ticket #12 /x.php(3): closed",
		"the first ticket":               "see ticket #0 /x.php(3): closed",
		"a place in braces":              "Ask #1 {main} office",
		"a numbered note of a file":      "see #1 phone.php (12): wrong",
		"a ratio":                        "at a ratio (1:2:3)",
		"two sentences of a list":        "at first phone (wrong)\nat last otp (wrong)",
		"the documented message":         "missing phone\n. missing countryCode\n. missing otp",
		"the documented format message":  "Invalid countryCode format. CountryCode should be in the format + followed by 1 to 3 digits.",
		"a file and a line of an upload": "file a.csv, line 3",
		"a line of a list":               "the phone at entry line 12 of a.pl is wrong",
		"a numbered phone":               "#1 phone (file:a)",
		"an example":                     "e.g. phone.ex: 12 or 13",
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(map[string]string{"code": text, "message": text})
			require.NoError(t, err)
			require.Empty(t, judge(t, "PV-24", answeredWith(409, string(body)), thePrivate))
			require.Empty(t, judge(t, "PV-24", answeredWith(409, text), thePrivate))
		})
	}
	two := `{"code":"File \"","message":"and ended with \", line 3"}`
	require.Empty(t, judge(t, "PV-24", answeredWith(409, two), thePrivate), "two texts are no line of one")
}

func TestNoSecretInEarlyAnswersOrTheReasonPhrase(t *testing.T) {
	for name, place := range map[string]string{
		"a header of a 103": "nothing secret in the header X-Otp of a 103 before the answer",
		"the reason phrase": "nothing secret in the reason phrase",
	} {
		e := answeredWith(200, documented200)
		if e.Answer.Reason = "OK " + aToken; name != "the reason phrase" {
			e.Answer.Reason = "OK"
			e.Answer.Early = []exchange.Informational{{Status: 103, Header: textproto.MIMEHeader{"X-Otp": {anOTP}}}}
		}
		findings := newChecks(t).Judging(e, thePrivate).noEcho()
		require.Len(t, findings, 1, name)
		require.Equal(t, place, findings[0].Expected)
		require.True(t, findings[0].Leak)
	}
}
