package traffic

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// ErrNoHAR means that a file is not an HTTP archive at all.
var ErrNoHAR = errors.New(`this is not a HAR file: it is not a JSON object with "log" and "entries" in it`)

// Entry is one entry of a recording.
type Entry struct {
	Number   int // from 1
	Exchange exchange.Exchange

	Silent string // why it cannot be judged; "": it can
	Masked bool   // some of the answer was masked; Unmasked removes what was found because of that

	// Uncredentialed means that the recording tool leaves out credentials.
	Uncredentialed bool
}

// Reader has the callbacks of reading a recording.
type Reader struct {
	Wanted  func(method, path string) bool // reports whether an entry is of the endpoint
	Entry   func(Entry)
	LeftOut func()                          // called for an entry that is not wanted
	Bad     func(number int, problem error) // called for an entry that cannot be read or, in a file that ends early, is missing
}

// ReadHAR reads an HTTP archive (HAR 1.2), one entry at a time. The error is ErrNoHAR, or that of in.
func (r Reader) ReadHAR(in io.Reader) error {
	buffered := bufio.NewReaderSize(in, 1<<16)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3)
	}
	var archive struct {
		Log struct {
			Creator jsontext.Value `json:"creator"`
			Entries []harPlace     `json:"entries"`
		} `json:"log"`
	}
	h := &harReader{Reader: r, creator: &archive.Log.Creator}
	entries := jsonv2.WithUnmarshalers(jsonv2.UnmarshalFromFunc(func(decoder *jsontext.Decoder, _ *harPlace) error {
		value, err := decoder.ReadValue()
		if err != nil {
			return err
		}
		h.number++
		if err := h.entry(value); err != nil {
			r.Bad(h.number, err)
		}
		return nil
	}))
	decoder := jsontext.NewDecoder(buffered, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	err := jsonv2.UnmarshalDecode(decoder, &archive, entries)
	syntax, malformed := errors.AsType[*jsontext.SyntacticError](err)
	_, other := errors.AsType[*jsonv2.SemanticError](err)
	early := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
	switch {
	case err != nil && !malformed && !other && !early:
		return err
	case archive.Log.Entries == nil && h.number == 0:
		return ErrNoHAR
	case early:
		r.Bad(h.number+1, errors.New("the file ends here, in the middle of its JSON"))
	case malformed:
		r.Bad(h.number+1, fmt.Errorf("from byte %d on the file is not JSON: nothing behind it is read", syntax.ByteOffset))
	}
	return nil
}

type harReader struct {
	Reader
	creator     *jsontext.Value // the tool's name and version
	number      int             // of the last entry that was read
	credentials bool            // an entry had some
}

// browser reports whether the tool is a browser: by default these leave credentials out.
func (h *harReader) browser() bool {
	return slices.ContainsFunc([]string{"WebInspector", "WebKit Web Inspector", "Firefox"}, func(name string) bool { return bytes.Contains(*h.creator, []byte(`"`+name+`"`)) })
}

// The parts of an archive that are looked at. Tools write all kinds of other things into one.
type (
	harPlace struct{} // stands for an entry, so that only one is in memory at a time
	harEntry struct {
		Started  string          `json:"startedDateTime"`
		Time     json.Number     `json:"time"`
		Request  harRequest      `json:"request"`
		Response json.RawMessage `json:"response"` // a harResponse; not decoded for other endpoints, such as pictures and scripts
	}
	harRequest struct {
		Method   string       `json:"method"`
		URL      string       `json:"url"`
		Headers  []harHeader  `json:"headers"`
		BodySize json.Number  `json:"bodySize"`
		PostData *harPostData `json:"postData"`
	}
	harPostData struct {
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
		Encoding string `json:"encoding"`
		Params   []struct {
			Name  string          `json:"name"`
			Value json.RawMessage `json:"value"` // a string, unless a tool took a JSON body apart
		} `json:"params"`
	}
	harResponse struct {
		Status      json.Number `json:"status"`
		StatusText  string      `json:"statusText"`
		HTTPVersion string      `json:"httpVersion"`
		Headers     []harHeader `json:"headers"`
		BodySize    json.Number `json:"bodySize"`
		Content     struct {
			Size     json.Number `json:"size"`
			MimeType string      `json:"mimeType"`
			Text     *string     `json:"text"`
			Encoding string      `json:"encoding"`
		} `json:"content"`
		Error any `json:"_error"`
	}
	harHeader struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
)

