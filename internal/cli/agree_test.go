package cli_test

import (
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/joshdk/go-junit"
	"github.com/rogpeppe/go-internal/testscript"

	"verifik-contract/internal/result"
)

// agree runs a command with a report of each form beside the result, or without a command takes those that are there:
// NAME.json, NAME.xml and so on. What each form counts, read without the code that wrote it, is what the result holds.
func agree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: agree NAME CODE WHY [COMMAND ARGS...]")
	}
	name, code, why, command := args[0], args[1], regexp.MustCompile(args[2]), args[3:]
	if len(command) > 0 {
		flags := []string{"--result", name + ".json"}
		for _, form := range []string{"junit=" + name + ".xml", "junit-files=" + name + ".files.xml", "ctrf=" + name + ".ctrf", "cucumber=" + name + ".cucumber", "html=" + name + ".html", "text=" + name + ".txt", "markdown=" + name + ".md"} {
			flags = append(flags, "--report", form)
		}
		ts.Check(perform(ts, code, slices.Concat(command, flags)))
	}
	run, err := result.Read(strings.NewReader(ts.ReadFile(name + ".json")))
	ts.Check(err)
	if strconv.Itoa(int(run.Exit)) != code {
		ts.Fatalf("the result holds the exit code %d", run.Exit)
	}
	said := map[string]string{}
	compare := func(form string, got, want map[string]int) {
		for _, word := range []string{"passed", "failed", "error", "skipped"} {
			if got[word] != want[word] {
				ts.Fatalf("%s counts %d %s and the result %d: %v, %v", form, got[word], word, want[word], got, want)
			}
		}
	}
	tally := result.Count(run)
	want := map[string]int{"passed": tally["passed"] + tally["observed"], "failed": tally["failed"], "error": tally["broken"], "skipped": tally["skipped"] + tally["waived"]}
	red := map[string]int{"passed": want["passed"], "failed": want["failed"] + want["error"], "skipped": want["skipped"]}
	for _, form := range []string{".xml", ".files.xml"} {
		got := map[string]int{}
		suites, err := junit.Ingest([]byte(ts.ReadFile(name + form)))
		ts.Check(err)
		for _, s := range suites {
			for _, test := range s.Tests {
				got[string(test.Status)]++
				if test.Error != nil {
					said[form] += test.Message + test.Error.Error() + "\n"
				}
			}
		}
		compare(form, got, want)
	}
	var ctrf struct {
		Results struct {
			Summary map[string]int
			Tests   []struct{ Status, Message, Trace string }
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(name+".ctrf")), &ctrf))
	compare("the summary of CTRF", ctrf.Results.Summary, red)
	got := map[string]int{}
	for _, test := range ctrf.Results.Tests {
		if got[test.Status]++; test.Status == "failed" {
			said[".ctrf"] += test.Message + test.Trace + "\n"
		}
	}
	compare("CTRF", got, red)
	var cucumber []struct {
		Elements []struct {
			Steps []struct {
				Result struct {
					Status  string
					Message string `json:"error_message"`
				}
			}
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(name+".cucumber")), &cucumber))
	got = map[string]int{}
	for _, f := range cucumber {
		for _, e := range f.Elements {
			status := "passed"
			for _, step := range e.Steps {
				if step.Result.Status == "failed" || step.Result.Status == "skipped" && status == "passed" {
					status = step.Result.Status
				}
				said[".cucumber"] += step.Result.Message + "\n"
			}
			got[status]++
		}
	}
	compare("Cucumber", got, red)
	last := func(text string) string { return text[strings.LastIndex(strings.TrimSpace(text), "\n")+1:] }
	head, _, _ := strings.Cut(ts.ReadFile(name+".md"), "\n")
	tests := regexp.MustCompile(`<dt>Tests</dt><dd>([^<]*)`).FindStringSubmatch(ts.ReadFile(name + ".html"))
	if tests == nil {
		ts.Fatalf("the page counts nothing")
	}
	compare("the text", inWords(last(ts.ReadFile(name+".txt"))), want)
	compare("Markdown", inWords(head), want)
	compare("the page", inWords(": "+tests[1]), want)
	if code == "0" {
		return
	}
	for _, form := range []string{".txt", ".md", ".html"} {
		said[form] = html.UnescapeString(ts.ReadFile(name + form))
	}
	for form, text := range said {
		if !why.MatchString(text) {
			ts.Fatalf("%s does not say why, %s", form, why)
		}
	}
	if len(said) != 7 || red["failed"] == 0 {
		ts.Fatalf("only %d forms say something, %d tests failed", len(said), red["failed"])
	}
}

// inWords reads "3 passed, 1 failed".
func inWords(line string) map[string]int {
	counts := map[string]int{}
	words := map[string]string{"observed": "passed", "broken": "error", "waived": "skipped"}
	for _, m := range regexp.MustCompile(`[:,] (\d+) (passed|failed|broken|waived|observed|skipped)\b`).FindAllStringSubmatch(line, -1) {
		n, _ := strconv.Atoi(m[1])
		word := m[2]
		if counted := words[word]; counted != "" {
			word = counted
		}
		counts[word] += n
	}
	return counts
}
