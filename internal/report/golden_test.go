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
	require.NoError(t, Render(&out, name, run))
	return out.Bytes()
}

func TestEveryFormShowsEveryVerdict(t *testing.T) {
	for _, f := range forms() {
		if f.Name == "junit-files" {
			continue // TestJUnitFilesIsJUnitWithThePlaceOfEachTest
		}
		t.Run(f.Name, func(t *testing.T) {
			examples.Golden(t, "sample."+f.Name+f.Extension, render(t, f.Name, examples.Sample()))
		})
	}
}

func TestEveryFormShowsThatTheTargetIsDown(t *testing.T) {
	for _, f := range forms() {
		if f.Name == "junit-files" {
			continue // TestJUnitFilesIsJUnitWithThePlaceOfEachTest
		}
		t.Run(f.Name, func(t *testing.T) {
			examples.Golden(t, "down."+f.Name+f.Extension, render(t, f.Name, examples.Down()))
		})
	}
}

func TestHostileContentsAreShownAsText(t *testing.T) {
	for _, f := range forms() {
		t.Run(f.Name, func(t *testing.T) {
			out := render(t, f.Name, examples.Hostile())
			examples.Inert(t, string(out))
			if f.Name != "html" { // a page is read by a browser, not by a build server that looks for commands in its log
				examples.Harmless(t, string(out))
			}
			if f.Name != "junit-files" {
				examples.Golden(t, "hostile."+f.Name+f.Extension, out)
			}
		})
	}
}

func TestSameRunGivesSameReport(t *testing.T) {
	for _, f := range forms() {
		t.Run(f.Name, func(t *testing.T) {
			first := render(t, f.Name, examples.Sample())
			for range 5 {
				require.True(t, bytes.Equal(first, render(t, f.Name, examples.Sample())))
			}
		})
	}
}

func TestRunWithNothingInItIsShown(t *testing.T) {
	for _, f := range forms() {
		t.Run(f.Name, func(t *testing.T) {
			require.NotEmpty(t, render(t, f.Name, &result.Run{Version: 1}))
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFormThatCannotBeWrittenSaysSo(t *testing.T) {
	for _, f := range forms() {
		require.ErrorContains(t, f.render(full{}, examples.Sample()), "no space left", f.Name)
	}
}
