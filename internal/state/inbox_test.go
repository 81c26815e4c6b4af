package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/env"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/problem"
	"verifik-contract/internal/providerstate"
	"verifik-contract/internal/secret"
	"verifik-contract/internal/transport"
)

func TestHTTPInbox(t *testing.T) {
	t.Run("polls until the OTP is there", func(t *testing.T) {
		b := newBench(t, &setUpAPI{delayed: 4})
		values, err := makeAll(t, b.maker(t), b.recorded.record, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, "100001", values[0].OTP)
		require.Equal(t, 4*time.Second, b.time.Waited())
		require.Equal(t, []string{
			"create the app registration", "look for an OTP from before", "create the phone validation", readOTP, readOTP,
		}, b.recorded.labels(), "polls that tell nothing new are not recorded")
	})
	t.Run("an OTP from before is not taken for the new one", func(t *testing.T) {
		b := newBench(t, &setUpAPI{delayed: 2, held: map[string]string{panama1.Number: "999999"}})
		values, err := makeAll(t, b.maker(t), b.recorded.record, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, "100001", values[0].OTP)
		for _, shown := range b.recorded.redacted {
			require.NotContains(t, shown, "999999")
		}
	})
	t.Run("an OTP from before is known also where the inbox was down", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		b.declared.Phones = []env.Phone{panama1}
		m := b.maker(t)
		_, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		b.api.delayed = 2
		b.api.refuse = func(c call) (int, string) {
			if c.Path == "/inbox" && b.api.sent == 1 {
				return 503, ""
			}
			return 0, ""
		}
		values, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, "100002", values[0].OTP)
	})
	t.Run("no new OTP in time", func(t *testing.T) {
		b := newBench(t, &setUpAPI{delayed: 100, held: map[string]string{panama1.Number: "999999"}})
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.ErrorAs(t, err, new(*NotMade))
		require.ErrorContains(t, err, "no new OTP in 10 s: it still holds the OTP from before")
		require.Equal(t, 10*time.Second, b.time.Waited())
	})
	t.Run("no HTTP in time", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		b.declared.OTP.URL = babble(t, "not yet\r\n")
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.ErrorContains(t, err, "no new OTP in 10 s")
		require.Equal(t, 10*time.Second, b.time.Waited(), "it may be about to start")
	})
	t.Run("nothing in time", func(t *testing.T) {
		b := newBench(t, &setUpAPI{delayed: 100})
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.ErrorContains(t, err, "no new OTP in 10 s: there is none yet")
	})
	t.Run("a country code and a phone are escaped", func(t *testing.T) {
		require.Equal(t, "http://x/?c=%2B507&p=62647737&c=%2B507",
			fillTemplate("http://x/?c={countryCode}&p={phone}&c={countryCode}", panama1, func(s string) string { return strings.ReplaceAll(s, "+", "%2B") }))
	})
	t.Run("an interrupted wait ends", func(t *testing.T) {
		b := newBench(t, &setUpAPI{delayed: 100})
		ctx, cancel := context.WithCancel(t.Context())
		b.options.Wait = func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() }
		m := b.maker(t)
		needs := []Request{{Name: providerstate.Pending}}
		assignment, _, _ := m.Planner().Reserve(needs)
		session, err := m.Begin(ctx, assignment, nil)
		require.NoError(t, err)
		_, err = session.Make(ctx, 0, "")
		require.ErrorIs(t, err, context.Canceled)
	})

	for name, c := range map[string]struct {
		status int // of the inbox once the message is sent
		body   string
		reason string
		waited time.Duration
	}{
		"a leading zero":         {200, `{"otp":"012345"}`, `the field "otp" has a leading zero, which a JSON number cannot carry; it still holds the OTP from before`, 10 * time.Second},
		"a number with fraction": {200, `{"otp":123456.0}`, `the field "otp" is not made of digits alone`, 0},
		"a bare number":          {200, `123456`, "the inbox answers no JSON object", 0},
		"another field for long": {200, `{"code":123456}`, `the field "otp" has no value`, 10 * time.Second},
		"text":                   {200, `your code`, "the inbox answers no JSON object", 0},
		"an object":              {200, `{"otp":{}}`, "neither a number nor a string", 0},
		"not allowed":            {401, `go away`, `the inbox answered 401: "go away"`, 0},
		"down for long":          {503, ``, "the inbox answered 503", 10 * time.Second},
		"empty for long":         {200, `{"otp":""}`, "there is none yet", 10 * time.Second},
		"no content for long":    {204, ``, "there is none yet", 10 * time.Second},
	} {
		t.Run(name+" is not made", func(t *testing.T) {
			b := newBench(t, &setUpAPI{})
			b.api.refuse = func(got call) (int, string) {
				switch {
				case got.Path != "/inbox":
					return 0, ""
				case b.api.sent == 0:
					return 404, ""
				}
				return c.status, c.body
			}
			_, err := makeAll(t, b.maker(t), b.recorded.record, "", Request{Name: providerstate.Pending})
			require.ErrorAs(t, err, new(*NotMade))
			require.ErrorContains(t, err, c.reason)
			require.NotContains(t, err.Error(), "012345")
			require.Equal(t, c.waited, b.time.Waited())
			for _, shown := range b.recorded.redacted {
				require.NotContains(t, shown, "012345")
			}
		})
	}
}

