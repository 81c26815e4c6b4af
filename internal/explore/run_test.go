package explore

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/state"
)

// between returns the options for a provider behind a server that may answer in its place.
func between(t *testing.T, o reference.Options, instead func(w http.ResponseWriter, r *http.Request, body string) bool) Options {
	t.Helper()
	provider, err := reference.New(o)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPut && instead(w, r, string(body)) {
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		provider.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, provider.Close())
	})
	return at(t, server.URL, server.URL+"/_pact/provider-states")
}

func TestTargetThatGoesAwayEndsTheSearch(t *testing.T) {
	t.Parallel()
	var puts atomic.Int32
	o := between(t, reference.Options{}, func(http.ResponseWriter, *http.Request, string) bool {
		if puts.Add(1) > 40 {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	r := explored(t, o)
	require.True(t, r.Gone)
	require.EqualValues(t, 3, Exit(r))
	require.Contains(t, r.Stopped, "the target no longer answers")
	require.Empty(t, r.Counterexamples)
	require.Less(t, r.Cases, 60)
}

func TestRequestThatCrashesTheTargetIsNamed(t *testing.T) {
	t.Parallel()
	var dead atomic.Bool
	o := between(t, reference.Options{}, func(_ http.ResponseWriter, _ *http.Request, body string) bool {
		if strings.Contains(body, "[[[[") {
			dead.Store(true)
		}
		if dead.Load() {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	r := explored(t, o)
	require.True(t, r.Gone)
	require.EqualValues(t, 3, Exit(r), "nobody can tell whether it was chance")
	require.Regexp(t, `the target no longer answers: .*; the first request that was not answered any more: .*nested \d+ levels deep`, r.Stopped)
}

func TestStateHandlerThatGoesAwayEndsTheSearch(t *testing.T) {
	t.Parallel()
	b := newBench(t, reference.Options{})
	o := b.options
	o.Progress = func(done int) {
		if done == 3 {
			require.NoError(t, b.server.Close())
		}
	}
	r := explored(t, o)
	require.True(t, r.Gone)
	require.Equal(t, 3, r.Cases)
	require.EqualValues(t, 3, Exit(r))
}

func TestUnreachableTargetIsGone(t *testing.T) {
	t.Parallel()
	b := newBench(t, reference.Options{})
	o := b.options
	o.BaseURL = "http://127.0.0.1:1"
	r := explored(t, o)
	require.True(t, r.Gone)
	require.Zero(t, r.Cases)
}

func TestGatewayErrorsGoneAfterARetryAreNoBreach(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 502, 503, 504, 0} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			var puts atomic.Int32
			o := between(t, reference.Options{}, func(w http.ResponseWriter, _ *http.Request, _ string) bool {
				if puts.Add(1)%4 != 0 {
					return false
				}
				if status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(status)
				return true
			})
			o.Cases = 24
			r := explored(t, o)
			require.Empty(t, r.Counterexamples, told(t, r))
			require.Positive(t, r.Resent)
			require.False(t, r.Gone)
		})
	}
}

func TestRequestThatIsNeverAnsweredIsACounterexample(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		instead  func(http.ResponseWriter)
		property contract.Property
	}{
		{"503 each time", func(w http.ResponseWriter) { w.WriteHeader(503) }, contract.NoServerError},
		{"the connection is closed", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, Answered},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := between(t, reference.Options{}, func(w http.ResponseWriter, _ *http.Request, body string) bool {
				if !strings.Contains(body, "null") || len(body) > 1000 {
					return false
				}
				test.instead(w)
				return true
			})
			o.Cases, o.Enough = 400, 1
			r := explored(t, o)
			require.Len(t, r.Counterexamples, 1, told(t, r))
			require.Equal(t, test.property, r.Counterexamples[0].Property)
			require.Contains(t, r.Counterexamples[0].Smallest.Body, "null")
			require.False(t, r.Gone)
		})
	}
}

