package main_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/cli"
	"verifik-contract/internal/reference"
)

// promises is the file in a tool's folder that holds further flags of run.
const promises = "promises.txt"

// TestMain lets the test binary be the tool that the examples' scripts call.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "verifik-contract" {
		args := os.Args[1:]
		if flags, err := os.ReadFile(promises); err == nil && len(args) > 0 && args[0] == "run" {
			args = append(args, strings.Fields(string(flags))...)
		}
		os.Exit(int(cli.Main(args, cli.Standard())))
	}
	os.Exit(m.Run())
}

const clientToken = "client-token-of-the-examples"

// staging is a provider that the examples' environment staging describes, and the variables that its jobs get.
func staging(t *testing.T, fault string) (secrets, variables map[string]string) {
	t.Helper()
	if testing.Short() {
		t.Skip("whole nights, which wait for OTPs to expire")
	}
	provider, err := reference.New(reference.Options{ClientToken: clientToken, Fault: fault})
	require.NoError(t, err)
	server, err := reference.Listen("127.0.0.1:0", provider)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.NoError(t, provider.Close())
	})
	return map[string]string{"client_token": clientToken, "demo_otp": strconv.Itoa(reference.DemoOTP)},
		map[string]string{"base_url": server.BaseURL, "project": reference.DemoProject, "project_flow": reference.Flow}
}

// checkout is a folder as a job finds it after the build: the tool, and the built-in environment, with more
// phones and without what makes it gentle to a provider at the other end of a network. A complete one has what a
// certificate needs beside; where the provider is at fault, nothing waits for OTPs to expire.
func checkout(t *testing.T, complete bool, fault string) string {
	t.Helper()
	folder := t.TempDir()
	tool, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(tool, filepath.Join(folder, "verifik-contract")))
	data, err := os.ReadFile("../env/staging.hcl")
	require.NoError(t, err)
	environment := string(data)
	for _, change := range [][2]string{
		{`(?m)^  rate .*$`, `  settle = "50ms"`},
		{`(?m)^  concurrency .*$`, `  concurrency = 32`},
		{`\["\+507 62647737", `, `["+507 62647737"` + morePhones() + `, `},
	} {
		changed := regexp.MustCompile(change[0]).ReplaceAllString(environment, change[1])
		require.NotEqual(t, environment, changed, change[0])
		environment = changed
	}
	if fault != "" {
		environment = strings.Replace(environment, `= "expiresAt"`, `= "none"`, 1)
	}
	if complete {
		environment = strings.Replace(environment, `default     = ""`, `default     = "`+reference.LivenessFlow+`"`, 1) + "\nwebhook {}\n"
	}
	require.NoError(t, os.Mkdir(filepath.Join(folder, "env"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "env", "staging.hcl"), []byte(environment), 0o600))
	return folder
}

// part makes the tool in a folder run a few promises whenever it is told to run: what scripts do with results shows by those as
// well, and the whole contract is run where something is certified.
func part(t *testing.T, folder string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(folder, promises), []byte("--rule PV-02 --rule PV-03 --rule PV-14 --rule PV-15"), 0o600))
	return folder
}

func morePhones() string {
	var more strings.Builder
	for i := range 36 {
		fmt.Fprintf(&more, `, "+507 626477%02d"`, 40+i)
	}
	return more.String()
}

// signingKey makes a key as openssl does.
func signingKey(t *testing.T) (private, public string) {
	t.Helper()
	verifying, signing, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(signing)
	require.NoError(t, err)
	private = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	der, err = x509.MarshalPKIXPublicKey(verifying)
	require.NoError(t, err)
	return private, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// sh runs a command as a runner does, with these variables and no others (but how often garbage is collected), and returns its
// exit code and what it said.
func sh(t *testing.T, folder string, env map[string]string, name string, args ...string) (int, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "CI=true", "GOGC=" + os.Getenv("GOGC")}
	for _, key := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, key+"="+env[key])
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), said.String()
	}
	require.NoError(t, err)
	return 0, said.String()
}

func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	if _, err := os.Stat(from); err == nil {
		require.NoError(t, os.MkdirAll(to, 0o755))
		entries, err := os.ReadDir(from)
		require.NoError(t, err)
		for _, entry := range entries {
			data, err := os.ReadFile(filepath.Join(from, entry.Name()))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(to, entry.Name()), data, 0o600))
		}
	}
}

