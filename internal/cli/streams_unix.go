//go:build !windows

package cli

import (
	"errors"
	"os"
	"syscall"
)

// enableColour does nothing: terminals interpret escape sequences anyway.
func enableColour(*os.File) {}

// readerGone reports whether an error means that nobody reads a stream any more, as after `| head` or when a terminal is
// closed.
func readerGone(err error, terminal bool) bool {
	return errors.Is(err, syscall.EPIPE) || terminal && errors.Is(err, syscall.EIO)
}
