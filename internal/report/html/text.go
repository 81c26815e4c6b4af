package html

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"verifik-contract/internal/text"
)

// pieces is text from a run, cut into pieces so that the template can show what a browser would hide: a
// control character or a bidirectional override must neither vanish nor rearrange the page.
type pieces []piece

// piece is a run of characters that are shown alike.
type piece struct {
	Text string
	Odd  bool // Text names a character that cannot be seen, "U+202E"
	Mark bool // Text is what differs from what was expected
	Code bool // Text stood between backticks
}

// String returns the text as it is shown, without what sets the pieces apart.
func (t pieces) String() string {
	var b strings.Builder
	for _, p := range t {
		if p.Odd {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// oneLine is a text of one line: a line break is one of the characters that are named.
func oneLine(s string) pieces { return cutUp(s, false) }

// manyLines is a text of many lines.
func manyLines(s string) pieces { return cutUp(s, true) }

// plain is a text of one line for places that hold no elements: the page's title, an attribute.
func plain(s string) string { return oneLine(s).String() }

// cutUp names every character that does not show itself. A run of the same one is named once, with its
// length: a body of a million NULs stays short.
func cutUp(s string, lines bool) pieces {
	var all pieces
	same, times := "", 0
	named := func() {
		if times > 0 {
			all = append(all, piece{Text: oddName(same, times), Odd: true})
		}
		times = 0
	}
	for part, shown := range text.Pieces(s) {
		if shown || lines && (part == "\n" || part == "\t") {
			named()
			if last := len(all) - 1; last >= 0 && !all[last].Odd {
				all[last].Text += part
			} else {
				all = append(all, piece{Text: part})
			}
			continue
		}
		if part != same {
			named()
		}
		same = part
		times++
	}
	named()
	return all
}

func oddName(char string, count int) string {
	r, size := utf8.DecodeRuneInString(char)
	name := fmt.Sprintf("U+%04X", r)
	if r == utf8.RuneError && size == 1 {
		name = fmt.Sprintf("0x%02X", char[0])
	}
	if count > 1 {
		name += fmt.Sprintf(" ×%d", count)
	}
	return name
}

// short is a line that stays a line: a name, a reason, a header's value.
func short(s string, limit int) pieces {
	head, cut := text.Beginning(s, limit)
	shown := oneLine(head)
	if cut {
		shown = append(shown, piece{Text: fmt.Sprintf(" … (the first %s of %s)", bytesIn(len(head)), bytesIn(len(s)))})
	}
	return shown
}

// prose is short for what the tool says: what stands between backticks is shown as code, without them.
func prose(s string, limit int) pieces {
	var all pieces
	for _, p := range short(s, limit) {
		parts := strings.Split(p.Text, "`")
		if p.Odd || len(parts)%2 == 0 {
			all = append(all, p)
			continue
		}
		for i, part := range parts {
			if part != "" {
				all = append(all, piece{Text: part, Code: i%2 == 1})
			}
		}
	}
	return all
}

// bytesIn is a size for a person.
func bytesIn(n int) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 1024:
		return fmt.Sprintf("%d bytes", n)
	case n < 1<<20:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1024), ".0") + " KiB"
	default:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/(1<<20)), ".0") + " MiB"
	}
}
