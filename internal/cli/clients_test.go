package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/result"
)

// asking is a request of an app, as a client sends it that somebody else wrote.
type asking struct {
	Method string         `json:"method"`
	Path   string         `json:"path"`
	Token  string         `json:"token"`
	Form   bool           `json:"form"`
	Body   map[string]any `json:"body"`

	breaks string // the rule; "": none
}

// askings are right requests, and honest mistakes.
func askings() []asking {
	ask := func(breaks string, change func(*asking)) asking {
		a := asking{"PUT", "/v2/phone-validations", "demo", false, map[string]any{"phone": "60000200", "countryCode": "+507", "otp": 123456}, breaks}
		change(&a)
		return a
	}
	set := func(name string, value any) func(*asking) { return func(a *asking) { a.Body[name] = value } }
	again := func(a *asking) { a.Body["phone"], a.Body["otp"] = "60000403", 734912 }
	return []asking{
		ask("", func(*asking) {}),
		ask("PC-03", set("otp", "123456")),
		ask("PC-03", set("countryCode", "507")),
		ask("PC-01", func(a *asking) { a.Token = "" }),
		ask("PC-05", func(a *asking) { a.Method = "POST" }),
		ask("PC-05", func(a *asking) { a.Path += "/" }),
		ask("PC-02", func(a *asking) { a.Form = true }),
		ask("PC-04", set("colour", "red")),
		ask("", again), // a wrong OTP is no fault of the app; to send it once more is observed
		ask("", again),
		ask("", func(a *asking) {
			a.Body["phone"], a.Body["project"], a.Body["phoneGateway"] = " 6000 0412 ", "63fe7b9a21c72be3cc42b8f0", "sms"
		}),
		ask("", set("phone", "60000503")),
	}
}

// Clients that others wrote are told apart by their mistakes alone, whatever they are written in.
func TestClientsThatOthersWroteAreJudgedByWhatTheySend(t *testing.T) {
	if testing.Short() {
		t.Skip("whole processes")
	}
	for name, send := range map[string]func(t *testing.T, base string, all []asking){
		"curl": withCurl, "fetch of node": withNode, "requests of Python": withPython, "net/http of Go": withGo, "a generated client": withGenerated,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := askings()
			run := judgedTraffic(t, len(all), func(base string) { send(t, base, all) })
			require.Equal(t, len(all), run.Traffic.Exchanges)
			broken := make([]string, len(all))
			for _, r := range run.Rules {
				for _, f := range r.Findings {
					at, err := strconv.Atoi(strings.TrimPrefix(f.Scenario, "request "))
					require.NoError(t, err, f.Scenario)
					broken[at-1] += f.Rule
				}
			}
			for i, a := range all {
				require.Equal(t, a.breaks, broken[i], "request %d", i+1)
			}
			require.Equal(t, result.ExitBroken, run.Exit)
			after := map[string]string{}
			for _, s := range run.Scenarios {
				after[s.ID] = s.Reason
			}
			require.Contains(t, after["after 403 otp_does_not_match"], "the same again")
		})
	}
}

// judgedTraffic runs serve --judge until so many requests came.
func judgedTraffic(t *testing.T, until int, send func(base string)) *result.Run {
	t.Helper()
	file := filepath.Join(t.TempDir(), "result.json")
	stdout, stderr := newWatched(), newWatched()
	stop, ended := make(chan os.Signal, 2), make(chan struct{})
	t.Cleanup(func() { // where a tool is missing, nothing was sent; what it writes then is in a folder that goes away
		stop <- os.Interrupt
		<-ended
	})
	go func() {
		defer close(ended)
		cli.Main([]string{"serve", "--judge", "--until", strconv.Itoa(until), "--result", file}, cli.Streams{
			In: strings.NewReader(""), Out: stdout, Err: stderr, LookupEnv: lookup(nil), Interrupt: stop,
		})
	}()
	address := regexp.MustCompile(`PUT (http://\S+)/v2/phone-validations`)
	for {
		text, more := stdout.read()
		if found := address.FindStringSubmatch(text); found != nil {
			send(found[1])
			break
		}
		select {
		case <-more:
		case <-time.After(patience):
			t.Fatal("nothing listens")
		}
	}
	select {
	case <-ended:
	case <-time.After(patience):
		stop <- os.Interrupt
		<-ended
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(content), "734912")
	run, err := result.Read(bytes.NewReader(content))
	require.NoError(t, err)
	return run
}

// needs finds a tool that is tested with.
func needs(t *testing.T, tool string) string {
	t.Helper()
	path, err := exec.LookPath(tool)
	missing(t, err)
	return path
}

func missing(t *testing.T, err error) {
	t.Helper()
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%v: .ci/run installs what is missing", err)
	}
	if err != nil {
		t.Skipf("%v: .ci/run installs what is missing", err)
	}
}

