// Package secret knows what must not be shown, and takes it out of texts. It is also how PV-24 and PV-14 look
// for a value, so that what is judged and what is hidden are the same.
//
// A value is found plain, escaped for a URL or for JSON (also one within the other), as base64 in either alphabet,
// padded or not, and as hex. It is found only as a whole run, that is not directly before or after a letter or a
// digit, so that an OTP is not seen in the middle of a timestamp. Where the neighbour is an escape sequence, what it
// stands for counts: the n of `\n123456` is no letter. Of a value that is longer than 15 bytes the base64 is also
// found inside a longer base64 text, as in the header of HTTP's Basic authentication.
package secret

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Redacted stands where a secret was. A value is never found inside it, whatever the value is.
const Redacted = "[redacted]"

// minimum is how many characters a value has at least to be looked for: shorter ones occur by chance everywhere.
const minimum = 4

// Set is the values that must not be shown. The zero value is an empty set; all methods are safe for concurrent
// use. A Set holds for each value some hundred bytes beside the value itself, however long its encodings are, and what
// a text costs does not depend on how many values there are: a run of 10,000 scenarios has 20,000 of them.
type Set struct {
	mutex  sync.RWMutex
	values map[string]struct{}
	index  index
	forms  formList // for Add, under the lock
	hunts  hunts
}

// Add adds values to what must not be shown. White space around a value is no part of it. A value of less than
// four characters is ignored: to look for it would mangle every text.
func (s *Set) Add(values ...string) {
	for _, value := range values {
		if value = searched(value); value != "" && !s.has(value) {
			s.add(value)
		}
	}
}

func (s *Set) has(value string) bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	_, known := s.values[value]
	return known
}

func (s *Set) add(value string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.values == nil {
		s.values = make(map[string]struct{})
		s.index = newIndex()
	}
	// The value may be a slice of a whole body: a copy of its own lets that go.
	s.values[strings.Clone(value)] = struct{}{}
	s.forms.fill(value)
	for i := range s.forms.list {
		s.index.add(s.forms.text(i), s.forms.list[i])
	}
}

// searched returns what is looked for of a value; "" where it is too short to be looked for.
func searched(value string) string {
	value = strings.TrimSpace(value)
	if len(value) < minimum || utf8.RuneCountInString(value) < minimum {
		return ""
	}
	return value
}

// prefixLength is how many first bytes of a form the index tells apart at once. Every form has them: the
// shortest value has four characters.
const prefixLength = 4

// filterBits is the size of the index's first filter. With 20,000 values some 30,000 prefixes set one bit in
// seventeen, in 64 KiB that stay in the processor's cache.
const filterBits = 19

// index finds the forms of many values in one pass over a text: a bit for each prefix of four bytes, then the
// lengths of the forms that start with it, then the hash of the text of that length. It keeps hashes and no texts;
// that two of some 200,000 forms share one of 64 bits has a chance of one in a thousand million.
type index struct {
	seed     maphash.Seed
	filter   []uint64
	prefixes map[uint32]*lengths
	forms    map[uint64]form
}

// lengths is how long the forms are that start with one prefix, in bytes, each once. A form within base64 may
// start anywhere, the others at the start of a run only.
type lengths struct{ runs, within []int }

func newIndex() index {
	return index{
		seed:     maphash.MakeSeed(),
		filter:   make([]uint64, 1<<filterBits/64),
		prefixes: make(map[uint32]*lengths),
		forms:    make(map[uint64]form),
	}
}

func (x *index) add(text string, f form) {
	prefix := prefixOf(text)
	slot := slotOf(prefix)
	x.filter[slot/64] |= 1 << (slot % 64)
	sizes := x.prefixes[prefix]
	if sizes == nil {
		sizes = &lengths{}
		x.prefixes[prefix] = sizes
	}
	list := &sizes.runs
	if f.within {
		list = &sizes.within
	}
	if !slices.Contains(*list, len(text)) {
		*list = append(*list, len(text))
	}
	key := maphash.String(x.seed, text)
	known, taken := x.forms[key]
	if taken && known.within && !f.within {
		return // what may lie anywhere is the wider one
	}
	x.forms[key] = form{within: f.within, left: max(f.left, known.left), right: max(f.right, known.right)}
}

func prefixOf(text string) uint32 {
	return uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
}

// slotOf spreads prefixes over the filter: most of them are digits or share their first letters.
func slotOf(prefix uint32) uint32 { return prefix * 0x9e3779b1 >> (32 - filterBits) }

// search implements searcher.
func (x *index) search(text string, found []span) []span {
	if len(text) < prefixLength || len(x.forms) == 0 {
		return found
	}
	prefix := prefixOf(text) << 8 // the loop's first step shifts it back
	for i := 0; i+prefixLength <= len(text); i++ {
		prefix = prefix>>8 | uint32(text[i+prefixLength-1])<<24
		slot := slotOf(prefix)
		if x.filter[slot/64]&(1<<(slot%64)) == 0 {
			continue
		}
		sizes := x.prefixes[prefix]
		if sizes == nil {
			continue
		}
		if len(sizes.runs) > 0 && startsRun(text, i) {
			found = x.match(text, i, sizes.runs, false, found)
		}
		found = x.match(text, i, sizes.within, true, found)
	}
	return found
}

// match appends the forms of the given lengths that the text has at one place.
func (x *index) match(text string, at int, lengths []int, within bool, found []span) []span {
	for _, length := range lengths {
		end := at + length
		if end > len(text) || !within && !endsRun(text, end) {
			continue
		}
		if f, ok := x.forms[maphash.String(x.seed, text[at:end])]; ok && f.within == within {
			found = append(found, f.cover(text, at, end))
		}
	}
	return found
}
