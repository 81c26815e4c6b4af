package contract

import (
	"bytes"
	"maps"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// Foreign says what an answer is that nothing of the endpoint speaks from: "404 with an HTML page". "": it speaks like the
// endpoint, however badly. It may hold secrets.
//
// A wrong path, another service and a proxy that refuses are told from a provider that breaks its promises by what
// only the provider knows: a success, a documented code or message, the two fields of its errors. An error in two
// fields that names the path of the request is a router's, which has no such path.
func (c Checks) Foreign(e exchange.Exchange) string {
	a := e.Answer
	if c.documents(a.Status) && a.Status > http.StatusMethodNotAllowed || c.knows(a.Body) { // below it every server and every gateway refuses
		return ""
	}
	object := parse(a).object()
	code, hasCode := object["code"].(string)
	message, hasMessage := object["message"].(string)
	switch {
	case object != nil && (a.Status < 300 || a.Status == http.StatusInternalServerError):
		return ""
	case hasCode && hasMessage && len(object) == 2 && !c.routers(a.Status, code, message):
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(a.Status)+" "+http.StatusText(a.Status)) + kindOf(a)
}

// knows reports whether a body says what no other service does: a documented code, how a documented message begins that has
// none of its own, or the name of the record.
func (c Checks) knows(body []byte) bool {
	words := []string{strings.ReplaceAll(strings.TrimSuffix(path.Base(c.Endpoint().Path), "s"), "-", "_"), c.badFormat()}
	for _, a := range c.Answers() {
		words = append(words, a.Code)
		words = append(words, a.Messages...)
	}
	return slices.ContainsFunc(words, func(word string) bool { return word != "" && bytes.Contains(body, []byte(word)) })
}

// routers reports whether an error in two fields is a router's: it speaks of the path, or of the method in words of its
// own. The provider's own messages begin with the status.
func (c Checks) routers(status int, code, message string) bool {
	if strings.HasPrefix(message, strconv.Itoa(status)+":") {
		return false
	}
	return status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented || strings.Contains(message, "/"+path.Base(c.Endpoint().Path)) || code == "ResourceNotFound"
}

func kindOf(a *exchange.Answer) string {
	switch {
	case a.Status >= 300 && a.Status < 400:
		return ", a redirect"
	case len(bytes.TrimSpace(a.Body)) == 0:
		return " without a body"
	case strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), "html"):
		return " with an HTML page"
	}
	return " with " + clip(strings.ToValidUTF8(string(a.Body), ""), 80)
}

// speech is which of the documented words an answer has, in whatever form: nobody but the provider uses them.
type speech struct {
	answers    []schemas.Answer // by words that no other answer has
	parameters bool             // that parameters are missing
	format     bool             // that the country code is badly written
	missing    []string         // the documented parameters that are called missing
}

func (s speech) any() bool { return len(s.answers) > 0 || s.parameters || s.format }

// of returns the answer that is spoken of: that of the status, if it is among several.
func (s speech) of(status int) (answer schemas.Answer, spoken bool) {
	if len(s.answers) == 0 {
		return schemas.Answer{}, false
	}
	at := slices.IndexFunc(s.answers, func(a schemas.Answer) bool { return a.Status == status })
	return s.answers[max(at, 0)], true
}

// vocabulary is the documented words, made ready to be looked for.
type vocabulary struct {
	own    [][]string          // by the answers' order, the words that only this one has
	code   string              // of the answers about parameters
	called string              // what stands before a parameter that is called missing
	format string              // how the message begins that calls a country code badly written
	spelt  map[string][]string // by the documented parameters, the ways in which messages spell them
}

func (c Checks) vocabulary() *vocabulary {
	missing := c.of(RuleAllMissing)
	v := &vocabulary{code: squeezed(missing.Code), format: squeezed(c.badFormat()), spelt: map[string][]string{}}
	for _, message := range missing.Messages {
		if called, _, names := strings.Cut(message, c.Endpoint().Required[0]); names {
			v.called = strings.TrimRight(separated(called), " ")
			break
		}
	}
	for _, d := range c.Answers() {
		var own []string
		for _, word := range append(slices.Clone(d.Messages), d.Code) {
			_, shared := c.First(func(other schemas.Answer) bool { return other.Schema != d.Schema && other.Code == word })
			if word != "" && !shared && d.Rule != RuleAllMissing && d.Rule != RuleFormat {
				own = append(own, squeezed(word))
			}
		}
		v.own = append(v.own, own)
	}
	for _, name := range c.parameters() {
		v.spelt[name] = []string{" " + strings.ToLower(name) + " ", separated(humps.ReplaceAllString(name, "$1 $2"))}
	}
	return v
}

// speech returns the documented words that an answer has.
func (c Checks) speech(a *exchange.Answer) speech {
	body := string(a.Body)
	if r := parse(a); r.err == nil {
		body = strings.Join(leaves(r.value, false), " ")
	}
	words := separated(body)
	said := strings.ReplaceAll(words, " ", "")
	s := speech{missing: c.missingIn(words), format: c.words.format != "" && strings.Contains(said, c.words.format)}
	for i, d := range c.Answers() {
		if slices.ContainsFunc(c.words.own[i], func(word string) bool { return strings.Contains(said, word) }) {
			s.answers = append(s.answers, d)
		}
	}
	coded := c.words.code != "" && strings.Contains(said, c.words.code)
	s.parameters = len(s.missing) > 0 || coded && slices.ContainsFunc(c.parameters(), func(name string) bool {
		return slices.ContainsFunc(c.words.spelt[name], func(spelt string) bool { return strings.Contains(words, spelt) })
	})
	return s
}

// squeezed is a text's letters and digits alone, in lower case: whatever else stands between them is form.
func squeezed(text string) string { return strings.ReplaceAll(separated(text), " ", "") }

// humps is where a word begins in a name like countryCode.
var humps = regexp.MustCompile(`([a-z])([A-Z])`)

// separated is a text's words of letters and digits in lower case, a space around each.
func separated(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return " " + strings.Join(words, " ") + " "
}

// walk calls found with a value and all that is within it, each by its key, "" of an element of a list, until it reports true,
// and reports whether it did. Keys come in their order.
func walk(key string, v any, found func(key string, v any) bool) bool {
	if found(key, v) {
		return true
	}
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(element any) bool { return walk("", element, found) })
	case map[string]any:
		return slices.ContainsFunc(slices.Sorted(maps.Keys(v)), func(key string) bool { return walk(key, v[key], found) })
	}
	return false
}

// leaves returns the texts of a value, and where they are asked for its keys.
func leaves(v any, keys bool) (all []string) {
	walk("", v, func(key string, v any) bool {
		if keys && key != "" {
			all = append(all, key)
		}
		if text, isText := v.(string); isText {
			all = append(all, text)
		}
		return false
	})
	return all
}

// isPage reports whether an answer is a page for people.
func isPage(a *exchange.Answer) bool {
	return strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), "html") && bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("<"))
}
