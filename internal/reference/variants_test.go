package reference

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVariantsAreWellNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range Variants() {
		require.False(t, seen[v.Name], v.Name)
		seen[v.Name] = true
		require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, v.Name)
		require.Regexp(t, `(?s)^\S.*\.$`, v.Doc)
	}
	require.GreaterOrEqual(t, len(seen), 24)
}

func TestEachVariantKeepsWhatIsPromised(t *testing.T) {
	if testing.Short() {
		t.Skip("prove runs the contract against each")
	}
	var first []step // of each rule; prove tries the others with each variant
	for _, st := range writtenScript() {
		if !slices.ContainsFunc(first, func(known step) bool { return known.rule == st.rule }) {
			first = append(first, st)
		}
	}
	plain := promises(newBench(t, Options{}).play(t, first))
	for _, v := range Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, Options{Variants: []string{v.Name}})
			if hardToSee(v.Name) {
				b.overNetwork(t)
			}
			steps, want := first, plain
			if v.Name == "slow" { // the rest is as slow
				steps = first[:3]
				want = promises(newBench(t, Options{}).play(t, steps))
			}
			require.Equal(t, want, promises(b.play(t, steps)))
		})
	}
}

func promises(lines []shown) []string {
	all := make([]string, len(lines))
	for i, l := range lines {
		all[i] = l.rule + " " + l.name + ": " + l.promised
	}
	return all
}

// Each variant must differ from the plain provider somewhere.
func TestEachVariantShows(t *testing.T) {
	if testing.Short() {
		t.Skip("more than a hundred providers")
	}
	see := func(t *testing.T, variant string) iter.Seq[[]shown] { // what each step shows
		b := newBench(t, Options{Variants: []string{variant}})
		return func(yield func([]shown) bool) {
			for _, st := range append(writtenScript()[:6], freeScript()...) {
				if !yield(b.play(t, []step{st})) {
					return
				}
			}
		}
	}
	plain := slices.Collect(see(t, ""))
	require.Equal(t, plain, slices.Collect(see(t, "")))
	for _, v := range Variants() {
		if hardToSee(v.Name) {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			at := 0
			for lines := range see(t, v.Name) {
				if !slices.EqualFunc(lines, plain[at], func(a, b shown) bool { return a.exact == b.exact }) {
					return
				}
				at++
			}
			require.Fail(t, "it answers like the plain one")
		})
	}
}

func TestALockForAnyoneCountsWhoeverSends(t *testing.T) {
	b := newBench(t, Options{Variants: []string{"locked-after-3-of-anyone"}})
	v, other, another := b.state(t, StatePending), b.state(t, StatePending), b.state(t, StatePending)
	typed := func(token, otp string) reply { return b.call(http.MethodPut, endpointPath, token, v.request(otp)) }
	own, wrong := "Bearer "+v.Token, strconv.Itoa(v.WrongOTP)
	require.Equal(t, http.StatusUnauthorized, typed("", wrong).status)
	require.Equal(t, http.StatusNotFound, typed("Bearer "+other.Token, strconv.Itoa(v.OTP)).status, "the right one does not count")
	require.Equal(t, http.StatusNotFound, typed("Bearer "+other.Token, wrong).status)
	elsewhere := v
	elsewhere.CountryCode = "+999"
	require.Equal(t, http.StatusNotFound, b.put(elsewhere, v.WrongOTP).status)
	for _, otp := range []string{wrong, strconv.Itoa(v.OTP)} {
		r := typed(own, otp)
		require.Equal(t, http.StatusTooManyRequests, r.status)
		require.Equal(t, "60", r.header.Get("Retry-After"))
	}
	require.Equal(t, http.StatusTooManyRequests, typed("", wrong).status)
	require.Equal(t, http.StatusOK, b.put(another, another.OTP).status)
}

// hardToSee reports whether a variant shows only by time, on the network or by chance.
func hardToSee(variant string) bool {
	return slices.Contains([]string{
		"slow", "in-two-halves", "webhook-late", "webhook-of-creation-late", "http2", "early-hints", "continue-first", "processing-first",
		"http-1-0", "header-names-in-lower-case", "no-reason-phrase", "other-reason-phrase", "no-date", "trailer",
		"request-ids", "other-calls-429-at-first", "keys-in-any-order", "written-a-moment-later",
	}, variant)
}

