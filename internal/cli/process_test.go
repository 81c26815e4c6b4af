package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// process is a command that runs beside a script.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr *watched
	ended          chan struct{}
	err            error // of Wait
}

// watched is an output whose reader waits for what is written, without polling.
type watched struct {
	mutex   sync.Mutex
	content bytes.Buffer
	changed chan struct{} // closed at the next write
}

func newWatched() *watched { return &watched{changed: make(chan struct{})} }

func (w *watched) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
	return w.content.Write(p)
}

// read returns what was written so far, and what tells of more.
func (w *watched) read() (string, <-chan struct{}) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.content.String(), w.changed
}

// patience bounds how long a script waits for what has to happen: it is spent only where a test fails.
const patience = 20 * time.Second

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

func spawn(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: spawn NAME COMMAND ARGS...")
	}
	s := stageOf(ts.Value(stageKey{}))
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	p := &process{cmd: exec.Command(path, args[2:]...), stdout: newWatched(), stderr: newWatched(), ended: make(chan struct{})}
	p.cmd.Args[0] = args[1] // by which the test binary knows that it is the tool
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = ts.MkAbs("."), p.stdout, p.stderr
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "TARGET", "STATES", "INBOX", "GOCOVERDIR"} {
		p.cmd.Env = append(p.cmd.Env, name+"="+ts.Getenv(name))
	}
	if signal.Ignored(syscall.SIGHUP) { // as under nohup, and what is started would ignore it too
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	s.processes[args[0]] = p
}

func running(ts *testscript.TestScript, name string) *process {
	p := stageOf(ts.Value(stageKey{})).processes[name]
	if p == nil {
		ts.Fatalf("nothing called %s was spawned", name)
	}
	return p
}

func sees(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: sees NAME REGEXP [VARIABLE]")
	}
	p, sought := running(ts, args[0]), regexp.MustCompile("(?m)"+args[1])
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for over := false; ; {
		out, moreOut := p.stdout.read()
		err, moreErr := p.stderr.read()
		for _, text := range []string{out, err} {
			if found := sought.FindStringSubmatch(text); found != nil {
				if len(args) == 3 {
					ts.Setenv(args[2], found[1])
				}
				return
			}
		}
		if over {
			ts.Fatalf("%s never printed %q:\n[stdout]\n%s\n[stderr]\n%s", args[0], args[1], out, err)
		}
		select {
		case <-moreOut:
		case <-moreErr:
		case <-p.ended:
			over = true
		case <-timeout.C:
			over = true
		}
	}
}

func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal NAME int|term|hup")
	}
	sent := map[string]os.Signal{"int": os.Interrupt, "term": syscall.SIGTERM, "hup": syscall.SIGHUP}[args[1]]
	ts.Check(running(ts, args[0]).cmd.Process.Signal(sent))
}

func ends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ends NAME CODE")
	}
	p := running(ts, args[0])
	select {
	case <-p.ended:
	case <-time.After(patience):
		ts.Fatalf("%s did not end", args[0])
	}
	out, _ := p.stdout.read()
	err, _ := p.stderr.read()
	_, _ = strings.NewReader(out).WriteTo(ts.Stdout())
	_, _ = strings.NewReader(err).WriteTo(ts.Stderr())
	ts.Check(matchCode(args[1], p.err))
}
