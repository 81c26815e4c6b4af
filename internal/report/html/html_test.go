package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

func rendered(t *testing.T, run *result.Run) []byte {
	t.Helper()
	return examples.Rendered(t, Render, run)
}

func pageOf(t *testing.T, run *result.Run) string {
	t.Helper()
	return string(rendered(t, run))
}

// largePage is the page of ten thousand scenarios with bodies of a megabyte, rendered once.
var largePage = sync.OnceValue(func() []byte {
	var page bytes.Buffer
	if err := Render(&page, large(10_000, 1<<20)); err != nil {
		panic(err)
	}
	return page.Bytes()
})

// element is one start tag of a page, with its depth and the text in it.
type element struct {
	name  string
	attrs map[string]string
	first string // name of its first child element
	text  strings.Builder
}

// elementsOf reads a page as a strict reader would: every element that is opened is closed.
func elementsOf(t *testing.T, page string) []*element {
	t.Helper()
	page = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(page, "<$1></$1>")
	decoder := xml.NewDecoder(strings.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var all, open []*element
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			if len(open) > 0 && open[len(open)-1].first == "" {
				open[len(open)-1].first = e.name
			}
			all, open = append(all, e), append(open, e)
		case xml.EndElement:
			require.NotEmpty(t, open)
			require.Equal(t, open[len(open)-1].name, token.Name.Local, "elements are closed in their order")
			open = open[:len(open)-1]
			if slices.Contains([]string{"p", "li", "dt", "dd", "div", "pre", "summary"}, token.Name.Local) {
				for _, e := range open {
					e.text.WriteByte(' ') // a browser breaks the line here
				}
			}
		case xml.CharData:
			for _, e := range open {
				e.text.Write(token)
			}
		}
	}
	require.Empty(t, open, "every element is closed")
	return all
}

func TestHTMLIsSoundForAnyRun(t *testing.T) {
	runs := map[string]*result.Run{
		"every verdict":         sample(),
		"hostile":               hostile(),
		"nothing at all":        {},
		"many repetitions":      large(300, 100),
		"a scenario in no rule": {Scenarios: []result.Scenario{{}}},
	}
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			page := pageOf(t, run)
			require.True(t, utf8.ValidString(page))
			hidden := strings.IndexFunc(page, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' })
			require.Equal(t, -1, hidden, "a character that cannot be seen is in the page")
			ids, depth := map[string]bool{}, 0
			elements := elementsOf(t, page)
			count := map[string]int{}
			for _, e := range elements {
				count[e.name]++
				if id, has := e.attrs["id"]; has {
					require.False(t, ids[id], "the id %q is there twice", id)
					ids[id] = true
				}
				if len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6' {
					level := int(e.name[1] - '0')
					require.LessOrEqual(t, level, depth+1, "the heading %q skips a level", e.text.String())
					require.NotEmpty(t, strings.TrimSpace(e.text.String()), "a heading has words")
					depth = level
				}
				if e.name == "details" {
					require.Equal(t, "summary", e.first)
				}
				for attr, value := range e.attrs {
					require.False(t, strings.HasPrefix(attr, "on"), "%s has a handler %s", e.name, attr)
					require.NotContains(t, []string{"style", "src", "srcset", "action", "formaction", "xlink:href"}, attr, "%s=%q", attr, value)
				}
			}
			require.Equal(t, []int{1, 1, 1, 1, 1, 1}, []int{count["h1"], count["main"], count["header"], count["footer"], count["script"], count["style"]})
			for _, e := range elements {
				if href, has := e.attrs["href"]; has {
					require.True(t, strings.HasPrefix(href, "#"), "%s leads away", href)
					require.True(t, ids[href[1:]], "%s leads nowhere", href)
				}
				for _, attr := range []string{"for", "aria-labelledby", "aria-describedby"} {
					for id := range strings.FieldsSeq(e.attrs[attr]) {
						require.True(t, ids[id], "%s=%q names nothing", attr, id)
					}
				}
			}
		})
	}
}

