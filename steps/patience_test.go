package steps

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A provider that writes through a queue keeps its promise a moment later.
func TestAReadBackIsRepeatedUntilASuccessShows(t *testing.T) {
	var reads atomic.Int32
	later := func(w http.ResponseWriter, r *http.Request, n int) {
		if reads.Add(1) < 3 {
			status("sent")(w, r, n)
			return
		}
		status("validated")(w, r, n)
	}
	p := newProvider(t, replies(status("sent"), reply(200, validatedReply), later))
	w := newWorld(t, p, aState)
	w.Patience = time.Minute // only spent where it fails
	require.NoError(t, do(t, w, aState, statusRead, typed, "the status of the validation is validated"))
	require.Empty(t, w.Findings)
	require.EqualValues(t, 3, reads.Load())
	require.Len(t, w.Exchanges, 3, "a read, the PUT, and only the last of the reads after it")
}

func TestWhatMustNotShowIsReadOnce(t *testing.T) {
	p := newProvider(t, replies(status("sent"), reply(403, `{}`), status("sent")))
	w := newWorld(t, p, aState)
	w.Patience = time.Minute
	require.NoError(t, do(t, w, aState, statusRead, typed, "the status of the validation is not validated"))
	require.Empty(t, w.Findings)
}
