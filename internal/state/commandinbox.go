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
	// maxOutput is how many bytes a command may print.
	maxOutput = 64 << 10
	// afterKill is how long the children of a killed command may keep its output open.
	afterKill = time.Second
	// variablePrefix begins the names of this tool's own environment variables.
	variablePrefix = "CONTRACT_VAR_"
)

// commandInbox is a program that prints the OTP. It is run without a shell.
type commandInbox struct{ declared env.OTP }

// checkCommand checks that the program can be run before any message is sent in vain.
func checkCommand(otp env.OTP, secrets *secret.Set, problems *problem.List) {
	for i, argument := range otp.Argv {
		if secrets.Find(argument) {
			problems.Add(fmt.Sprintf(`argument %d of otp "command" holds a sensitive value`, i),
				"Everybody on the machine can read the arguments of a program. Let it read the value from a file or from its environment.")
			return
		}
	}
	program := otp.Argv[0]
	if fillTemplate(program, env.Phone{}, url.QueryEscape) != program {
		return // depends on the phone
	}
	path := program
	if filepath.Base(program) != program && !filepath.IsAbs(program) {
		path = filepath.Join(otp.Dir, program) // a bare name is looked up in PATH
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

// before does not run the command, which may wait for a message.
func (c commandInbox) before(context.Context, task) (string, bool) { return "", false }

// poll runs the command. If it prints nothing, it may be run again.
func (c commandInbox) poll(ctx context.Context, t task, left time.Duration) pollResult {
	command := fmt.Sprintf("the command %q ", c.declared.Argv[0])
	if left <= 0 {
		left = pollEvery // so that the last poll gets some time too
	}
	printed, err := c.run(ctx, t, left)
	switch {
	case err != nil:
		return pollResult{why: command + err.Error()}
	case printed == "":
		return pollResult{why: command + "printed nothing", again: true}
	}
	return t.otp(printed, command+"printed something that")
}

// run runs the command once, in the environment file's folder, and returns what it printed. The error continues a sentence
// that begins with the command's name, and holds nothing that it printed on standard output.
func (c commandInbox) run(ctx context.Context, t task, limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	argv := group.Map(c.declared.Argv, func(argument string) string {
		return fillTemplate(argument, t.phone, func(text string) string { return text })
	})
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.Dir = c.declared.Dir
	isolate(command)
	command.Env = c.environment(os.Environ(), t.secrets)
	command.WaitDelay = afterKill
	output, complaints := &bounded{limit: maxOutput, full: cancel}, &bounded{limit: maxOutput, full: func() {}}
	command.Stdout, command.Stderr = output, complaints
	err := command.Run()
	if ctx.Err() != nil || errors.Is(err, exec.ErrWaitDelay) {
		endGroup(command)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // the command itself succeeded; one of its children kept the output open
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

// commonVariables lists the variables without which few programs run and in which nobody keeps a secret.
var commonVariables = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"}

// environment returns the process's environment variables that the command gets: all but this tool's own, those that the
// environment file reads, and those with a secret in their value.
func (c commandInbox) environment(all []string, secrets *secret.Set) []string {
	return group.Where(all, func(variable string) bool {
		name, value, _ := strings.Cut(variable, "=")
		own := strings.HasPrefix(strings.ToUpper(name), variablePrefix) || slices.Contains(c.declared.Own, name) && !slices.Contains(commonVariables, strings.ToUpper(name))
		return !own && !secrets.Find(value)
	})
}

// bounded keeps the first limit bytes that are written to it.
type bounded struct {
	limit int
	text  []byte
	over  bool
	full  func() // called when more is written
}

// Write implements io.Writer. It never fails, so that a command does not end by a broken pipe.
func (b *bounded) Write(piece []byte) (int, error) {
	room := b.limit - len(b.text)
	if len(piece) > room {
		b.over = true
		b.full()
	}
	b.text = append(b.text, piece[:min(len(piece), room)]...)
	return len(piece), nil
}
