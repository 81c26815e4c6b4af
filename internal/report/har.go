package report

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// The parts of an HTTP archive (HAR 1.2). What is not known is -1 or empty, as the format has it; members of our
// own begin with an underscore.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Pages   []harPage  `json:"pages"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harPage struct {
		Started string   `json:"startedDateTime"`
		ID      string   `json:"id"`
		Title   string   `json:"title"`
		Timings struct{} `json:"pageTimings"`
	}
	harEntry struct {
		Page     string      `json:"pageref"`
		Started  string      `json:"startedDateTime"`
		Time     float64     `json:"time"` // milliseconds
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
		Scenario string      `json:"_scenario"`
		Rule     string      `json:"_rule"`
		Verdict  string      `json:"_verdict"`
		Purpose  string      `json:"_purpose"`
		Attempt  int         `json:"_attempt,omitempty"`
		TraceID  string      `json:"_traceId,omitempty"`
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		HTTPVersion string       `json:"httpVersion"`
		Cookies     []harPair    `json:"cookies"`
		Headers     []harPair    `json:"headers"`
		QueryString []harPair    `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		HeadersSize int          `json:"headersSize"`
		BodySize    int          `json:"bodySize"`
	}
	harPostData struct {
		MimeType string    `json:"mimeType"`
		Params   []harPair `json:"params"`
		Text     string    `json:"text"`
		Comment  string    `json:"comment,omitempty"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []harPair  `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
		Error       string     `json:"_error,omitempty"` // why there is no answer
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
		Comment  string `json:"comment,omitempty"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// renderHAR writes every exchange that the result holds, in the features' order, each scenario as a page: viewers
// group by them. Bodies are kept as they came: JSON escapes what acts.
func renderHAR(w io.Writer, run *result.Run) error {
	file := harFile{harLog{Version: "1.2", Creator: harCreator{Name: run.Tool.Name, Version: run.Tool.Version}, Pages: []harPage{}, Entries: []harEntry{}}}
	ids, names := uniqueNames{}, newTestNames(run)
	for i := range run.Scenarios {
		s := &run.Scenarios[i]
		if len(s.Exchanges) == 0 {
			continue
		}
		page := harPage{Started: harTime(s.Exchanges[0].Started), ID: ids.take("", s.ID, place(s.File, s.Line)), Title: inline(s.Rule) + " " + names.scenario(s)}
		file.Log.Pages = append(file.Log.Pages, page)
		for j := range s.Exchanges {
			file.Log.Entries = append(file.Log.Entries, newHAREntry(page.ID, s, &s.Exchanges[j]))
		}
	}
	return text.Encode(w, file)
}

func newHAREntry(page string, s *result.Scenario, e *result.Exchange) harEntry {
	entry := harEntry{
		Page: page, Started: harTime(e.Started), Time: float64(e.Duration), Timings: harTimings{Wait: float64(e.Duration)},
		Request: newHARRequest(e), Response: harResponse{Cookies: []harPair{}, Headers: []harPair{}, HeadersSize: -1, BodySize: -1},
		Comment: inline(s.Rule) + " " + inline(s.Name), Scenario: s.ID, Rule: s.Rule, Verdict: string(s.Verdict), Purpose: e.Purpose, Attempt: e.Attempt, TraceID: e.TraceID,
	}
	entry.Response.Content.MimeType = "x-unknown"
	switch {
	case e.Answer != nil:
		entry.Response = newHARResponse(e.Answer)
	case e.Failure != nil:
		entry.Response.Error = e.Failure.Cause + ": " + e.Failure.Message
	}
	return entry
}

func harTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func newHARRequest(e *result.Exchange) harRequest {
	r := harRequest{
		Method: e.Request.Method, URL: harURL(e.Request.URL), HTTPVersion: harVersion(e), Cookies: []harPair{}, Headers: harHeaders(e.Request.Headers),
		QueryString: []harPair{}, HeadersSize: -1, BodySize: max(e.Request.Size, len(e.Request.Body)),
	}
	if parsed, err := url.Parse(e.Request.URL); err == nil {
		r.QueryString = harQuery(parsed.RawQuery)
	}
	if r.BodySize > 0 {
		r.PostData = &harPostData{MimeType: header(e.Request.Headers, "Content-Type"), Params: []harPair{}, Text: e.Request.Body, Comment: harCut(len(e.Request.Body), r.BodySize)}
	}
	return r
}

func newHARResponse(a *result.Answer) harResponse {
	size := max(a.Size, len(a.Body))
	return harResponse{
		Status: a.Status, StatusText: http.StatusText(a.Status), HTTPVersion: a.Proto, Cookies: []harPair{}, Headers: harHeaders(a.Headers),
		Content:     harContent{Size: size, MimeType: orElse(header(a.Headers, "Content-Type"), "x-unknown"), Text: a.Body, Comment: harCut(len(a.Body), size)},
		RedirectURL: header(a.Headers, "Location"), HeadersSize: -1, BodySize: size,
	}
}

// harURL is a URL that a parser takes: what no URL may hold is escaped.
func harURL(text string) string {
	if _, err := url.Parse(text); err == nil && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r == '"' || r == '<' || r == '>' || r == '\\' || r == '^' || r == '`' || r == '{' || r == '|' || r == '}'
	}) {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}%", c) >= 0 {
			b.WriteString(url.PathEscape(string([]byte{c})))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// harVersion is the version of HTTP that the answer showed; a request that was not answered has none that is known.
func harVersion(e *result.Exchange) string {
	if e.Answer != nil {
		return e.Answer.Proto
	}
	return ""
}

func harHeaders(headers map[string][]string) []harPair {
	pairs := []harPair{}
	for _, name := range headerNames(headers) {
		for _, value := range headers[name] {
			pairs = append(pairs, harPair{name, value})
		}
	}
	return pairs
}

// harQuery keeps the order of the parameters, which url.Values does not.
func harQuery(raw string) []harPair {
	pairs := []harPair{}
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
		pairs = append(pairs, harPair{name, value})
	}
	return pairs
}

func header(headers map[string][]string, name string) string {
	for _, known := range headerNames(headers) {
		if strings.EqualFold(known, name) && len(headers[known]) > 0 {
			return headers[known][0]
		}
	}
	return ""
}

func harCut(shown, size int) string {
	if shown >= size {
		return ""
	}
	return "the beginning of it: the tool kept no more"
}
