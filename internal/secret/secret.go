// Package secret finds values that must not be shown, and redacts them. PV-24 and PV-14 use it to look for values too,
// so that exactly what would be judged is hidden.
//
// A value of 16 bytes or more is found anywhere; an OTP of six digits or more wherever no digit is directly before or
// after it, even with single spaces, dots or dashes inside; a shorter value only as a whole run, next to neither a
// letter nor a digit. What looks like an escape of JSON, URLs or HTML is undone, and what looks like base64 or hex is
// decoded, repeatedly and to a bounded depth and size, and the outcome is searched in the same way.
package secret

import (
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Redacted replaces secrets. No value is ever found within it.
const Redacted = "[redacted]"

// minimum is the least number of characters of a value that is looked for: shorter ones occur everywhere by chance.
const minimum = 4

// TooShort reports whether a value is not empty but too short to be looked for, so that it cannot be hidden.
func TooShort(value string) bool {
	value = strings.TrimSpace(value)
	return value != "" && utf8.RuneCountInString(value) < minimum
}

// Set is a set of values that must not be shown. The zero value is an empty set; all methods are safe for concurrent
// use. The cost of a search does not depend on the number of values: a run of 10,000 scenarios has 20,000 of them.
type Set struct {
	mutex     sync.RWMutex
	index     index
	searchers sync.Pool // of *searcher, to save allocations
}

// Add adds values to the set, without white space around them. Values of fewer than four characters are ignored:
// replacing them would mangle every text.
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

// Clone returns a copy of the set.
func (s *Set) Clone() *Set {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return &Set{index: s.index.clone()}
}

// Find reports whether a text holds a value of the set outside all keep values.
func (s *Set) Find(text string, keep ...string) bool { return s.Redact(text, keep...) != text }

// Find reports whether a text holds a value outside all keep values. As in Redact, a keep value that equals the value keeps
// it, so that an answer that repeats the phone does not count as one that echoes an OTP of the same digits. A value of
// fewer than four characters is never found.
func Find(text, value string, keep ...string) bool {
	var s Set
	s.Add(value)
	return s.Find(text, keep...)
}

// headers lists the headers whose values are always secret.
var headers = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// Header reports whether the values of a header are always secret.
func Header(name string) bool {
	return slices.Contains(headers, textproto.CanonicalMIMEHeaderKey(name))
}

// HideCredential returns what is shown for the value of a secret header. It keeps the scheme, because it is useful to see whether
// it was Bearer.
func HideCredential(value string) string {
	if scheme, _, found := strings.Cut(value, " "); found && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "Basic")) {
		return scheme + " " + Redacted
	}
	return Redacted
}