func TestAnInboxOfSeveralPhonesIsToldWhich(t *testing.T) {
	for _, c := range []struct {
		path   string
		phones []env.Phone
		warned bool
	}{
		{"/inbox?phone={phone}", []env.Phone{panama1, panama2}, false},
		{"/inbox", []env.Phone{panama1, panama2}, true},
		{"/inbox", []env.Phone{panama1}, false},
	} {
		b := newBench(t, &setUpAPI{})
		b.declared.OTP.URL, b.declared.Phones = b.url+c.path, c.phones
		_, problems := New([]env.States{{Verifik: &b.declared}}, b.options)
		require.Equal(t, c.warned, len(problems) > 0, c)
	}
}

func TestARateLimitedInboxIsPolledAgainAfterItsRetryAfter(t *testing.T) {
	for name, c := range map[string]struct {
		after  string // the Retry-After of the first answer
		waited []time.Duration
		reason string
	}{
		"later than the next look":  {"7", []time.Duration{7 * time.Second}, ""},
		"sooner":                    {"1", []time.Duration{2 * time.Second}, ""},
		"nothing":                   {"", []time.Duration{2 * time.Second}, ""},
		"longer than it is awaited": {"61", nil, "no new OTP in 1 min: the inbox answered 429"},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if calls++; calls == 1 {
					w.Header().Set("Retry-After", c.after)
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				_, _ = io.WriteString(w, `{"otp":573283}`)
			}))
			defer server.Close()
			client, err := transport.New(transport.Options{})
			require.NoError(t, err)
			defer client.Close()
			start := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
			var waited []time.Duration
			reader := newOTPReader(env.Verifik{OTP: env.OTP{Kind: env.OTPHTTP, URL: server.URL, Field: "otp", Every: 2 * time.Second, For: time.Minute}}, Options{
				Control: client,
				Now:     func() time.Time { return start },
				Wait:    func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil },
			}, nil)
			otp, _, err := reader.read(t.Context(), task{phone: panama1, secrets: &secret.Set{}, record: func(exchange.Exchange) {}}, "")
			if c.reason != "" {
				require.ErrorContains(t, err, c.reason)
			} else {
				require.NoError(t, err)
				require.Equal(t, "573283", otp)
			}
			require.Equal(t, c.waited, waited)
		})
	}
}

// found returns what an inbox whose answer has this body yields.
func found(body, field string) pollResult {
	inbox := httpInbox{declared: env.OTP{Field: field}}
	return inbox.find(task{secrets: &secret.Set{}}, exchange.Exchange{Answer: &exchange.Answer{Status: http.StatusOK, Body: []byte(body)}})
}