func exists(t *testing.T, name string) bool {
	t.Helper()
	_, err := os.Stat(name)
	return err == nil
}

// github is one run of the workflow, its artifacts and its caches as folders.
type github struct {
	complete  bool
	fault     string
	values    map[string]string // of expressions: "secrets.CLIENT_TOKEN"
	artifacts string
	cache     string

	folder, temporary string // of the last job
	said, summary     string
}

func newGithub(t *testing.T, fault string, complete bool) *github {
	t.Helper()
	secrets, variables := staging(t, fault)
	return &github{complete: complete, fault: fault, artifacts: t.TempDir(), cache: t.TempDir(), values: map[string]string{
		"secrets.CLIENT_TOKEN": secrets["client_token"], "secrets.DEMO_OTP": secrets["demo_otp"], "secrets.SIGNING_KEY": "",
		"vars.BASE_URL": variables["base_url"], "vars.PROJECT": variables["project"], "vars.PROJECT_FLOW": variables["project_flow"],
		"vars.REQUIRE_CERTIFICATE": "", "strategy.job-total": "2", "github.run_id": "1", "github.run_attempt": "1",
	}}
}

var expression = regexp.MustCompile(`\$\{\{ ([^}]+) \}\}`)

func (g *github) fill(t *testing.T, text string) string {
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		value, known := g.values[expression.FindStringSubmatch(found)[1]]
		require.True(t, known, "%s is filled in by nobody", found)
		return value
	})
}

// runs decides the condition of a step.
func (g *github) runs(t *testing.T, condition any, failed bool) bool {
	switch condition {
	case nil:
		return !failed
	case "${{ always() }}":
		return true
	case "${{ always() && hashFiles('baseline/result.json') != '' }}":
		return exists(t, filepath.Join(g.folder, "baseline", "result.json"))
	}
	require.Failf(t, "a condition that nobody decides", "%v", condition)
	return false
}

// job runs the steps of a job and returns the code of the first that failed.
func (g *github) job(t *testing.T, name string) int {
	t.Helper()
	g.folder, g.temporary, g.said, g.summary = checkout(t, g.complete, g.fault), t.TempDir(), "", ""
	if !g.complete {
		part(t, g.folder)
	}
	code := 0
	for _, one := range at(t, documents(t, "github-actions/contract.yml")[0], "jobs", name, "steps").([]any) {
		step := one.(object)
		if !g.runs(t, step["if"], code != 0) {
			continue
		}
		with := func(key string) string { return g.fill(t, at(t, step, "with", key).(string)) }
		uses, _ := step["uses"].(string)
		action, _, _ := strings.Cut(uses, "@")
		switch action {
		case "actions/checkout", "actions/setup-go":
		case "actions/upload-artifact":
			copyFiles(t, filepath.Join(g.folder, with("path")), filepath.Join(g.artifacts, with("name")))
		case "actions/download-artifact":
			require.Equal(t, true, at(t, step, "with", "merge-multiple"))
			names, err := os.ReadDir(g.artifacts)
			require.NoError(t, err)
			for _, artifact := range names {
				if matches, _ := path.Match(with("pattern"), artifact.Name()); matches {
					copyFiles(t, filepath.Join(g.artifacts, artifact.Name()), filepath.Join(g.folder, with("path")))
				}
			}
		case "actions/cache/restore":
			copyFiles(t, g.cache, filepath.Join(g.folder, with("path")))
		case "actions/cache/save":
			copyFiles(t, filepath.Join(g.folder, with("path")), g.cache)
		case "":
			if script := step["run"].(string); script != "make build" && code == 0 {
				code = g.script(t, script, step["env"])
			}
		default:
			require.Failf(t, "an action that nobody does", action)
		}
	}
	return code
}

func (g *github) script(t *testing.T, script string, declared any) int {
	t.Helper()
	summary := filepath.Join(t.TempDir(), "summary")
	env := map[string]string{"GITHUB_ACTIONS": "true", "RUNNER_TEMP": g.temporary, "GITHUB_STEP_SUMMARY": summary}
	if declared, ok := declared.(object); ok {
		for key, value := range declared {
			env[key] = g.fill(t, value.(string))
		}
	}
	file := filepath.Join(t.TempDir(), "step.sh")
	require.NoError(t, os.WriteFile(file, []byte(script), 0o600))
	code, said := sh(t, g.folder, env, "bash", "-e", file)
	g.said += said
	if data, err := os.ReadFile(summary); err == nil {
		g.summary += string(data)
	}
	return code
}

