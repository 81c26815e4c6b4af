package env

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"verifik-contract/internal/secret"
)

// urlRule tells what a URL of one attribute may hold.
type urlRule struct {
	schemes  []string
	example  string
	query    bool // a query may stand in it
	userinfo bool // a user and password may stand in it
}

func webURL() urlRule {
	return urlRule{schemes: []string{"http", "https"}, example: "https://api.example.test"}
}

// handlerURL is the rule of a URL that is called as it is.
func handlerURL() urlRule {
	rule := webURL()
	rule.query = true
	return rule
}

// check parses a URL. What is wrong with it is said in words that hold no part of it: url.Parse's own errors repeat
// the whole, passwords included.
func (rule urlRule) check(text string) (what, detail string) {
	example := "Write an absolute URL, as " + rule.example + "."
	if strings.TrimSpace(text) != text {
		return "has white space around it", "Take it out."
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return "is not a URL", example
	case !slices.Contains(rule.schemes, parsed.Scheme):
		return "does not begin with " + strings.Join(rule.schemes, ":// or ") + "://", example
	case parsed.Hostname() == "" || parsed.Opaque != "":
		return "names no host", example
	case !ascii(parsed.Hostname()) && hostASCII(parsed) == "":
		return "has a host name that is none", "Its letters are not allowed in names of hosts."
	case !goodPort(parsed):
		return "has a port that is none", "Ports are 1 to 65535."
	case parsed.User != nil && !rule.userinfo:
		return "holds a user or password", "Take it out: credentials stand in variables that are sensitive."
	case parsed.Fragment != "" || strings.Contains(text, "#"):
		return "has a fragment", "Take out the # and what follows it: no server ever gets it."
	case !rule.query && (parsed.RawQuery != "" || parsed.ForceQuery):
		return "has a query", "Take out the ? and what follows it: paths are added to this URL."
	}
	return "", ""
}

func goodPort(parsed *url.URL) bool {
	if parsed.Port() == "" {
		return !strings.HasSuffix(parsed.Host, ":")
	}
	port, err := strconv.Atoi(parsed.Port())
	return err == nil && port >= 1 && port <= 65535
}

// url reads a URL.
func (r reader) url(name string, rule urlRule) (string, bool) {
	text, ok := r.text(name)
	if !ok {
		return "", false
	}
	r.hideCredentials(name, text)
	what, detail := rule.check(text)
	if what != "" {
		r.wrong(name, what, detail)
		return "", false
	}
	return withASCIIHost(text), true
}

// withASCIIHost spells the host of a URL as the network does: münchen.example is xn--mnchen-3ya.example.
func withASCIIHost(text string) string {
	parsed, err := url.Parse(text)
	if err != nil || ascii(parsed.Hostname()) {
		return text
	}
	host := hostASCII(parsed)
	if port := parsed.Port(); port != "" {
		host += ":" + port
	}
	return strings.Replace(text, parsed.Host, host, 1)
}

// hostASCII is the host's name in the letters of the network; "": there is none.
func hostASCII(parsed *url.URL) string {
	host, err := idna.Lookup.ToASCII(parsed.Hostname())
	if err != nil {
		return ""
	}
	return host
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c >= utf8.RuneSelf })
}

// hideCredentials keeps a password in a URL from being shown, also where the URL is none.
func (r reader) hideCredentials(name, text string) {
	if !strings.Contains(text, "@") {
		return
	}
	if !refers(r.body.Attributes[name].Expr) {
		r.hide(r.at(name))
	}
	registerPassword(r.secrets, text)
}

func registerPassword(secrets *secret.Set, text string) {
	if parsed, err := url.Parse(text); err == nil && parsed.User != nil {
		password, _ := parsed.User.Password()
		secrets.Add(password)
	}
}

// baseURL reads a URL that paths are added to.
func (r reader) baseURL(name string) string {
	text, _ := r.url(name, webURL())
	return strings.TrimRight(text, "/")
}
