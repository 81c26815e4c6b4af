package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	query "github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"verifik-contract/internal/report/prometheus"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

// promtool runs Prometheus' own tool in the folder of the examples.
func promtool(t *testing.T, args ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("whole processes")
	}
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("promtool is missing: .ci/run installs it with Debian's package prometheus")
		}
		t.Skip("promtool is missing")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = "prometheus"
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "SUCCESS")
}

func TestAlertsFireWhenTheyShouldAndOnlyThen(t *testing.T) {
	promtool(t, "check", "rules", "alerts.yml")
	promtool(t, "test", "rules", "alerts_test.yml")
}

// alerts returns the expressions of the alert rules by their names.
func alerts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, doc := range documents(t, "prometheus/alerts.yml") {
		for _, group := range doc["groups"].([]any) {
			for _, rule := range group.(object)["rules"].([]any) {
				all[rule.(object)["alert"].(string)] = rule.(object)["expr"].(string)
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestEveryAlertIsTried(t *testing.T) {
	tests, err := os.ReadFile("prometheus/alerts_test.yml")
	require.NoError(t, err)
	for name := range alerts(t) {
		require.Regexp(t, `eval_time: \d+h\n\s+alertname: `+name+`\n\s+exp_alerts:\n`, string(tests), "no test lets it fire")
	}
}

// read reads a dashboard by Grafana's own types, and returns what they refuse where they are strict.
func read(file []byte) (d dashboard.Dashboard, refused string) { //nolint:staticcheck // every Grafana reads this form, few the next one
	runtime := cog.NewRuntime()
	runtime.RegisterDataqueryVariant(query.VariantConfig())
	for _, panel := range []variants.PanelcfgConfig{stat.VariantConfig(), statetimeline.VariantConfig(), table.VariantConfig(), timeseries.VariantConfig()} {
		runtime.RegisterPanelcfgVariant(panel)
	}
	if err := d.UnmarshalJSONStrict(file); err != nil { // an empty list of errors where there is none
		refused = err.Error()
	}
	d = dashboard.Dashboard{} //nolint:staticcheck // as above; strict, it leaves the panels out
	if err := json.Unmarshal(file, &d); err != nil {
		refused += err.Error()
	}
	if err := d.Validate(); err != nil {
		refused += err.Error()
	}
	return d, refused
}

// queries returns the expressions of the dashboard by the panels' titles.
func queries(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.ReadFile("prometheus/dashboard.json")
	require.NoError(t, err)
	d, refused := read(file)
	require.Empty(t, refused)
	all := map[string]string{}
	for _, p := range d.Panels {
		require.NotNil(t, p.Panel)
		for i, target := range p.Panel.Targets {
			q, ok := target.(query.Dataquery)
			if !ok {
				q = *target.(*query.Dataquery)
			}
			all[fmt.Sprintf("%s %d", *p.Panel.Title, i)] = q.Expr
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestTheDashboardIsOneOfGrafanas(t *testing.T) {
	file, err := os.ReadFile("prometheus/dashboard.json")
	require.NoError(t, err)
	_, refused := read(file)
	require.Empty(t, refused)
	for from, to := range map[string]string{`"targets"`: `"target"`, `"schemaVersion": 39`: `"schemaVersion": "new"`, `"mode": "absolute"`: `"mode": 7`, `"textMode"`: `"textmode"`} {
		spoilt := strings.Replace(string(file), from, to, 1)
		require.NotEqual(t, string(file), spoilt)
		_, refused := read([]byte(spoilt))
		require.NotEmpty(t, refused, to)
	}
}

func TestPrometheusReadsEveryQueryOfTheDashboard(t *testing.T) {
	var rules []object
	for _, expr := range queries(t) {
		rules = append(rules, object{"record": "tried", "expr": strings.ReplaceAll(expr, "$environment", "staging"), "labels": object{"query": fmt.Sprint(len(rules))}})
	}
	file := filepath.Join(t.TempDir(), "queries.yml")
	text, err := yaml.Marshal(object{"groups": []object{{"name": "dashboard", "rules": rules}}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o644))
	promtool(t, "check", "rules", file)
}

// What nothing writes would be watched in vain: an alert on it never fires.
func TestAlertsAndDashboardAskForWhatIsWritten(t *testing.T) {
	drifted := examples.Drifted()
	drifted.Latency = examples.Sample().Latency
	drifted.Traffic = &result.Traffic{Kind: result.Recorded}
	written := string(examples.Rendered(t, prometheus.Render, drifted))
	metrics := map[string]map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^(\w+)\{(.*)\} `).FindAllStringSubmatch(written, -1) {
		if metrics[line[1]] == nil {
			metrics[line[1]] = map[string]bool{}
		}
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(line[2], -1) {
			metrics[line[1]][label[1]] = true
		}
	}
	all := queries(t)
	maps.Copy(all, alerts(t))
	asked := map[string]bool{}
	for name, expr := range all {
		for _, m := range regexp.MustCompile(`(verifik_contract_\w+)(?:\{(.*?)\})?`).FindAllStringSubmatch(expr, -1) {
			asked[m[1]] = true
			require.Contains(t, metrics, m[1], name)
			for _, label := range regexp.MustCompile(`(\w+)=`).FindAllStringSubmatch(m[2], -1) {
				require.Contains(t, metrics[m[1]], label[1], "%s: %s", name, m[1])
			}
		}
	}
	docs, err := os.ReadFile("../docs/WATCHING.md")
	require.NoError(t, err)
	for _, m := range slices.Sorted(maps.Keys(metrics)) {
		require.Contains(t, string(docs), "`"+strings.TrimPrefix(m, "verifik_contract_")+"`", "docs/WATCHING.md says what it is")
		if m != "verifik_contract_run_info" && m != "verifik_contract_run_start_timestamp_seconds" {
			require.Contains(t, asked, m, "neither an alert nor a panel shows it")
		}
	}
}
