// Package prometheus writes a result as metrics, in the text format that node_exporter's textfile collector reads.
package prometheus

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// metrics is a page of gauges. Each sample names the environment: a host may have the files of several.
type metrics struct {
	bytes.Buffer
	environment string
	last        string // the metric whose header was written last
}

// Render writes the verdict of each rule as a state set (one series for each verdict, of which one is 1 and the others are
// 0, so that no series ends when the verdict changes), the counts by verdict that every form shows, and facts about the run.
// Times are those of the run, not of the writing.
func Render(w io.Writer, run *result.Run) error {
	m := &metrics{environment: view.Inline(run.Environment)}
	target := view.Inline(run.Target.BaseURL)
	if run.Target.Kind == result.Embedded {
		target = "" // a port of its own in every run
	}
	m.gauge("run_info", "What was judged, and with what.", 1, "target", target, "kind", view.Inline(run.Target.Kind),
		"version", view.Inline(run.Tool.Version), "features", view.Inline(run.Digests.Features), "schemas", view.Inline(run.Digests.Schemas))
	if t := run.Traffic; t != nil {
		m.gauge("traffic_exchanges", "How many exchanges that others made were judged, and how many could not be.", float64(t.Judged), "kind", string(t.Kind), "judged", "yes")
		m.gauge("traffic_exchanges", "", float64(t.Exchanges-t.Judged), "kind", string(t.Kind), "judged", "no")
	}
	m.gauge("exit_code", "What the run ended with: 0 kept, 1 broken, 3 not all could be judged, 130 interrupted.", float64(run.Exit))
	m.gauge("run_start_timestamp_seconds", "When the run started.", seconds(run.Started))
	m.gauge("run_end_timestamp_seconds", "When the run ended.", seconds(run.Started.Add(run.Duration.Duration())))
	m.gauge("run_duration_seconds", "How long the run took.", run.Duration.Duration().Seconds())
	m.rules(run.Rules)
	for _, group := range result.Groups(run) {
		for _, v := range result.Verdicts() {
			m.gauge("tests", "How many scenarios, rules of every exchange and checks of the run have a verdict.", float64(group.Tally[v]), "group", group.Name, "verdict", string(v))
		}
	}
	m.gauge("flaky_scenarios", "How many scenarios passed only after retries.", float64(len(view.Flaky(run))))
	m.gauge("otp_messages", "How many OTP messages the run caused, at most.", float64(run.Messages))
	if d := run.Drift; d != nil {
		m.gauge("drift_changes", "How many changes there are since the baseline.", float64(d.Changes()))
	}
	if l := run.Latency; l != nil {
		m.latency(l)
	}
	_, err := w.Write(m.Bytes())
	return err
}

func (m *metrics) rules(rules []result.Rule) {
	for _, r := range rules {
		m.gauge("rule_info", "The promise that a rule is of.", 1, "rule", view.Inline(r.ID), "level", view.Inline(r.Level), "title", view.Inline(r.Title))
	}
	for _, r := range rules {
		for _, v := range result.Verdicts() {
			is := map[bool]float64{true: 1}[r.Verdict == v]
			m.gauge("rule_verdict", "What became of a rule: 1 for its verdict, 0 for the others.", is, "rule", view.Inline(r.ID), "level", view.Inline(r.Level), "verdict", string(v))
		}
	}
}

func (m *metrics) latency(l *result.Latency) {
	m.gauge("put_answers", "How many PUTs were answered.", float64(l.Count))
	m.times("put_latency_seconds", "How long the answered PUTs took.", l.P50, l.P95, l.Max)
	if b := l.Budget; b != nil {
		m.times("put_latency_budget_seconds", "How long the answered PUTs may take.", 0, b.P95, b.Max)
	}
}

// times writes those of the figures that are known.
func (m *metrics) times(name, help string, p50, p95, longest result.Millis) {
	for i, took := range []result.Millis{p50, p95, longest} {
		if took > 0 {
			m.gauge(name, help, took.Duration().Seconds(), "stat", []string{"p50", "p95", "max"}[i])
		}
	}
}

// gauge writes one sample, and the metric's header before its first. labels are names and values in turn.
func (m *metrics) gauge(name, help string, value float64, labels ...string) {
	name = "verifik_contract_" + name
	if m.last != name {
		fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
		m.last = name
	}
	fmt.Fprintf(m, `%s{environment="%s"`, name, escaped(m.environment))
	for i := 0; i < len(labels); i += 2 {
		fmt.Fprintf(m, `,%s="%s"`, labels[i], escaped(labels[i+1]))
	}
	fmt.Fprintf(m, "} %s\n", strconv.FormatFloat(value, 'f', -1, 64))
}

// escaped returns a label's value as the format asks.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
