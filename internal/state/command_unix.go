//go:build !windows

package state

import (
	"os/exec"
	"syscall"
)

// isolate runs a command in a session, and so a process group, of its own: its children are killed with it, and a
// program that tries to read from the terminal fails at once instead of being stopped.
func isolate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Cancel = func() error {
		endGroup(command)
		return nil
	}
}

// endGroup kills what is left of a command's process group. Its number cannot be reused while any process is left.
func endGroup(command *exec.Cmd) {
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // fails if no process is left
	}
}
