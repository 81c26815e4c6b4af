package cli_test

import (
	"encoding/base64"
	"encoding/binary"
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// seeker finds secrets in texts, in any spelling. It owes nothing to internal/secret, so that a mistake there shows
// here. A run has hundreds of secrets in a dozen spellings, and megabytes of artefacts: it looks at each place of a
// text once.
type seeker struct {
	filter  [1 << 24 / 64]uint64            // which four bytes a sought window begins with
	windows map[int]map[string]soughtSecret // by length
}

type soughtSecret struct {
	value, how string
	short      bool
}

// window bounds how much of a spelling is looked for: its end, which tells two tokens apart.
const window = 24

func newSeeker(tokens, otps []string) *seeker {
	s := &seeker{windows: map[int]map[string]soughtSecret{}}
	for _, otp := range otps {
		for how, spelling := range spellings(otp) {
			s.add(spelling, soughtSecret{otp, how, true})
		}
	}
	for _, token := range tokens {
		for how, spelling := range spellings(token) {
			s.add(spelling, soughtSecret{token, how, false})
		}
		// In a longer base64 text, as in a Basic header, a value begins at any of three places.
		for shift := range 3 {
			inner := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + token))
			s.add(inner[(shift*8+5)/6:len(inner)-2], soughtSecret{token, "within base64", false})
		}
	}
	return s
}

func (s *seeker) add(spelling string, what soughtSecret) {
	if !what.short {
		spelling = spelling[max(0, len(spelling)-window):]
	}
	slot := slotOf(spelling)
	s.filter[slot/64] |= 1 << (slot % 64)
	if s.windows[len(spelling)] == nil {
		s.windows[len(spelling)] = map[string]soughtSecret{}
	}
	s.windows[len(spelling)][spelling] = what
}

func slotOf(text string) uint32 {
	return binary.LittleEndian.Uint32([]byte(text[:4])) * 2654435761 >> 8
}

// find returns the first secret that a text shows, and what stands around it. A short one counts only as a whole run:
// six digits occur in the middle of any id.
func (s *seeker) find(text string) (what soughtSecret, around string, found bool) {
	for at := 0; at+4 <= len(text); at++ {
		slot := slotOf(text[at:])
		if s.filter[slot/64]&(1<<(slot%64)) == 0 {
			continue
		}
		for length, sought := range s.windows {
			if at+length > len(text) {
				continue
			}
			what, found := sought[text[at:at+length]]
			if found && (!what.short || whole(text, at, at+length) && !counts.MatchString(text[max(0, at-longestCount):at])) {
				return what, text[max(0, at-80):min(len(text), at+length+40)], true
			}
		}
	}
	return soughtSecret{}, "", false
}

// requireNone fails where an artefact shows a secret.
func (s *seeker) requireNone(t *testing.T, artefacts map[string]string) {
	t.Helper()
	for artefact, content := range artefacts {
		for _, text := range readings(content) {
			what, around, found := s.find(text)
			require.False(t, found, "%s holds %q, spelt %s: …%q…", artefact, what.value, what.how, around)
		}
	}
}

// counts are what stands before numbers of the tool's own in a report: so many nanoseconds or bytes, or a page's colour, may be
// the digits of an OTP.
var counts = regexp.MustCompile(`"(duration|time|wait|size|bodySize|headersSize)": [\d.]*$|(--[a-z-]+: |stroke=")#$`)

const longestCount = 40

func whole(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	inRun := func(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	return !inRun(before) && !inRun(after)
}

// untagged is what is left of a page without its tags.
func untagged(page string) string {
	var text strings.Builder
	for {
		before, tag, opened := strings.Cut(page, "<")
		_, after, closed := strings.Cut(tag, ">")
		if !opened || !closed {
			text.WriteString(page)
			return text.String()
		}
		text.WriteString(before)
		page = after
	}
}

// readings is a text as it stands, and as a browser or a reader of JSON in JSON would have it.
func readings(content string) []string {
	all := []string{content}
	if strings.HasPrefix(content, "<") {
		all = append(all, html.UnescapeString(untagged(content)))
	}
	if strings.Contains(content, `\\`) {
		all = append(all, strings.ReplaceAll(content, `\\`, `\`))
	}
	return all
}

// The proof of the redaction is worth what this finds.
func TestTheSeekerFindsEverySpelling(t *testing.T) {
	t.Parallel()
	const token, otp = "client.token/of+the=test", "482913"
	s := newSeeker([]string{token}, []string{otp})
	for _, value := range []string{token, otp} {
		for how, spelling := range spellings(value) {
			_, _, found := s.find("before " + spelling + " after")
			require.True(t, found, "%s of %s", how, value)
		}
	}
	for _, user := range []string{"", "a:", "ab:", "abc:"} {
		_, _, found := s.find("Basic " + base64.StdEncoding.EncodeToString([]byte(user+token)))
		require.True(t, found, "after %q", user)
	}
	for _, harmless := range []string{"", "4829", "1482913", "id482913f", "2026-11-23T02:10:49.482Z", `"wait": 1.482913`, `"size": 482913`, "--muted: #482913;"} {
		_, _, found := s.find(harmless)
		require.False(t, found, harmless)
	}
	page := readings("<p>48<b>29</b>13 &#99;lient.token/of+the=test</p>")
	_, _, found := s.find(page[1])
	require.True(t, found)
}
