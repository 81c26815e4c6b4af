package explore

import (
	"fmt"
	"net/textproto"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/text"
)

// theState is the state of the requests in these tests.
var theState = providerstate.Values{Phone: "62647737", CountryCode: "+507", OTP: "135791", WrongOTP: "246802", Token: "aaaa.bbbb.cccc", Project: "0123456789abcdef01234567"}

func TestHeadersThatAreNoReasonToRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, value string
		breaches    int
	}{
		{"X-Explore", "null", 1},
		{"X-Explore", "../../etc/passwd", 0}, // a firewall's own answer
		{"X-Explore", strings.Repeat("a", 2000), 0},
		{"Cookie", "x", 0},
		{"Content-Type", "text/plain", 0},
		{"Accept", "text/html", 0},
		{"Authorization", "Bearer x", 0},
	} {
		s := &search{o: Options{Checks: loaded(t)}}
		d := plain(theState, nil)
		d.header[test.name] = []string{test.value}
		d.set("otp", "135792")
		require.Len(t, s.breaches(exchange.Exchange{
			Purpose: exchange.Judged, Request: exchange.Request{Method: "PUT", Header: textproto.MIMEHeader{"X-Env": {"staging"}}, Body: []byte(d.body())},
			Answer: &exchange.Answer{Status: 400, Header: textproto.MIMEHeader{"Content-Type": {"application/json"}}, Body: []byte("{}")},
		}, d.header, theState), test.breaches, "%s: %s", test.name, test.value)
	}
}

func TestAReportExplainsBraces(t *testing.T) {
	t.Parallel()
	const legend = "In the changes {otp}, {phone} and their like in braces are the state's own values."
	require.Contains(t, told(t, &Report{Counterexamples: []Counterexample{{}}}), legend)
	require.NotContains(t, told(t, &Report{}), legend, "nothing was changed")
	otps, codes := otpChanges(), codeChanges()
	for seed := range uint64(400) {
		for _, change := range []change{otps(drawChoices(seed, 1)), codes(drawChoices(seed, 2))} {
			require.NotRegexp(t, `%[a-zA-Z]|\{digits`, change.words, "no format of a programming language, and no name that says not of what it is")
		}
	}
}

func TestHeadersWithBinaryBytes(t *testing.T) {
	t.Parallel()
	for value, binary := range map[string]bool{"plain ~": false, "": false, "caf\xe9": true, "é": true, "a\x01": true, "\x7f": true} {
		require.Equal(t, binary, binaryHeaders(exchange.Request{Header: textproto.MIMEHeader{"A": {"x"}, "X-Env": {"y", value}}}), "%q", value)
	}
}

func TestReportShowsNothingThatActsOnATerminal(t *testing.T) {
	t.Parallel()
	r := &Report{Stopped: "x\x1b[2Jy", Counterexamples: []Counterexample{{Words: "a\u202eb", Smallest: Shown{
		Body: "\x1b]0;z\x07", Size: 6, Status: 500, Answer: "line\nline\r\x00", Answered: map[string][]string{"X-\x1b": {"\x9b1m"}}, Changes: []string{"\x7f"}, Curl: "curl\x1b",
	}}}}
	for _, c := range told(t, r) {
		require.False(t, c != '\n' && !text.Shows(c), "%q", c)
	}
}

func TestABreachIsKnownByItsPropertyAndItsRule(t *testing.T) {
	t.Parallel()
	one, otherRule, otherProperty := breach{"a property", "PV-20", "one"}, breach{"a property", "PV-23", "two"}, breach{"another", "PV-20", "three"}
	o := outcome{breaches: []breach{otherRule, otherProperty, one}}
	require.Equal(t, one, o.breachLike(breach{Property: "a property", Rule: "PV-20"}))
	require.Zero(t, o.breachLike(breach{Property: "another", Rule: "PV-23"}))
	s := newSearch(newBench(t, reference.Options{}).options)
	for _, b := range []breach{one, otherRule, otherProperty, one} {
		s.found(t.Context(), 1, o, b, false)
	}
	var seen []string
	for _, c := range s.report.Counterexamples {
		seen = append(seen, fmt.Sprint(c.Property, " ", c.Rule, " ", c.Seen))
	}
	require.Equal(t, []string{"a property PV-20 2", "a property PV-23 1", "another PV-20 1"}, seen)
}
