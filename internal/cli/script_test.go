package cli_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
)

// TestMain makes the tool a command of the scripts' shells, and of what they spawn: the real Main in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"verifik-contract": func() { os.Exit(int(cli.Main(os.Args[1:], cli.Standard()))) },
	})
}

// TestScripts proves each verb and each exit code. Each script's folder becomes that of this process for as long as a
// command of it runs here, so no test runs beside the scripts. Beside testscript's own commands the scripts have:
//
//	exits CODE COMMAND ARGS...     runs a command that has to end with exactly this code: the tool's Main in this process
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
//	each NAME COMMANDS             runs the tool with the arguments in each line of a file, NAME in them being what another
//	                               file holds, as $VARIABLE from then on, however it ends; stdout and stderr are then those of all
//	plain FILE...                  the files hold no control character but line ends and tabs
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("whole processes")
	}
	scripts, err := filepath.Abs("testdata/script")
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir:                 scripts,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GOGC", os.Getenv("GOGC")) // what processes there are collect as rarely as this one
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
			"each":         each,
		},
	})
}

// stage is what belongs to one script: its provider and its processes, and the JSON that it looked into last.
type stage struct {
	provider  *provider
	processes map[string]*process
	read      string
	holds     any
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
	ts.Check(perform(ts, args[0], args[1:]))
}

// perform runs a command that has to end with a code. To start the tool as a process of its own each time would take
// longer than most of what the scripts ask of it.
func perform(ts *testscript.TestScript, want string, command []string) error {
	if command[0] != "verifik-contract" {
		return matchCode(want, ts.Exec(command[0], command[1:]...))
	}
	turn.Lock()
	defer turn.Unlock()
	home, err := os.Getwd()
	ts.Check(err)
	ts.Check(os.Chdir(ts.MkAbs(".")))
	defer func() { ts.Check(os.Chdir(home)) }()
	return compareCode(want, int(cli.Main(command[1:], cli.Streams{
		In: strings.NewReader(""), Out: ts.Stdout(), Err: ts.Stderr(), Interrupt: make(chan os.Signal),
		LookupEnv: func(name string) (string, bool) { return ts.Getenv(name), ts.Getenv(name) != "" },
	})))
}

// each runs the tool many times with a name that no script can spell.
func each(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: each NAME COMMANDS")
	}
	name := ts.ReadFile(args[0])
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		words := []string{"verifik-contract"}
		for _, word := range strings.Fields(line) {
			if variable, found := strings.CutPrefix(word, "$"); found {
				ts.Setenv(variable, name)
				defer ts.Setenv(variable, "")
				continue
			}
			words = append(words, strings.ReplaceAll(word, "NAME", name))
		}
		_ = perform(ts, "", words)
	}
}

// turn is whose folder the process has.
var turn sync.Mutex

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
	return compareCode(want, code)
}

func compareCode(want string, code int) error {
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
