package env

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// urlRule says what a URL of one attribute may hold. The zero urlRule is that of one that paths are added to.
type urlRule struct {
	schemes  []string // nil: those of the web
	example  string
	query    bool // a query may stand in it, as where it is called as it is
	userinfo bool // a user and password may stand in it: a proxy's have no other place
	template bool // placeholders may stand in it
}

// placeholders returns the names in braces that a template may hold.
func placeholders() []string { return []string{"{countryCode}", "{phone}"} }

var braced = regexp.MustCompile(`\{[^{}]*\}?`)

// check parses a URL. What is wrong with it is said in words that hold no part of it: url.Parse's own errors repeat
// the whole, passwords included.
func (rule urlRule) check(text string) (what, detail string) {
	if rule.template {
		for _, hole := range placeholders() {
			text = strings.ReplaceAll(text, hole, "0")
		}
		if braced.MatchString(text) { // braces have no other meaning in a URL
			return "has braces that are no placeholder", fmt.Sprintf("Placeholders are %s.", strings.Join(placeholders(), " and "))
		}
	}
	example := "Write an absolute URL, as " + cmp.Or(rule.example, "https://api.example.test") + "."
	if rule.schemes == nil {
		rule.schemes = []string{"http", "https"}
	}
	parsed, err := url.Parse(text)
	if err != nil || strings.ContainsFunc(text, unicode.IsSpace) {
		return "is not a URL", example
	}
	_, badPort := strconv.ParseUint(cmp.Or(parsed.Port(), "0"), 10, 16)
	switch {
	case !slices.Contains(rule.schemes, parsed.Scheme):
		return "does not begin with " + strings.Join(rule.schemes, ":// or ") + "://", example
	case asciiHost(parsed) == "" || badPort != nil:
		return "names no usable host and port", example
	case parsed.User != nil && !rule.userinfo:
		return "holds a user or password", "Take it out: credentials stand in variables that are sensitive."
	case strings.Contains(text, "#"):
		return "has a fragment", "Take out the # and what follows it: no server ever gets it."
	case !rule.query && strings.Contains(text, "?"):
		return "has a query", "Take out the ? and what follows it: paths are added to this URL."
	}
	return "", ""
}

// readURL reads a URL; one that paths are added to loses the slashes at its end.
func readURL(rule urlRule) func(field) any {
	return func(f field) any {
		f.hideCredentials()
		if what, detail := rule.check(f.text()); what != "" {
			return f.complain(what, detail)
		}
		url := withASCIIHost(f.text())
		if !rule.query {
			url = strings.TrimRight(url, "/")
		}
		return url
	}
}

// withASCIIHost spells the host of a URL as the network does: münchen.example is xn--mnchen-3ya.example.
func withASCIIHost(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return text
	}
	return strings.Replace(text, parsed.Hostname(), asciiHost(parsed), 1)
}

// asciiHost returns the host's name in the letters of the network; "": there is none.
func asciiHost(parsed *url.URL) string {
	host := parsed.Hostname()
	if !strings.ContainsFunc(host, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return host
	}
	host, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return ""
	}
	return host
}

// hideCredentials keeps a password in a URL from being shown, also where the URL is none.
func (f field) hideCredentials() {
	if !strings.Contains(f.text(), "@") {
		return
	}
	if !refers(f.expression) {
		f.hide(f.at())
	}
	if parsed, err := url.Parse(f.text()); err == nil && parsed.User != nil {
		password, _ := parsed.User.Password()
		f.secrets.Add(password)
	}
}
