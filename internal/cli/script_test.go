package cli_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"verifik-contract/internal/cli"
)

// TestMain makes the tool a command of the scripts: they run the real Main in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"verifik-contract": func() { os.Exit(int(cli.Main(os.Args[1:], cli.Standard()))) },
	})
}

// TestScripts proves each verb and each exit code. Beside testscript's own commands the scripts have:
//
//	exits CODE COMMAND ARGS...     runs a command that has to end with exactly this code
//	provider [WHAT=VALUE...]       starts a reference provider (provider_test.go) and sets TARGET, STATES, INBOX
//	closed                         takes it away
//	large FILE BYTES               writes a file of comments, of that size
//	awaits COUNT                   waits until the provider got so many calls that it does not answer
//	untouched                      the address that the provider redirects to was never called
//	spawn NAME COMMAND ARGS...     starts a command beside the script
//	sees NAME REGEXP [VARIABLE]    waits until it printed this; VARIABLE gets the first group
//	signal NAME int|term           sends it a signal
//	ends NAME CODE                 waits until it ended with this code; stdout and stderr are then its own
//	json FILE PATH REGEXP          a value of a JSON file (json_test.go)
//	junit FILE STATUS...           what the test cases of a JUnit file came to
//	agree NAME CODE WHY [COMMAND ARGS...]  runs a command with a report of each form, which has to end with this code; each
//	                               counts the same, and where the code is not 0 a failed test says why (agree_test.go)
//	sameverdicts FILE FILE         two results have the same scenarios, rules and verdicts
//	keys PRIVATE PUBLIC            makes a pair of Ed25519 keys as PEM files
//	plain FILE...                  the files hold no control character but line ends and tabs
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("whole processes")
	}
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Values[stageKey{}] = newStage()
			e.Defer(stageOf(e.Values[stageKey{}]).close)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":        exits,
			"provider":     startProvider,
			"closed":       closed,
			"large":        large,
			"keys":         keys,
			"agree":        agree,
			"sameverdicts": sameVerdicts,
			"awaits":       awaitCalls,
			"untouched":    untouched,
			"spawn":        spawn,
			"sees":         sees,
			"signal":       sendSignal,
			"ends":         ends,
			"json":         jsonValue,
			"junit":        junitStatuses,
			"plain":        plain,
		},
	})
}

// stage is what belongs to one script: its provider and its processes.
type stage struct {
	provider  *provider
	processes map[string]*process
}

type stageKey struct{}

func newStage() *stage { return &stage{processes: map[string]*process{}} }

func stageOf(value any) *stage { return value.(*stage) }

func (s *stage) close() {
	for _, p := range s.processes {
		p.kill()
	}
	if s.provider != nil {
		s.provider.close()
	}
}

// exits runs a command and compares its exit code: "must fail" alone would not tell a breach from a typing error.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	ts.Check(matchCode(args[0], ts.Exec(args[1], args[2:]...)))
}

// matchCode compares an exit code with that of an ended process.
func matchCode(want string, err error) error {
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		return err
	}
	if strconv.Itoa(code) != want {
		return errors.New("the exit code is " + strconv.Itoa(code) + ", not " + want)
	}
	return nil
}

// large writes a file that is valid and far too large to keep beside the script.
func large(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: large FILE BYTES")
	}
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat("# filler\n", size/9+1)), 0o600))
}

// keys makes keys as openssl does.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keys PRIVATE PUBLIC")
	}
	public, private, err := ed25519.GenerateKey(nil)
	ts.Check(err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	encoded, err = x509.MarshalPKIXPublicKey(public)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: encoded}), 0o600))
}

// plain looks for what a terminal would obey.
func plain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: plain FILE...")
	}
	for _, name := range args {
		if at := strings.IndexFunc(ts.ReadFile(name), control); at >= 0 {
			ts.Fatalf("%s holds the control character %q", name, ts.ReadFile(name)[at])
		}
	}
}

func control(r rune) bool {
	return r != '\n' && r != '\t' && (r < 0x20 || r >= 0x7f && r < 0xa0)
}
