package cli

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verifik-contract/internal/contract"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
	"verifik-contract/internal/traffic"
)

func (a *app) checkCommand() *cobra.Command {
	var j judgeFlags
	cmd := verb("check FILE.har...", cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		t, err := a.openTraffic(&j, result.Recorded)
		if err != nil {
			return err
		}
		ctx := a.interruptible(cmd.Context())
		if err := withGrace(ctx, func() error { return a.checkAll(ctx, t, args) }); err != nil {
			return err
		}
		run := t.Result()
		if ctx.Err() != nil {
			run.Stopped, run.Exit = "the check was interrupted", result.ExitInterrupted
		}
		return a.finish(ctx, run, &j.outputs)
	})
	j.flags(cmd)
	j.endpointFlag(cmd)
	return cmd
}

// checkAll judges recordings one after the other. It returns an error if a file cannot be opened, or if no exchange could be
// read and one of the files is not a recording.
func (a *app) checkAll(ctx context.Context, t *judgedTraffic, paths []string) error {
	files := make([]io.Reader, len(paths))
	var problems []error
	for i, path := range paths {
		files[i] = a.typed
		if path != "-" {
			file, err := os.Open(path)
			if isFolder(path) {
				err = fmt.Errorf("%s is a folder: name the recordings in it", text.Quote(path))
			}
			problems, files[i] = append(problems, err), file
			defer file.Close()
		}
	}
	if err := inputErrors(problems...); err != nil {
		return err
	}
	for i, path := range paths {
		name := path
		if name == "-" {
			name = "standard input"
		}
		t.Source(name)
		reader := traffic.Reader{
			Wanted: t.wanted, LeftOut: t.LeaveOut,
			Entry: func(e traffic.Entry) { t.check(e, name, path) },
			Bad: func(number int, err error) {
				problem := fmt.Sprintf("%s: entry %d: %s", name, number, err)
				t.Unread(problem)
				fmt.Fprintln(a.Err, "Warning: "+text.Line(problem))
			},
		}
		switch err := reader.ReadHAR(contextReader{ctx, files[i]}); {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			problems = append(problems, fmt.Errorf("%s: %w", text.Quote(path), err))
			t.Unread(fmt.Sprintf("%s: %s", name, err))
		}
	}
	err := inputErrors(problems...)
	if err != nil && t.Exchanges() > 0 {
		a.printError(err)
		return nil
	}
	return err
}

// check judges one entry of a recording.
func (t *judgedTraffic) check(e traffic.Entry, name, path string) {
	j := contract.Judgement{Silent: e.Silent}
	if e.Silent == "" {
		j = t.checks.Judge(e.Exchange, contract.Known{Uncredentialed: e.Uncredentialed})
		if e.Masked {
			j = traffic.Unmasked(j)
		}
	}
	if at, err := url.Parse(e.Exchange.Request.URL); err == nil && at.Host != "" {
		t.Target(at.Scheme + "://" + at.Host + strings.TrimSuffix(at.Path, t.checks.Endpoint().Path))
	}
	t.Add(e.Exchange, j, traffic.Place{ID: fmt.Sprintf("%s#%d", name, e.Number), Name: fmt.Sprintf("entry %d", e.Number), File: path})
}

// withGrace calls a function that may block on a pipe or a stalled terminal, and gives up on it some time after an
// interruption.
func withGrace(ctx context.Context, do func() error) error {
	var guard panicGuard
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		guard.do(func() { err = do() })
	}()
	select {
	case <-done:
	case <-ctx.Done():
		select {
		case <-done:
		case <-time.After(grace):
			return nil
		}
	}
	guard.rethrow()
	return err
}

// contextReader is a reader that fails once its context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (u contextReader) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
