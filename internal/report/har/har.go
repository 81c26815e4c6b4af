// Package har writes the exchanges of a result as an HTTP archive.
package har

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The parts of an HTTP archive (HAR 1.2). What is not known is -1 or empty, as the format has it; members of our
// own begin with an underscore.
type (
	archive struct {
		Log log `json:"log"`
	}
	log struct {
		Version string  `json:"version"`
		Creator creator `json:"creator"`
		Pages   []page  `json:"pages"`
		Entries []entry `json:"entries"`
	}
	creator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	page struct {
		Started string   `json:"startedDateTime"`
		ID      string   `json:"id"`
		Title   string   `json:"title"`
		Timings struct{} `json:"pageTimings"`
	}
	entry struct {
		Page     string   `json:"pageref,omitempty"`
		Started  string   `json:"startedDateTime"`
		Time     float64  `json:"time"` // milliseconds
		Request  request  `json:"request"`
		Response response `json:"response"`
		Cache    struct{} `json:"cache"`
		Timings  timings  `json:"timings"`
		Comment  string   `json:"comment,omitempty"`
		Scenario string   `json:"_scenario,omitempty"`
		Rule     string   `json:"_rule,omitempty"`
		Verdict  string   `json:"_verdict,omitempty"`
		Purpose  string   `json:"_purpose"`
		Attempt  int      `json:"_attempt,omitempty"`
		TraceID  string   `json:"_traceId,omitempty"`
	}
	request struct {
		Method      string        `json:"method"`
		URL         string        `json:"url"`
		HTTPVersion string        `json:"httpVersion"`
		Cookies     []view.Header `json:"cookies"`
		Headers     []view.Header `json:"headers"`
		QueryString []view.Header `json:"queryString"`
		PostData    *postData     `json:"postData,omitempty"`
		HeadersSize int           `json:"headersSize"`
		BodySize    int           `json:"bodySize"`
	}
	postData struct {
		MimeType string        `json:"mimeType"`
		Params   []view.Header `json:"params"`
		Text     string        `json:"text"`
		Comment  string        `json:"comment,omitempty"`
	}
	response struct {
		Status      int           `json:"status"`
		StatusText  string        `json:"statusText"`
		HTTPVersion string        `json:"httpVersion"`
		Cookies     []view.Header `json:"cookies"`
		Headers     []view.Header `json:"headers"`
		Content     content       `json:"content"`
		RedirectURL string        `json:"redirectURL"`
		HeadersSize int           `json:"headersSize"`
		BodySize    int           `json:"bodySize"`
		Error       string        `json:"_error,omitempty"` // why there is no answer
	}
	content struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
		Comment  string `json:"comment,omitempty"`
	}
	timings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// Render writes every exchange that the result holds, in the features' order, each scenario as a page: viewers
// group by them. Bodies are kept as they came: JSON escapes what acts.
func Render(w io.Writer, run *result.Run) error {
	file := archive{log{Version: "1.2", Creator: creator{Name: run.Tool.Name, Version: run.Tool.Version}, Pages: []page{}, Entries: []entry{}}}
	ids := view.UniqueNames{}
	tests := view.Tests(run)
	for i := range run.Scenarios {
		if s := &run.Scenarios[i]; run.Traffic != nil {
			tests = append(tests, view.Test{Scenario: s, Name: view.Inline(s.ID)})
		}
	}
	for _, t := range tests {
		s := t.Scenario
		if s == nil || len(s.Exchanges) == 0 {
			continue
		}
		made := page{Started: timestamp(s.Exchanges[0].Started), ID: ids.Take("", s.ID, view.Place(s.File, s.Line)), Title: view.Inline(s.Rule) + " " + t.Name}
		file.Log.Pages = append(file.Log.Pages, made)
		for j := range s.Exchanges {
			file.Log.Entries = append(file.Log.Entries, newEntry(made.ID, s, &s.Exchanges[j]))
		}
	}
	return text.Encode(w, file)
}

func newEntry(page string, s *result.Scenario, e *result.Exchange) entry {
	entry := entry{
		Page: page, Started: timestamp(e.Started), Time: float64(e.Duration), Timings: timings{Wait: float64(e.Duration)},
		Request: newRequest(e), Response: response{Cookies: []view.Header{}, Headers: []view.Header{}, HeadersSize: -1, BodySize: -1},
		Comment: strings.TrimSpace(view.Inline(s.Rule) + " " + view.Inline(s.Name)), Scenario: s.ID, Rule: s.Rule, Verdict: string(s.Verdict), Purpose: string(e.Purpose), Attempt: e.Attempt, TraceID: e.TraceID,
	}
	entry.Response.Content.MimeType = "x-unknown"
	switch {
	case e.Answer != nil:
		entry.Response = newResponse(e.Answer)
	case e.Failure != nil:
		entry.Response.Error = string(e.Failure.Cause) + ": " + e.Failure.Message
	}
	return entry
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func newRequest(e *result.Exchange) request {
	r := request{
		Method: e.Request.Method, URL: address(e.Request.URL), HTTPVersion: version(e), Cookies: []view.Header{}, Headers: view.Headers(e.Request.Headers),
		QueryString: []view.Header{}, HeadersSize: -1, BodySize: max(e.Request.Size, len(e.Request.Body)),
	}
	if parsed, err := url.Parse(e.Request.URL); err == nil {
		r.QueryString = query(parsed.RawQuery)
	}
	if r.BodySize > 0 {
		r.PostData = &postData{MimeType: header(e.Request.Headers, "Content-Type"), Params: []view.Header{}, Text: e.Request.Body, Comment: cut(len(e.Request.Body), r.BodySize)}
	}
	return r
}

func newResponse(a *result.Answer) response {
	size := max(a.Size, len(a.Body))
	return response{
		Status: a.Status, StatusText: http.StatusText(a.Status), HTTPVersion: a.Proto, Cookies: []view.Header{}, Headers: view.Headers(a.Headers),
		Content:     content{Size: size, MimeType: cmp.Or(header(a.Headers, "Content-Type"), "x-unknown"), Text: a.Body, Comment: cut(len(a.Body), size)},
		RedirectURL: header(a.Headers, "Location"), HeadersSize: -1, BodySize: size,
	}
}

// noURL finds what no URL may hold, and in one that is none whatever else could be the reason.
var (
	noURL = regexp.MustCompile("[\\x00- \"<>\\\\^`{|}]")
	odd   = regexp.MustCompile("(?s)[\\x00- \"<>\\\\^`{|}%\\x7f]|[^\\x00-\\x7f]")
)

// address is a URL that a parser takes: what no URL may hold is escaped.
func address(text string) string {
	if _, err := url.Parse(text); err == nil && !noURL.MatchString(text) {
		return text
	}
	return odd.ReplaceAllStringFunc(text, url.PathEscape)
}

// version is the version of HTTP that the answer showed; a request that was not answered has none that is known.
func version(e *result.Exchange) string {
	if e.Answer != nil {
		return e.Answer.Proto
	}
	return ""
}

// query keeps the order of the parameters, which url.Values does not.
func query(raw string) []view.Header {
	pairs := []view.Header{}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		if n, err := url.QueryUnescape(name); err == nil {
			name = n
		}
		if v, err := url.QueryUnescape(value); err == nil {
			value = v
		}
		pairs = append(pairs, view.Header{Name: name, Value: value})
	}
	return pairs
}

func header(headers map[string][]string, name string) string {
	for _, h := range view.Headers(headers) {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func cut(shown, size int) string {
	if shown >= size {
		return ""
	}
	return "the beginning of it: the tool kept no more"
}
