package env

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
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
func (rule urlRule) check(text string) (parsed *url.URL, what, detail string) {
	example := "Write an absolute URL, as " + rule.example + "."
	if strings.TrimSpace(text) != text {
		return nil, "has white space around it", "Take it out."
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, "is not a URL", example
	case !slices.Contains(rule.schemes, parsed.Scheme):
		return nil, "does not begin with " + strings.Join(rule.schemes, ":// or ") + "://", example
	case parsed.Hostname() == "" || parsed.Opaque != "":
		return nil, "names no host", example
	case !goodPort(parsed):
		return nil, "has a port that is none", "Ports are 1 to 65535."
	case parsed.User != nil && !rule.userinfo:
		return parsed, "holds a user or password", "Take it out: credentials stand in variables that are sensitive."
	case parsed.Fragment != "" || strings.Contains(text, "#"):
		return nil, "has a fragment", "Take out the # and what follows it: no server ever gets it."
	case !rule.query && (parsed.RawQuery != "" || parsed.ForceQuery):
		return nil, "has a query", "Take out the ? and what follows it: paths are added to this URL."
	}
	return parsed, "", ""
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
	parsed, what, detail := rule.check(text)
	if parsed != nil && parsed.User != nil {
		password, _ := parsed.User.Password()
		r.secrets.Add(password)
		if !refers(r.body.Attributes[name].Expr) {
			r.hide(r.at(name))
		}
	}
	if what != "" {
		r.wrong(name, what, detail)
		return "", false
	}
	return text, true
}

// baseURL reads a URL that paths are added to.
func (r reader) baseURL(name string) string {
	text, _ := r.url(name, webURL())
	return strings.TrimRight(text, "/")
}