func TestHTMLPolicyAllowsThePagesOwnStyleAndScriptOnly(t *testing.T) {
	for name, run := range map[string]*result.Run{"plain": sample(), "hostile": hostile()} {
		t.Run(name, func(t *testing.T) {
			page := pageOf(t, run)
			digest := func(element string) string {
				_, rest, opened := strings.Cut(page, "<"+element+">")
				content, _, closed := strings.Cut(rest, "</"+element+">")
				require.True(t, opened && closed)
				sum := sha256.Sum256([]byte(content))
				return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
			}
			policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(page)
			require.Len(t, policy, 2)
			require.Equal(t, "default-src 'none'; style-src "+digest("style")+"; script-src "+digest("script")+"; base-uri 'none'; form-action 'none'",
				html.UnescapeString(policy[1]))
			require.Less(t, strings.Index(page, "Content-Security-Policy"), strings.Index(page, "<style>"), "the policy comes before what it governs")
		})
	}
}

func TestHTMLShowsEveryPartOfARun(t *testing.T) {
	page := pageOf(t, sample())
	text := ""
	for _, e := range elementsOf(t, page) {
		if e.name == "body" {
			text = strings.Join(strings.Fields(e.text.String()), " ")
		}
	}
	for part, want := range map[string]string{
		"verdict":          "The contract is not kept",
		"counts":           "Of 21 promises: 14 passed, 2 failed, 1 broken, 1 waived, 1 observed, 2 skipped.",
		"diagnosis":        "Diagnosis of all failures: 3 of 3 error answers",
		"warning":          "PV-14: a second notification came for the same validation",
		"waiver":           "PV-03 is waived until 2026-12-31: was flaky before the move stale: its promise is kept: remove it",
		"finding":          "Expected: the code is otp_does_not_match at $.code (exchange 2)",
		"sides":            `expected "otp_does_not_match" actual "otp_not_match"`,
		"exchange":         "PUT /v2/phone-validations → 403 differs",
		"request":          "Request PUT https://staging.example.test/v2/phone-validations Authorization: [redacted]",
		"curl":             `-H "Authorization: Bearer $TOKEN"`,
		"fresh state":      `A fresh state to repeat it withCopy eval "$(verifik-contract state 'a pending phone validation')"`,
		"trace id":         "Trace 4bf92f3577b34da6a3ce929d0e0e4736",
		"scenario's cause": "Diagnosis: the symbol is near the documented one",
		"step":             "When the phone is validated with a wrong OTP (passed)",
		"broken":           "Cause: timeout",
		"flaky":            "Passed after retries: 2 attempts.",
		"every exchange":   "61 exchanges judged, 4 in breach.",
		"where it was":     "Seen in only the last digit differs",
		"skipped":          "the state yields no id to read back PV-22 (all of it) · 1 scenario",
		"observed":         "403 otp_does_not_match (as if it were wrong)",
		"its shape":        "403 otp_does_not_match {code: string, message: string} as if it were wrong",
		"no answer":        "second call no answer connection-lost",
		"webhook":          "foreign 23 Nov 2026, 06:00:03 UTC no scenario waits at this address",
		"latency":          "answered PUTs 255 p50 (median) 21.4 ms p95 95.2 ms longest 298 ms budget for p95 80 ms budget for the longest 3 s",
		"over budget":      "The budget is exceeded (a warning). p95 is 95.2 ms, the budget allows 80 ms",
		"place":            "Validating a phone · features/pv-02.feature:33",
		"digest":           "sha256:" + strings.Repeat("4f", 32),
		"what is cut":      "Bodies are shown up to 8 KiB",
	} {
		require.Contains(t, text, want, part)
	}
	require.Contains(t, page, `<mark class="differs"><span class="vh">differs: </span>  &#34;code&#34;: &#34;otp_not_match&#34;,</mark>`)
	require.Contains(t, page, `<a class="cell v-failed" href="#PV-02"`)
}

func TestHTMLHostileTextsStayTexts(t *testing.T) {
	page := strings.ReplaceAll(pageOf(t, hostile()), "&#43;", "+")
	require.NotContains(t, page, "<script>alert")
	require.NotContains(t, page, "<img")
	require.NotContains(t, page, `href="javascript`)
	require.Contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;")
	for _, escape := range []string{`\x00\x00\x00`, `\x1b`, `\u202e`, `\u2066`, `\u200b`, `\ufeff`, `\xff`, `\xfe`, `\u2028`, `\r`, `\n`, `\xa0`, `\U000e0041`} {
		require.Contains(t, page, escape)
	}
}

