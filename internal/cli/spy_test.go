package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/reference"
)

// spy is a reference provider that remembers every secret that passes, in either direction. Where it leaks, it
// gives them all back in its answers: in bodies, headers, error pages, and in bytes that are no HTTP. Each answer has
// them in a few of the spellings, and has other ones than the answer before.
type spy struct {
	handler http.Handler
	leaks   bool

	mutex  sync.Mutex
	tokens map[string]bool
	otps   map[string]string // by phone
	typed  map[string]string // other OTPs than the right one, by what was typed: they were made from it
	phones map[string]bool   // the digits of each that was sent: an OTP may stand in one by chance
	puts   int
	setUps int
}

// newSpy starts one, that answers under a path prefix too.
func newSpy(t *testing.T, options reference.Options, prefix string, leaks bool) (*spy, *httptest.Server) {
	t.Helper()
	provider, err := reference.New(options)
	require.NoError(t, err)
	s := &spy{handler: provider.Handler(), leaks: leaks, tokens: map[string]bool{}, otps: map[string]string{}, typed: map[string]string{}, phones: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = strings.TrimPrefix(r.URL.Path, prefix)
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, provider.Close())
	})
	return s, server
}

func (s *spy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what is missing is missed by the provider
	r.Body = io.NopCloser(bytes.NewReader(body))
	put := r.Method == http.MethodPut
	if s.leaks && r.Method == http.MethodPost && s.next(&s.setUps)%11 == 5 {
		// Only what the tool knows: nobody could tell a token that it never saw from any other text.
		http.Error(w, "cannot do that for "+strings.Join(s.learn(r, body, nil), ", "), http.StatusInternalServerError)
		return
	}
	recorded := httptest.NewRecorder()
	s.handler.ServeHTTP(recorded, r)
	known := s.learn(r, body, recorded.Body.Bytes())
	number := 0
	if s.leaks && put {
		number = s.next(&s.puts)
	}
	if number%7 == 3 {
		rawly("HTTP/1.1 200 OK\r\nno header: "+strings.Join(known, " ")+"\x01\r\n\r\n")(nil, w, r)
		return
	}
	for name, values := range recorded.Header() {
		w.Header()[name] = values
	}
	answer := recorded.Body.Bytes()
	if s.leaks && put {
		answer = leak(w.Header(), answer, known, number)
	}
	w.WriteHeader(recorded.Code)
	_, _ = w.Write(answer)
}

func (s *spy) next(counter *int) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	*counter++
	return *counter
}

// learn takes the secrets out of a call, and returns those of its own: its tokens, and its phone's OTP.
func (s *spy) learn(r *http.Request, request, answer []byte) []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var own []string
	if scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " "); found && scheme == "Bearer" && token != "null" && token != "undefined" && !anID.MatchString(token) {
		s.tokens[token] = true
		own = append(own, token)
	}
	if key := r.Header.Get("X-Api-Key"); key != "" {
		s.tokens[key] = true
		own = append(own, key)
	}
	var sent, got map[string]any
	_, _ = decode(request, &sent), decode(answer, &got) // what is no object holds nothing
	if data, ok := got["data"].(map[string]any); ok && got["token"] == nil {
		got["token"] = data["token"]
	}
	if token, _ := got["token"].(string); token != "" {
		s.tokens[token] = true
		own = append(own, token)
	}
	phone := fmt.Sprint(got["phone"])
	if otp, found := got["otp"]; found && r.Method != http.MethodPut {
		s.otps[phone] = fmt.Sprint(otp)
	}
	if r.Method == http.MethodPut {
		phone = fmt.Sprint(sent["phone"])
		s.phones[noDigits.ReplaceAllString(phone, "")] = true
		// Of those that the features write out, none is digits alone and no zero in front.
		if otp := fmt.Sprint(sent["otp"]); s.otps[phone] != "" && otp != s.otps[phone] && !slices.Contains(madeUp, otp) && digits.MatchString(otp) {
			s.typed[otp] = phone
		}
	}
	if otp := s.otps[phone]; otp != "" {
		own = append(own, otp)
	}
	return own
}

func decode(text []byte, into *map[string]any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}

var noDigits = regexp.MustCompile(`[^0-9]`)

