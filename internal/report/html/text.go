package html

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"verifik-contract/internal/text"
)

// htmlText is text from a run, cut into pieces so that the template can show what a browser would hide: a
// control character or a bidirectional override must neither vanish nor rearrange the page.
type htmlText []htmlPiece

// htmlPiece is a run of characters that are shown alike.
type htmlPiece struct {
	Text string
	Odd  bool // Text names a character that cannot be seen, "U+202E"
	Mark bool // Text is what differs from what was expected
	Code bool // Text stood between backticks
}

// String is the text as it is shown, without what sets the pieces apart.
func (t htmlText) String() string {
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

// htmlLine is a text of one line: a line break is one of the characters that are named.
func htmlLine(s string) htmlText { return htmlPieces(s, false) }

// htmlBlock is a text of many lines.
func htmlBlock(s string) htmlText { return htmlPieces(s, true) }

// htmlPlain is a text of one line for places that hold no elements: the page's title, an attribute.
func htmlPlain(s string) string { return htmlLine(s).String() }

// htmlPieces names every character that does not show itself. A run of the same one is named once, with its
// length: a body of a million NULs stays short.
func htmlPieces(s string, lines bool) htmlText {
	var pieces htmlText
	same, count := "", 0
	named := func() {
		if count > 0 {
			pieces = append(pieces, htmlPiece{Text: htmlOddName(same, count), Odd: true})
		}
		count = 0
	}
	for piece, shown := range text.Pieces(s) {
		if shown || lines && (piece == "\n" || piece == "\t") {
			named()
			if last := len(pieces) - 1; last >= 0 && !pieces[last].Odd {
				pieces[last].Text += piece
			} else {
				pieces = append(pieces, htmlPiece{Text: piece})
			}
			continue
		}
		if piece != same {
			named()
		}
		same = piece
		count++
	}
	named()
	return pieces
}

func htmlOddName(char string, count int) string {
	r, size := utf8.DecodeRuneInString(char)
	name := fmt.Sprintf("U+%04X", r)
	switch {
	case r == utf8.RuneError && size == 1:
		name = fmt.Sprintf("0x%02X", char[0])
	case r == 0:
		name = "NUL"
	case r == 0x1b:
		name = "ESC"
	case r == '\n':
		name = "LF"
	case r == '\r':
		name = "CR"
	case r == '\t':
		name = "TAB"
	}
	if count > 1 {
		name += fmt.Sprintf(" ×%d", count)
	}
	return name
}

// htmlHead is the beginning of a text, at most limit bytes and never half a character.
func htmlHead(s string, limit int) (string, bool) {
	if len(s) <= limit {
		return s, false
	}
	for range utf8.UTFMax - 1 {
		if limit == 0 || utf8.RuneStart(s[limit]) {
			break
		}
		limit--
	}
	return s[:limit], true
}

// htmlShort is a line that stays a line: a name, a reason, a header's value.
func htmlShort(s string, limit int) htmlText {
	head, cut := htmlHead(s, limit)
	text := htmlLine(head)
	if cut {
		text = append(text, htmlPiece{Text: fmt.Sprintf(" … (the first %s of %s)", htmlBytes(len(head)), htmlBytes(len(s)))})
	}
	return text
}

// htmlProse is htmlShort for what the tool says: what stands between backticks is shown as code, without them.
func htmlProse(s string, limit int) htmlText {
	text := htmlShort(s, limit)
	var prose htmlText
	for _, piece := range text {
		parts := strings.Split(piece.Text, "`")
		if piece.Odd || len(parts)%2 == 0 {
			prose = append(prose, piece)
			continue
		}
		for i, part := range parts {
			if part != "" {
				prose = append(prose, htmlPiece{Text: part, Code: i%2 == 1})
			}
		}
	}
	return prose
}

// htmlBytes is a size for a person.
func htmlBytes(n int) string {
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

// htmlCount is a number and its noun.
func htmlCount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%s %s", htmlNumber(n), many)
}

// htmlNumber groups digits by three.
func htmlNumber(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
