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

	"verifik-contract/internal/group"
	"verifik-contract/internal/history"
	"verifik-contract/internal/report"
	"verifik-contract/internal/report/html"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

func (a *app) historyCommand() *cobra.Command {
	var reports []string
	cmd := verb("history DIR|RESULT...", cobra.MinimumNArgs(1), func(cmd *cobra.Command, args []string) error {
		targets, err := shownAs(reports, "text", "json", "html")
		if err != nil {
			return err
		}
		return a.history(cmd.Context(), args, targets) // a signal ends it at once: before its end it has nothing to show
	})
	cmd.Flags().StringArrayVar(&reports, "report", nil, "show it as `FORM=FILE`, FORM is text, json or html; FORM alone and FORM=- are stdout; repeatable")
	return cmd
}

func (a *app) history(ctx context.Context, args []string, targets []report.Target) error {
	h := &history.History{}
	code := result.ExitKept
	for _, arg := range args {
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			if err := addFolder(h, arg); err != nil {
				return err
			}
		} else if !add(h, arg) {
			code = result.ExitUnjudged
		}
	}
	a.tellLeftOut(h)
	if len(h.Series) == 0 {
		return input("there is no result of a whole run among what was given")
	}
	h.Conclude()
	forms := map[string]func(io.Writer) error{
		"html": func(w io.Writer) error { return html.History(w, h) },
		"json": func(w io.Writer) error { return text.Encode(w, h) },
		"text": func(w io.Writer) error { return terminal.History(w, h, terminal.Options{}) },
		"":     func(w io.Writer) error { return terminal.History(w, h, a.textOptions(a.OutTerminal, false)) },
	}
	if len(targets) == 0 {
		targets = []report.Target{{Path: report.Stdout}}
	}
	problems := group.Map(targets, func(t report.Target) error { return a.writeFile(ctx, t.Path, forms[t.Form]) })
	if err := errors.Join(problems...); err != nil {
		return &failure{code: result.ExitUnjudged, err: err}
	}
	return ended(code)
}

// addFolder adds the results in a folder and below it. One is in memory at a time.
func addFolder(h *history.History, folder string) error {
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := os.Stat(path); filepath.Ext(path) == ".json" && err == nil && info.Mode().IsRegular() {
			add(h, path)
		}
		return nil
	})
	if err != nil {
		return input("the folder cannot be read: %w", err)
	}
	return nil
}

// add adds a result, or notes why it is left out, and reports whether it could be read.
func add(h *history.History, path string) bool {
	run, err := readResult(path)
	if err != nil {
		if inner := errors.Unwrap(errors.Unwrap(err)); inner != nil {
			err = inner // without the name
		}
		h.LeaveOut(path, err.Error())
		return false
	}
	h.Add(path, run)
	return true
}

// maxLeftOut is how many files are named that were left out; the form json has all.
const maxLeftOut = 20

func (a *app) tellLeftOut(h *history.History) {
	for i, l := range h.LeftOut {
		if i == maxLeftOut {
			fmt.Fprintf(a.Err, "… and %d more\n", len(h.LeftOut)-i)
			break
		}
		fmt.Fprintf(a.Err, "Left out: %s: %s\n", text.Line(l.File), text.Line(l.Reason))
	}
}