func TestTheFieldOfAnInboxHoldsTheOTP(t *testing.T) {
	for name, c := range map[string]struct{ body, field, want string }{
		"a number is exact": {`{"otp":123456789012345}`, "otp", "123456789012345"},
		"a string":          {`{"otp":"123456"}`, "otp", "123456"},
		"a name with a dot": {`{"data.code":1234}`, "data.code", "1234"},
		"absent":            {`{}`, "otp", ""},
		"null":              {`{"otp":null}`, "otp", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := found(c.body, c.field)
			require.Equal(t, c.want == "", got.again, "without an OTP it is looked for again")
			require.Equal(t, c.want, got.otp)
		})
	}
}

func FuzzTheFieldOfAnInbox(f *testing.F) {
	f.Add(`{"code":1234}`, "code")
	f.Add(`[{"otp":1}]`, "otp")
	f.Fuzz(func(t *testing.T, body, field string) {
		got := found(body, field)
		require.True(t, got.otp != "" || got.why != "")
		if !json.Valid([]byte(body)) {
			require.Empty(t, got.otp)
		}
	})
}

// script writes a program that the command inbox runs.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "read-otp")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700))
	return path
}

func TestCommandInbox(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	command := func(b *bench, argv ...string) {
		b.declared.OTP = env.OTP{Kind: env.OTPCommand, Argv: argv, For: 10 * time.Second}
	}

	t.Run("its arguments are filled in and no shell reads them", func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "arguments")
		b := newBench(t, &setUpAPI{})
		command(b, script(t, `printf '%s\n' "$@" > "$0.out"; mv "$0.out" `+out+`; echo 654321`), "{countryCode}", "-p={phone}", "$HOME; echo")
		values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending, CountryCode: "+1"})
		require.NoError(t, err)
		require.Equal(t, "654321", values[0].OTP)
		require.True(t, b.secrets.Find("654321"))
		got, err := os.ReadFile(out)
		require.NoError(t, err)
		require.Equal(t, "+1\n-p=2025550123\n$HOME; echo\n", string(got))
	})
	t.Run("our variables are not its own", func(t *testing.T) {
		t.Setenv("CONTRACT_VAR_client_token", "secret")
		t.Setenv("INBOX_KEY", "1")
		t.Setenv("GATEWAY_KEY", "read by the environment file")
		t.Setenv("COPY_OF_IT", "Bearer a-token-of-the-client")
		b := newBench(t, &setUpAPI{})
		b.secrets.Add("a-token-of-the-client")
		command(b, script(t, `test -z "$CONTRACT_VAR_client_token$GATEWAY_KEY$COPY_OF_IT" && test -n "$INBOX_KEY" && test -n "$PATH" && echo 654321`))
		b.declared.OTP.Own = []string{"GATEWAY_KEY", "PATH"}
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
	})
	t.Run("one that prints nothing is run again", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		command(b, script(t, `if test -e "$0.again"; then echo 654321; else touch "$0.again"; fi`))
		values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, "654321", values[0].OTP)
		require.Equal(t, pollEvery, b.time.Waited())
	})
	t.Run("one that prints the OTP from before is run again", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		b.declared.Phones = []env.Phone{panama1}
		command(b, script(t, `if test -e "$0.2"; then echo 654322; else test -e "$0.1" && touch "$0.2"; touch "$0.1"; echo 654321; fi`))
		m := b.maker(t)
		for _, want := range []string{"654321", "654322"} {
			values, err := makeAll(t, m, nil, "", Request{Name: providerstate.Pending})
			require.NoError(t, err)
			require.Equal(t, want, values[0].OTP)
		}
	})

	for name, c := range map[string]struct {
		script   string
		contains string
	}{
		"one that fails":             {"echo oops >&2; exit 3", `failed (exit status 3): "oops"`},
		"one that prints too much":   {"yes 123456", "printed more than 64 KiB"},
		"one that prints a sentence": {"echo your code is 654321", "printed something that is not made of digits alone"},
		"one with a leading zero":    {"echo 012345", "has a leading zero"},
		"one that prints nothing":    {"true", "read-otp\" printed nothing"},
	} {
		t.Run(name+" is not made", func(t *testing.T) {
			b := newBench(t, &setUpAPI{})
			command(b, script(t, c.script))
			_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
			require.ErrorAs(t, err, new(*NotMade))
			require.ErrorContains(t, err, c.contains)
			require.NotContains(t, err.Error(), "654321")
			require.NotContains(t, err.Error(), "012345")
		})
	}
	t.Run("one that does not end is killed", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		command(b, "sleep", "1000")
		b.declared.OTP.For = time.Millisecond
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.ErrorContains(t, err, "did not end in 1 ms")
	})
	t.Run("one that does not end takes what it started with it", func(t *testing.T) {
		for name, text := range map[string]string{
			"its children":                      "sleep 61; echo 1",
			"those in the background":           "sleep 61 & sleep 61 & wait",
			"those that outlive it":             "(trap '' HUP TERM INT; sleep 61) & exec sleep 61",
			"those that keep its output longer": "sleep 61 & echo 654321",
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel() // each waits for the time that a command gets
				ends := strings.Contains(text, "654321")
				// On a busy machine the command may not have begun after the shortest time that it gets.
				for most, begun := 300*time.Millisecond, false; !begun; most *= 5 {
					require.Less(t, most, time.Minute)
					pipe := filepath.Join(t.TempDir(), "held")
					require.NoError(t, exec.Command("mkfifo", pipe).Run())
					held, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
					require.NoError(t, err)
					b := newBench(t, &setUpAPI{})
					command(b, script(t, "exec 3>"+pipe+"; echo begun >&3; "+text))
					b.declared.OTP.For = most
					_, err = makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
					require.NoError(t, held.SetReadDeadline(time.Now().Add(waitLimit)))
					said, failure := io.ReadAll(held) // until the last that holds it has ended
					require.NoError(t, failure)
					require.NoError(t, held.Close())
					if begun = len(said) > 0 && (err == nil || !ends); begun && !ends {
						require.ErrorContains(t, err, "did not end in ")
					}
				}
			})
		}
	})
	t.Run("an interrupted one takes what it started with it", func(t *testing.T) {
		pipe := filepath.Join(t.TempDir(), "held")
		require.NoError(t, exec.Command("mkfifo", pipe).Run())
		b := newBench(t, &setUpAPI{})
		command(b, script(t, "exec 3>"+pipe+"; echo started >&3; sleep 61; echo 1"))
		ctx, cancel := context.WithCancel(t.Context())
		c := commandInbox{b.declared.OTP}
		made := make(chan error, 1)
		go func() {
			_, err := c.run(ctx, task{phone: panama1, secrets: b.secrets}, time.Minute)
			made <- err
		}()
		held, err := os.Open(pipe)
		require.NoError(t, err)
		defer held.Close()
		_, err = held.Read(make([]byte, 7))
		require.NoError(t, err)
		cancel()
		require.Error(t, <-made)
		_, err = io.ReadAll(held)
		require.NoError(t, err)
	})
	t.Run("it runs in the environment file's folder", func(t *testing.T) {
		folder := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(folder, "bin"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "bin", "read-otp"), []byte("#!/bin/sh\ncat \"$1\""), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "code.txt"), []byte("654321\n"), 0o600))
		for _, argv := range [][]string{{"./bin/read-otp", "code.txt"}, {"bin/read-otp", "./code.txt"}, {"cat", "code.txt"}, {filepath.Join(folder, "bin/read-otp"), "code.txt"}} {
			b := newBench(t, &setUpAPI{})
			command(b, argv...)
			b.declared.OTP.Dir = folder
			values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
			require.NoError(t, err, argv)
			require.Equal(t, "654321", values[0].OTP)
		}
	})
	t.Run("it has no terminal that it could wait at", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		command(b, script(t, "if (: </dev/tty) 2>/dev/null; then echo 111111; else echo 654321; fi"))
		values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, "654321", values[0].OTP)
	})
	t.Run("one that is not there is a problem before anything is sent", func(t *testing.T) {
		plain := filepath.Join(t.TempDir(), "no-program")
		require.NoError(t, os.WriteFile(plain, []byte("echo 123456"), 0o600))
		for _, program := range []string{"./no-such-program", "no-such-program-in-any-path", plain, t.TempDir()} {
			b := newBench(t, &setUpAPI{})
			command(b, program)
			_, problems := New([]env.States{{Verifik: &b.declared}}, b.options)
			require.Len(t, problems, 1, program)
			require.Equal(t, problem.Error, problems[0].Severity)
			require.Contains(t, problems[0].Summary, fmt.Sprintf(`the program %q of otp "command" cannot be run: `, program))
			require.Empty(t, b.paths())
		}
	})
	t.Run("one whose name holds a phone is found when it is run", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		command(b, "./no-such-program-{phone}")
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.ErrorContains(t, err, "cannot be run")
	})
	t.Run("an interrupt ends it", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		started := filepath.Join(t.TempDir(), "started")
		command(b, script(t, "touch "+started+"; exec sleep 1000"))
		b.declared.OTP.For = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		m := b.maker(t)
		needs := []Request{{Name: providerstate.Pending}}
		assignment, _, _ := m.Planner().Reserve(needs)
		session, err := m.Begin(ctx, assignment, nil)
		require.NoError(t, err)
		ended := make(chan error, 1)
		go func() {
			_, err := session.Make(ctx, 0, "")
			ended <- err
		}()
		require.Eventually(t, func() bool { _, err := os.Stat(started); return err == nil }, waitLimit, pollStep)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	t.Run("a secret among its arguments is a problem", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		command(b, "read-otp", "--key=client.token")
		_, problems := New([]env.States{{Verifik: &b.declared}}, b.options)
		require.Len(t, problems, 1)
		require.Equal(t, `argument 1 of otp "command" holds a sensitive value`, problems[0].Summary)
	})
}