// shards runs the matrix and returns the code of each.
func (g *github) shards(t *testing.T) []int {
	t.Helper()
	var codes []int
	for _, shard := range []string{"1", "2"} {
		g.values["matrix.shard"] = shard
		codes = append(codes, g.job(t, "shard"))
		require.Empty(t, g.summary, "the verdict writes it, once")
		require.NotContains(t, g.said, "::error", "the verdict writes them, once")
	}
	return codes
}

// nothingLeft fails where the key, or anything that a job was given as a secret, is left for somebody to find.
func nothingLeft(t *testing.T, said string, secrets []string, folders ...string) {
	t.Helper()
	for _, secret := range secrets {
		require.NotContains(t, said, secret)
	}
	for _, folder := range folders {
		require.NoError(t, filepath.WalkDir(folder, func(name string, entry os.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(name)
			for _, secret := range secrets {
				require.NotContains(t, string(data), secret, name)
			}
			return err
		}))
	}
}

func TestTheWorkflowJudgesAKeptContract(t *testing.T) {
	t.Parallel()
	private, _ := signingKey(t)
	g := newGithub(t, "", false)
	require.Equal(t, []int{0, 0}, g.shards(t))
	for _, night := range []struct {
		name, key, require string
		code               int
	}{
		{"the first, without a key", "", "", 0},
		{"with a key", private, "", 0},
		{"with a key and a certificate that is required", private, "true", 3},
	} {
		t.Run(night.name, func(t *testing.T) {
			g.values["secrets.SIGNING_KEY"], g.values["vars.REQUIRE_CERTIFICATE"] = night.key, night.require
			require.NoError(t, os.RemoveAll(filepath.Join(g.artifacts, "contract")))
			first := !exists(t, filepath.Join(g.cache, "result.json"))
			require.Equal(t, night.code, g.job(t, "verdict"), g.said)
			require.Equal(t, first, strings.Contains(g.said, "There is no baseline"))
			require.Equal(t, 1, strings.Count(g.summary, "The contract is kept"), "the summary stands there once\n%s", g.summary)
			require.FileExists(t, filepath.Join(g.cache, "result.json"), "the baseline is kept before all else")
			require.FileExists(t, filepath.Join(g.artifacts, "contract", "report.html"))
			require.FileExists(t, filepath.Join(g.artifacts, "contract", "result.json"))
			require.NoFileExists(t, filepath.Join(g.artifacts, "contract", "certificate.json"))
			if night.key != "" {
				for _, lacking := range []string{"PV-14", "PV-15"} {
					require.Regexp(t, `(Warning|Error): `+lacking+` \(must: .* is skipped`, g.said)
				}
				require.Contains(t, g.said, "::warning title=No certificate::")
			}
			if night.require == "true" {
				require.Contains(t, g.said, "Error: no certificate was written")
			}
			nothingLeft(t, g.said, []string{clientToken, strings.Split(private, "\n")[1]}, g.folder, g.temporary, g.artifacts, g.cache)
		})
	}
}

// The nights above judge a few promises: the plan says of all which ones staging cannot judge.
func TestTwoPromisesAloneStandBetweenStagingAndACertificate(t *testing.T) {
	var said bytes.Buffer
	code := cli.Main([]string{
		"plan", "-e", "staging", "--level", "must", "--format", "json", "--var", "base_url=http://127.0.0.1:1",
		"--var", "client_token=" + clientToken, "--var", "demo_otp=123456", "--var", "project=p", "--var", "project_flow=f",
	}, cli.Streams{In: strings.NewReader(""), Out: &said, Err: &said, LookupEnv: func(string) (string, bool) { return "", false }})
	require.Zero(t, code, said.String())
	var plan struct {
		Without []struct {
			Rule string
			All  bool
		}
	}
	require.NoError(t, json.Unmarshal(said.Bytes(), &plan))
	lacking := map[string]bool{}
	for _, w := range plan.Without {
		if w.All {
			lacking[w.Rule] = true
		}
	}
	require.Equal(t, map[string]bool{"PV-14": true, "PV-15": true}, lacking)
}

