package traffic

import (
	"bytes"
	"fmt"
	"net/textproto"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
)

func stream() *Traffic {
	return New(result.Run{
		Rules:   []result.Rule{{ID: "PV-01", Level: result.Must}, {ID: "PV-02", Level: result.Must}, {ID: "PV-18", Level: result.Should}, {ID: "PV-24", Level: result.Should}},
		Traffic: &result.Traffic{Kind: result.Recorded},
	}, &secret.Set{})
}

// typing returns an exchange in which an OTP is typed.
func typing(token, otp, answer string) exchange.Exchange {
	return exchange.Exchange{
		Purpose: exchange.Judged,
		Request: exchange.Request{Method: "PUT", URL: "https://api.example.test/x", Header: textproto.MIMEHeader{"Authorization": {"Bearer " + token}}, Body: []byte(`{"phone":"62647737","countryCode":"+507","otp":` + otp + `}`)},
		Answer:  &exchange.Answer{Status: 403, Header: textproto.MIMEHeader{}, Body: []byte(answer)},
	}
}

func finds(rule, actual string) contract.Judgement {
	return contract.Judgement{Findings: []contract.Finding{{Rule: rule, Expectation: "it holds", Path: "$.code", Actual: actual}}, Judged: []string{rule, "PV-24", "PV-99"}}
}

func at(n int) Place {
	return Place{ID: fmt.Sprintf("a.har#%d", n), Name: fmt.Sprintf("entry %d", n), File: "a.har"}
}

func TestAnExchangeThatBreaksARuleTwiceIsOneBreach(t *testing.T) {
	s := stream()
	twice := finds("PV-02", `"x"`)
	twice.Findings = append(twice.Findings, finds("PV-02", `"y"`).Findings...)
	require.Len(t, s.Add(typing("tok", "1111", "{}"), twice, at(1)), 2)
	require.Equal(t, 1, s.Result().Rules[1].Breaches)
}

func TestEachRuleCountsTheExchangesThatItWasJudgedOn(t *testing.T) {
	s := stream()
	found := s.Add(typing("tok", "1111", "{}"), finds("PV-02", `"x"`), at(1))
	require.Len(t, found, 1)
	require.Equal(t, 1, found[0].Times)
	require.Equal(t, result.Must, found[0].Level)
	require.Equal(t, 2, s.Add(typing("tok", "1111", "{}"), finds("PV-02", `"x"`), at(2))[0].Times, "the same cause again")
	require.Equal(t, 1, s.Add(typing("tok", "1111", "{}"), finds("PV-02", `"y"`), at(3))[0].Times)
	s.Add(typing("tok", "1111", "{}"), contract.Judgement{Judged: []string{"PV-01", "PV-24"}}, at(4))
	s.Add(typing("tok", "1111", "{}"), contract.Judgement{Silent: "there is no token", Judged: []string{"PV-24"}}, at(5))
	s.Add(typing("tok", "1111", "{}"), contract.Judgement{Silent: "it is too large"}, at(6))
	s.Add(typing("tok", "1111", "{}"), contract.Judgement{Silent: "it is too large"}, at(7))
	s.Add(typing("tok", "1111", "{}"), finds("PV-99", "not selected"), at(8))
	s.LeaveOut()
	s.Source("a.har")
	run := s.Result()
	require.Equal(t, &result.Traffic{Kind: result.Recorded, Sources: []string{"a.har"}, Exchanges: 8, Judged: 5, LeftOut: 1, Silent: []result.Silent{{Reason: "it is too large", Count: 2}, {Reason: "there is no token", Count: 1}}}, run.Traffic)
	verdicts := map[string]string{}
	for _, r := range run.Rules {
		verdicts[r.ID] = fmt.Sprintf("%s %d/%d %s", r.Verdict, r.Breaches, r.Judged, r.Reason)
	}
	require.Equal(t, map[string]string{
		"PV-01": "passed 0/1 ", "PV-02": "failed 3/3 3 of 3 answers", "PV-18": "skipped 0/0 never seen: no exchange shows it", "PV-24": "passed 0/6 ",
	}, verdicts)
	require.Len(t, run.Rules[1].Findings, 2)
	require.Equal(t, 2, run.Rules[1].Findings[0].Times)
	require.Equal(t, "a.har#1", run.Rules[1].Findings[0].Scenario)
	require.Len(t, run.Scenarios, 2, "the first exchange of each cause")
	require.Equal(t, result.ExitBroken, run.Exit)
	require.Empty(t, s.Result().Warnings)
}

func TestExitCodesOfTraffic(t *testing.T) {
	kept := contract.Judgement{Judged: []string{"PV-01"}}
	for name, test := range map[string]struct {
		do   func(*Traffic)
		exit result.ExitCode
	}{
		"nothing came":             {func(*Traffic) {}, result.ExitUnjudged},
		"all is silent":            {func(s *Traffic) { s.Add(typing("t", "1", ""), contract.Judgement{Silent: "x"}, at(1)) }, result.ExitUnjudged},
		"all is kept":              {func(s *Traffic) { s.Add(typing("t", "1", ""), kept, at(1)) }, result.ExitKept},
		"an entry is unreadable":   {func(s *Traffic) { s.Add(typing("t", "1", ""), kept, at(1)); s.Unread("entry 2") }, result.ExitUnjudged},
		"a breach hides no more":   {func(s *Traffic) { s.Add(typing("t", "1", ""), finds("PV-01", ""), at(1)); s.Unread("entry 2") }, result.ExitBroken},
		"a breach of what is weak": {func(s *Traffic) { s.Add(typing("t", "1", ""), finds("PV-18", ""), at(1)) }, result.ExitBroken},
	} {
		t.Run(name, func(t *testing.T) {
			s := stream()
			test.do(s)
			run := s.Result()
			require.Equal(t, test.exit, run.Exit)
			if run.Exit != result.ExitKept {
				require.True(t, saysWhy(run), "something says why")
			}
			var out bytes.Buffer
			require.NoError(t, result.Write(&out, run))
			again, err := result.Read(&out)
			require.NoError(t, err)
			require.Equal(t, run.Traffic.Exchanges, again.Traffic.Exchanges)
		})
	}
}

