package report_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/prometheus"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

// parsedMetrics reads the metrics of a run as Prometheus' own library does, by their name and labels.
func parsedMetrics(t *testing.T, run *result.Run) map[string]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(examples.Rendered(t, prometheus.Render, run)))
	require.NoError(t, err)
	samples := map[string]float64{}
	for name, family := range families {
		require.Equal(t, dto.MetricType_GAUGE, family.GetType(), name)
		require.NotEmpty(t, family.GetHelp(), name)
		for _, m := range family.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, fmt.Sprintf("%s=%s", l.GetName(), l.GetValue()))
			}
			key := strings.TrimPrefix(name, "verifik_contract_") + " " + strings.Join(labels, " ")
			require.NotContains(t, samples, key, "a collector refuses a series that is there twice")
			samples[key] = m.GetGauge().GetValue()
		}
	}
	return samples
}

func TestPrometheusParsesTheMetricsOfARun(t *testing.T) {
	run := examples.Sample()
	run.Messages = 12
	samples := parsedMetrics(t, run)
	for key, want := range map[string]float64{
		"exit_code environment=staging": 1,
		"run_info environment=staging target=https://api.example.test kind=http version=1.2.3 features=" + run.Digests.Features + " schemas=" + run.Digests.Schemas: 1,
		"run_start_timestamp_seconds environment=staging":                                       1772600767.089,
		"run_end_timestamp_seconds environment=staging":                                         1772600768.623,
		"run_duration_seconds environment=staging":                                              1.5345,
		"rule_info environment=staging rule=PV-02 level=must title=A wrong OTP is answered 403": 1,
		"rule_verdict environment=staging rule=PV-02 level=must verdict=failed":                 1,
		"rule_verdict environment=staging rule=PV-02 level=must verdict=passed":                 0,
		"rule_verdict environment=staging rule=PV-14 level=must verdict=skipped":                1,
		"flaky_scenarios environment=staging":                                                   1,
		"otp_messages environment=staging":                                                      12,
		"put_answers environment=staging":                                                       float64(run.Latency.Count),
		"put_latency_seconds environment=staging stat=p95":                                      run.Latency.P95.Duration().Seconds(),
		"put_latency_budget_seconds environment=staging stat=p95":                               run.Latency.Budget.P95.Duration().Seconds(),
	} {
		require.Contains(t, samples, key)
		require.InDelta(t, want, samples[key], 1e-9, key)
	}
	require.NotContains(t, fmt.Sprint(samples), "drift_changes", "there is no baseline")
	require.InDelta(t, 2, parsedMetrics(t, examples.Drifted())["drift_changes environment=staging"], 0)
}

func TestEachRuleHasOneVerdict(t *testing.T) {
	run := examples.Sample()
	verdicts := map[string]float64{}
	for key, value := range parsedMetrics(t, run) {
		if rest, found := strings.CutPrefix(key, "rule_verdict environment=staging rule="); found {
			id, _, _ := strings.Cut(rest, " ")
			verdicts[id] += value
		}
	}
	require.Len(t, verdicts, len(examples.Sample().Rules))
	for id, n := range verdicts {
		require.InDelta(t, 1, n, 0, id)
	}
}

func TestAnEmbeddedTargetIsTheSameSeriesOnAnyPort(t *testing.T) {
	run := examples.Sample()
	run.Target = result.Target{Kind: result.Embedded, BaseURL: "http://127.0.0.1:41234"}
	require.NotContains(t, string(examples.Rendered(t, prometheus.Render, run)), "41234")
}

func TestForeignTextStaysInItsLabel(t *testing.T) {
	run := examples.Sample()
	run.Environment = "a\"} 7\n# TYPE evil counter\nevil 1\\"
	samples := parsedMetrics(t, run)
	require.Contains(t, samples, `exit_code environment=a"} 7\n# TYPE evil counter\nevil 1\`)
	require.Len(t, samples, len(parsedMetrics(t, examples.Sample())))
	parsedMetrics(t, examples.Hostile())
	parsedMetrics(t, &result.Run{Started: time.Unix(0, 0)})
}

// promtool lints, too: names, units, heads.
func TestPromtoolFindsNoProblem(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("promtool is missing: .ci/run installs it with Debian's package prometheus")
		}
		t.Skip("promtool is missing; the parser of Prometheus' library reads the same")
	}
	for name, run := range map[string]*result.Run{"sample": examples.Sample(), "hostile": examples.Hostile(), "down": examples.Down()} {
		cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		cmd.Stdin = bytes.NewReader(examples.Rendered(t, prometheus.Render, run))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		require.Empty(t, string(out), name)
	}
}