// The whole contract is run once: the deployments are judged by what the night has found.
func TestTheWorkflowCertifiesAndOnlyItsCertificateLetsADeploymentThrough(t *testing.T) {
	t.Parallel()
	private, public := signingKey(t)
	g := newGithub(t, "", true)
	require.Equal(t, []int{0, 0}, g.shards(t))
	g.values["secrets.SIGNING_KEY"], g.values["vars.REQUIRE_CERTIFICATE"] = private, "true"
	require.Equal(t, 0, g.job(t, "verdict"), g.said)
	require.NotContains(t, g.said, "::warning title=No certificate::")
	key := filepath.Join(t.TempDir(), "public.pem")
	require.NoError(t, os.WriteFile(key, []byte(public), 0o600))
	code, said := sh(t, g.folder, nil, "./verifik-contract", "verify", "merged/certificate.json", "--key", key, "--target", g.values["vars.BASE_URL"], "--max-age", "1h")
	require.Zero(t, code, said)
	judgeDeployments(t, g.folder, private, public, g.values["vars.BASE_URL"])
}

func TestTheWorkflowTellsABreachFromWrongInput(t *testing.T) {
	t.Parallel()
	private, _ := signingKey(t)
	t.Run("a broken promise", func(t *testing.T) {
		g := newGithub(t, "wrong-otp-answers-400", false)
		require.Contains(t, g.shards(t), 1)
		g.values["secrets.SIGNING_KEY"] = private
		require.Equal(t, 1, g.job(t, "verdict"), g.said)
		require.Equal(t, 1, strings.Count(g.summary, "The contract is not kept"))
		require.Contains(t, g.said, "::error")
		require.FileExists(t, filepath.Join(g.cache, "result.json"), "it judged everything")
		require.NoFileExists(t, filepath.Join(g.folder, "merged", "certificate.json"))
	})
	t.Run("a target that is down", func(t *testing.T) {
		g := newGithub(t, "", false)
		g.values["vars.BASE_URL"] = "http://127.0.0.1:1"
		g.values["secrets.SIGNING_KEY"] = private
		require.Equal(t, []int{3, 3}, g.shards(t))
		require.Equal(t, 3, g.job(t, "verdict"), g.said)
		require.NoFileExists(t, filepath.Join(g.cache, "result.json"), "there would be nothing to compare with")
		require.FileExists(t, filepath.Join(g.artifacts, "contract", "result.json"))
	})
	t.Run("no secrets", func(t *testing.T) {
		g := newGithub(t, "", false)
		g.values["secrets.CLIENT_TOKEN"], g.values["secrets.DEMO_OTP"] = "", ""
		require.Equal(t, []int{2, 2}, g.shards(t))
		require.Equal(t, 2, g.job(t, "verdict"), g.said)
		require.NoFileExists(t, filepath.Join(g.cache, "result.json"), "nothing was judged")
	})
}

// pipeline is one run of the pipeline, whose artifacts all jobs share.
type pipeline struct {
	folder string
	env    map[string]string
}

func newPipeline(t *testing.T, fault string) *pipeline {
	t.Helper()
	secrets, variables := staging(t, fault)
	p := &pipeline{folder: part(t, checkout(t, false, fault)), env: map[string]string{"GITLAB_CI": "true", "CI_NODE_TOTAL": "2"}}
	for _, given := range []map[string]string{secrets, variables} {
		for name, value := range given {
			p.env["CONTRACT_VAR_"+name] = value
		}
	}
	return p
}

// job runs the script of a job in one shell, as a runner does.
func (p *pipeline) job(t *testing.T, name string) (int, string) {
	t.Helper()
	var lines []string
	for _, line := range at(t, documents(t, "gitlab/.gitlab-ci.yml")[0], name, "script").([]any) {
		lines = append(lines, line.(string))
	}
	file := filepath.Join(t.TempDir(), "script.sh")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
	return sh(t, p.folder, p.env, "bash", "-eo", "pipefail", file)
}

func (p *pipeline) shards(t *testing.T) []int {
	t.Helper()
	var codes []int
	for _, index := range []string{"1", "2"} {
		p.env["CI_NODE_INDEX"] = index
		code, _ := p.job(t, "contract")
		codes = append(codes, code)
	}
	delete(p.env, "CI_NODE_INDEX")
	return codes
}

