//go:build !windows

package cli

import (
	"errors"
	"os"
	"syscall"
)

// interpretsColour has nothing to do: terminals do.
func interpretsColour(*os.File) {}

// unread reports whether nobody reads what a stream is written to, as after `| head`, and when a terminal is closed.
func unread(err error, terminal bool) bool {
	return errors.Is(err, syscall.EPIPE) || terminal && errors.Is(err, syscall.EIO)
}