func TestHTMLHeadlineFollowsTheExitCode(t *testing.T) {
	failed := []result.Rule{{ID: "PV-05", Level: result.Should, Verdict: result.Failed}}
	cases := map[string]struct {
		run  result.Run
		want string
	}{
		"kept":                        {result.Run{Exit: 0}, "The contract is kept"},
		"kept though a weaker failed": {result.Run{Exit: 0, Rules: failed}, "The contract is kept but for PV-05, which --fail-on makes a warning"},
		"broken":                      {result.Run{Exit: 1, Rules: failed}, "The contract is not kept, PV-05 failed"},
		"not all judged":              {result.Run{Exit: 3, Scenarios: []result.Scenario{{Verdict: result.Passed}, {Verdict: result.Broken}}}, "Not all could be judged"},
		"nothing judged":              {result.Run{Exit: 3}, "Nothing could be judged: there is no scenario that could run"},
		"interrupted":                 {result.Run{Exit: 130}, "Interrupted"},
		"clients, kept":               {result.Run{Exit: 0, Traffic: &result.Traffic{Kind: result.Received}}, "What the clients sent is as documented"},
		"clients, broken":             {result.Run{Exit: 1, Rules: failed, Traffic: &result.Traffic{Kind: result.Received}}, "What the clients sent is not as documented, PV-05 failed"},
		"traffic, nothing broken":     {result.Run{Exit: 0, Traffic: &result.Traffic{Kind: result.Proxied}}, "Nothing that was judged breaks the contract"},
		"traffic, broken":             {result.Run{Exit: 1, Rules: failed, Traffic: &result.Traffic{Kind: result.Proxied}}, "The contract is not kept, PV-05 failed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, pageOf(t, &c.run), "<h1>"+c.want+"</h1>")
		})
	}
}

func TestARuleThatIsThereTwiceCountsByItsWorst(t *testing.T) {
	kept, broken := result.Rule{ID: "PV-01", Level: result.Must, Verdict: result.Passed}, result.Rule{ID: "PV-01", Level: result.Must, Verdict: result.Failed}
	for _, rules := range [][]result.Rule{{kept, broken}, {broken, kept}} {
		p := newPage(&result.Run{Rules: rules})
		require.Len(t, p.Promises, 1)
		require.Equal(t, result.Failed, p.Promises[0].Verdict)
	}
}

func TestARuleThatTheResultLacksSaysSo(t *testing.T) {
	page := pageOf(t, &result.Run{
		Rules:     []result.Rule{{ID: "PV-02", Level: result.Must, Verdict: result.Passed}},
		Scenarios: []result.Scenario{{ID: "f:1", Rule: "PV-01", Level: result.Must, Verdict: result.Failed}},
	})
	for _, shown := range []string{
		"<h4>not described in the result</h4>", `title="PV-01 failed: not described in the result"`, ">PV-01 not described in the result</option>",
		"<h4>(no title)</h4>", `title="PV-02 passed"`,
	} {
		require.Contains(t, page, shown)
	}
}

func TestWhatIsKeptOfTrafficIsNoScenario(t *testing.T) {
	page := pageOf(t, &result.Run{
		Traffic: &result.Traffic{Kind: result.Recorded}, Rules: []result.Rule{{ID: "PV-01", Level: result.Must, EveryExchange: true}},
		Scenarios: []result.Scenario{{ID: "a.har#1", Rule: "PV-01", Name: "entry 1", Verdict: result.Observed}},
	})
	require.Contains(t, page, "1 example in 1 promise<")
	require.False(t, strings.Contains(page, "1 scenario"))
}

func TestOfANotificationThatIsNotShownWholeThePageSaysHowLongItIs(t *testing.T) {
	for note, one := range map[string]result.Delivery{
		"Cut: the first 4,096 of 200,000 bytes are shown.": {Body: strings.Repeat("x", 16<<10), Size: 200_000},
		"Cut: the first 0 of 200,000 bytes are shown.":     {Size: 200_000}, // of what came beyond its bounds the receiver keeps nothing
	} {
		one.Kind = result.Accepted
		require.Contains(t, pageOf(t, &result.Run{Webhooks: []result.Delivery{one}}), note)
	}
	require.NotContains(t, pageOf(t, &result.Run{Webhooks: []result.Delivery{{Kind: result.Accepted, Body: "x"}}}), "Cut:")
}

