// Package cli is the command line: a file for each verb, the flags, the wiring and the exit codes.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/group"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/result"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/text"
)

// failure is an error with an exit code. If err is nil, nothing more is printed.
type failure struct {
	code result.ExitCode
	err  error
	hint string // what to do, on a line of its own
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// exitWith returns the error of a verb that has nothing more to say and ends with a code.
func exitWith(code result.ExitCode) error {
	if code == result.ExitKept {
		return nil
	}
	return &failure{code: code}
}

// inputError returns an error about wrong input, before anything was sent.
func inputError(format string, args ...any) error {
	return &failure{code: result.ExitInput, err: fmt.Errorf(format, args...)}
}

// inputErrors joins errors about wrong input; nil if there are none.
func inputErrors(problems ...error) error {
	if err := errors.Join(problems...); err != nil {
		return &failure{code: result.ExitInput, err: err}
	}
	return nil
}

// app is one call of the tool.
type app struct {
	Streams
	out       *tolerantWriter // what Out is
	secrets   *secret.Set
	typed     *bufio.Reader // In: one for all questions, so that a line typed ahead is not lost
	noColor   bool
	abandoned <-chan struct{} // closed by the second signal
	abandon   func()
	files     atomicfile.Files
	closers   []func() // for what the verb opened

	mutex  sync.Mutex
	cancel func() // interrupts the verb; nil while it cannot be interrupted

	interrupted time.Time                   // when the verb was interrupted; zero: never
	after       func(time.Duration, func()) // time.AfterFunc
}

// Main runs the tool and returns its exit code. No panic and no message shows a secret.
func Main(args []string, streams Streams) result.ExitCode {
	return newApp(streams).main(args)
}

// Commands returns the command tree, from which manual pages and completions are made.
func Commands() *cobra.Command { return newApp(Streams{}).root() }

func newApp(streams Streams) *app {
	out := &tolerantWriter{w: streams.Out, terminal: streams.OutTerminal}
	streams.Out = out
	streams.Err = &tolerantWriter{w: streams.Err, terminal: streams.ErrTerminal}
	abandoned, abandon := context.WithCancel(context.Background())
	return &app{
		Streams: streams, out: out, secrets: &secret.Set{}, typed: bufio.NewReader(streams.In), abandoned: abandoned.Done(), abandon: abandon,
		after: func(d time.Duration, do func()) { time.AfterFunc(d, do) },
	}
}

// main returns when the verb has ended, or at once when it is interrupted twice.
func (a *app) main(args []string) result.ExitCode {
	log.SetOutput(io.Discard) // net/http logs unexpected data from servers there
	defer a.listen()()
	ended := make(chan result.ExitCode, 1)
	go func() { ended <- a.execute(args) }()
	select {
	case code := <-ended:
		return code
	case <-a.abandoned:
		a.files.Abandon()
		return result.ExitInterrupted
	}
}

func (a *app) execute(args []string) (code result.ExitCode) {
	defer func() {
		if p := recover(); p != nil {
			trace := strings.Join(text.Lines(a.secrets.Redact(fmt.Sprintf("%v\n\n%s", p, debug.Stack()))), "\n")
			fmt.Fprintf(a.Err, "verifik-contract failed: this is a defect of the tool, please report it with what follows.\n\n%s\n", trace)
			code = result.ExitUnjudged
		}
	}()
	defer a.close()
	root, parsed := a.root(), false
	root.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		parsed = true
		return keepInputs(cmd, args)
	}
	root.SetArgs(args)
	command, err := root.ExecuteContextC(context.Background())
	if err != nil && !parsed { // flags or arguments are wrong
		err = &failure{result.ExitInput, err, fmt.Sprintf("Usage: `%s`; `%s --help` says more.", command.UseLine(), command.CommandPath())}
	}
	return a.exitCode(err)
}

// atEnd registers what to close when the verb has ended.
func (a *app) atEnd(closer func()) { a.closers = append(a.closers, closer) }

