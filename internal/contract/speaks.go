package contract

import (
	"bytes"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/exchange"
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
	v, err := value(a)
	object, isObject := v.(map[string]any)
	switch {
	case err == nil && isObject && (a.Status < 300 || a.Status == http.StatusInternalServerError):
		return ""
	case err == nil && isObject && twoTexts(object) && !c.routers(a.Status, object):
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

func twoTexts(object map[string]any) bool {
	_, code := object["code"].(string)
	_, message := object["message"].(string)
	return code && message && len(object) == 2
}

// routers tells whether an error in two fields is a router's: it speaks of the path, or of the method in words of its
// own. The provider's own messages begin with the status.
func (c Checks) routers(status int, object map[string]any) bool {
	code, _ := object["code"].(string)
	message, _ := object["message"].(string)
	if strings.HasPrefix(message, strconv.Itoa(status)+":") {
		return false
	}
	return status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented || strings.Contains(message, "/"+path.Base(c.Endpoint().Path)) || code == "ResourceNotFound"
}

func kindOf(a *exchange.Answer) string {
	kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	switch {
	case a.Status >= 300 && a.Status < 400:
		return ", a redirect"
	case len(bytes.TrimSpace(a.Body)) == 0:
		return " without a body"
	case strings.Contains(kind, "html"):
		return " with an HTML page"
	}
	return " with " + clip(strings.ToValidUTF8(string(a.Body), ""), 80)
}
