// Package curl writes a call as a command that repeats it in any POSIX shell. Secrets, and values of a spent provider state, are
// shell expressions in it.
package curl

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"iter"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"verifik-contract/internal/text"
)

// Call is the call that a command repeats. All its texts may contain expressions.
type Call struct {
	Method     string
	URL        string
	Header     map[string][]string // those that curl sets by itself are left to it
	Body       string
	Compressed bool // the answer was compressed
	Way        Way
}

// Way is how calls reach a target: the options that every command has.
type Way struct {
	CAFile             string // PEM; "": the system's authorities
	CertFile, KeyFile  string // PEM; "": no client certificate
	ServerName         string // that the certificate is for, if not the URL's host
	InsecureSkipVerify bool
	Proxy              string // URL; may contain expressions
	NoProxy            bool   // curl would use a proxy that the call did not use
}

// mark stands before and after each expression. The same texts contain what a provider, a recording or a client chose, maybe to
// run something in the shell of whoever copies a command. So the mark is random, and of private-use characters, which are part of
// no number, word or encoding.
var mark = sync.OnceValue(func() string {
	return strings.Map(func(r rune) rune { return '\ue000' + r }, rand.Text())
})

// Expression returns a text that the shell expands, such as $TOKEN, as it would stand inside double quotes. It must not contain
// foreign text.
func Expression(shell string) string { return mark() + shell + mark() }

// longBody is how many bytes of a body still stand in the command itself.
const longBody = 2 << 10

// Command returns the command, in one line.
func (c Call) Command() string {
	// -g: curl would take brackets in a URL for a range.
	parts := append([]string{"curl -g -sS -i -X " + Argument(c.Method)}, c.Way.options()...)
	address, host := c.Way.address(c.URL)
	parts = append(parts, address...)
	if host != "" && c.Header["Host"] == nil {
		parts = append(parts, "-H "+Word("Host: "+host))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Header)) {
		if slices.Contains([]string{"Accept-Encoding", "User-Agent", "Traceparent", "Content-Length"}, name) {
			continue
		}
		for _, value := range c.Header[name] {
			field := name + ": " + value
			if value == "" {
				field = name + ";" // curl's notation for an empty header
			}
			parts = append(parts, "-H "+Word(field))
		}
	}
	if c.Compressed {
		parts = append(parts, "--compressed")
	}
	sends := c.Method == http.MethodPut || c.Method == http.MethodPost
	for _, name := range []string{"Accept", "Content-Type"} {
		if c.Header[name] == nil && sends {
			parts = append(parts, "-H '"+name+":'") // curl would send one of its own
		}
	}
	switch {
	case c.Body == "" && !sends:
	case len(c.Body) > longBody:
		parts = append(parts, fmt.Sprintf("--data-binary @body.txt # %d bytes", len(c.Body)))
	case needsEscapes(c.Body): // no argument can contain a NUL, and "$(...)" loses line breaks at the end
		return printed(c.Body) + " | " + strings.Join(append(parts, "--data-binary @-"), " ")
	default:
		parts = append(parts, "--data-raw "+Word(c.Body))
	}
	return strings.Join(parts, " ")
}

func (w Way) options() []string {
	var all []string
	add := func(name, value string) {
		if value != "" {
			all = append(all, name+" "+Word(value))
		}
	}
	add("--cacert", w.CAFile)
	add("--cert", w.CertFile)
	add("--key", w.KeyFile)
	add("--proxy", w.Proxy)
	if w.InsecureSkipVerify {
		all = append(all, "--insecure")
	}
	if w.NoProxy && w.Proxy == "" {
		all = append(all, "--noproxy '*'")
	}
	return all
}

