package secret

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Redact replaces every value of the set, in every form, by Redacted. What overlaps is replaced as one; of what is
// encoded, the whole run of the encoding.
//
// What lies inside of a keep value stays, so that ids, phones and the like are never mangled: pass what the request
// itself sent openly and the ids that the state yielded. A keep value that equals a secret keeps that secret: never
// pass an OTP that is right, or a token. The keep values are looked for as whole runs, plain or escaped.
//
// A text in which nothing is found comes back as it is, without an allocation.
func (s *Set) Redact(text string, keep ...string) string {
	return s.redact(false, text, keep, replace)
}

// RedactBody is Redact for the body of a message: where it is JSON, or the beginning of JSON, it stays that, a number that
// holds a value becoming the string "[redacted]".
func (s *Set) RedactBody(body []byte, keep ...string) string {
	return s.redact(false, string(body), keep, replacer(body))
}

// RedactFrom is Redact for what a source of secrets says that could not be read as was expected: a run of four digits
// or more is most likely an OTP that nobody knows.
func (s *Set) RedactFrom(text string, keep ...string) string {
	return s.redact(true, text, keep, replace)
}

// RedactBodyFrom is RedactFrom for a body, as RedactBody is Redact.
func (s *Set) RedactBodyFrom(body []byte, keep ...string) string {
	return s.redact(true, string(body), keep, replacer(body))
}

// replacer returns how a body is redacted: as JSON where it is that, or its beginning.
func replacer(body []byte) func(string, []span) string {
	if json.Valid(body) || beginsJSON(body) {
		return replaceInJSON
	}
	return replace
}

// beginsJSON reports whether a text is JSON of which the end is missing.
func beginsJSON(text []byte) bool {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	return errors.Is(decoder.SkipValue(), io.ErrUnexpectedEOF)
}

// passes bounds how often a text is gone over. A second pass finds what the first laid bare: a replacement inside of
// a longer text makes a run of what stands beside it. No text is known that needs a third.
const passes = 8

func (s *Set) redact(unknownOTP bool, text string, keep []string, replace func(string, []span) string) string {
	h, free := s.hunts.Get().(*hunt)
	if !free {
		h = &hunt{}
	}
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	for range passes {
		places := h.run(&s.index, unknownOTP, text, keep)
		if len(places) == 0 {
			break
		}
		text = replace(text, places)
	}
	if h.reusable() {
		s.hunts.Put(h)
	}
	return text
}

// replace replaces places, in the order of their beginnings. Those that touch each other or overlap become one.
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

// replaceInJSON replaces within strings, by whole escape sequences, and any other scalar as a whole by a string. The end of
// the text may be missing.
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

// unit returns how many bytes at the beginning of a text are replaced together: an escape sequence, a number, a word.
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

// delimits reports whether a character stands between two scalars of JSON.
func delimits(c byte) bool { return strings.IndexByte(" \t\r\n{}[]:,\"", c) >= 0 }

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
