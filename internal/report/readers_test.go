package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// readers is the packages of npm that testdata/readers.cjs reads reports with: CTRF's own library, Cucumber's own
// converter, which refuses what no Cucumber writes, and a maker of pages that many use. .ci/run installs them.
var readers = []string{"ctrf", "@cucumber/cucumber-json-converter", "multiple-cucumber-html-reporter"}

func TestReadersOfOtherPeopleCountWhatWeCount(t *testing.T) {
	if testing.Short() {
		t.Skip("whole processes")
	}
	node, err := exec.LookPath("node")
	if err != nil || exec.CommandContext(t.Context(), node, "-e", fmt.Sprintf("%q.split(' ').map(require.resolve)", strings.Join(readers, " "))).Run() != nil {
		message := fmt.Sprintf("node, or one of %s, is missing (NODE_PATH is %q): .ci/run installs them; TestEveryFormCountsTheSameAndSaysWhyTheRunIsNotGreen counts the same", strings.Join(readers, ", "), os.Getenv("NODE_PATH"))
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	folder := t.TempDir()
	write := func(name, file string, content []byte) {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, name), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name, file), content, 0o644))
	}
	runs := map[string]*result.Run{"everything at once": examples.Sample(), "hostile contents": examples.Hostile()}
	for name, s := range situations() {
		runs[name] = s.run
	}
	for name, run := range runs {
		write(name, "ctrf.json", render(t, "ctrf", run))
		write(name, "cucumber.json", render(t, "cucumber", run))
	}
	write("the target is down", "page", nil)
	write("drift that fails", "page", nil)
	cmd := exec.CommandContext(t.Context(), node, filepath.Join("testdata", "readers.cjs"), folder)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var read map[string]struct {
		CTRF           map[string]int
		Implementation string
		Cucumber, Page map[string]int
	}
	require.NoError(t, json.Unmarshal(out, &read))
	pages := 0
	for name, run := range runs {
		tally := result.Count(run)
		passed, failed, skipped := tally[result.Passed]+tally[result.Observed], tally[result.Failed]+tally[result.Broken], tally[result.Skipped]+tally[result.Waived]
		got := read[name]
		require.Equal(t, map[string]int{"tests": tally.Total(), "passed": passed, "failed": failed, "skipped": skipped, "unknown": 0, "flaky": len(view.Flaky(run))}, got.CTRF, name)
		require.Equal(t, "cucumber-jvm", got.Implementation, name)
		require.Equal(t, map[string]int{"passed": passed, "failed": failed, "skipped": skipped}, got.Cucumber, name)
		if got.Page != nil {
			pages++
			require.Equal(t, map[string]int{"passed": passed, "failed": failed, "skipped": skipped, "total": tally.Total()}, got.Page, name)
		}
	}
	require.Equal(t, 2, pages)
}