func TestHTMLOfALargeRunIsBoundedAndSaysSo(t *testing.T) {
	if testing.Short() {
		t.Skip("a large run")
	}
	page := string(largePage())
	require.Less(t, len(page), 12<<20, "bytes")
	require.Contains(t, page, "The page holds 2,000 scenarios, the worst and the first repetitions: 8,000 scenarios more in the result file.")
	require.Regexp(t, `It holds 5 MiB of exchanges: [\d,]+ scenarios without them\.`, page)
	require.Contains(t, page, "Cut: the first 8,192 of 1,048,576 bytes are shown.")
	require.Contains(t, page, "2,000 scenarios in 21 promises")
	require.Regexp(t, `The result file holds \d+ more scenarios\.`, page)

	worst := page[strings.Index(page, `data-verdict="failed" open>`+"\n"+`<summary>`):]
	require.Contains(t, worst, "the last of many failed", "the worst is never left out")
	require.Contains(t, worst[strings.Index(worst, "the last of many failed"):][:4000], `class="exchange"`, "nor are its exchanges")
	require.Equal(t, pageOf(t, large(300, 100)), pageOf(t, large(300, 100)), "the same run gives the same page")
}

func TestHTMLBodyMarksWhatDiffers(t *testing.T) {
	const body = `{"code":"a","data":{"list":[{"x":1},{"x":2}],"a b":[],"e\"":{}},"code":"b"}`
	cases := map[string]struct {
		path string
		want []string
	}{
		"a member, each time that it occurs": {"$.code", []string{`"code": "a",`, `"code": "b"`}},
		"a member of an element":             {"$.data.list[1].x", []string{`"x": 2`}},
		"an object":                          {"$.data", []string{`"data": {`}},
		"a name that is no identifier":       {`$.data["a b"]`, []string{`"a b": [],`}},
		"what is missing: its parent":        {"$.data.status", []string{`"data": {`}},
		"missing at the root: nothing":       {"$.status", nil},
		"the whole body: nothing":            {"$", nil},
		"no path":                            {"", nil},
		"a path of another spelling":         {"data.code[", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			shown := newBody(body, 0, bodyLimit, []string{c.path})
			var marked []string
			var all strings.Builder
			for i, part := range shown.Parts {
				if i > 0 {
					all.WriteByte('\n')
				}
				all.WriteString(part.Text)
				if part.Mark {
					marked = append(marked, strings.TrimSpace(part.Text))
				}
			}
			require.Equal(t, c.want, marked)
			var indented bytes.Buffer
			require.NoError(t, json.Indent(&indented, []byte(body), "", "  "))
			require.Equal(t, indented.String(), all.String(), "no line is lost")
		})
	}
}

func TestHTMLBodyShowsWhatCame(t *testing.T) {
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	cases := map[string]struct {
		body string
		size int
		want string
		note string
	}{
		"numbers as they came":         {`{"otp":1e5,"a":0.10}`, 0, "{\n  \"otp\": 1e5,\n  \"a\": 0.10\n}", ""},
		"escapes as they came":         {`"\u0041"`, 0, `"\u0041"`, ""},
		"not JSON":                     {"<html>\n</html>", 0, "<html>\n</html>", ""},
		"JSON and more":                {"{} x", 0, "{} x", ""},
		"deep JSON is not indented":    {deep, 0, deep[:bodyLimit], "Cut: the first 8,192 of 10,000 bytes are shown."},
		"deep but short":               {deep[4900:5100], 0, deep[4900:5100], ""},
		"the beginning of a long one":  {`{"a":1}`, 2 << 20, `{"a":1}`, "Cut: the first 7 of 2,097,152 bytes are shown."},
		"brackets in strings are none": {`{"a":"` + strings.Repeat("[", 99) + `"}`, 0, "{\n  \"a\": \"" + strings.Repeat("[", 99) + "\"\n}", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			shown := newBody(c.body, c.size, bodyLimit, nil)
			require.Len(t, shown.Parts, 1)
			require.Equal(t, c.want, shown.Parts[0].Text)
			require.Equal(t, c.note, shown.Note)
		})
	}
	require.Empty(t, newBody("", 0, bodyLimit, nil).Parts)
}