// secrets is every value that must not be shown, but for what stands in a phone that was sent, and what the tool makes up.
func (s *spy) secrets() (tokens, otps []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for token := range s.tokens {
		tokens = append(tokens, token)
	}
	for _, otp := range s.otps {
		otps = append(otps, otp)
	}
	for otp := range s.typed {
		otps = append(otps, otp)
	}
	sent := strings.Join(slices.Collect(maps.Keys(s.phones)), " ")
	return tokens, slices.DeleteFunc(otps, func(otp string) bool { return slices.Contains(madeUp, otp) || strings.Contains(sent, otp) })
}

// madeUp is what the tool types whatever the right OTP is, and no secret.
var madeUp = []string{"246813", "123456", "111111", "999999", "654321", "1234"}

// anID is the form of the reference provider's ids, which PV-16 sends in place of a token. No token has it.
var anID = regexp.MustCompile(`^[0-9a-f]{24}$`)

var digits = regexp.MustCompile(`^[1-9][0-9]{3,14}$`)

// leak gives values back, in every eighth of the spellings in the body and in another in the headers: which, the answer's
// number says.
func leak(header http.Header, answer []byte, values []string, number int) []byte {
	header.Del("Content-Length")
	debug := map[string]any{"trace": "Error: at validate (/srv/app/otp.js:12:3)\n    at async /srv/app/index.js:4:1"}
	for i, value := range values {
		all := spellings(value)
		for at, how := range slices.Sorted(maps.Keys(all)) {
			switch at % 8 {
			case number % 8:
				debug[fmt.Sprintf("%s%d", how, i)] = all[how]
			case (number + 4) % 8:
				header.Add("X-Debug", how+"="+all[how])
			}
		}
		debug[fmt.Sprintf("url%d", i)] = "https://app.example.test/?v=" + url.QueryEscape(value) + "&w=" + value
		header.Add("Set-Cookie", fmt.Sprintf("v%d=%s", i, value))
		header.Add("Link", "</next?v="+value+">; rel=next")
		header.Add("X-Basic", "Basic "+base64.StdEncoding.EncodeToString([]byte("user:"+value)))
	}
	var object map[string]any
	if decode(answer, &object) != nil || object == nil {
		return append(answer, []byte(strings.Join(values, "\n"))...)
	}
	object["debug"] = debug
	if message, ok := object["message"].(string); ok && len(values) > 0 {
		object["message"] = message + " " + strings.Join(values, " ")
		object["code"] = strings.Join(values, ":")
	}
	leaked, err := json.Marshal(object)
	if err != nil {
		panic(err) // it was JSON before
	}
	return leaked
}

// spellings is how a value may be written, each a whole one.
func spellings(value string) map[string]string {
	lower := hex.EncodeToString([]byte(value))
	upper := strings.ToUpper(lower)
	var escaped, percent, colons, entities strings.Builder
	for i, b := range []byte(value) {
		if i > 0 {
			colons.WriteString(":")
		}
		colons.WriteString(upper[2*i : 2*i+2])
		entities.WriteString("&#" + strconv.Itoa(int(b)) + ";")
		escaped.WriteString(`\u00` + lower[2*i:2*i+2])
		percent.WriteString("%" + upper[2*i:2*i+2])
	}
	all := map[string]string{
		"plain":   value,
		"json":    escaped.String(),
		"percent": percent.String(),
		"query":   url.QueryEscape(value),
		"std":     base64.StdEncoding.EncodeToString([]byte(value)),
		"rawstd":  base64.RawStdEncoding.EncodeToString([]byte(value)),
		"url":     base64.URLEncoding.EncodeToString([]byte(value)),
		"rawurl":  base64.RawURLEncoding.EncodeToString([]byte(value)),
		"hex":     lower,
		"HEX":     upper,

		"twice":    base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(value)))),
		"thrice":   url.QueryEscape(url.QueryEscape(percent.String())),
		"colons":   colons.String(),
		"entities": entities.String(),
		"payload":  base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1","otp":"` + value + `"}`)),
	}
	if digits.MatchString(value) {
		if len(value) >= 6 {
			all["glued"] = "otp" + value + "e0"
		}
		all["spaced"] = value[:len(value)/2] + " " + value[len(value)/2:]
	} else {
		all["glued"] = "s" + value + "0"
	}
	return all
}
