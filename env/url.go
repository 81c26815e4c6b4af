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

	"verifik-contract/internal/secret"
)

// urlRule says what a URL of one attribute may hold. The zero urlRule is that of one that paths are added to.
type urlRule struct {
	schemes  []string // nil: those of the web
	example  string
	query    bool // a query may stand in it, as where it is called as it is
	userinfo bool // a user and password may stand in it
}

// proxyURL returns the rule of a proxy's URL: a proxy's password has no other place, and is a secret.
func proxyURL() urlRule {
	return urlRule{schemes: []string{"http", "https", "socks5", "socks5h"}, userinfo: true, example: "http://proxy.example.test:3128"}
}

// check parses a URL. What is wrong with it is said in words that hold no part of it: url.Parse's own errors repeat
// the whole, passwords included.
func (rule urlRule) check(text string) (what, detail string) {
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
	case parsed.Hostname() == "" || badPort != nil || !ascii(parsed.Hostname()) && hostASCII(parsed) == "":
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

// readURL reads a URL as it is.
func readURL(rule urlRule) func(field) any {
	return func(f field) any {
		f.hideCredentials()
		if what, detail := rule.check(f.text()); what != "" {
			return f.complain(what, detail)
		}
		return withASCIIHost(f.text())
	}
}

// readBaseURL reads a URL that paths are added to.
func readBaseURL(f field) any {
	if readURL(urlRule{})(f) == nil {
		return nil
	}
	return strings.TrimRight(withASCIIHost(f.text()), "/")
}

// placeholders returns the names in braces that a template may hold.
func placeholders() []string { return []string{"{countryCode}", "{phone}"} }

var braced = regexp.MustCompile(`\{[^{}]*\}?`)

// readTemplate reads a URL with placeholders. Braces have no other meaning in a URL.
func readTemplate(f field) any {
	f.hideCredentials()
	filled := f.text()
	for _, hole := range placeholders() {
		filled = strings.ReplaceAll(filled, hole, "0")
	}
	if braced.MatchString(filled) {
		return f.complain("has braces that are no placeholder", fmt.Sprintf("Placeholders are %s.", strings.Join(placeholders(), " and ")))
	}
	if what, detail := (urlRule{query: true}).check(filled); what != "" {
		return f.complain(what, detail)
	}
	return withASCIIHost(f.text())
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

// hostASCII returns the host's name in the letters of the network; "": there is none.
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
func (f field) hideCredentials() {
	if !strings.Contains(f.text(), "@") {
		return
	}
	if !refers(f.expression) {
		f.hide(f.at())
	}
	registerPassword(f.secrets, f.text())
}

func registerPassword(secrets *secret.Set, text string) {
	if parsed, err := url.Parse(text); err == nil && parsed.User != nil {
		password, _ := parsed.User.Password()
		secrets.Add(password)
	}
}