// entry reads one entry.
func (h *harReader) entry(value jsontext.Value) error {
	var e harEntry
	if err := json.Unmarshal(value, &e); err != nil {
		return malformed("", err)
	}
	if e.Request.URL == "" {
		return errors.New("it has no request with a URL")
	}
	address, err := url.Parse(e.Request.URL)
	if err != nil {
		return errors.New("the URL of its request is not valid")
	}
	if !h.Wanted(strings.ToUpper(e.Request.Method), address.Path) {
		h.LeftOut()
		return nil
	}
	var answered harResponse
	if len(e.Response) > 0 {
		if err := json.Unmarshal(e.Response, &answered); err != nil {
			return malformed("response", err)
		}
	}
	one := exchange.Exchange{Purpose: exchange.Judged, Started: parseTime(e.Started), Duration: duration(e.Time)}
	if one.Request, err = e.Request.read(); err != nil {
		return err
	}
	if err = answered.read(&one); err != nil {
		return err
	}
	silent := ""
	switch a := one.Answer; {
	case !e.Request.complete(one.Request):
		silent = "the recording does not hold the whole request"
	case masked(one.Request):
		silent = "the recording does not show what was sent: somebody masked it"
	case a == nil:
	case allMasked(a.Body):
		silent = maskedAnswer
	case len(a.Header) == 0 && !strings.Contains(answered.Content.MimeType, "json"):
		silent = "the recording does not hold the answer's headers"
	case len(a.Header) == 0:
		a.Header.Set("Content-Type", answered.Content.MimeType)
	}
	h.credentials = h.credentials || len(one.Request.Header["Authorization"])+len(one.Request.Header["Cookie"]) > 0
	h.Entry(Entry{
		Number: h.number, Exchange: one, Silent: silent, Masked: one.Answer != nil && mask().Match(one.Answer.Body),
		Uncredentialed: !h.credentials && h.browser() || len(e.Request.Headers) == 0,
	})
	return nil
}

// What tools write in place of secrets, or of parts of them, as regular expressions of JSON strings. A bare word may also be part
// of a real text ("otp omitted"), so it counts as a mask only if it is the whole string.
const (
	maskWord  = `(?:redacted|masked|filtered|removed|hidden|scrubbed|omitted|censored|anonymi[sz]ed|saniti[sz]ed)`
	maskSigns = `[^"\\*]{0,16}\*{3,}[^"\\*]{0,16}|[^"\\•]{0,16}•{3,}[^"\\•]{0,16}|[*_#%$=~-]{2,} ?` + maskWord + ` ?[*_#%$=~-]{2,}|` +
		`[^"\\]{0,16}(?:[\[{<]|\\u003c)[^"\\\]}>]{0,16}` + maskWord + `[^"\\\]}>]{0,40}(?:[\]}>]|\\u003e)[^"\\]{0,40}|` +
		`\([^"\\()]{0,16}` + maskWord + `[^"\\()]{0,40}\)`
	maskBare   = `[^"\\\pL\pN]{0,8}` + maskWord + `[^"\\\pL\pN]{0,8}`
	maskDigits = `[0-9+ ]{0,12}x{4,}[0-9 ]{0,12}`
)

var (
	maskSignForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)"(?:` + maskSigns + `)"`) }) // never a provider's own text
	words        = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)"(?:` + maskSigns + `|` + maskBare + `)"`) })
	mask         = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)"(?:` + maskSigns + `|` + maskBare + `|` + maskDigits + `)"`)
	})
)

// maskAt returns the expression of masks at a path of an answer. A bare word does not count where a constant is documented or the
// answer as a whole is meant: it may be the provider's own. A row of x counts only where digits or random characters belong.
func maskAt(path string) *regexp.Regexp {
	switch path[strings.LastIndexByte(path, '.')+1:] {
	case "", "code", "message", "type", "status":
		return maskSignForm()
	case "phone", "countryCode", "_id", "id", "otp", "token":
		return mask()
	}
	return words()
}

// Unmasked returns a judgement without findings that are only there because somebody masked the answer.
func Unmasked(j contract.Judgement) contract.Judgement {
	shown := slices.DeleteFunc(slices.Clone(j.Findings), func(f contract.Finding) bool { return maskAt(f.Path).MatchString(f.Actual) })
	if len(shown) == len(j.Findings) {
		return j
	}
	of := func(rule string) func(contract.Finding) bool {
		return func(f contract.Finding) bool { return f.Rule == rule }
	}
	judged := slices.DeleteFunc(slices.Clone(j.Judged), func(rule string) bool {
		return slices.ContainsFunc(j.Findings, of(rule)) && !slices.ContainsFunc(shown, of(rule))
	})
	return contract.Judgement{Findings: shown, Judged: judged, Silent: maskedAnswer}
}

const maskedAnswer = "the recording does not show what was answered: somebody masked it"

// allMasked reports whether an answer's body is nothing but a mask.
func allMasked(body []byte) bool {
	quoted := `"` + strings.Trim(string(body), "\" \r\n") + `"`
	return words().FindString(quoted) == quoted
}

