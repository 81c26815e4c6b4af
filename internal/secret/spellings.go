package secret

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// nonASCII is what a program with the wrong character set writes as something else.
var nonASCII = regexp.MustCompile(`[^\x00-\x7f]`)

// spellings returns what else to look for to find a value: spellings that unescaping does not lead back to it, and what
// it becomes in programs that use the wrong character set.
func spellings(value string) []string {
	var all []string
	if strings.Contains(value, " ") {
		// URL queries have + for a space. It cannot be unescaped, because a + in a text may also be just that.
		all = append(all, strings.ReplaceAll(value, " ", "+"))
	}
	// A value may look escaped itself: if a text escapes it once more, both layers are undone.
	var u unescaped
	for text, n := value, 0; n < escapeDepth && u.fill(text); n++ {
		text = strings.Clone(u.String())
		all = append(all, text)
	}
	if !strings.ContainsFunc(value, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return all
	}
	for _, text := range []string{norm.NFC.String(value), norm.NFD.String(value)} {
		all = append(all, text, nonASCII.ReplaceAllString(text, "?"), nonASCII.ReplaceAllString(text, "\ufffd"))
		for _, set := range []*charmap.Charmap{charmap.ISO8859_1, charmap.Windows1252} {
			if bytes, err := set.NewEncoder().String(text); err == nil {
				all = append(all, bytes) // the value written in that character set
			}
			if read, err := set.NewDecoder().String(text); err == nil {
				all = append(all, read, nonASCII.ReplaceAllString(read, "?"), nonASCII.ReplaceAllString(read, "\ufffd")) // its UTF-8 bytes read in that character set
			}
		}
	}
	return all
}