func TestHTMLDifferenceMarksTheMiddle(t *testing.T) {
	cases := map[string]struct{ expected, actual, wantExpected, wantActual string }{
		"another character": {"403:otp_x", "403:otp_y", "403:otp_<x>", "403:otp_<y>"},
		"something missing": {"otp_does_not_match", "otp_not_match", "otp_<does_>not_match", "otp_not_match"},
		"something more":    {"62647737", "626 47737", "62647737", "626< >47737"},
		"the same":          {"abc", "abc", "abc", "abc"},
		"little in common":  {"403", "200", "403", "200"},
		"within a letter":   {"phone número é", "phone número è", "phone número <é>", "phone número <è>"},
		"repeated letters":  {"aaa", "aaaaa", "aaa", "aaa<aa>"},
		"nothing":           {"", "abc", "", "abc"},
	}
	show := func(all []piece) string {
		var b strings.Builder
		for _, p := range all {
			if p.Mark && p.Text != "" {
				b.WriteString("<" + p.Text + ">")
			} else {
				b.WriteString(p.Text)
			}
		}
		return b.String()
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			both := difference(c.expected, c.actual)
			require.Equal(t, c.wantExpected, show(both[0]))
			require.Equal(t, c.wantActual, show(both[1]))
		})
	}
}

func TestHTMLLatencyPlot(t *testing.T) {
	spread := []string{"p50 p50 21.4 ms", "p95 p95 95.2 ms", "max longest 298 ms", "budget budget for p95 80 ms", "budget budget for the longest 3 s"}
	cases := map[string]struct {
		latency result.Latency
		lines   []string
		ends    string
	}{
		"a spread":                {*sampleLatency(), spread, "14 ms 3 s"},
		"one call":                {result.Latency{Count: 1, P50: 5, P95: 5, Max: 5, Samples: []result.Millis{5}}, []string{"p50 p50 5 ms", "p95 p95 5 ms", "max longest 5 ms"}, "5 ms 5 ms"},
		"microseconds to minutes": {result.Latency{Count: 2, P95: 90_000, Samples: []result.Millis{0.02, 90_000}}, []string{"p95 p95 1 min 30 s"}, "20 µs 1 min 30 s"},
		"no times but zero":       {result.Latency{Count: 3, Samples: []result.Millis{0, 0, 4}}, nil, "4 ms 4 ms"},
		"absurdly far apart":      {result.Latency{Samples: []result.Millis{1e-300, 1e300}}, nil, "0 s 2562047 h 47 min"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			shown := newPlot(&c.latency)
			var lines []string
			for _, l := range shown.Lines {
				lines = append(lines, l.Class+" "+l.Title)
				require.Less(t, l.X, plotBins)
			}
			require.Equal(t, c.lines, lines)
			require.Equal(t, c.ends, view.Span(shown.Shortest)+" "+view.Span(shown.Longest))
			calls, positive := 0, 0
			for _, b := range shown.Bars {
				var n int
				_, err := fmt.Sscanf(b.Title, "%d", &n)
				require.NoError(t, err)
				calls += n
				require.Equal(t, 100, b.Y+b.Height, "a bar stands on the axis")
				require.Less(t, b.X, plotBins)
			}
			for _, s := range c.latency.Samples {
				if s > 0 {
					positive++
				}
			}
			require.Equal(t, positive, calls, "every sample is in one bar")
		})
	}
	require.Nil(t, newPlot(&result.Latency{Count: 5, P50: 1, P95: 2, Max: 3}), "nothing to draw")
}

func TestHTMLGroupsSkipsByReason(t *testing.T) {
	skip := func(rule, reason string) result.Scenario {
		return result.Scenario{Rule: rule, Verdict: result.Skipped, Reason: reason}
	}
	run := &result.Run{
		Rules: []result.Rule{
			{ID: "PV-14", Verdict: result.Skipped}, {ID: "PV-10", Verdict: result.Passed},
			{ID: "PV-19", Verdict: result.Skipped, EveryExchange: true, Reason: "no exchange was seen"},
		},
		Scenarios: []result.Scenario{skip("PV-14", "no webhook"), skip("PV-14", "no webhook"), skip("PV-10", "one phone only"), skip("PV-10", "no webhook"), {Rule: "PV-10", Verdict: result.Passed}},
	}
	var got []string
	page := pageOf(t, run)
	for _, skip := range strings.Split(page[strings.Index(page, `<ul class="skips">`):strings.LastIndex(page, "</main>")], "<li>")[1:] {
		words := regexp.MustCompile("<[^>]*>").ReplaceAllString(strings.ReplaceAll(skip, "</p><p", ": <p"), "")
		got = append(got, strings.TrimSpace(words))
	}
	require.Equal(t, []string{
		"one phone only: PV-10 · 1 scenario",
		"no webhook: PV-10, PV-14 (all of it) · 3 scenarios",
		"no exchange was seen: PV-19 (all of it)",
	}, got)
}
