package contract

import (
	"bytes"
	"net/http"
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
func Foreign(e exchange.Exchange) string {
	a := e.Answer
	if a.Status == http.StatusConflict || a.Status == http.StatusPreconditionFailed || knows(a.Body) {
		return ""
	}
	v, err := value(a)
	object, isObject := v.(map[string]any)
	switch {
	case err == nil && isObject && (a.Status < 300 || a.Status == http.StatusInternalServerError):
		return ""
	case err == nil && isObject && twoTexts(object) && !routers(a.Status, object):
		return ""
	}
	return strings.TrimSpace(strconv.Itoa(a.Status)+" "+http.StatusText(a.Status)) + kindOf(a)
}

// documentedWords is what no other service says.
var documentedWords = []string{
	"otp_does_not_match", "phone_validation_not_found", "phoneValidation_has_expired", "MissingParameter",
	"missing phone", "missing countryCode", "missing otp", "countryCode format", "phone_validation",
}

func knows(body []byte) bool {
	return slices.ContainsFunc(documentedWords, func(words string) bool { return bytes.Contains(body, []byte(words)) })
}

func twoTexts(object map[string]any) bool {
	_, code := object["code"].(string)
	_, message := object["message"].(string)
	return code && message && len(object) == 2
}

// routers tells whether an error in two fields is a router's: it speaks of the path, or of the method in words of its
// own. The provider's own messages begin with the status.
func routers(status int, object map[string]any) bool {
	code, _ := object["code"].(string)
	message, _ := object["message"].(string)
	if strings.HasPrefix(message, strconv.Itoa(status)+":") {
		return false
	}
	return status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented || strings.Contains(message, "/phone-validations") || code == "ResourceNotFound"
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
