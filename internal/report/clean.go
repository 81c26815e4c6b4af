package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of what a report shows of a foreign text; the result file holds all of it.
const (
	maxWords = 600     // characters of a name, a reason or a value
	maxCurl  = 8 << 10 // bytes of a command
	maxBody  = 4 << 10 // bytes of a body
	maxLines = 40      // lines of a body
)

// inline shows a foreign text in one line: what acts on a terminal, reorders text, is invisible or is no
// character is shown as an escape, and a long text is cut.
func inline(text string) string { return cut(text, maxWords) }

// cut is inline with a bound of its own, in characters.
func cut(text string, limit int) string {
	rest := ""
	if len(text) > limit*utf8.UTFMax {
		text, rest = text[:limit*utf8.UTFMax], "…"
	}
	runes := []rune(visible(text))
	if len(runes) > limit {
		runes, rest = runes[:limit-1], "…"
	}
	return string(runes) + rest
}

// block shows a foreign text line by line, at most a number of bytes and lines of it. The last line says how much
// is left out; size is how long the whole text is where text is only its beginning.
func block(text string, size, limit int) []string {
	size = max(size, len(text))
	shown := text
	if len(shown) > limit {
		shown = shown[:limit]
		for len(shown) > 0 && !utf8.RuneStart(text[len(shown)]) {
			shown = shown[:len(shown)-1]
		}
	}
	lines := strings.Split(strings.ReplaceAll(shown, "\r\n", "\n"), "\n")
	for len(lines) > 1 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	whole := len(shown) == size
	if len(lines) > maxLines {
		lines, whole = lines[:maxLines], false
	}
	for i, l := range lines {
		lines[i] = visible(strings.ReplaceAll(l, "\t", "    "))
	}
	if !whole {
		lines = append(lines, fmt.Sprintf("… the beginning of %d bytes", size))
	}
	return lines
}

// commands is what build servers obey wherever it stands in a line of a log. (GitHub Actions obeys a line that
// begins with two colons as well: page.line sees to it.)
var commands = regexp.MustCompile(`##([a-zA-Z]*)\[`)

// visible replaces every character that must not reach a terminal or a report as it is by an escape.
func visible(text string) string {
	if strings.Contains(text, "##") {
		text = commands.ReplaceAllString(text, `#\x23$1[`)
	}
	clean := true
	for _, r := range text {
		if r == utf8.RuneError || acts(r) {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case !acts(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		i += size
	}
	return b.String()
}

// acts tells whether a character does something else than show itself: controls, format characters (all
// bidirectional ones among them), line separators, private ones, and those that XML cannot hold.
func acts(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r&0xfffe == 0xfffe
}