func (a *app) close() {
	for _, closer := range slices.Backward(a.closers) {
		closer()
	}
}

// exitCode prints an error and returns its exit code. Nothing else maps errors to exit codes.
func (a *app) exitCode(err error) result.ExitCode {
	if lost := a.out.lost.Load(); lost != nil && err == nil { // as on a full disk: a file that a shell made of it is cut
		err = lost
	}
	if err == nil {
		return result.ExitKept
	}
	if problems, ok := errors.AsType[problem.List](err); ok {
		_ = problem.Write(a.Err, a.redacted(problems))
		return result.ExitInput
	}
	code := result.ExitInput // cobra's own errors are about flags and arguments
	if f, ok := errors.AsType[*failure](err); ok {
		code = f.code
		if f.err == nil {
			return code
		}
	}
	a.printError(err)
	return code
}

// printError prints an error as one line; errors that were joined have a line each. The names of files and the arguments that
// they quote may hold anything.
func (a *app) printError(err error) {
	for _, e := range joinedErrors(err) {
		fmt.Fprintf(a.Err, "Error: %s\n", text.Line(a.secrets.Redact(e.Error())))
	}
	if f, ok := errors.AsType[*failure](err); ok && f.hint != "" {
		fmt.Fprintln(a.Err, f.hint)
	}
}

// joinedErrors returns the errors that were joined.
func joinedErrors(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // not looked for inside other errors
		if parts := joined.Unwrap(); errors.Join(parts...).Error() == err.Error() {
			return slices.Concat(group.Map(parts, joinedErrors)...)
		}
	}
	if inner := errors.Unwrap(err); inner != nil && inner.Error() == err.Error() {
		return joinedErrors(inner)
	}
	return []error{err}
}

func (a *app) redacted(problems problem.List) problem.List {
	return group.Map(problems, func(p problem.Problem) problem.Problem {
		p.Summary, p.Detail, p.Source = a.secrets.Redact(p.Summary), a.secrets.Redact(p.Detail), a.secrets.Redact(p.Source)
		return p
	})
}

func (a *app) root() *cobra.Command {
	version := false
	root := verb("verifik-contract", refuseUnknownCommand, func(cmd *cobra.Command, _ []string) error {
		if version {
			return a.showVersion("", "text")
		}
		return cmd.Help()
	})
	root.SilenceUsage, root.SilenceErrors, root.DisableAutoGenTag = true, true, true
	root.SuggestionsMinimumDistance = 2
	root.SetIn(a.In)
	root.SetOut(a.Out) // before cobra adds its own commands, which copy it
	root.SetErr(a.Err)
	root.Flags().BoolVar(&version, "version", false, "show the version, as the command does")
	root.SetHelpCommand(helpCommand())
	root.PersistentFlags().BoolVar(&a.noColor, "no-color", false, "no colour; also by the variable NO_COLOR")
	root.AddCommand(a.runCommand(), a.planCommand(), a.validateCommand(), a.showCommand(), a.checkCommand(), a.proxyCommand(), a.stepsCommand(), a.serveCommand(), a.stateCommand(), a.initCommand(), a.driftCommand(), a.mergeCommand(), a.historyCommand(), a.verifyCommand(), a.proveCommand(), a.exploreCommand(), a.exportCommand(), a.versionCommand(), verb("exit-codes", cobra.ArbitraryArgs, nil))
	addCompletion(root)
	return root
}

// inCI reports whether the tool runs in CI, where nobody watches: there is no prompt and no progress line.
func (a *app) inCI() bool { return a.set("CI") || a.set("GITHUB_ACTIONS") || a.set("GITLAB_CI") }

// canRewrite reports whether a stream is a terminal on which a line can be rewritten.
func (a *app) canRewrite(terminal bool) bool {
	return terminal && !a.inCI() && a.variable("TERM") != "dumb"
}
