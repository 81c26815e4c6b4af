//go:build !windows

package state

import (
	"os/exec"
	"syscall"
)

// alone makes a command the leader of a session, and so of a process group, of its own: what it starts ends with it,
// and what would ask on the terminal fails at once instead of being stopped there.
func alone(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Cancel = func() error {
		endGroup(command)
		return nil
	}
}

// endGroup ends what is left of a command's process group. As long as there is any, nobody else can have its number.
func endGroup(command *exec.Cmd) {
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // there may be nobody left
	}
}
