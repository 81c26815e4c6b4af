package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Redact replaces every value of the set, in every form, by Redacted. Overlapping places are replaced as one; if a value
// is encoded, the whole encoded run is replaced.
//
// What lies within a keep value stays, so that ids, phones and the like are not mangled: pass what the request itself
// sent openly and the ids of the state. A keep value that equals a secret keeps that secret, so never pass a right OTP
// or a token. The keep values are found as whole runs, plain or escaped.
//
// A text in which nothing is found is returned as it is, without an allocation.
func (s *Set) Redact(text string, keep ...string) string {
	return s.redact(false, text, keep, replace)
}

// RedactBody is Redact for the body of a message: JSON, or the beginning of JSON, stays JSON, in which a number that holds a
// value becomes the string "[redacted]".
func (s *Set) RedactBody(body []byte, keep ...string) string {
	return s.redact(false, string(body), keep, replacer(body))
}

// RedactFrom is Redact for text from a source of secrets that did not have the expected form: it replaces every number of
// four digits or more too, which may be an unknown OTP.
func (s *Set) RedactFrom(text string, keep ...string) string {
	return s.redact(true, text, keep, replace)
}

// RedactBodyFrom is RedactFrom for the body of a message.
func (s *Set) RedactBodyFrom(body []byte, keep ...string) string {
	return s.redact(true, string(body), keep, replacer(body))
}

// replacer returns replaceInJSON for JSON or the beginning of JSON, else replace.
func replacer(body []byte) func(string, []span) string {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if json.Valid(body) || errors.Is(decoder.SkipValue(), io.ErrUnexpectedEOF) {
		return replaceInJSON
	}
	return replace
}

// maxPasses is how often a text is searched at most. A second pass finds what becomes a whole run only by a replacement
// beside it. No text is known that needs a third.
const maxPasses = 8

func (s *Set) redact(unknownOTP bool, text string, keep []string, replace func(string, []span) string) string {
	h, free := s.searchers.Get().(*searcher)
	if !free {
		h = &searcher{}
	}
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	for range maxPasses {
		places := h.run(&s.index, unknownOTP, text, keep)
		if len(places) == 0 {
			break
		}
		text = replace(text, places)
	}
	if h.reusable() {
		s.searchers.Put(h)
	}
	return text
}

// replace replaces places, which are sorted by their beginning. Those that touch or overlap are replaced as one.
func replace(text string, places []span) string {
	var b strings.Builder
	done := 0
	for i, place := range places {
		if i == 0 || place.start > done {
			b.WriteString(text[done:place.start])
			b.WriteString(Redacted)
		}
		done = max(done, place.end)
	}
	b.WriteString(text[done:])
	return b.String()
}

// replaceInJSON replaces whole escape sequences within strings, and any other scalar as a whole, by a string. The end of the
// text may be missing.
func replaceInJSON(text string, places []span) string {
	var b strings.Builder
	inString, replaced := false, false
	for i, end := 0, 0; i < len(text); i = end {
		end = i + unit(text[i:], inString)
		for len(places) > 0 && places[0].end <= i {
			places = places[1:]
		}
		hit := len(places) > 0 && places[0].start < end && text[i] != '"' && (inString || !delimits(text[i]))
		switch {
		case !hit:
			b.WriteString(text[i:end])
		case !inString:
			b.WriteString(`"` + Redacted + `"`)
		case !replaced:
			b.WriteString(Redacted)
		}
		replaced = hit
		inString = inString != (text[i] == '"')
	}
	return b.String()
}

// unit returns how many bytes at the beginning of a text are replaced together: those of an escape sequence, a number or a word.
func unit(text string, inString bool) int {
	end := 1
	switch {
	case !inString && !delimits(text[0]):
		for end < len(text) && !delimits(text[end]) {
			end++
		}
	case inString && strings.HasPrefix(text, `\u`):
		end = min(6, len(text))
	case inString && text[0] == '\\':
		end = min(2, len(text))
	}
	return end
}

// delimits reports whether a character ends a JSON scalar that is not a string.
func delimits(c byte) bool { return strings.IndexByte(" \t\r\n{}[]:,\"", c) >= 0 }

// margin is how many bytes after the part of a long text that is shown are searched too: a value that begins in that
// part may end there, encoded several times, and half a value would not be found.
const margin = 64 << 10

// Beginning redacts a text, then cuts it to most bytes, and reports whether that is the whole text. Its cost depends on most, not
// on the text's length. cut says that the text is itself only the beginning of one.
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
	// A clone does not hold on to the rest of the text.
	return strings.Clone(strings.ToValidUTF8(redacted[:end], "")), false
}
