package secret

import "strings"

// margin is how many bytes behind what is shown of a long text are looked at as well, and never shown: a value that
// begins in what is shown may end there, encoded several times over, and half of one at the end of what was looked at
// is not found.
const margin = 64 << 10

// Beginning redacts a text and cuts it to so many bytes, in this order, and reports whether that is the whole text. What a
// text costs depends on what is shown of it, not on its length. cut tells that the text is itself the beginning of one.
func Beginning[T ~string | ~[]byte](text T, most int, cut bool, redact func(T) string) (beginning string, whole bool) {
	if len(text) > most+margin {
		text, cut = text[:most+margin], true
	}
	redacted := redact(text)
	end := len(redacted)
	if cut {
		end = max(0, end-margin)
	}
	if end = min(end, most); end == len(redacted) {
		return redacted, true
	}
	// A copy of its own lets the rest go.
	return strings.Clone(strings.ToValidUTF8(redacted[:end], "")), false
}
