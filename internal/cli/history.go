package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"verifik-contract/internal/history"
	"verifik-contract/internal/report/html"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

func (a *app) historyCommand() *cobra.Command {
	var reports reportFlag
	cmd := verb("history DIR|RESULT...", cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		return a.history(cmd.Context(), args, reports) // a signal ends it at once: it has nothing to show before its end
	})
	reports.flag(cmd, "show it as `FORM=FILE`, FORM is text, json or html; FORM alone and FORM=- are stdout; repeatable", "text", "json", "html")
	return cmd
}

func (a *app) history(ctx context.Context, args []string, reports reportFlag) error {
	h := &history.History{}
	code := result.ExitKept
	for _, arg := range args {
		if !isFolder(arg) {
			if !add(h, arg) {
				code = result.ExitUnjudged
			}
			continue
		}
		paths, err := filesIn(arg)
		if err != nil {
			return inputError("the folder cannot be read: %w", err)
		}
		for _, path := range paths { // one result is in memory at a time
			add(h, path)
		}
	}
	a.tellLeftOut(h)
	if len(h.Series) == 0 {
		return inputError("none of the files is the result of a whole run")
	}
	h.Conclude()
	render := func(w io.Writer, form string) error {
		switch form {
		case "html":
			return html.History(w, h)
		case "json":
			return text.Encode(w, h)
		}
		return terminal.History(w, h, terminal.Options{})
	}
	return a.writeAndShow(ctx, code, reports, render, func(screen io.Writer, tty bool) error {
		if len(reports) > 0 {
			return nil
		}
		return terminal.History(screen, h, a.textOptions(tty, false))
	})
}

// filesIn returns the JSON files in a folder and below it. It does not follow links to folders, which may lead anywhere.
func filesIn(folder string) (paths []string, err error) {
	// Without the slash a folder that is a link would not be walked.
	err = filepath.WalkDir(folder+"/", func(path string, _ fs.DirEntry, err error) error {
		if info, err := os.Stat(path); filepath.Ext(path) == ".json" && err == nil && info.Mode().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

// add adds a result to a history, or records why it is left out. It reports whether the file could be read.
func add(h *history.History, path string) bool {
	run, err := readResult(path)
	if err != nil {
		if inner := errors.Unwrap(errors.Unwrap(err)); inner != nil {
			err = inner // without the file's name
		}
		if unreadable, ok := errors.AsType[*fs.PathError](err); ok {
			err = unreadable.Err
		}
		h.LeaveOut(path, err.Error())
		return false
	}
	h.Add(path, run)
	return true
}

// maxLeftOut is how many of the files that were left out are named; the form json has all.
const maxLeftOut = 20

func (a *app) tellLeftOut(h *history.History) {
	for _, l := range h.LeftOut[:min(len(h.LeftOut), maxLeftOut)] {
		fmt.Fprintf(a.Err, "Left out: %s: %s\n", text.Line(l.File), text.Line(l.Reason))
	}
	if more := len(h.LeftOut) - maxLeftOut; more > 0 {
		fmt.Fprintf(a.Err, "… and %d more\n", more)
	}
}
