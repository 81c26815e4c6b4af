package view

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/report/testdata/examples"
	"verifik-contract/internal/result"
)

func TestDriftAsText(t *testing.T) {
	examples.Golden(t, "drift.txt", []byte(DriftText(examples.Drifted().Drift)))
	d := examples.Drifted().Drift
	d.Current.Target.BaseURL = "https://other.example.test"
	require.True(t, strings.HasPrefix(DriftText(d), "2 differences between two targets\n"))
	for i := range 200 {
		d.NotCompared = append(d.NotCompared, result.NotCompared{Reason: fmt.Sprint(i)})
		d.Groups[0].Changes[0].Places = append(d.Groups[0].Changes[0].Places, result.Place{Rule: "PV-02", Name: fmt.Sprint(i), File: "a.feature"})
	}
	require.Less(t, strings.Count(DriftText(d), "\n"), 40)
}
