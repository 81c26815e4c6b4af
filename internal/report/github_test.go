package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/github"
	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

// annotation is what a command of GitHub's says.
type annotation struct {
	kind, file     string
	line           int
	title, message string
}

var command = regexp.MustCompile(`^::(error|warning|notice) (?:file=([^,:]*),)?(?:line=(\d+),)?title=([^,:]*)::(.*)$`)

// parsedAnnotations reads a log as GitHub's runner does: each line that begins with two colons is a command.
func parsedAnnotations(t *testing.T, log string) (annotations []annotation, others []string) {
	t.Helper()
	decode := strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",").Replace
	for line := range strings.SplitSeq(strings.TrimSuffix(log, "\n"), "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "::") {
			others = append(others, line)
			continue
		}
		m := command.FindStringSubmatch(line)
		require.NotNil(t, m, line)
		a := annotation{kind: m[1], file: decode(m[2]), title: decode(m[4]), message: decode(m[5])}
		if m[3] != "" {
			_, err := fmt.Sscan(m[3], &a.line)
			require.NoError(t, err)
		}
		annotations = append(annotations, a)
	}
	return annotations, others
}

func TestAnnotationsSayWhatAndWhere(t *testing.T) {
	found, others := parsedAnnotations(t, string(examples.Rendered(t, github.Render, examples.Sample())))
	require.Equal(t, annotation{kind: "error", file: "features/expiry.feature", line: 7, title: "broken PV-07 An expired OTP is answered 412", message: "The right OTP after expiry: no answer within 10s"}, found[2])
	require.Equal(t, "features/wrong_otp.feature", found[0].file)
	require.Contains(t, found[0].message, "\n    expected: \"otp_does_not_match\"\n    actual:   \"Forbidden\"\n")
	require.Len(t, others, 1)
	order := ""
	for _, a := range found {
		order += a.kind[:1]
	}
	require.Equal(t, "eeewwwnnn", order)
}

func TestHostileContentsGiveNoCommand(t *testing.T) {
	plain, _ := parsedAnnotations(t, string(examples.Rendered(t, github.Render, examples.Sample())))
	found, others := parsedAnnotations(t, string(examples.Rendered(t, github.Render, examples.Hostile())))
	require.Len(t, found, len(plain)+1, "as many as there are things to say: one warning more")
	for _, a := range found {
		require.NotContains(t, a.message, "\r")
	}
	require.Len(t, others, 1)
}

func TestAtMostTenAnnotationsOfATypeAndTheRestIsCounted(t *testing.T) {
	run := examples.Sample()
	for i := range 25 {
		s := run.Scenarios[3]
		s.Rule, s.Diagnosis = fmt.Sprintf("PV-%d", 100+i), ""
		s.Findings = []result.Finding{{Path: fmt.Sprintf("$.member%d", i), Actual: "missing"}}
		run.Scenarios = append(run.Scenarios, s)
		run.Warnings = append(run.Warnings, "again")
	}
	found, others := parsedAnnotations(t, string(examples.Rendered(t, github.Render, run)))
	counts := map[string]int{}
	for _, a := range found {
		counts[a.kind]++
	}
	require.Equal(t, map[string]int{"error": 10, "warning": 10, "notice": 3}, counts)
	require.Equal(t, "18 more errors, 18 more warnings not annotated: GitHub shows 10 of a type. The result file holds all.", others[0])
}

func TestWeakerFailuresAreWarningsWhereTheRunSaysSo(t *testing.T) {
	run := examples.Sample()
	run.Scenarios = run.Scenarios[3:4]
	run.Rules[1].Level, run.Scenarios[0].Level = result.Should, result.Should
	run.Rules = run.Rules[1:2]
	found, _ := parsedAnnotations(t, string(examples.Rendered(t, github.Render, run)))
	require.Equal(t, "error", found[0].kind)
	run.Selection.FailOn, run.Exit = "must", result.ExitKept
	found, _ = parsedAnnotations(t, string(examples.Rendered(t, github.Render, run)))
	require.Equal(t, "warning", found[0].kind)
}

func TestTargetThatIsDownIsOneAnnotation(t *testing.T) {
	found, _ := parsedAnnotations(t, string(examples.Rendered(t, github.Render, examples.Down())))
	require.Equal(t, annotation{kind: "error", title: "Stopped", message: "the target is down: connection refused by api.example.test:443"}, found[0])
	require.NotEqual(t, "error", found[1].kind)
}
