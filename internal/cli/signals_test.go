package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// GNU timeout signals the process, and then its group: the second signal is not somebody who has lost patience.
func TestASecondSignalLeavesTheFirstTheTimeToWriteItsResult(t *testing.T) {
	a := newApp(Streams{In: strings.NewReader("")})
	var waits []time.Duration
	var then []func()
	a.after = func(wait time.Duration, do func()) { waits, then = append(waits, wait), append(then, do) }
	ctx := a.interruptible(t.Context())
	defer a.close()
	a.interrupt()
	require.Error(t, ctx.Err())
	require.Empty(t, then)
	a.interrupt()
	require.Len(t, then, 1)
	require.LessOrEqual(t, waits[0], sameSignal)
	require.Greater(t, waits[0], -time.Minute, "it counts from the first signal")
	then[0]()
	<-a.abandoned

	idle := newApp(Streams{In: strings.NewReader("")})
	idle.interrupt() // nothing can be written
	<-idle.abandoned
}