// freeScript makes requests whose answers the documentation leaves open.
func freeScript() []step {
	observe := func(name string, run func(s *script) string) step {
		return step{"", name, func(s *script, note func(string, string)) { note(run(s), "") }}
	}
	tries := func(n int) step {
		return observe("tries", func(s *script) string {
			v := s.state(s.t, StatePending)
			for range n {
				s.put(v, v.WrongOTP)
			}
			return mask(s.put(v, v.WrongOTP).exact(), v)
		})
	}
	body := func(state string, f func(v values) string) step {
		return observe("body", func(s *script) string {
			v := s.state(s.t, state)
			return mask(s.putBody(v, f(v)).exact()+s.status(v), v)
		})
	}
	steps := []step{
		tries(3), tries(5), tries(10),
		observe("second success", func(s *script) string {
			v := s.state(s.t, StatePending)
			s.put(v, v.OTP)
			return mask(s.put(v, v.OTP).exact(), v)
		}),
		observe("capital ids", func(s *script) string {
			v := s.state(s.t, StatePending)
			return fmt.Sprint(v.ValidationID == strings.ToLower(v.ValidationID))
		}),
		observe("webhooks before face liveness", func(s *script) string {
			s.put(s.state(s.t, StateLiveness, "webhookUrl", "http://receiver.test/x"), 0)
			return fmt.Sprint(len(s.webhooks()))
		}),
		observe("links", func(s *script) string {
			v := s.state(s.t, StatePending)
			before := fmt.Sprint(s.link(v, ""))
			s.put(v, v.WrongOTP)
			status := s.status(v)
			s.put(v, v.OTP)
			return mask(fmt.Sprint(before, status, s.link(v, ""), s.link(v, populated)), v)
		}),
		observe("compressed", func(s *script) string {
			v := s.state(s.t, StateNone)
			return s.call(http.MethodPut, endpointPath, "Bearer "+v.Token, `{}`, "Accept-Encoding", "gzip").exact()
		}),
		observe("tokens", func(s *script) string {
			v, other := s.state(s.t, StatePending), s.state(s.t, StatePending)
			return s.call(http.MethodPut, endpointPath, "", `{}`).exact() + s.call(http.MethodPut, endpointPath, "Bearer "+other.Token, v.request(strconv.Itoa(v.OTP))).exact()
		}),
		observe("content type", func(s *script) string {
			v := s.state(s.t, StatePending)
			return mask(s.call(http.MethodPut, endpointPath, "Bearer "+v.Token, v.request("1"), "Content-Type", "text/plain").exact(), v)
		}),
		observe("flush", func(s *script) string {
			v := s.state(s.t, StateNone)
			w := &flushes{header: http.Header{}}
			r, _ := http.NewRequest(http.MethodPut, endpointPath, strings.NewReader(`{}`))
			r.Header.Set("Authorization", "Bearer "+v.Token)
			s.Handler().ServeHTTP(w, r)
			return fmt.Sprint(w.n)
		}),
		body(StatePending, func(v values) string { return `{"countryCode":"507"}` }),
		body(StateExpired, func(v values) string { return v.request(strconv.Itoa(v.WrongOTP)) }),
		body(StateExpired, func(v values) string { return v.request(strconv.Itoa(v.OTP)) }),
		body(StatePending, func(v values) string {
			return v.request(strconv.Itoa(v.WrongOTP), `"project":"0123456789abcdef01234567"`)
		}),
		body(StatePending, func(v values) string { return v.request(strconv.Quote(strconv.Itoa(v.OTP))) }),
		body(StatePending, func(v values) string { v.Phone += `\u00a0`; return v.request(strconv.Itoa(v.OTP)) }),
		body(StatePending, func(v values) string { v.Phone += `-`; return v.request(strconv.Itoa(v.OTP)) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"phoneGateway":"none"`) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"phoneGateway":"fax"`) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"x":1`) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"project":"x"`) }),
		body(StateNone, func(values) string { return `[` }),
		observe("ids and OTPs", func(s *script) string {
			form := func(v values) string {
				return fmt.Sprint(len(v.ValidationID), v.ValidationID[2:3] == "_", strings.Count(v.ValidationID, "-"), len(strconv.Itoa(v.OTP)))
			}
			return form(s.state(s.t, StatePending)) + form(s.state(s.t, StatePending)) + form(s.state(s.t, StatePending))
		}),
		observe("a moment later", func(s *script) string {
			v := s.state(s.t, StatePending)
			before := s.status(v)
			s.put(v, v.OTP)
			return before + s.status(v)
		}),
		body(StatePending, func(v values) string { return v.request(strconv.Quote(" " + strconv.Itoa(v.OTP) + " ")) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP) + ".0") }),
		body(StatePending, func(v values) string { return v.request("0") }),
		body(StatePending, func(v values) string { v.Phone = v.CountryCode + v.Phone; return v.request(strconv.Itoa(v.OTP)) }),
		body(StatePending, func(v values) string { v.Phone = v.Phone[1:]; return v.request(strconv.Itoa(v.OTP)) }),
		body(StatePending, func(v values) string { v.CountryCode = "+5 07"; return v.request(strconv.Itoa(v.OTP)) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"phone":"`+v.Phone+`"`) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"phone":`+v.Phone) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"phone":["`+v.Phone+`"]`) }),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"countryCode":"' OR '"`) }),
		body(StatePending, func(v values) string {
			return v.request(strconv.Itoa(v.OTP), `"x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40))
		}),
		body(StatePending, func(v values) string { return v.request(strconv.Itoa(v.OTP), `"x":"`+strings.Repeat("x", 20<<10)+`"`) }),
	}
	for _, st := range writtenScript() {
		if st.rule == "PV-14" {
			steps = append(steps, st)
		}
	}
	return steps
}

// flushes counts how often an answer was flushed.
type flushes struct {
	header http.Header
	n      int
}

func (f *flushes) Header() http.Header         { return f.header }
func (f *flushes) Write(b []byte) (int, error) { return len(b), nil }
func (f *flushes) WriteHeader(int)             {}
func (f *flushes) Flush()                      { f.n++ }
