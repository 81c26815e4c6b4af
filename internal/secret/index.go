package secret

import (
	"hash/maphash"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// long is the least number of bytes of a value that is found anywhere.
	long = 16
	// fewDigits is the least number of digits of an OTP that is found next to letters and with separators.
	fewDigits = 6
)

// span is a part of a text, in bytes.
type span struct{ start, end int }

// index finds many values in a few passes over a text.
type index struct {
	seed      maphash.Seed
	values    map[uint64]struct{} // hashes of the values: 200,000 tokens would be most of a long run's memory
	otps      bool                // there is a number of fewDigits or more
	short     uint32              // bit n: there is a value of n bytes that is found only as a whole run
	minLength int                 // length of the shortest value in bytes
	nonASCII  bool                // there is a value that is not ASCII

	// The long values by their last eight bytes, since tokens of one provider have the same beginning.
	tails  map[uint64][]int // the lengths of the values in bytes, each once
	filter []uint64         // a Bloom filter of the tails, so that the map is rarely looked at
}

func (x *index) has(value string) bool {
	if len(x.values) == 0 {
		return false // there is no seed yet
	}
	_, known := x.values[maphash.String(x.seed, value)]
	return known
}

func (x *index) add(value string) {
	if x.has(value) {
		return
	}
	if x.values == nil {
		x.seed, x.values, x.tails = maphash.MakeSeed(), map[uint64]struct{}{}, map[uint64][]int{}
	}
	x.values[maphash.String(x.seed, value)] = struct{}{}
	if x.minLength == 0 || len(value) < x.minLength {
		x.minLength = len(value)
	}
	x.nonASCII = x.nonASCII || !readable(value, len(value))
	switch n := len(value); {
	case n >= long:
		tail := tailOf(value)
		if lengths := x.tails[tail]; !slices.Contains(lengths, n) {
			x.tails[tail] = append(slices.Clip(lengths), n) // a clone may share the others
			x.mark(tail)
		}
	case n >= fewDigits && allDigits(value):
		x.otps = true
	default:
		x.short |= 1 << n
	}
}

// clone returns an index of the same values.
func (x *index) clone() index {
	other := *x
	other.values, other.tails, other.filter = maps.Clone(x.values), maps.Clone(x.tails), slices.Clone(x.filter)
	return other
}

// mark sets a tail's bit in the filter, which grows so that at most one bit in sixteen is set.
func (x *index) mark(tail uint64) {
	if len(x.filter)*64 < 16*len(x.tails) {
		x.filter = make([]uint64, max(8, 2*len(x.filter)))
		for known := range x.tails {
			x.mark(known)
		}
	}
	slot := x.slot(tail)
	x.filter[slot/64] |= 1 << (slot % 64)
}

// slot returns a tail's bit in the filter, whose size is a power of two.
func (x *index) slot(tail uint64) uint64 {
	return tail * 0x9e3779b97f4a7c15 >> 32 & uint64(len(x.filter)*64-1)
}

func tailOf(value string) (tail uint64) {
	for i := len(value) - 8; i < len(value); i++ {
		tail = tail>>8 | uint64(value[i])<<56
	}
	return tail
}

// search appends every place of a text where a value is found, in any order.
func (x *index) search(text string, found []span) []span {
	if len(x.tails) > 0 {
		found = x.searchLong(text, found)
	}
	if x.otps {
		numbers(text, fewDigits, func(at span, digits [maxDigits]byte, count int) {
			if _, ok := x.values[maphash.Bytes(x.seed, digits[:count])]; ok {
				found = append(found, at)
			}
		})
	}
	if x.short != 0 {
		found = x.searchShort(text, found)
	}
	return found
}

func (x *index) searchLong(text string, found []span) []span {
	var tail uint64
	for end := 1; end <= len(text); end++ {
		tail = tail>>8 | uint64(text[end-1])<<56
		slot := x.slot(tail)
		if x.filter[slot/64]&(1<<(slot%64)) == 0 || end < long {
			continue
		}
		for _, length := range x.tails[tail] {
			if length <= end && x.has(text[end-length:end]) {
				found = append(found, span{end - length, end})
			}
		}
	}
	return found
}

func (x *index) searchShort(text string, found []span) []span {
	for end := minimum; end <= len(text); end++ {
		if !endsRun(text, end) {
			continue
		}
		for lengths := x.short; lengths != 0; lengths &= lengths - 1 {
			if start := end - bits.TrailingZeros32(lengths); start >= 0 && startsRun(text, start) && x.has(text[start:end]) {
				found = append(found, span{start, end})
			}
		}
	}
	return found
}

// maxDigits is the greatest number of digits of a number that numbers reports: longer ones are found anywhere.
const maxDigits = long - 1

// numbers calls report for every number in a text that has from least to 15 digits, no digit directly before or after
// it, and nothing but single separators inside.
func numbers(text string, least int, report func(at span, digits [maxDigits]byte, count int)) {
	var digits [maxDigits]byte
	for start, end := 0, 0; start < len(text); start = max(end, start+1) {
		end = groupEnd(text, start)
		if end == start || digitBefore(text, start) {
			continue
		}
		count := 0
		for from, to := start, end; to > from && to-from <= maxDigits-count; to = groupEnd(text, from) {
			count += copy(digits[count:], text[from:to])
			if count >= least && !digitAfter(text, to) {
				report(span{start, to}, digits, count)
			}
			if from = to + separator(text, to); from == to {
				break
			}
		}
	}
}

func groupEnd(text string, at int) int {
	for at < len(text) && text[at] >= '0' && text[at] <= '9' {
		at++
	}
	return at
}

// separators lists what people put between the digits of a number.
const separators = "- .\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2212\u00b7"

// separator returns the length in bytes of the separator at a place; 0 if there is none.
func separator(text string, at int) int {
	switch r, size := utf8.DecodeRuneInString(text[at:]); {
	case r == ' ', r == '.', r == '-', r >= utf8.RuneSelf && strings.ContainsRune(separators, r):
		return size
	}
	return 0
}

func allDigits(value string) bool { return groupEnd(value, 0) == len(value) }

func digitBefore(text string, at int) bool { return unicode.IsDigit(runeBefore(text, at)) }

func digitAfter(text string, at int) bool { return unicode.IsDigit(runeAfter(text, at)) }

// startsRun reports whether the character before a place is neither a letter nor a digit.
func startsRun(text string, at int) bool { return !inRun(runeBefore(text, at)) }

// endsRun reports whether the character after a place is neither a letter nor a digit.
func endsRun(text string, at int) bool { return !inRun(runeAfter(text, at)) }

// runeBefore returns the character before a place; at the beginning of the text utf8.RuneError.
func runeBefore(text string, at int) rune {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return r
}

// runeAfter returns the character after a place; at the end of the text utf8.RuneError.
func runeAfter(text string, at int) rune {
	r, _ := utf8.DecodeRuneInString(text[at:])
	return r
}

func inRun(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
