package state

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
)

// handler answers with one body after the other, and then always with the last one.
func handler(bodies ...string) func(http.ResponseWriter, call) {
	next := 0
	return func(w http.ResponseWriter, c call) {
		if c.Body["action"] == "setup" {
			_, _ = w.Write([]byte(bodies[min(next, len(bodies)-1)]))
			next++
		}
	}
}

func with(otp string) string {
	return `{"phone":"62647737","countryCode":"+507","token":"aaaa.bbbb",` + otp + `}`
}

func TestAnOTPThatBeginsWithAZeroIsMadeAgain(t *testing.T) {
	usable := with(`"otp":"123456"`)
	for name, c := range map[string]struct {
		unusable []string
		calls    int
	}{
		"as text":                       {[]string{with(`"otp":"012345"`)}, 2},
		"zeros alone":                   {[]string{with(`"otp":"000000"`)}, 2},
		"of four digits":                {[]string{with(`"otp":"0123"`)}, 2},
		"as a number, shorter":          {[]string{with(`"otp":12345,"wrongOtp":"654321"`)}, 2},
		"as a number, its wrong zeroed": {[]string{with(`"otp":12345,"wrongOtp":"054321"`)}, 2},
		"five times":                    {[]string{with(`"otp":"01"`), with(`"otp":"02"`), with(`"otp":"03"`), with(`"otp":"04"`), with(`"otp":"05"`)}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			url, calls := listen(t, handler(append(c.unusable, usable)...))
			m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
			values, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
			require.NoError(t, err)
			require.Equal(t, "123456", values[0].OTP)
			require.Len(t, calls(), c.calls)
		})
	}
}

func TestAnOTPThatAlwaysBeginsWithAZeroIsBroken(t *testing.T) {
	url, calls := listen(t, handler(with(`"otp":"012345"`)))
	source := pactStates(url)
	source.Pact.Teardown = true
	m := newMaker(t, Options{Control: newClient(t)}, source)
	_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
	require.ErrorAs(t, err, new(*NotMade))
	require.ErrorContains(t, err, "otp has a leading zero, which a JSON number cannot carry; it was made 6 times")
	require.Len(t, calls(), 12, "each one that was set up is torn down")
}

func TestAStateWithAnotherFaultIsNotMadeAgain(t *testing.T) {
	for _, body := range []string{
		`{"phone":"62647737","countryCode":"+507","otp":"012345","token":"a b"}`,
		with(`"otp":"12345a"`), with(`"otp":""`), with(`"otp":"1234567890123456"`),
	} {
		url, calls := listen(t, handler(body))
		_, err := makeAll(t, newMaker(t, Options{Control: newClient(t)}, pactStates(url)), nil, "", Request{Name: providerstate.Pending})
		require.ErrorAs(t, err, new(*NotMade), body)
		require.Len(t, calls(), 1, body)
	}
	url, calls := listen(t, handler(with(`"otp":"012345"`)))
	_, err := makeAll(t, newMaker(t, Options{Control: newClient(t)}, pactStates(url)), nil, "", Request{Name: providerstate.None})
	require.NoError(t, err, "no validation needs no OTP")
	require.Len(t, calls(), 1)
}

func TestANumberThatIsShorterThanTheOthersIsMadeAgain(t *testing.T) {
	url, calls := listen(t, handler(with(`"otp":123456`), with(`"otp":12345`), with(`"otp":234567`), with(`"otp":1234`)))
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	otp := func() string {
		values, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		return values[0].OTP
	}
	require.Equal(t, "123456", otp())
	require.Equal(t, "234567", otp())
	require.Len(t, calls(), 3)
	require.Equal(t, "1234", otp(), "its OTPs are of several lengths")
	require.Len(t, calls(), 9)
	require.Equal(t, "1234", otp())
	require.Len(t, calls(), 10, "that it has OTPs of several lengths is found out once")
}

func TestATextThatIsShorterThanTheOthersIsTakenAsSent(t *testing.T) {
	url, calls := listen(t, handler(with(`"otp":"123456"`), with(`"otp":"1234"`)))
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	for _, want := range []string{"123456", "1234"} {
		values, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, want, values[0].OTP)
	}
	require.Len(t, calls(), 2)
}

func TestAStateIsMadeAgainWithinTheMessagesThatAreAllowed(t *testing.T) {
	url, calls := listen(t, handler(with(`"otp":"012345"`)))
	m := newMaker(t, Options{Control: newClient(t)}, pactStates(url))
	needs := []Request{{Name: providerstate.Pending}}
	assignment, _, refusal := m.Planner().Reserve(needs)
	require.Nil(t, refusal)
	session, err := m.Begin(t.Context(), assignment, nil)
	require.NoError(t, err)
	left := 2
	session.Allowance = func(n int) bool {
		left -= n
		return left >= 0
	}
	_, err = session.Make(t.Context(), 0, "")
	require.ErrorContains(t, err, "it was made 3 times")
	require.Len(t, calls(), 3)
	require.Equal(t, 3, m.Messages())
	require.NoError(t, session.End(t.Context()))
}

func TestInboxesMakeAnOTPThatBeginsWithAZeroAgain(t *testing.T) {
	otp := func(n int) string { return []string{"012345", "654321"}[min(n, 2)-1] }
	for name, prepare := range map[string]func(*bench){
		"http": func(b *bench) { b.api.inbox = func(otp string) any { return map[string]string{"otp": otp} } },
		"command": func(b *bench) {
			b.declared.OTP = env.OTP{Kind: env.OTPCommand, Argv: []string{script(t, `if test -e "$0.1"; then echo 654321; else touch "$0.1"; echo 012345; fi`)}, For: 10 * time.Second}
		},
		"prompt": func(b *bench) {
			b.declared.OTP = env.OTP{Kind: env.OTPPrompt}
			b.options.Prompt = func(context.Context, string) (string, error) { return otp(b.api.sent), nil }
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, &setUpAPI{otp: otp})
			prepare(b)
			values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
			require.NoError(t, err)
			require.Equal(t, "654321", values[0].OTP)
			require.Equal(t, 2, b.api.sent)
			require.True(t, b.secrets.Find("012345"), "one that is not used is secret too")
		})
	}
}

func TestPreparedRecordsWhoseOTPBeginsWithAZeroArePassedOver(t *testing.T) {
	record := func(phone, otp string) string {
		return fmt.Sprintf(`{"phone":%q,"countryCode":"+507","otp":%q,"token":"t%s"}`, phone, otp, phone)
	}
	m, problems := New([]env.States{staticStates(`{"a pending phone validation":[` + record("1", "012345") + `,` + record("2", "123456") + `]}`)}, Options{Secrets: &secret.Set{}})
	require.Len(t, problems, 1)
	require.Equal(t, problem.Warning, problems[0].Severity)
	require.Equal(t, `"a pending phone validation", record 1 is left out: its otp has a leading zero, which a JSON number cannot carry`, problems[0].Summary)
	values, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
	require.NoError(t, err)
	require.Equal(t, "123456", values[0].OTP)
}

func TestAnAllowanceIsWhatThePlanLeavesOfTheLimit(t *testing.T) {
	most := 5
	may := NewAllowance(&most, 3)
	require.True(t, may.Allows(1))
	require.True(t, may.Allows(1))
	require.False(t, may.Allows(1), "3 of the plan and 2 of retries are the 5")
	require.True(t, may.Allows(0))
	require.True(t, NewAllowance(nil, 3).Allows(9))
}
