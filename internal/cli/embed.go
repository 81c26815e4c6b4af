package cli

import (
	"sync/atomic"

	"verifik-contract/internal/result"
)

// Run does what the verb run does with these arguments, and returns what it found as well: for a caller that shows
// it in a way of its own, as `go test` does. The result is nil where nothing ran; the streams say why.
func Run(args []string, streams Streams) (*result.Run, result.ExitCode) {
	var found atomic.Pointer[result.Run]
	a := newApp(streams)
	a.found = found.Store
	code := a.main(append([]string{"run"}, args...))
	return found.Load(), code
}