func TestThePipelineJudgesAKeptContract(t *testing.T) {
	t.Parallel()
	private, _ := signingKey(t)
	key := filepath.Join(t.TempDir(), "signing.pem")
	require.NoError(t, os.WriteFile(key, []byte(private), 0o600))
	p := newPipeline(t, "")
	require.Equal(t, []int{0, 0}, p.shards(t))
	for _, night := range []struct {
		name, key, require string
		code               int
	}{
		{"the first, without a key", "", "", 0},
		{"with a key", key, "", 0},
		{"with a key and a certificate that is required", key, "true", 3},
	} {
		t.Run(night.name, func(t *testing.T) {
			p.env["SIGNING_KEY"], p.env["REQUIRE_CERTIFICATE"] = night.key, night.require
			code, said := p.job(t, "verdict")
			require.Equal(t, night.code, code, said)
			require.FileExists(t, filepath.Join(p.folder, "baseline", "result.json"))
			require.FileExists(t, filepath.Join(p.folder, "merged", "report.html"))
			require.NoFileExists(t, filepath.Join(p.folder, "merged", "certificate.json"))
			require.NoFileExists(t, filepath.Join(p.folder, "verifik-contract-junit.xml"), "the JUnit report is asked for by name")
			if night.key != "" {
				require.Regexp(t, `(Warning|Error): PV-14 \(must: .* is skipped`, said)
				require.Regexp(t, `(?i)no certificate was written`, said)
			}
			nothingLeft(t, said, []string{clientToken, strings.Split(private, "\n")[1]}, p.folder)
		})
	}
}

func TestThePipelineTellsABreachFromWrongInput(t *testing.T) {
	t.Parallel()
	t.Run("a broken promise", func(t *testing.T) {
		p := newPipeline(t, "wrong-otp-answers-400")
		require.Contains(t, p.shards(t), 1)
		code, said := p.job(t, "verdict")
		require.Equal(t, 1, code, said)
		require.FileExists(t, filepath.Join(p.folder, "baseline", "result.json"))
	})
	t.Run("no secrets", func(t *testing.T) {
		p := newPipeline(t, "")
		delete(p.env, "CONTRACT_VAR_client_token")
		require.Equal(t, []int{2, 2}, p.shards(t))
		code, said := p.job(t, "verdict")
		require.Equal(t, 2, code, said)
		require.NoFileExists(t, filepath.Join(p.folder, "baseline", "result.json"))
	})
}

// cluster is the volume that the pods share, and what a pod's own folder is mounted for.
type cluster struct {
	volume, folder string
	env            map[string]string
}

// mounted is a path in a container: at the start of a text, or behind a space, an equals sign or a quotation mark.
var mounted = regexp.MustCompile(`(^|[\s="'])(/results|/night)\b`)

func newCluster(t *testing.T, fault string) *cluster {
	t.Helper()
	secrets, variables := staging(t, fault)
	c := &cluster{volume: t.TempDir(), folder: part(t, checkout(t, false, fault)), env: map[string]string{}}
	for _, e := range at(t, job(t), "template", "spec", "containers", 0, "env").([]any) {
		name, found := strings.CutPrefix(e.(object)["name"].(string), "CONTRACT_VAR_")
		if !found {
			continue
		}
		given := variables
		if _, secret := at(t, e, "valueFrom").(object)["secretKeyRef"]; secret {
			given = secrets
		}
		require.Contains(t, given, name)
		c.env["CONTRACT_VAR_"+name] = given[name]
	}
	return c
}

// pod runs the containers of a pod one after the other and ends with the first that fails.
func (c *cluster) pod(t *testing.T, spec object, folders map[string]string, env map[string]string) (int, string) {
	t.Helper()
	inside := func(text string) string {
		text = strings.ReplaceAll(text, "$(JOB_COMPLETION_INDEX)", env["JOB_COMPLETION_INDEX"])
		return mounted.ReplaceAllStringFunc(text, func(found string) string {
			at := strings.Index(found, "/")
			return found[:at] + folders[found[at:]]
		})
	}
	all, _ := spec["initContainers"].([]any)
	said := ""
	for _, one := range append(slices.Clone(all), spec["containers"].([]any)...) {
		command := []string{"./verifik-contract"}
		if own, given := one.(object)["command"].([]any); given {
			command = nil
			for _, word := range own {
				command = append(command, inside(word.(string)))
			}
		}
		args, _ := one.(object)["args"].([]any)
		for _, arg := range args {
			command = append(command, inside(arg.(string)))
		}
		code, output := sh(t, c.folder, env, command[0], command[1:]...)
		if said += output; code != 0 {
			return code, said
		}
	}
	return 0, said
}