func did(t *testing.T, command string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), command, args...).CombinedOutput()
	require.NoError(t, err, string(out))
}

func spelt(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	return string(text)
}

func encoded(body map[string]any) string {
	form := url.Values{}
	for name, value := range body {
		text, isText := value.(string)
		if !isText {
			text = strconv.Itoa(value.(int))
		}
		form.Set(name, text)
	}
	return form.Encode()
}

func withCurl(t *testing.T, base string, all []asking) {
	t.Helper()
	var args []string
	for _, a := range all {
		args = append(args, "-sS", "-o", os.DevNull, "-X", a.Method, base+a.Path)
		if a.Token != "" {
			args = append(args, "-H", "Authorization: Bearer "+a.Token)
		}
		if a.Form {
			args = append(args, "-d", encoded(a.Body))
		} else {
			args = append(args, "-H", "content-type: application/json", "-d", spelt(t, a.Body))
		}
		args = append(args, "--next")
	}
	did(t, needs(t, "curl"), args[:len(args)-1]...)
}

func withNode(t *testing.T, base string, all []asking) {
	t.Helper()
	did(t, needs(t, "node"), "-e", `(async () => {
		const [base, all] = process.argv.slice(1)
		for (const a of JSON.parse(all)) {
			const headers = a.token ? { Authorization: "Bearer " + a.token } : {}
			if (!a.form) headers["Content-Type"] = "application/json"
			const body = a.form ? new URLSearchParams(a.body) : JSON.stringify(a.body)
			await (await fetch(base + a.path, { method: a.method, headers, body })).text()
		}
	})()`, base, spelt(t, all))
}

func withPython(t *testing.T, base string, all []asking) {
	t.Helper()
	command := exec.CommandContext(t.Context(), needs(t, "python3"), "-c", `
import json, sys
try:
    import requests
except ImportError:
    sys.exit("there is no requests")
app = requests.Session()
for a in json.loads(sys.argv[2]):
    headers = {"Authorization": "Bearer " + a["token"]} if a["token"] else {}
    app.request(a["method"], sys.argv[1] + a["path"], headers=headers, **{"data" if a["form"] else "json": a["body"]})
`, base, spelt(t, all))
	out, err := command.CombinedOutput()
	if strings.Contains(string(out), "there is no requests") {
		missing(t, err)
	}
	require.NoError(t, err, string(out))
}

func withGo(t *testing.T, base string, all []asking) {
	t.Helper()
	for _, a := range all {
		text, kind := spelt(t, a.Body), "application/json"
		if a.Form {
			text, kind = encoded(a.Body), "application/x-www-form-urlencoded"
		}
		// A reader of unknown length is sent in chunks.
		r, err := http.NewRequestWithContext(context.Background(), a.Method, base+a.Path, struct{ *strings.Reader }{strings.NewReader(text)})
		require.NoError(t, err)
		r.Header.Set("Content-Type", kind)
		if a.Token != "" {
			r.Header.Set("Authorization", "Bearer "+a.Token)
		}
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
	}
}

// withGenerated sends with a client that swagger-typescript-api generates from what export openapi prints. Only its types are
// taken out: to make JavaScript of it the generator compiles all that it imports. Nor is it laid out, for which a formatter of
// 37 MB would be compiled.
func withGenerated(t *testing.T, base string, all []asking) {
	t.Helper()
	node := needs(t, "node")
	_, err := os.Stat(filepath.Join(os.Getenv("NODE_PATH"), "swagger-typescript-api"))
	missing(t, err)
	document := call(t, nil, "export", "openapi").stdout
	did(t, node, "-e", `
		const [document, base, all] = process.argv.slice(1)
		const generator = require("swagger-typescript-api")
		const ofIts = (name) => require(require.resolve(name, { paths: [require.resolve("swagger-typescript-api")] }))
		const ts = ofIts("typescript")
		ofIts("@biomejs/js-api").Biome.create = async () => ({ openProject: () => ({}), applyConfiguration() {}, formatContent: (_, content) => ({ content }) })
		;(async () => {
			const generated = await generator.generateApi({ spec: JSON.parse(document), output: false, silent: true })
			const options = { compilerOptions: { module: "commonjs", target: "es2022" } }
			const client = {}
			new Function("exports", ts.transpileModule(generated.files[0].fileContent, options).outputText)(client)
			const api = new client.Api({ baseUrl: base, securityWorker: (token) => (token ? { headers: { Authorization: "Bearer " + token } } : {}) })
			for (const a of JSON.parse(all)) {
				api.setSecurityData(a.token)
				const params = { method: a.method, path: a.path }
				if (a.form) params.type = client.ContentType.UrlEncoded
				await api.v2.putV2PhoneValidations(a.body, params).catch(() => {})
			}
		})()
	`, document, base, spelt(t, all))
}
