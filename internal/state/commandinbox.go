package state

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"verifik-contract/env"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

const (
	// maxOutput is how much a command may print, in bytes.
	maxOutput = 64 << 10
	// afterKill is how long a killed command's children may keep its output open.
	afterKill = time.Second
	// variablePrefix is how our own variables stand in the environment.
	variablePrefix = "CONTRACT_VAR_"
)

// commandInbox is a program that prints the OTP. No shell stands between.
type commandInbox struct{ declared env.OTP }

// checkCommand looks for the program before a message is sent that nobody could read.
func checkCommand(otp env.OTP, secrets *secret.Set, problems *problem.List) {
	for i, argument := range otp.Argv {
		if secrets.Find(argument) {
			problems.Add(fmt.Sprintf(`argument %d of otp "command" holds a sensitive value`, i),
				"Everybody on the machine can read the arguments of a program. Let it read the value from a file or from its environment.")
			return
		}
	}
	program := otp.Argv[0]
	if filled(program, env.Phone{}, url.QueryEscape) != program {
		return // known only when a phone is
	}
	path := program
	if filepath.Base(program) != program && !filepath.IsAbs(program) {
		path = filepath.Join(otp.Dir, program) // a name alone is looked for in PATH
	}
	_, err := exec.LookPath(path)
	if err == nil {
		return
	}
	if why, ok := errors.AsType[*exec.Error](err); ok {
		err = why.Err
	}
	problems.Add(fmt.Sprintf(`the program %q of otp "command" cannot be run: %s`, program, err),
		"Name one that is in PATH, or write its path, from the environment file's folder; it has to be executable.")
}

// before cannot look: the command may be one that waits for a message.
func (c commandInbox) before(context.Context, task) (string, bool) { return "", false }

// look runs the command. One that prints nothing is run again.
func (c commandInbox) look(ctx context.Context, t task, left time.Duration) found {
	command := fmt.Sprintf("the command %q ", c.declared.Argv[0])
	if left <= 0 {
		left = pollEvery // the last look is a look
	}
	printed, err := c.run(ctx, t, left)
	switch {
	case err != nil:
		return found{why: command + err.Error()}
	case printed == "":
		return found{why: command + "printed nothing", again: true}
	}
	return t.otp(printed, command+"printed something that")
}

// run runs the command once, in the environment file's folder, and returns what it printed. The error reads on from the
// command's name and holds nothing that it printed on standard output.
func (c commandInbox) run(ctx context.Context, t task, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	argv := group.Map(c.declared.Argv, func(argument string) string {
		return filled(argument, t.phone, func(text string) string { return text })
	})
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Dir = c.declared.Dir
	alone(command)
	command.Env = c.environment(os.Environ(), t.secrets)
	command.WaitDelay = afterKill
	output, complaints := &bounded{limit: maxOutput, full: cancel}, &bounded{limit: maxOutput}
	command.Stdout, command.Stderr = output, complaints
	err := command.Run()
	if ctx.Err() != nil || errors.Is(err, exec.ErrWaitDelay) {
		endGroup(command)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // the command itself has ended well: what it started kept its output open
	}
	printed := strings.TrimSpace(string(output.text))
	t.secrets.Add(runsOfDigits(printed)...)
	var exit *exec.ExitError
	switch {
	case output.over:
		return "", fmt.Errorf("printed more than %d KiB", maxOutput>>10)
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("did not end in %s", text.Duration(c.declared.For))
	case errors.As(err, &exit):
		return "", fmt.Errorf("failed (%w)%s", exit, t.quoted(complaints.text))
	case err != nil:
		return "", fmt.Errorf("cannot be run: %w", err)
	}
	return printed, nil
}

// needed is the variables without which few programs run, and in which nobody keeps a secret.
var needed = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"}

// environment returns what the command gets of the process's environment: nothing that is the tool's own matter, and nothing
// secret. Those are the variables that the environment file reads, and those that hold a value that nobody is to see.
func (c commandInbox) environment(all []string, secrets *secret.Set) []string {
	return group.Where(all, func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		own := strings.HasPrefix(strings.ToUpper(name), variablePrefix) || slices.Contains(c.declared.Own, name) && !slices.Contains(needed, strings.ToUpper(name))
		return !own && !secrets.Find(value)
	})
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	limit int
	text  []byte
	over  bool
	full  func() // called when there is more; nil: nothing
}

// Write implements io.Writer. It never fails: a command is not to end by a broken pipe.
func (b *bounded) Write(piece []byte) (int, error) {
	room := b.limit - len(b.text)
	if len(piece) > room {
		b.over = true
		if b.full != nil {
			b.full()
		}
	}
	b.text = append(b.text, piece[:min(len(piece), room)]...)
	return len(piece), nil
}
