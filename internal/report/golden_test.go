package report

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func render(t *testing.T, name string, run *result.Run) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Of(run)(&out, name))
	return out.Bytes()
}

// own reports whether a form has a page of its own: what the others are is shown by TestTheFormJSONIsTheResultFile and
// TestJUnitFilesIsJUnitWithThePlaceOfEachTest.
func own(f Form) bool { return f.Name != "json" && f.Name != "junit-files" }

func TestEveryFormShowsEveryVerdict(t *testing.T) {
	for _, f := range Forms() {
		if own(f) {
			t.Run(f.Name, func(t *testing.T) {
				examples.Golden(t, "sample."+f.Name, render(t, f.Name, examples.Sample()))
			})
		}
	}
}

func TestEveryFormShowsThatTheTargetIsDown(t *testing.T) {
	for _, f := range Forms() {
		if own(f) {
			t.Run(f.Name, func(t *testing.T) {
				examples.Golden(t, "down."+f.Name, render(t, f.Name, examples.Brief(examples.Down())))
			})
		}
	}
}

func TestTheFormJSONIsTheResultFile(t *testing.T) {
	for name, run := range map[string]*result.Run{"sample": examples.Sample(), "hostile": examples.Hostile(), "down": examples.Down()} {
		var file bytes.Buffer
		require.NoError(t, result.Write(&file, run), name)
		require.Equal(t, file.String(), string(render(t, "json", run)), name)
	}
}

func TestHostileContentsAreShownAsText(t *testing.T) {
	for _, f := range Forms() {
		t.Run(f.Name, func(t *testing.T) {
			out := string(render(t, f.Name, examples.Hostile()))
			examples.Inert(t, out)
			if f.Name != "html" { // a page is read by a browser, not by a build server that looks for commands in its log
				examples.Harmless(t, out)
			}
			if own(f) {
				examples.Golden(t, "hostile."+f.Name, render(t, f.Name, examples.Brief(examples.Hostile())))
			}
		})
	}
}

func TestSameRunGivesSameReport(t *testing.T) {
	for _, f := range Forms() {
		t.Run(f.Name, func(t *testing.T) {
			first := render(t, f.Name, examples.Sample())
			for range 5 {
				require.True(t, bytes.Equal(first, render(t, f.Name, examples.Sample())))
			}
		})
	}
}

func TestRunWithNothingInItIsShown(t *testing.T) {
	for _, f := range Forms() {
		t.Run(f.Name, func(t *testing.T) {
			require.NotEmpty(t, render(t, f.Name, &result.Run{Version: 1}))
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFormThatCannotBeWrittenSaysSo(t *testing.T) {
	for _, f := range Forms() {
		require.ErrorContains(t, f.render(full{}, examples.Sample()), "no space left", f.Name)
	}
}