// masked reports whether part of a request was masked. This tool's own masks do not count: they say what they replace.
func masked(r exchange.Request) bool {
	for _, value := range r.Header["Authorization"] {
		if scheme, credential, _ := strings.Cut(strings.TrimSpace(value), " "); credential == "" && (scheme == "" || strings.EqualFold(scheme, "Bearer")) {
			return true
		}
	}
	return mask().Match(bytes.ReplaceAll(r.Body, []byte(strconv.Quote(secret.Redacted)), nil))
}

// malformed says what is wrong with an entry, or with a part of it, without quoting it.
func malformed(part string, err error) error {
	kind, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return errors.New("it is not as HAR 1.2 defines it")
	}
	if field := strings.Trim(part+"."+kind.Field, "."); field != "" {
		return fmt.Errorf("its %s is a JSON %s", field, kind.Value)
	}
	return fmt.Errorf("it is a JSON %s", kind.Value)
}

// parseTime parses a timestamp. Some tools leave out the time zone.
func parseTime(timestamp string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, timestamp); err == nil {
			return at
		}
	}
	return time.Time{}
}

// longest is longer than any exchange takes. A duration beyond it, or below zero, counts as unknown.
const longest = 365 * 24 * time.Hour

func duration(millis json.Number) time.Duration {
	n := number(millis)
	if n < 0 || n > float64(longest.Milliseconds()) {
		return 0
	}
	return time.Duration(n * float64(time.Millisecond))
}

func number(n json.Number) float64 {
	f, _ := n.Float64()
	return f
}

// header returns the headers of a message, without the pseudo headers of HTTP/2 and without repetitions, which browsers record.
func header(all []harHeader) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	for _, one := range all {
		if one.Name != "" && !strings.HasPrefix(one.Name, ":") && !slices.Contains(h.Values(one.Name), one.Value) {
			h.Add(one.Name, one.Value)
		}
	}
	return h
}

func (r harRequest) read() (exchange.Request, error) {
	request := exchange.Request{Method: strings.ToUpper(r.Method), URL: r.URL, Header: header(r.Headers)}
	for _, name := range []string{"Connection", "Host"} { // the URL has the host
		request.Header.Del(name)
	}
	d := r.PostData
	if d == nil {
		return request, nil
	}
	if d.MimeType != "" && len(request.Header["Content-Type"]) == 0 {
		request.Header.Set("Content-Type", d.MimeType)
	}
	var err error
	if request.Body, err = decoded(d.Text, d.Encoding); err != nil {
		return request, fmt.Errorf("the body of its request is not in base64: %w", err)
	}
	if len(request.Body) > 0 || !strings.Contains(strings.ToLower(request.Header.Get("Content-Type")), "json") {
		return request, nil
	}
	if len(d.Params) == 1 { // some tools take every body for a form
		value := ""
		_ = json.Unmarshal(d.Params[0].Value, &value) // it may be missing
		if body := strings.TrimSuffix(d.Params[0].Name+"="+value, "="); strings.HasPrefix(body, "{") {
			request.Body = []byte(body)
			return request, nil
		}
	}
	if d.Params != nil && number(r.BodySize) > 0 {
		var members []string
		for _, p := range d.Params {
			members = append(members, text.Value(p.Name)+":"+string(p.Value))
		}
		request.Body = []byte("{" + strings.Join(members, ",") + "}")
	}
	return request, nil
}

// complete reports whether the body is all that was sent. An empty one is only if its size is stated: many tools leave bodies
// out.
func (r harRequest) complete(read exchange.Request) bool {
	if len(read.Header["Content-Encoding"]) > 0 {
		return true
	}
	stated := r.BodySize
	if length := read.Header["Content-Length"]; len(length) > 0 {
		stated = json.Number(strings.TrimSpace(length[0]))
	}
	size, err := stated.Float64()
	if len(read.Body) == 0 && (err != nil || size < 0 || len(read.Header["Content-Type"]) > len(read.Header["Content-Length"])) {
		return false
	}
	return max(size, number(r.BodySize)) <= float64(len(read.Body))
}

