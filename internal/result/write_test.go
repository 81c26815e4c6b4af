package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/text"
)

func TestWriteEscapesCharactersThatActOnATerminal(t *testing.T) {
	hostile := map[string]string{
		"terminal escape":        "\x1b[2J\x1b]0;owned\x07",
		"C1 control":             "\u009b31m",
		"delete":                 "a\x7fb",
		"bidirectional control":  "\u202egnp.exe\u2066",
		"zero width":             "a\u200bb\ufeff",
		"line separators":        "a\u2028b\u2029c",
		"beyond the basic plane": "tag \U000e0041 and a face \U0001f600",
		"NUL":                    "a\x00b",
		"HTML":                   "<script>&amp;</script>",
	}
	for name, foreign := range hostile {
		t.Run(name, func(t *testing.T) {
			run := &Run{Version: Version, Warnings: []string{foreign}, Stopped: foreign + foreign}
			var out bytes.Buffer
			require.NoError(t, Write(&out, run))
			for _, r := range out.String() {
				require.False(t, r != '\n' && !text.Shows(r), "%U stands raw in %q", r, out.String())
			}
			read, err := Read(&out)
			require.NoError(t, err)
			require.Equal(t, []string{foreign}, read.Warnings)
			require.Equal(t, foreign+foreign, read.Stopped)
		})
	}
}

func TestInvalidUTF8IsWrittenAsReplacementCharacters(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Write(&out, &Run{Version: Version, Stopped: "a\xffb"}))
	read, err := Read(&out)
	require.NoError(t, err)
	require.Equal(t, "a\ufffdb", read.Stopped)
}

func TestEmptyListsAreWrittenAsLists(t *testing.T) {
	run := &Run{Version: Version}
	var out bytes.Buffer
	require.NoError(t, Write(&out, run))
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(out.Bytes(), &members))
	require.Equal(t, "[]", string(members["rules"]))
	require.Equal(t, "[]", string(members["scenarios"]))
	require.Nil(t, run.Rules, "the run itself is left as it was")
}

func TestWriteDoesNotEscapeHTML(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Write(&out, &Run{Version: Version, Stopped: "<b>&"}))
	require.Contains(t, out.String(), `"<b>&"`)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteReturnsTheWritersError(t *testing.T) {
	require.EqualError(t, Write(full{}, &Run{}), "no space left")
}
