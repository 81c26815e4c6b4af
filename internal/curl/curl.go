// Package curl spells a call as a command that a person can run in any POSIX shell to make it again. What must not be
// shown, or belongs to a provider state that is spent, is a shell expression in it.
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

// Call is what a command repeats. All its texts may hold expressions.
type Call struct {
	Method     string
	URL        string
	Header     map[string][]string // what curl sets by itself unless told otherwise is left to it
	Body       string
	Compressed bool // the answer was compressed, as was asked for
	Way        Way
}

// Way is how calls reach a target: the options of every command that repeats one.
type Way struct {
	CAFile             string // PEM; "": the system's authorities
	CertFile, KeyFile  string // PEM; "": no client certificate
	ServerName         string // that the certificate is for, where it is not the URL's host
	InsecureSkipVerify bool
	Proxy              string // URL; may hold expressions
	NoProxy            bool   // curl would take a proxy that the call did not go through
}

// mark stands before and behind an expression. What a provider, a recording or a client chose stands in the same texts and may
// be made to run something in the shell of whoever copies a command: it cannot know a mark that each process draws for itself,
// of private-use characters, which are part of no number, no word and no encoding.
var mark = sync.OnceValue(func() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	drawn := make([]rune, len(random))
	for i, b := range random {
		drawn[i] = '\ue000' + rune(b)
	}
	return string(drawn)
})

// Expression is a text that the shell fills in, as "$TOKEN": what may stand inside double quotes. No foreign text may be in it.
func Expression(words string) string { return mark() + words + mark() }

// longBody is up to where a body is part of the command, in bytes.
const longBody = 2 << 10

// Command spells the call in one line.
func (c Call) Command() string {
	// -g: curl would read the brackets of a query as a range.
	parts := append([]string{"curl -g -sS -i -X " + Argument(c.Method)}, c.Way.options()...)
	address, host := c.Way.address(c.URL)
	parts = append(parts, address...)
	if host != "" && c.Header["Host"] == nil {
		parts = append(parts, "-H "+Word("Host: "+host))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Header)) {
		switch name {
		case "Accept-Encoding", "User-Agent", "Traceparent", "Content-Length":
			continue
		}
		for _, value := range c.Header[name] {
			field := name + ": " + value
			if value == "" {
				field = name + ";" // curl's way to send an empty one
			}
			parts = append(parts, "-H "+Word(field))
		}
	}
	if c.Compressed {
		parts = append(parts, "--compressed")
	}
	sends := c.Method == http.MethodPut || c.Method == http.MethodPost
	if c.Header["Content-Type"] == nil && sends {
		parts = append(parts, "-H 'Content-Type:'") // curl would name one of its own
	}
	switch {
	case c.Body == "" && !sends:
	case len(c.Body) > longBody:
		parts = append(parts, fmt.Sprintf("--data-binary @body.txt # %d bytes", len(c.Body)))
	case needsEscapes(c.Body): // an argument holds neither every byte nor, where a shell made it, line breaks at its end
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

// address spells where the call goes. curl asks for the certificate of the URL's host: another name is written into the
// URL, led to the real address, and the real one is given as Host.
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

// Word quotes a text for a shell and lets it fill in the expressions.
func Word(argument string) string { return words(argument, single) }

// Argument is Word, without quotation marks where none are needed.
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

// pieces cuts an argument into its expressions (true) and what stands between them.
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

// needsEscapes reports whether a text has bytes that a terminal would act on, or that are no UTF-8, beside its expressions.
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

// printed spells a command that writes a text, in which such bytes are escaped.
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

// Slice is an expression for the characters of a variable from one place on, counted from 0, up to another; to 0 is
// its end.
func Slice(variable string, from, to int) string {
	end := ""
	if to > 0 {
		end = strconv.Itoa(to)
	}
	return fmt.Sprintf(`$(printf %%s "$%s" | cut -c%d-%s)`, variable, from+1, end)
}

// Variable is the name of the shell variable that stands for a header's secret value: X_API_KEY for X-Api-Key. One
// that could be one of the state's own values, or one of the shell's, gets a name of its own.
func Variable(header string) string {
	name := noName.ReplaceAllString(strings.ToUpper(header), "_")
	if strings.HasPrefix(name, "X_") || slices.Contains([]string{"AUTHORIZATION", "COOKIE", "PROXY_AUTHORIZATION"}, name) {
		return name
	}
	return "HEADER_" + name
}

var noName = regexp.MustCompile(`[^A-Z0-9]`)