func TestRequestThatBreaksALaterOneIsFound(t *testing.T) {
	t.Parallel()
	plain := regexp.MustCompile(`^{"phone":"\d{8}","countryCode":"\+507","otp":\d{6}}$`)
	var spoilt atomic.Bool
	o := between(t, reference.Options{}, func(w http.ResponseWriter, _ *http.Request, body string) bool {
		if strings.Contains(body, `\u0000`) {
			spoilt.Store(true)
		}
		if !plain.MatchString(body) || !spoilt.Swap(false) {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`))
		return true
	})
	o.Cases, o.Enough = 400, 1
	r := explored(t, o)
	require.Len(t, r.Counterexamples, 1)
	c := r.Counterexamples[0]
	require.Equal(t, StillAnswers, c.Property)
	require.Contains(t, c.Words, "after what was sent before")
	require.Contains(t, c.Smallest.Body, `\u0000`, told(t, r))
	require.LessOrEqual(t, len(c.Smallest.Body), 30)
}

func TestProviderThatIsWrongFromTheStartEndsTheSearch(t *testing.T) {
	t.Parallel()
	o := between(t, reference.Options{}, func(w http.ResponseWriter, _ *http.Request, _ string) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	r := explored(t, o)
	require.Len(t, r.Counterexamples, 1)
	require.Equal(t, StillAnswers, r.Counterexamples[0].Property)
	require.Zero(t, r.Cases)
	require.EqualValues(t, 1, Exit(r))
}

func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	for _, bound := range []int{1, 7, 30} {
		o := newBench(t, reference.Options{}).options
		o.Allowance, o.Cases = state.NewAllowance(&bound, 0), 200
		r := explored(t, o)
		require.Equal(t, bound, r.Messages)
		require.Positive(t, r.Cases, "cases that need no message go on")
		require.Equal(t, 200, r.Cases+r.LeftOut)
		require.Empty(t, r.Counterexamples, told(t, r))
	}
}

func TestMessagesOfShrinkingAreBoundedToo(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of cases")
	}
	t.Parallel()
	o := newBench(t, reference.Options{Fault: "otp-object-accepted"}).options
	bound := 150
	o.Allowance, o.Cases = state.NewAllowance(&bound, 0), 400
	r := explored(t, o)
	require.LessOrEqual(t, r.Messages, bound)
	require.NotEmpty(t, r.Counterexamples)
}

func TestPreparedRecordsThatAreUsedUpLeaveCasesOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, reference.Options{})
	o := b.options
	records := map[string][]map[string]any{}
	for range 5 {
		session := pending(t, o)
		records[string(providerstate.Pending)] = append(records[string(providerstate.Pending)], map[string]any{
			"phone": session.Phone, "countryCode": session.CountryCode, "otp": session.OTP, "wrongOtp": session.WrongOTP, "token": session.Token,
		})
	}
	data, err := json.Marshal(records)
	require.NoError(t, err)
	maker, problems := state.New([]env.States{{Static: &env.Static{Content: env.Content{File: "fixtures.json", Data: data}}}}, state.Options{Secrets: o.Secrets})
	require.Empty(t, problems)
	o.States, o.Cases = maker, 50
	r := explored(t, o)
	require.Equal(t, 4, r.Cases, "one record serves the first plain request")
	require.Equal(t, 46, r.LeftOut)
	require.Zero(t, r.Messages)
}

// pending makes a pending validation.
func pending(t *testing.T, o Options) providerstate.Values {
	t.Helper()
	needs := []state.Request{{Name: providerstate.Pending}}
	assignment, _, refusal := o.States.Planner().Reserve(needs)
	require.Nil(t, refusal)
	session, err := o.States.Begin(context.Background(), assignment, nil)
	require.NoError(t, err)
	values, err := session.Make(context.Background(), 0, "")
	require.NoError(t, err)
	return values
}

func TestInterruptedSearchReports(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	o := newBench(t, reference.Options{}).options
	o.Progress = func(done int) {
		if done == 10 {
			cancel()
		}
	}
	r, err := Run(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 10, r.Cases)
	require.Equal(t, "the search was interrupted", r.Stopped)
	require.False(t, r.Gone)
}

func TestSearchEndsWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	o := newBench(t, reference.Options{}).options
	o.For = time.Millisecond
	r := explored(t, o)
	require.Equal(t, "the time is up", r.Stopped)
	require.Less(t, r.Cases, DefaultCases)
}

func TestSearchesRunSideBySide(t *testing.T) {
	t.Parallel()
	o := newBench(t, reference.Options{Fault: "otp-object-accepted"}).options
	o.Cases, o.Enough, o.Seed = 200, 1, 2
	reports := make([]*Report, 4)
	var group sync.WaitGroup
	for i := range reports {
		group.Go(func() {
			r, err := Run(context.Background(), o)
			if err == nil {
				reports[i] = r
			}
		})
	}
	group.Wait()
	for _, r := range reports {
		require.NotNil(t, r)
		require.Len(t, r.Counterexamples, 1)
		require.Equal(t, reports[0].Counterexamples[0].Case, r.Counterexamples[0].Case)
		require.Equal(t, reports[0].Counterexamples[0].Smallest.Changes, r.Counterexamples[0].Smallest.Changes)
	}
}

// ids match random ids of the provider: among hundreds, one may hold an OTP by chance.
var ids = regexp.MustCompile(`\b[0-9a-f]{24}\b`)

func TestReportHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"otp-wraps-at-32-bits", "otp-fraction-cut-off", "otp-sign-ignored", "number-as-project-echoes-token", "otp-in-header", "success-echoes-request", "success-echoes-token"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			o := newBench(t, reference.Options{Fault: fault}).options
			o.Cases, o.Enough = 400, 1
			r := explored(t, o)
			require.NotEmpty(t, r.Counterexamples)
			data, err := json.Marshal(r)
			require.NoError(t, err)
			for _, text := range []string{string(data), told(t, r)} {
				require.False(t, o.Secrets.Find(ids.ReplaceAllString(text, "")), text)
				require.NotContains(t, text, "eyJhcHBSZWdpc3RyYXRpb24", "the payload of a token")
			}
			require.Contains(t, r.Counterexamples[0].Smallest.Curl, "$TOKEN")
		})
	}
}

func TestNoRequestIsShownWithASecret(t *testing.T) {
	if testing.Short() {
		t.Skip("a thousand cases")
	}
	t.Parallel()
	s := newSearch(newBench(t, reference.Options{}).options)
	numbers, kinds := regexp.MustCompile(`\d+`), map[string]bool{}
	for number := range 1000 {
		made, known := s.make(drawChoices(1, number)), len(kinds)
		for _, c := range made.changes {
			kinds[numbers.ReplaceAllString(c.words, "")] = true
		}
		if number >= 150 && len(kinds) == known {
			continue // what is changed in it was shown, perhaps with another number, and so were many changes together
		}
		d := made.draft(theState, nil)
		s.o.Secrets = &secret.Set{} // what others are made of hides nothing
		s.o.Secrets.Add(append(d.derived, theState.OTP, theState.Token)...)
		data, err := json.Marshal(s.show(outcome{trial: made, values: theState, exchange: exchange.Exchange{
			Purpose: exchange.Judged, Request: exchange.Request{Method: http.MethodPut, URL: "http://target.test/v2/phone-validations", Header: d.header, Body: []byte(d.body())},
		}}))
		require.NoError(t, err)
		require.False(t, s.o.Secrets.Find(string(data)), "%s\n%s", data, made.words())
	}
}

// shownOf returns how a request with one change is shown.
func shownOf(t *testing.T, c change) Shown {
	t.Helper()
	s := newSearch(newBench(t, reference.Options{}).options)
	made := trial{changes: []change{c}}
	d := made.draft(theState, nil)
	s.o.Secrets.Add(append(d.derived, theState.OTP, theState.Token)...)
	return s.show(outcome{trial: made, values: theState, exchange: exchange.Exchange{
		Purpose: exchange.Judged, Request: exchange.Request{Method: http.MethodPut, URL: "http://target.test/", Header: d.header, Body: []byte(d.body())},
	}})
}

func TestMadeUpTokensAreShownAndTheRightOneIsNot(t *testing.T) {
	t.Parallel()
	tokens := map[string]change{}
	for number := range 1000 {
		c := tokenChanges()(drawChoices(1, number))
		tokens[c.words] = c
	}
	dots, prefixed := shownOf(t, tokens["the token is dots"]), shownOf(t, tokens["a letter stands before the token"])
	require.Equal(t, []string{"Bearer .."}, dots.Headers["Authorization"])
	require.Contains(t, dots.Curl, `'Authorization: Bearer ..'`)
	require.Equal(t, []string{"Bearer " + secret.Redacted}, prefixed.Headers["Authorization"])
	require.Contains(t, prefixed.Curl, `'Authorization: Bearer x'"$TOKEN"`)
}

func TestACommandUsesTheVariableOfTheOTP(t *testing.T) {
	t.Parallel()
	for made, otp := range map[string]string{
		`"otp":'"$OTP"'e999999999}`:                             "{otp}e999999999",
		`"otp":["'"$OTP"'"]}`:                                   `["{otp}"]`,
		`"otp":'"$(($OTP+2147483648))"'}`:                       "{otp + 2^31}",
		`"otp":'"$(echo "$OTP + 18446744073709551616" | bc)"'}`: "{otp + 2^64}",
		`"otp":'"$(printf %.5e "$OTP")"'}`:                      "{otp as 1.2e+05}",
		`"otp":'"$(printf %s "$OTP" | cut -c1-5)"'}`:            "{otp without its last digit}",
		`"otp":246813}`:                                         "246813",
	} {
		require.Contains(t, shownOf(t, setTo("otp", otp)[0]).Curl, made)
	}
}

func TestASearchWithoutASourceOfStatesIsAnError(t *testing.T) {
	t.Parallel()
	o := newBench(t, reference.Options{}).options
	o.States, _ = state.New(nil, state.Options{Secrets: &secret.Set{}})
	r, err := Run(context.Background(), o)
	require.Error(t, err)
	require.Nil(t, r)
}
