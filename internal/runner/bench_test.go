//go:build unix

package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/plan"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/result"
)

// bare makes the same calls as the plainest scenario with net/http alone: a state and the PUT.
type bare struct {
	client *http.Client
	server *reference.Server
}

func (b bare) call(ctx context.Context, method, url, token string, body any, into any) (int, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := b.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, json.Unmarshal(text, into)
}

func (b bare) scenario(ctx context.Context) (int, error) {
	var values struct {
		Phone, CountryCode, Token string
		OTP                       int
	}
	change := map[string]any{"state": string(providerstate.Pending), "params": map[string]string{}, "action": "setup"}
	if _, err := b.call(ctx, http.MethodPost, b.server.StatesURL, "", change, &values); err != nil {
		return 0, err
	}
	var validated struct{ Data struct{ Status string } }
	return b.call(ctx, http.MethodPut, b.server.BaseURL+"/v2/phone-validations", values.Token,
		map[string]any{"phone": values.Phone, "countryCode": values.CountryCode, "otp": values.OTP}, &validated)
}

// sideBySide is how many scenarios the feature of BenchmarkScenario has: about as many as a feature of the contract.
const sideBySide = 20

// BenchmarkScenario compares a scenario of the contract with a plain loop that makes the same two calls, one after
// the other.
func BenchmarkScenario(b *testing.B) {
	b.Run("contract", func(b *testing.B) {
		var scenarios []string
		for i := range sideBySide {
			scenarios = append(scenarios, rightOTP(fmt.Sprintf("number %d", i)))
		}
		e := newEmbedded(b)
		e.base.Concurrency = 1
		e.features = trial{feature: everyExchange() + rule("@PV-01 @must", strings.Join(scenarios, "\n"))}.load(b)
		e.base.Features = e.features
		o := e.plan(b, plan.Selection{Repeat: b.N/sideBySide + 1}, b.N)
		b.ReportAllocs()
		b.ResetTimer()
		outcome := Run(b.Context(), o)
		b.StopTimer()
		for _, s := range outcome.Scenarios {
			require.Equal(b, result.Passed, s.Verdict)
		}
	})
	b.Run("bare", func(b *testing.B) {
		e := newEmbedded(b)
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		plain := bare{&http.Client{Transport: transport}, e.server}
		b.ReportAllocs()
		for b.Loop() {
			status, err := plain.scenario(b.Context())
			if err != nil || status != http.StatusOK {
				b.Fatal(status, err)
			}
		}
	})
}

// BenchmarkRuns runs the whole contract as often as makes so many scenario runs, and says what CPU time it takes,
// the reference provider's included, and how much memory the process has needed so far.
func BenchmarkRuns(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newEmbedded(b)
			o := e.plan(b, plan.Selection{Repeat: n/len(e.features.Scenarios) + 1}, n)
			before := usage(b)
			for b.Loop() {
				outcome := Run(b.Context(), o)
				require.Len(b, outcome.Scenarios, n)
			}
			after := usage(b)
			cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
			b.ReportMetric(float64(cpu.Milliseconds())/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(after.Maxrss)/1024, "peak-MB") // in KiB on Linux
		})
	}
}

func usage(b *testing.B) syscall.Rusage {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return u
}