// address returns the URL of the command and the options that it needs. curl expects a certificate for the URL's host: a different
// server name replaces that host, --connect-to leads it to the real one, and host is what the Host header has to be.
func (w Way) address(target string) (parts []string, host string) {
	u, err := url.Parse(target)
	if w.ServerName == "" || w.InsecureSkipVerify || err != nil || u.Scheme != "https" || strings.EqualFold(u.Hostname(), w.ServerName) {
		return []string{Word(target)}, ""
	}
	port := cmp.Or(u.Port(), "443")
	host = u.Host
	to := net.JoinHostPort(w.ServerName, port) + ":" + net.JoinHostPort(u.Hostname(), port)
	before, after, _ := strings.Cut(target, "//"+u.Host)
	return []string{"--connect-to " + Word(to), Word(before + "//" + net.JoinHostPort(w.ServerName, port) + after)}, host
}

// Word quotes a text for a shell, which expands its expressions.
func Word(argument string) string { return words(argument, single) }

// Argument is Word without quotation marks that are not needed.
func Argument(argument string) string {
	return words(argument, func(piece string) string {
		if plainWord.MatchString(piece) {
			return piece
		}
		return single(piece)
	})
}

var plainWord = regexp.MustCompile(`^[\w./:=@%+,-]*$`)

func words(argument string, quote func(string) string) string {
	var b strings.Builder
	for piece, expression := range pieces(argument) {
		if expression {
			b.WriteString(`"` + piece + `"`)
		} else {
			b.WriteString(quote(piece))
		}
	}
	if b.Len() == 0 {
		return "''"
	}
	return b.String()
}

// pieces yields the expressions of a text (true) and what stands between them (false).
func pieces(argument string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		for i, piece := range strings.Split(argument, mark()) {
			if piece != "" && !yield(piece, i%2 == 1) {
				return
			}
		}
	}
}

// single quotes a text for a shell.
func single(argument string) string {
	if needsEscapes(argument) {
		return `"$(` + printed(argument) + `)"`
	}
	return "'" + strings.ReplaceAll(argument, "'", `'\''`) + "'"
}

// needsEscapes reports whether a text, outside its expressions, has bytes that a terminal would act on or that are not UTF-8.
func needsEscapes(argument string) bool {
	for piece, expression := range pieces(argument) {
		for _, shown := range text.Pieces(piece) {
			if !expression && !shown {
				return true
			}
		}
	}
	return false
}

// printed returns a command that writes a text, with such bytes escaped.
func printed(argument string) string {
	format, arguments := "", ""
	for piece, expression := range pieces(argument) {
		if expression {
			format, arguments = format+"%s", arguments+` "`+piece+`"`
			continue
		}
		var b strings.Builder
		for piece, shown := range text.Pieces(piece) {
			if shown {
				b.WriteString(strings.NewReplacer(`\`, `\\`, `'`, `'\''`).Replace(piece))
				continue
			}
			for _, c := range []byte(piece) {
				fmt.Fprintf(&b, `\0%03o`, c)
			}
		}
		format, arguments = format+"%b", arguments+" '"+b.String()+"'"
	}
	return "printf '" + format + "'" + arguments
}

// Slice returns an expression for the characters of a variable from index from up to, but not including, index to; to 0 means to
// the end.
func Slice(variable string, from, to int) string {
	end := ""
	if to > 0 {
		end = strconv.Itoa(to)
	}
	return fmt.Sprintf(`$(printf %%s "$%s" | cut -c%d-%s)`, variable, from+1, end)
}

// Variable returns the name of the shell variable for a header's secret value: X_API_KEY for X-Api-Key. A name that could be that
// of a state's value, or of the shell, gets a prefix.
func Variable(header string) string {
	name := noName.ReplaceAllString(strings.ToUpper(header), "_")
	if strings.HasPrefix(name, "X_") || slices.Contains([]string{"AUTHORIZATION", "COOKIE", "PROXY_AUTHORIZATION"}, name) {
		return name
	}
	return "HEADER_" + name
}

var noName = regexp.MustCompile(`[^A-Z0-9]`)
