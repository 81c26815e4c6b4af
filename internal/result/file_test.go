package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

func TestReadRefuses(t *testing.T) {
	cases := map[string]struct{ text, message string }{
		"an empty file":             {"", "it is empty"},
		"white space":               {" \n", "it is empty"},
		"something that is no JSON": {"{\n\n<html>", "line 3 is not JSON"},
		"a file that is cut off":    {`{"version":1,"exit":`, "cut off"},
		"cut off in a scenario":     {`{"version":1,"scenarios":[{"id":"a:1`, "cut off"},
		"a scenario that is broken": {"{\"version\":1,\"scenarios\":[\n{\"id\":\"a:1\"},\n\n{\"id\":]}", "line 4 is not JSON"},
		"a scenario that is a list": {`{"version":1,"scenarios":[{"id":"a:1"},[]]}`, "its scenarios.1 is a JSON array"},
		"a scenario's wrong member": {`{"version":1,"scenarios":[{"id":"a:1","line":"x"}]}`, "its scenarios.0.line is a JSON string"},
		"a newer version's member":  {`{"scenarios":[{"line":"x"}],"version":2}`, "has version 2"},
		"it in another order":       {`{"rules":{"a":1},"exit":"x","tool":{"version":9},"version":2}`, "has version 2"},
		"a list":                    {`[]`, "it is a JSON array, not an object"},
		"null":                      {`null`, "it has no version"},
		"another JSON file":         {`{"results":[]}`, "it has no version"},
		"version 0":                 {`{"version":0}`, "its version is 0"},
		"a negative version":        {`{"version":-1}`, "its version is -1"},
		"a fractional version":      {`{"version":1.5}`, "its version is 1.5"},
		"a version in words":        {`{"version":"one"}`, "this is not a result file"},
		"a newer version":           {`{"version":2}`, "has version 2 and this tool reads versions up to 1"},
		"a far newer version":       {`{"version":4294967297}`, "has version 4294967297"},
		"a member of another type":  {`{"version":1,"scenarios":{}}`, "its scenarios is a JSON object"},
		"a time that is none":       {`{"version":1,"started":"x"}`, "its started is a JSON string, which no result has there"},
		"two files in one":          {`{"version":1}{"version":1}`, "line 1 is not JSON"},
		"an unknown verdict":        {`{"version":1,"scenarios":[{"id":"a:1","level":"must","verdict":"green"}]}`, `scenario "a:1" has the verdict "green"`},
		"an unknown level":          {`{"version":1,"rules":[{"id":"PV-01","level":"may","verdict":"passed"}]}`, `rule "PV-01" has the level "may"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			run, err := Read(strings.NewReader(c.text))
			require.ErrorContains(t, err, c.message)
			require.Nil(t, run)
		})
	}
}

func TestReadReturnsTheReadersError(t *testing.T) {
	_, err := Read(iotest.ErrReader(errors.New("is a directory")))
	require.ErrorContains(t, err, "is a directory")
}

// The file in testdata is never rewritten: what an older release of version 1 wrote stays readable.
func TestFirstReleaseOfVersion1IsStillRead(t *testing.T) {
	text, err := os.ReadFile("testdata/v1.json")
	require.NoError(t, err)
	run, err := Read(bytes.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, 1, run.Version)
	require.Equal(t, Failed, run.Scenarios[0].Verdict)
	require.Equal(t, "otp_wrong", run.Scenarios[0].Findings[0].Actual)
	require.Equal(t, 403, run.Scenarios[0].Exchanges[0].Answer.Status)
	require.Equal(t, Millis(12.5), run.Latency.P50)
}

// The files are as earlier versions wrote them: what was renamed since is still read under its old name.
func TestResultsOfEarlierVersionsAreRead(t *testing.T) {
	files, err := filepath.Glob("testdata/earlier/*.json")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 5)
	schema := compiled(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			strict := json.NewDecoder(bytes.NewReader(text))
			strict.DisallowUnknownFields()
			require.NoError(t, strict.Decode(&Run{}), "a member that is there keeps its name")
			run, err := Read(bytes.NewReader(text))
			require.NoError(t, err)
			require.NoError(t, validate(t, schema, run))
			require.Equal(t, run.Exit, Exit(run), "what it means is what it meant")
			require.Equal(t, ExitBroken, run.Exit)
			require.Equal(t, []Verdict{Failed, Passed, Observed}, []Verdict{run.Rules[0].Verdict, run.Rules[1].Verdict, run.Rules[2].Verdict})
			require.Equal(t, "$.code", run.Scenarios[0].Findings[0].Path)
			require.Equal(t, exchange.Judged, run.Scenarios[0].Exchanges[len(run.Scenarios[0].Exchanges)-1].Purpose)
			require.Equal(t, WaiverStale, run.Waivers[0].State)
			require.Equal(t, []DeliveryKind{Ignored, Accepted, Duplicate}, []DeliveryKind{run.Webhooks[0].Kind, run.Webhooks[1].Kind, run.Webhooks[2].Kind})
			require.Positive(t, run.Latency.P95)
		})
	}
}

func TestMembersOfALaterReleaseAreIgnored(t *testing.T) {
	run, err := Read(strings.NewReader(`{"version":1,"exit":3,"novelty":{"a":1}}`))
	require.NoError(t, err)
	require.EqualValues(t, 3, run.Exit)
}

func TestAByteOrderMarkIsIgnored(t *testing.T) {
	run, err := Read(strings.NewReader("\ufeff" + `{"version": 1, "exit": 1}`))
	require.NoError(t, err)
	require.EqualValues(t, 1, run.Exit)
}

// endless is a reader that never ends.
type endless struct {
	text byte
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.text
	}
	e.read += len(p)
	return len(p), nil
}

func TestReadIsBounded(t *testing.T) {
	device := endless{text: ' '}
	_, err := readAtMost(&device, 1<<20)
	require.EqualError(t, err, "this is not a result file: it has more than the 1 MiB that are read of one")
	require.Less(t, device.read, 4<<20)
	device = endless{}
	_, err = readAtMost(&device, 1<<20)
	require.EqualError(t, err, "this is not a result file: line 1 is not JSON")
	require.Less(t, device.read, 1<<20)
	run, err := readAtMost(strings.NewReader(`{"version": 1}`), int64(len(`{"version": 1}`)))
	require.NoError(t, err)
	require.NotNil(t, run)
}
