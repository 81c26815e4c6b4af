package secret

import (
	"strings"
	"unsafe"
)

// Redact replaces every value of the set, in every form, by Redacted. What overlaps is replaced as one.
//
// What lies inside of a keep value stays, so that ids, phones and the like are never mangled: pass what the request
// itself sent openly and the ids that the state yielded. A keep value that equals a secret keeps that secret: never
// pass an OTP that is right, or a token. The keep values are looked for as whole runs too, plain or escaped.
//
// A text in which nothing is found comes back as it is, without an allocation.
func (s *Set) Redact(text string, keep ...string) string {
	h := s.hunts.take()
	defer s.hunts.giveBack(h)
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return h.redact(&s.index, text, keep)
}

// RedactBytes is Redact for bytes. Where nothing is found it returns the given slice itself, else a new one.
func (s *Set) RedactBytes(text []byte, keep ...string) []byte {
	original := unsafe.String(unsafe.SliceData(text), len(text))
	redacted := s.Redact(original, keep...)
	if unsafe.StringData(redacted) == unsafe.StringData(original) && len(redacted) == len(original) {
		return text
	}
	return []byte(redacted)
}

// passes bounds how often a text is gone over. A second pass finds what the first laid bare: a replacement inside of
// a longer base64 text makes a run of what stands beside it. No text is known that needs a third.
const passes = 8

func (h *hunt) redact(s searcher, text string, keep []string) string {
	for range passes {
		places := h.run(s, text, keep)
		if len(places) == 0 {
			break
		}
		var b strings.Builder
		done := 0
		for i := 0; i < len(places); {
			start, end := places[i].start, places[i].end
			for i++; i < len(places) && places[i].start <= end; i++ {
				end = max(end, places[i].end)
			}
			b.WriteString(text[done:start])
			b.WriteString(Redacted)
			done = end
		}
		b.WriteString(text[done:])
		text = b.String()
	}
	return text
}
