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

// urlRule says what the URL of an attribute may hold. The zero value is for base URLs, which paths are added to.
type urlRule struct {
	schemes  []string // nil: http and https
	example  string
	query    bool // may have a query: no path is added to it
	userinfo bool // may have a user and password, which for a proxy have no other place
	template bool // may have placeholders
}

// placeholders returns the placeholders that a template may have.
func placeholders() []string { return []string{"{countryCode}", "{phone}"} }

var braced = regexp.MustCompile(`\{[^{}]*\}?`)

// read reads a URL; a base URL loses the slashes at its end. What it notes never quotes the URL, as url.Parse's errors do,
// passwords included.
func (rule urlRule) read(f field) any {
	f.hideCredentials()
	text := f.text()
	if rule.template {
		for _, hole := range placeholders() {
			text = strings.ReplaceAll(text, hole, "0")
		}
		if braced.MatchString(text) { // braces have no other meaning in a URL
			return f.complain("has braces that are not a placeholder", fmt.Sprintf("Placeholders are %s.", strings.Join(placeholders(), " and ")))
		}
	}
	example := "Write an absolute URL, as " + cmp.Or(rule.example, "https://api.example.test") + "."
	if rule.schemes == nil {
		rule.schemes = []string{"http", "https"}
	}
	parsed, err := url.Parse(text)
	if err != nil || strings.ContainsFunc(text, unicode.IsSpace) {
		return f.complain("is not a URL", example)
	}
	host := asciiHost(parsed)
	_, badPort := strconv.ParseUint(cmp.Or(parsed.Port(), "0"), 10, 16)
	switch {
	case !slices.Contains(rule.schemes, parsed.Scheme):
		return f.complain("does not begin with "+strings.Join(rule.schemes, ":// or ")+"://", example)
	case host == "" || badPort != nil:
		return f.complain("names no usable host and port", example)
	case parsed.User != nil && !rule.userinfo:
		return f.complain("holds a user or password", "Take it out, and put credentials into sensitive variables.")
	case strings.Contains(text, "#"):
		return f.complain("has a fragment", "Take out the # and what follows it: no server ever gets it.")
	case !rule.query && strings.Contains(text, "?"):
		return f.complain("has a query", "Take out the ? and what follows it: paths are added to this URL.")
	}
	spelt := strings.Replace(f.text(), parsed.Hostname(), host, 1)
	if !rule.query {
		spelt = strings.TrimRight(spelt, "/")
	}
	return spelt
}

// asciiHost returns the host name in ASCII, xn--mnchen-3ya.example for münchen.example; "" if there is none.
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

// hideCredentials hides a password in a URL, even if it is not a valid URL.
func (f field) hideCredentials() {
	if !strings.Contains(f.text(), "@") {
		return
	}
	if !refersElsewhere(f.expression) {
		f.hide(f.at())
	}
	if parsed, err := url.Parse(f.text()); err == nil && parsed.User != nil {
		password, _ := parsed.User.Password()
		f.secrets.Add(password)
	}
}
