//go:build unix

package cli_test

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// bench is the built binary, a provider in another process, and an environment that names it.
type bench struct {
	folder, binary, floor, base string
}

// cost is what a process took.
type cost struct {
	cpu, wall time.Duration
	peak      float64 // MB
}

func newBench(b *testing.B, serve ...string) bench {
	k := bench{folder: b.TempDir()}
	build := func(name, source string) string {
		path := filepath.Join(k.folder, name)
		output, err := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, source).CombinedOutput()
		require.NoError(b, err, string(output))
		return path
	}
	k.binary, k.floor = build("verifik-contract", "verifik-contract"), build("floor", "./testdata/floor")
	provider := exec.CommandContext(b.Context(), k.binary, append([]string{"serve", "--addr", "127.0.0.1:0"}, serve...)...)
	out, err := provider.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, provider.Start())
	b.Cleanup(func() { _ = provider.Wait() }) // it ends with the benchmark's context
	for lines := bufio.NewScanner(out); k.base == "" && lines.Scan(); {
		k.base = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`).FindString(lines.Text())
	}
	require.NotEmpty(b, k.base)
	k.environment(b, k.base, `settle = "50ms"`)
	return k
}

func (k bench) environment(b *testing.B, base, more string) {
	text := fmt.Sprintf("target \"http\" {\n base_url = %q\n %s\n}\nstates \"pact\" { url = %q }\n", base, more, base+"/_pact/provider-states")
	require.NoError(b, os.WriteFile(filepath.Join(k.folder, "e.hcl"), []byte(text), 0o600))
}

func (k bench) run(args ...string) []string {
	return append([]string{k.binary, "run", "-e", filepath.Join(k.folder, "e.hcl"), "--quiet"}, args...)
}

// alike is the fault of a provider that answers every PUT alike, so that two thirds of the scenarios fail by one cause.
const alike = "method-put-not-allowed"

// once starts a process that has to end with one of these codes.
func once(b *testing.B, argv []string, codes ...int) cost {
	started := time.Now()
	cmd := exec.CommandContext(b.Context(), argv[0], argv[1:]...)
	output, _ := cmd.CombinedOutput()
	wall := time.Since(started)
	require.Contains(b, append(codes, 0), cmd.ProcessState.ExitCode(), "%v: %s", argv, output)
	return cost{
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		wall: wall,
		peak: float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024, // in KiB on Linux
	}
}

// BenchmarkRatio is the tool beside a plain loop, in pairs: what the machine is busy with falls on both.
// docs/PERFORMANCE.md has the figures.
func BenchmarkRatio(b *testing.B) {
	k, red := newBench(b), newBench(b, "--fault", alike)
	for _, c := range []struct {
		name     string
		ours     []string
		code     int // that it ends with
		baseline []string
	}{
		{"version beside true", []string{k.binary, "version"}, 0, []string{"true"}},
		{"plan beside true", []string{k.binary, "plan"}, 0, []string{"true"}},
		{"whole contract beside 104", k.run(), 0, []string{k.floor, k.base, "104"}},
		{"must 16 times beside 1000", k.run("--level", "must", "--repeat", "16"), 0, []string{k.floor, k.base, "1000"}},
		{"red must 16 times beside green", red.run("--level", "must", "--repeat", "16"), 1, k.run("--level", "must", "--repeat", "16")},
	} {
		b.Run(c.name, func(b *testing.B) {
			var ours, baseline cost
			for b.Loop() {
				one, other := once(b, c.ours, c.code), once(b, c.baseline)
				ours.cpu, ours.wall, ours.peak = ours.cpu+one.cpu, ours.wall+one.wall, max(ours.peak, one.peak)
				baseline.cpu, baseline.wall = baseline.cpu+other.cpu, baseline.wall+other.wall
			}
			b.ReportMetric(float64(ours.cpu)/float64(baseline.cpu), "cpu-ratio")
			b.ReportMetric(float64(ours.wall)/float64(baseline.wall), "wall-ratio")
			b.ReportMetric(ours.cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(ours.peak, "peak-MB")
		})
	}
}

// BenchmarkGrowth is the contract again and again against a provider in another process, one that is faithful and one
// that answers every PUT alike, and what reads the results.
func BenchmarkGrowth(b *testing.B) {
	for name, serve := range map[string][]string{"green": nil, "red": {"--fault", alike}} {
		k := newBench(b, serve...)
		file := func(name string) string { return filepath.Join(k.folder, name) }
		for _, repeat := range []int{1, 10, 51, 511} { // of 196 scenarios
			b.Run(fmt.Sprintf("%s/%d scenario runs", name, repeat*196), func(b *testing.B) {
				run := k.run("--repeat", fmt.Sprint(repeat))
				report := func(what string, c cost) {
					b.ReportMetric(c.cpu.Seconds()*1000, what+"-cpu-ms")
					b.ReportMetric(c.peak, what+"-peak-MB")
				}
				for b.Loop() {
					report("run", once(b, run, 1))
				}
				report("run-result", once(b, append(run, "--result", file("whole.json")), 1))
				for _, part := range []string{"1", "2"} {
					once(b, append(run, "--shard", part+"/2", "--result", file(part+".json")), 1)
				}
				report("merge", once(b, []string{k.binary, "merge", file("1.json"), file("2.json"), "--result", file("merged.json")}, 1))
				report("drift", once(b, []string{k.binary, "drift", file("whole.json"), file("merged.json")}, 1))
				report("history", once(b, []string{k.binary, "history", file("whole.json"), file("merged.json")}, 1))
				for _, form := range []string{"html", "junit", "ctrf", "cucumber", "har"} {
					report(form, once(b, []string{k.binary, "show", file("whole.json"), "--report", form + "=" + file("report")}, 1))
				}
			})
		}
	}
}

// BenchmarkFar is the whole contract over TLS, 50 ms of round trip away.
func BenchmarkFar(b *testing.B) {
	k := newBench(b)
	target, err := url.Parse(k.base)
	require.NoError(b, err)
	front := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(target))
	b.Cleanup(front.Close)
	far := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "far", "127.0.0.1:0", front.Listener.Addr().String())
	require.NoError(b, far.Start())
	b.Cleanup(far.Stop)
	_, err = far.Toxics.AddToxicJson(strings.NewReader(`{"type": "latency", "stream": "downstream", "attributes": {"latency": 50}}`))
	require.NoError(b, err)
	authority := filepath.Join(k.folder, "ca.pem")
	require.NoError(b, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}), 0o600))
	for _, concurrency := range []int{8, 32} {
		b.Run(fmt.Sprint(concurrency), func(b *testing.B) {
			k.environment(b, "https://"+far.Listen, fmt.Sprintf("concurrency = %d\n tls { ca_file = %q }", concurrency, authority))
			for b.Loop() {
				once(b, k.run())
			}
		})
	}
}
