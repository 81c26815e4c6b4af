// Package har writes the exchanges of a result as an HTTP archive.
package har

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"verifik-contract/internal/group"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// object is a part of an HTTP archive (HAR 1.2). What is not known is -1 or empty, as the format asks; our own members begin
// with an underscore.
type object map[string]any

// Render writes every exchange of the result in the features' order. Each scenario is a page, by which viewers group. Bodies
// are kept as they came: JSON escapes control characters.
func Render(w io.Writer, run *result.Run) error {
	tests := view.Tests(run)
	if run.Traffic != nil {
		tests = group.Map(group.Pointers(run.Scenarios), func(s *result.Scenario) view.Test { return view.Test{Scenario: s, Name: view.Inline(s.ID)} })
	}
	tests = group.Where(tests, func(t view.Test) bool { return t.Scenario != nil && len(t.Scenario.Exchanges) > 0 })
	pages := make([]object, len(tests))
	for i, t := range tests {
		pages[i] = object{"startedDateTime": timestamp(t.Scenario.Exchanges[0].Started), "id": pageID(i), "title": view.Inline(t.Scenario.Rule) + " " + t.Name, "pageTimings": object{}}
	}
	stream := NewStream(w, run.Tool, pages...)
	for i, t := range tests {
		for j := range t.Scenario.Exchanges {
			entry := newEntry(t.Scenario, &t.Scenario.Exchanges[j])
			entry["pageref"] = pageID(i)
			stream.add(entry)
		}
	}
	return stream.Close()
}

func pageID(index int) string { return fmt.Sprintf("page_%d", index+1) }

func newEntry(s *result.Scenario, e *result.Exchange) object {
	return object{
		"startedDateTime": timestamp(e.Started), "time": e.Duration, "cache": object{},
		"timings": object{"send": 0, "wait": e.Duration, "receive": 0},
		"request": newRequest(e), "response": newResponse(e),
		"comment":   strings.TrimSpace(view.Inline(s.Rule) + " " + view.Inline(s.Name)),
		"_scenario": s.ID, "_rule": s.Rule, "_verdict": s.Verdict, "_purpose": e.Purpose, "_attempt": e.Attempt, "_traceId": e.TraceID,
	}
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func newRequest(e *result.Exchange) object {
	size := max(e.Request.Size, len(e.Request.Body))
	request := object{
		"method": e.Request.Method, "url": address(e.Request.URL), "httpVersion": cmp.Or(e.Answer, &result.Answer{}).Proto, "cookies": []object{}, "headers": view.Headers(e.Request.Headers),
		"queryString": query(e.Request.URL), "headersSize": -1, "bodySize": size,
	}
	if size > 0 {
		request["postData"] = object{"mimeType": header(e.Request.Headers, "Content-Type"), "params": []object{}, "text": e.Request.Body, "comment": cut(len(e.Request.Body), size)}
	}
	return request
}

func newResponse(e *result.Exchange) object {
	a := cmp.Or(e.Answer, &result.Answer{})
	size := max(a.Size, len(a.Body))
	response := object{
		"status": a.Status, "statusText": http.StatusText(a.Status), "httpVersion": a.Proto, "cookies": []object{}, "headers": view.Headers(a.Headers),
		"content":     object{"size": size, "mimeType": cmp.Or(header(a.Headers, "Content-Type"), "x-unknown"), "text": a.Body, "comment": cut(len(a.Body), size)},
		"redirectURL": header(a.Headers, "Location"), "headersSize": -1, "bodySize": size,
	}
	if e.Answer == nil {
		response["bodySize"] = -1
		if e.Failure != nil {
			response["_error"] = string(e.Failure.Cause) + ": " + e.Failure.Message
		}
	}
	return response
}

// header returns the first value of a header, or "".
func header(headers map[string][]string, name string) string {
	return append(result.Header(headers, name), "")[0]
}

// forbidden matches what no URL may contain; suspect also what else may make it invalid.
var (
	forbidden = regexp.MustCompile("[\\x00- \"<>\\\\^`{|}]")
	suspect   = regexp.MustCompile("(?s)[\\x00- \"<>\\\\^`{|}%\\x7f]|[^\\x00-\\x7f]")
)

// address returns a URL that parsers accept: what makes it invalid is escaped.
func address(text string) string {
	if _, err := url.Parse(text); err == nil && !forbidden.MatchString(text) {
		return text
	}
	return suspect.ReplaceAllStringFunc(text, url.PathEscape)
}

// query returns the parameters of a URL, sorted by name.
func query(address string) []view.Header {
	u, _ := url.Parse(address) // nil with an error
	return view.Headers(cmp.Or(u, &url.URL{}).Query())
}

func cut(shown, size int) string {
	if shown >= size {
		return ""
	}
	return "the beginning of it: the tool kept no more"
}

// Stream writes an archive an entry at a time, so that it may be of any length.
type Stream struct {
	w     *bufio.Writer // keeps the first error
	count int
}

// NewStream begins an archive.
func NewStream(w io.Writer, tool result.Tool, pages ...object) *Stream {
	s := &Stream{w: bufio.NewWriter(w)}
	fmt.Fprintf(s.w, `{"log":{"version":"1.2","creator":%s,"pages":%s,"entries":[`, encode(object{"name": tool.Name, "version": tool.Version}), encode(append([]object{}, pages...)))
	return s
}

// encode returns a value as JSON without anything that acts on a terminal.
func encode(value any) string { return string(text.JSON([]byte(text.Value(value)))) }

// Add adds an exchange under the name that it has elsewhere.
func (s *Stream) Add(name string, e *result.Exchange) {
	s.add(newEntry(&result.Scenario{ID: name, Name: name}, e))
}

func (s *Stream) add(entry object) {
	if s.count++; s.count > 1 {
		fmt.Fprint(s.w, ",")
	}
	fmt.Fprint(s.w, "\n", encode(entry))
	_ = s.w.Flush() // so that a reader of a pipe gets each entry at once
}

// Close ends the archive. It returns the first error of all writes.
func (s *Stream) Close() error {
	fmt.Fprint(s.w, "\n]}}\n")
	return s.w.Flush()
}
