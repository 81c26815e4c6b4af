package contract

import (
	"bytes"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/schemas"
)

// Foreign describes an answer that does not seem to come from the endpoint: "404 with an HTML page". It returns "" if it does,
// however broken the answer is. The description may hold secrets.
//
// A wrong path, another service or a proxy that refuses is told from a provider that breaks its promises by what only the
// provider would say: a success, a documented code or message, the two fields of its errors. An error in two fields that names
// the request's path is that of a router without such a path.
func (c Checks) Foreign(e exchange.Exchange) string {
	a := e.Answer
	if c.documents(a.Status) && a.Status > http.StatusMethodNotAllowed || c.knowsContract(a.Body) { // any server or gateway refuses with the lower ones
		return ""
	}
	object := parse(a).object()
	code, hasCode := object["code"].(string)
	message, hasMessage := object["message"].(string)
	switch {
	case object != nil && (a.Status < 300 || a.Status == http.StatusInternalServerError):
		return ""
	case hasCode && hasMessage && len(object) == 2 && !c.isRouters(a.Status, code, message):
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(a.Status)+" "+http.StatusText(a.Status)) + bodyKind(a)
}

// knowsContract reports whether a body says what no other service would: a documented code or message, or the name of the record.
func (c Checks) knowsContract(body []byte) bool {
	return slices.ContainsFunc(c.words.all, func(word string) bool { return word != "" && bytes.Contains(body, []byte(word)) })
}

// isRouters reports whether an error in two fields is that of a router, about the path or the method. The provider's own
// messages begin with the status.
func (c Checks) isRouters(status int, code, message string) bool {
	if strings.HasPrefix(message, strconv.Itoa(status)+":") {
		return false
	}
	return status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented || strings.Contains(message, "/"+path.Base(c.Endpoint().Path)) || code == "ResourceNotFound"
}

// bodyKind describes the body of an answer, to go behind its status.
func bodyKind(a *exchange.Answer) string {
	switch {
	case a.Status >= 300 && a.Status < 400:
		return ", a redirect"
	case len(bytes.TrimSpace(a.Body)) == 0:
		return " without a body"
	case strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), "html"):
		return " with an HTML page"
	}
	return " with " + strings.TrimSuffix(clip(strings.TrimSpace(strings.ToValidUTF8(string(a.Body), "")), 80), ".")
}

// wording is which of the documented words an answer uses, in whatever form: only the provider knows these.
type wording struct {
	answers    []schemas.Answer // whose own words it uses
	parameters bool             // it says that parameters are missing
	format     bool             // it says that the country code is malformed
	missing    []string         // the parameters that it calls missing
}

func (w wording) any() bool { return len(w.answers) > 0 || w.parameters || w.format }

// of returns the answer whose words are used, preferably one with the status, and whether there is one.
func (w wording) of(status int) (schemas.Answer, bool) {
	if len(w.answers) == 0 {
		return schemas.Answer{}, false
	}
	at := slices.IndexFunc(w.answers, func(a schemas.Answer) bool { return a.Status == status })
	return w.answers[max(at, 0)], true
}

// vocabulary is the documented words in the forms in which they are searched for.
type vocabulary struct {
	all       []string            // as they are documented
	own       [][]string          // for each documented answer, the words that it shares with no other
	code      string              // of the answers about parameters
	missing   string              // the words before the name of a missing parameter
	format    string              // the beginning of the message about a malformed country code
	spellings map[string][]string // of each parameter in messages
}

func (c Checks) vocabulary() *vocabulary {
	missing := c.of(RuleAllMissing)
	v := &vocabulary{code: squeezed(missing.Code), format: squeezed(c.badFormat()), spellings: map[string][]string{}}
	v.all = []string{strings.ReplaceAll(strings.TrimSuffix(path.Base(c.Endpoint().Path), "s"), "-", "_"), c.badFormat()}
	for _, a := range c.Answers() {
		v.all = append(append(v.all, a.Code), a.Messages...)
	}
	for _, message := range missing.Messages {
		if before, _, found := strings.Cut(message, c.Endpoint().Required[0]); found {
			v.missing = strings.TrimRight(separated(before), " ")
			break
		}
	}
	for _, d := range c.Answers() {
		var own []string
		for _, word := range append(slices.Clone(d.Messages), d.Code) {
			shared := slices.ContainsFunc(c.Answers(), func(other schemas.Answer) bool { return other.Schema != d.Schema && other.Code == word })
			if word != "" && !shared && d.Rule != RuleAllMissing && d.Rule != RuleFormat {
				own = append(own, squeezed(word))
			}
		}
		v.own = append(v.own, own)
	}
	for _, name := range c.parameters() {
		v.spellings[name] = []string{" " + strings.ToLower(name) + " ", separated(camelCase.ReplaceAllString(name, "$1 $2"))}
	}
	return v
}

// wordsIn returns which documented words an answer uses.
func (c Checks) wordsIn(a *exchange.Answer) wording {
	body := string(a.Body)
	if r := parse(a); r.err == nil {
		body = strings.Join(leaves(r.value, false), " ")
	}
	words := separated(body)
	letters := strings.ReplaceAll(words, " ", "")
	w := wording{missing: c.missingIn(words), format: c.words.format != "" && strings.Contains(letters, c.words.format)}
	for i, d := range c.Answers() {
		if slices.ContainsFunc(c.words.own[i], func(word string) bool { return strings.Contains(letters, word) }) {
			w.answers = append(w.answers, d)
		}
	}
	coded := c.words.code != "" && strings.Contains(letters, c.words.code)
	w.parameters = len(w.missing) > 0 || coded && slices.ContainsFunc(c.parameters(), func(name string) bool {
		return slices.ContainsFunc(c.words.spellings[name], func(spelling string) bool { return strings.Contains(words, spelling) })
	})
	return w
}

// squeezed returns the letters and digits of a text in lower case, and nothing between them.
func squeezed(text string) string { return strings.ReplaceAll(separated(text), " ", "") }

// separated returns the words of a text, of letters and digits in lower case, with a space around each.
func separated(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return " " + strings.Join(words, " ") + " "
}

// walk calls found with a value and everything within it, until it reports true, and reports whether it did. Each value comes
// with its key, "" for an element of a list. Keys come in order.
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

// leaves returns the strings within a value and, if asked for, the keys.
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

// isPage reports whether an answer is an HTML page.
func isPage(a *exchange.Answer) bool {
	return strings.Contains(strings.ToLower(a.Header.Get("Content-Type")), "html") && bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("<"))
}