// shards runs a night's pods, each with the night's folder mounted.
func (c *cluster) shards(t *testing.T, night string) []int {
	t.Helper()
	folder := filepath.Join(c.volume, night)
	require.NoError(t, os.MkdirAll(folder, 0o755))
	var codes []int
	for index := range 2 {
		env := maps.Clone(c.env)
		env["JOB_COMPLETION_INDEX"] = strconv.Itoa(index)
		code, _ := c.pod(t, at(t, job(t), "template", "spec").(object), map[string]string{"/results": folder}, env)
		codes = append(codes, code)
	}
	return codes
}

func (c *cluster) merge(t *testing.T) (int, string) {
	t.Helper()
	spec := at(t, documents(t, "kubernetes/cronjob.yaml")[2], "spec", "jobTemplate", "spec", "template", "spec").(object)
	return c.pod(t, spec, map[string]string{"/results": c.volume, "/night": t.TempDir()}, map[string]string{})
}

func TestTheMergeJobJudgesTheNight(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "")
	code, said := c.merge(t)
	require.Equal(t, 1, code)
	require.Contains(t, said, "no shard has written anything")

	require.NoError(t, os.Mkdir(filepath.Join(c.volume, "verifik-contract-29000000"), 0o755)) // of the night before
	require.Equal(t, []int{0, 0}, c.shards(t, "verifik-contract-29001440"))
	night := filepath.Join(c.volume, "verifik-contract-29001440")
	code, said = c.merge(t)
	require.Zero(t, code, said)
	require.Contains(t, said, "There is no baseline")
	for _, name := range []string{"result.json", "report.html", "junit.xml"} {
		require.FileExists(t, filepath.Join(night, name))
	}
	metrics, err := os.ReadFile(filepath.Join(c.volume, "verifik-contract.prom"))
	require.NoError(t, err)
	require.Regexp(t, `(?m)^verifik_contract_exit_code\b.* 0$`, string(metrics))
	require.FileExists(t, filepath.Join(c.volume, "baseline.json"))
	nothingLeft(t, said, []string{clientToken}, c.volume)

	code, said = c.merge(t)
	require.Zero(t, code, said)
	require.NotContains(t, said, "There is no baseline")

	require.NoError(t, os.Remove(filepath.Join(night, "shard-1.json")))
	code, said = c.merge(t)
	require.Equal(t, 2, code)
	require.Contains(t, said, "shard-1.json")
}

func TestTheMergeJobTellsABreachFromWrongInput(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "wrong-otp-answers-400")
	require.Contains(t, c.shards(t, "verifik-contract-1"), 1)
	code, said := c.merge(t)
	require.Equal(t, 1, code, said)
	require.FileExists(t, filepath.Join(c.volume, "baseline.json"))

	c = newCluster(t, "")
	delete(c.env, "CONTRACT_VAR_client_token")
	require.Equal(t, []int{2, 2}, c.shards(t, "verifik-contract-1"))
	code, said = c.merge(t)
	require.Equal(t, 2, code, said)
}

// The merge job may do no more than the shards, and it is not given their secrets.
func TestTheMergeJobMayDoNothingButItsWork(t *testing.T) {
	doc := documents(t, "kubernetes/cronjob.yaml")[2]
	pod := at(t, doc, "spec", "jobTemplate", "spec", "template", "spec").(object)
	require.Equal(t, at(t, job(t), "template", "spec", "securityContext"), pod["securityContext"])
	require.Equal(t, false, pod["automountServiceAccountToken"])
	for _, kind := range []string{"initContainers", "containers"} {
		container := at(t, pod, kind, 0).(object)
		require.Equal(t, at(t, job(t), "template", "spec", "containers", 0, "securityContext"), container["securityContext"])
		require.Regexp(t, `:\d+\.\d+\.\d+$`, container["image"], "a version, never latest")
		require.NotContains(t, container, "env")
	}
	var shards []string
	for _, arg := range at(t, pod, "containers", 0, "args").([]any) {
		if strings.HasPrefix(arg.(string), "/night/results/shard-") {
			shards = append(shards, arg.(string))
		}
	}
	require.Len(t, shards, job(t)["completions"].(int), "every shard is merged")
	require.Equal(t, at(t, job(t), "template", "spec", "containers", 0, "image"), at(t, pod, "containers", 0, "image"))
}
