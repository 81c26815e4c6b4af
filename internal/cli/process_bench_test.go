package cli_test

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkProcess is whole processes of the built binary: start-up, and the whole contract on the embedded target
// from a cold start. docs/PERFORMANCE.md has the figures.
func BenchmarkProcess(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "verifik-contract")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", binary, "verifik-contract")
	if output, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, output)
	}
	for name, args := range map[string][]string{
		"version": {"version"},
		"plan":    {"plan"},
		"run":     {"run", "--quiet"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if output, err := exec.CommandContext(b.Context(), binary, args...).CombinedOutput(); err != nil {
					b.Fatalf("%v: %s", err, output)
				}
			}
		})
	}
}