func decoded(body, encoding string) ([]byte, error) {
	if !strings.EqualFold(encoding, "base64") {
		return []byte(body), nil
	}
	bare := strings.TrimRight(strings.Join(strings.Fields(body), ""), "=")
	return base64.RawStdEncoding.DecodeString(bare)
}

// read adds the recorded answer to an exchange, or why there is none.
func (r harResponse) read(into *exchange.Exchange) (err error) {
	status := int(number(r.Status))
	if status < 100 || status > 999 {
		into.Failure = &exchange.Failure{Cause: exchange.CauseLost, Message: "the recording holds no answer", Sent: true}
		return nil
	}
	answer := &exchange.Answer{Status: status, Proto: strings.ToUpper(r.HTTPVersion), Header: header(r.Headers), Reason: r.StatusText}
	into.Answer = answer
	known := r.Content.Text != nil
	if known {
		if answer.Body, err = decoded(*r.Content.Text, r.Content.Encoding); err != nil {
			return fmt.Errorf("the body of its answer is not in base64: %w", err)
		}
	}
	size := max(number(r.Content.Size), 0)
	if plain, err := decoded(string(answer.Body), "base64"); err == nil && size > 0 && len(plain) == int(size) && !json.Valid(answer.Body) {
		answer.Body = plain // some tools do not say that they wrote base64
	}
	coding := coding(answer.Header)
	length, hasLength := answer.Header["Content-Length"]
	if coding == "" && hasLength {
		size = number(json.Number(strings.TrimSpace(length[0]))) // some tools count content.size differently
	}
	missing := coding == "" && float64(len(answer.Body)) < size
	if len(answer.Body) == 0 { // only if its size is stated: many tools leave bodies out
		missing = max(size, number(r.BodySize)) > 0 || !hasLength && (!known || number(r.BodySize) < 0)
	}
	body, complete := unpacked(answer.Body, coding)
	broken := r.Error != nil && r.Error != "" // why the browser gave up
	answer.Body, answer.TooLong = body, (missing || broken || !complete) && !hasNoBody(status)
	return nil
}

// hasNoBody reports whether answers of a status have no body.
func hasNoBody(status int) bool { return status < 200 || status == 204 || status == 304 }

// coding returns the content coding of a body; "": none.
func coding(h textproto.MIMEHeader) string {
	all := strings.ToLower(strings.TrimSpace(strings.Join(h["Content-Encoding"], ",")))
	return strings.TrimPrefix(strings.TrimPrefix(all, "identity"), "x-")
}

// Unpack replaces an answer's body as it was sent by what a client sees of it. If it cannot be decompressed to its end, it is
// TooLong.
func Unpack(a *exchange.Answer) {
	left := coding(a.Header)
	if left == "gzip" {
		a.Body, _ = exchange.Unzipped(a.Header, a.Body, exchange.MaxBody+1)
		left = ""
	}
	body, complete := unpacked(a.Body, left)
	a.Body, a.TooLong = body, a.TooLong || !complete
}

// unpacked returns up to MaxBody bytes of a body as a client sees it, and whether that is all of it. Most tools record it
// decompressed, whatever its header says.
func unpacked(body []byte, coding string) ([]byte, bool) {
	complete := true
	start := bytes.TrimLeft(body, " \t\r\n\ufeff")
	if coding != "" && len(start) > 0 && !(utf8.Valid(body) && slices.Contains([]byte(`{["<`), start[0])) {
		var in io.Reader
		err := errors.ErrUnsupported
		switch coding {
		case "gzip":
			in, err = gzip.NewReader(bytes.NewReader(body))
		case "deflate":
			if in, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
				in, err = flate.NewReader(bytes.NewReader(body)), nil
			}
		}
		if err != nil {
			complete = utf8.Valid(body) && !bytes.ContainsRune(body, utf8.RuneError)
		} else {
			body, err = io.ReadAll(io.LimitReader(in, exchange.MaxBody+1))
			complete = err == nil
		}
	}
	if len(body) > exchange.MaxBody {
		return body[:exchange.MaxBody], false
	}
	return body, complete
}
