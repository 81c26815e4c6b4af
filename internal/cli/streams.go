package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Streams is what the tool reads and writes. It is passed in, so that a test sees what a user sees.
type Streams struct {
	In          io.Reader
	Out, Err    io.Writer
	InTerminal  bool // a person can answer
	OutTerminal bool
	ErrTerminal bool
	Width       func() int // returns the terminal's current width in columns; nil or 0: unknown
	LookupEnv   func(string) (string, bool)
	Interrupt   <-chan os.Signal // nil: the process's own SIGINT, SIGTERM and SIGHUP
}

// Standard returns the process's own streams.
func Standard() Streams {
	s := Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		LookupEnv:   os.LookupEnv,
	}
	enableColour(os.Stdout)
	enableColour(os.Stderr)
	s.Width = func() int {
		width, _, _ := term.GetSize(int(os.Stdout.Fd())) // 0 with an error
		return width
	}
	return s
}

func (s Streams) width() int {
	if s.Width == nil {
		return 0
	}
	return s.Width()
}

// variable returns an environment variable; "" if it is not set.
func (s Streams) variable(name string) string {
	value, _ := s.LookupEnv(name)
	return value
}

// set reports whether an environment variable is set and not empty.
func (s Streams) set(name string) bool { return s.variable(name) != "" }