// saysWhy reports whether a rule or a check is red.
func saysWhy(run *result.Run) bool {
	return slices.ContainsFunc(run.Rules, func(r result.Rule) bool { return r.Verdict == result.Failed }) ||
		slices.ContainsFunc(result.Checks(run), func(c result.Check) bool { return c.Verdict == result.Broken })
}

func TestSecretsOfRequestsAreNotShown(t *testing.T) {
	const token, basic = "header.payload.signature-0123456789", "dXNlcjpwYXNzd29yZA=="
	given := &secret.Set{}
	given.Add("a-secret-of-the-environment")
	s := New(stream().run, given)
	e := typing(token, "734912", `{"otp":734912,"seen":"`+token+`","x":"a-secret-of-the-environment","before":"845123"}`)
	e.Request.Header["X-Api"] = []string{basic}
	e.Request.Header["Authorization"] = append(e.Request.Header["Authorization"], "Basic "+basic)
	e.Request.URL += "?t=" + token
	s.Add(typing(token, "845123", ""), contract.Judgement{}, at(1))
	s.Add(e, finds("PV-02", "734912 and "+token), at(2))
	s.Add(e, contract.Judgement{Silent: "the value " + token + " is odd"}, at(3))
	var out bytes.Buffer
	require.NoError(t, result.Write(&out, s.Result()))
	for _, hidden := range []string{token, basic, "734912", "845123", "a-secret-of-the-environment"} {
		require.NotContains(t, out.String(), hidden)
	}
	require.Contains(t, out.String(), "Bearer [redacted]")
	require.NotZero(t, s.Result().Started)
	require.Contains(t, out.String(), "62647737", "a phone is none")
	require.Contains(t, s.Result().Scenarios[0].Exchanges[0].Curl, `'{"phone":"62647737","countryCode":"+507","otp":'"$OTP"'}'`)
}

func TestSecretsOfAnEarlierGenerationAreStillHidden(t *testing.T) {
	s := stream()
	s.Add(typing("header.payload.early-0123456789", "734912", ""), contract.Judgement{}, at(0))
	for i := 1; len(s.older) == 0; i++ {
		s.Add(typing(fmt.Sprintf("header.payload.%032d", i), "1111", ""), contract.Judgement{}, at(i))
	}
	found := s.Add(typing("tok", "2222", ""), finds("PV-02", "734912"), at(-1))
	require.Equal(t, "[redacted]", found[0].Actual)
}

func TestAPhoneThatIsItsOTPIsHidden(t *testing.T) {
	e := typing("tok", "734912", "")
	e.Request.Body = []byte(`{"phone":"734912","countryCode":"+507","otp":734912}`)
	require.NotContains(t, stream().recorder(e).Keep, "734912")
}

func TestMemoryDoesNotGrowWithTheNumberOfExchanges(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of exchanges")
	}
	s := stream()
	body := strings.Repeat("x", 20<<10)
	add := func(n int) {
		for i := range n {
			e := typing(fmt.Sprintf("header.payload.%032d", i), fmt.Sprintf("%06d", 100000+i), body)
			s.Add(e, finds("PV-02", strings.Repeat("y", i%50)), at(i))
			s.Add(e, contract.Judgement{Silent: fmt.Sprintf("reason %d", i)}, at(-i))
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const n = 4_000
	add(n / 2)
	before := heap()
	add(n / 2)
	require.Less(t, int64(heap())-int64(before), int64(4<<20))
	run := s.Result()
	require.LessOrEqual(t, len(run.Rules[1].Findings), maxCauses)
	require.LessOrEqual(t, len(run.Scenarios), maxCauses)
	require.LessOrEqual(t, len(run.Traffic.Silent), maxReasons+1)
	require.Equal(t, n, run.Rules[1].Breaches)
	runtime.KeepAlive(s)
}

func TestCausesBeyondTheLimitAreCountedTogether(t *testing.T) {
	s := stream()
	fresh := 0
	for n := range 200 {
		other := string(rune('a'+n%20)) + string(rune('a'+n/20)) + "z"
		if s.Add(typing("tok", "1111", "{}"), finds("PV-02", other), at(n))[0].Times == 1 {
			fresh++
		}
	}
	require.Equal(t, maxCauses+1, fresh, "and one for all that are too many")
}

func TestRefusalsOfManyKindsAreCountedTogether(t *testing.T) {
	after := map[string]map[string]int{}
	for i := range 2 * maxRefusals {
		count(after, fmt.Sprint(i), "another OTP")
	}
	require.Len(t, after, maxRefusals+1)
	require.Equal(t, maxRefusals, after["another refusal"]["another OTP"])
}

func TestConcurrentAdd(t *testing.T) {
	s := stream()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				s.Add(typing("t", "1234", ""), finds("PV-02", "x"), at(i*100+n))
				_ = s.Result()
			}
		})
	}
	all.Wait()
	require.Equal(t, 400, s.Result().Rules[1].Breaches)
	require.Equal(t, 400, s.Exchanges())
}