func TestPromptInbox(t *testing.T) {
	prompting := func(b *bench, ask func(context.Context, string) (string, error)) {
		b.declared.OTP = env.OTP{Kind: env.OTPPrompt}
		b.options.Prompt = ask
	}

	t.Run("says which phone, and asks again for what is no OTP", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		var questions []string
		answers := []string{"", "12345a", " 123 456\n"}
		prompting(b, func(_ context.Context, question string) (string, error) {
			questions = append(questions, question)
			return answers[len(questions)-1], nil
		})
		values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.NoError(t, err)
		require.Equal(t, "123456", values[0].OTP)
		require.True(t, b.secrets.Find("123456"))
		require.Equal(t, "The OTP that was sent to +507 62647737: ", questions[0])
		require.Contains(t, questions[2], "is not made of digits alone")
	})
	t.Run("gives up after three", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		asked := 0
		prompting(b, func(context.Context, string) (string, error) { asked++; return "no idea", nil })
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.ErrorContains(t, err, "The OTP that was sent to +507 62647737: What you typed is not made of digits alone")
		require.Equal(t, promptTries, asked)
	})
	t.Run("nobody answers", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		prompting(b, func(context.Context, string) (string, error) { return "", errors.New("end of input") })
		_, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
		require.ErrorAs(t, err, new(*NotMade))
		require.ErrorContains(t, err, "end of input")
	})
	t.Run("one question at a time", func(t *testing.T) {
		b := newBench(t, &setUpAPI{})
		var open sync.Mutex
		prompting(b, func(context.Context, string) (string, error) {
			if !open.TryLock() {
				t.Error("two questions at once")
				return "123456", nil
			}
			defer open.Unlock()
			return "123456", nil
		})
		m := b.maker(t)
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				needs := []Request{{Name: providerstate.Pending}}
				assignment, _, _ := m.Planner().Reserve(needs)
				session, err := m.Begin(t.Context(), assignment, nil)
				if err == nil {
					_, err = session.Make(t.Context(), 0, "")
					_ = session.End(t.Context())
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}

func TestDemoInbox(t *testing.T) {
	b := newBench(t, &setUpAPI{})
	b.declared.OTP = env.OTP{Kind: env.OTPDemo, Value: "123456"}
	values, err := makeAll(t, b.maker(t), nil, "", Request{Name: providerstate.Pending})
	require.NoError(t, err)
	require.Equal(t, "123456", values[0].OTP)
	require.Equal(t, []string{registering, validating}, b.paths())
	require.True(t, b.secrets.Find("123456"))
}
