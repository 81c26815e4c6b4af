// Package secret knows what must not be shown, and takes it out of texts. It is also how PV-24 and PV-14 look
// for a value, so that what is judged and what is hidden are the same.
//
// A value of 16 bytes or more is found anywhere; an OTP of six digits or more wherever no digit stands directly before
// or after it, also with single spaces, dots or dashes inside; a shorter value as a whole run only, next to neither a
// letter nor a digit. What looks like an escape for JSON, a URL or HTML is undone, and what looks like base64 or hex is
// decoded, each in turn and to a bounded depth and size, and the outcome is searched by the same words.
package secret

import (
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Redacted stands where a secret was. A value is never found inside it, whatever the value is.
const Redacted = "[redacted]"

// minimum is how many characters a value has at least to be looked for: shorter ones occur by chance everywhere.
const minimum = 4

// TooShort reports whether a value, which is not empty, is too short to be looked for and so cannot be hidden.
func TooShort(value string) bool {
	value = strings.TrimSpace(value)
	return value != "" && utf8.RuneCountInString(value) < minimum
}

// Set is the values that must not be shown. The zero value is an empty set; all methods are safe for concurrent
// use. What a text costs does not depend on how many values there are: a run of 10,000 scenarios has 20,000 of them.
type Set struct {
	mutex sync.RWMutex
	index index
	hunts sync.Pool // of *hunt, that are free: a text in which nothing is found costs no allocation
}

// Add adds values to what must not be shown. White space around a value is no part of it. A value of less than
// four characters is ignored: to look for it would mangle every text.
func (s *Set) Add(values ...string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, value := range values {
		value = strings.TrimSpace(value)
		if value == "" || TooShort(value) || s.index.has(value) {
			continue
		}
		s.index.add(value)
		for _, spelling := range spellings(value) {
			if !TooShort(spelling) {
				s.index.add(spelling)
			}
		}
	}
}

// Clone returns a set of the same values.
func (s *Set) Clone() *Set {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return &Set{index: s.index.clone()}
}

// Find reports whether a text holds a value of the set, outside of every keep value.
func (s *Set) Find(text string, keep ...string) bool { return s.Redact(text, keep...) != text }

// Find reports whether a text holds a value, outside of every keep value. The same words hold for keep as for Redact: a
// keep value that equals the value itself keeps it, so that an answer that repeats the phone is not taken for one that
// echoes an OTP of the same digits. A value of less than four characters is never found.
func Find(text, value string, keep ...string) bool {
	var s Set
	s.Add(value)
	return s.Find(text, keep...)
}

// headers is those whose values are secret whatever they are.
var headers = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// Header reports whether a header's values are secret whatever they are.
func Header(name string) bool {
	return slices.Contains(headers, textproto.CanonicalMIMEHeaderKey(name))
}

// HideCredential returns what is shown in place of a secret header's value. The scheme stays: whether it was a bearer is worth
// knowing.
func HideCredential(value string) string {
	if scheme, _, found := strings.Cut(value, " "); found && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "Basic")) {
		return scheme + " " + Redacted
	}
	return Redacted
}
