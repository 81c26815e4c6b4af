package cli_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/joshdk/go-junit"
	"github.com/rogpeppe/go-internal/testscript"

	"verifik-contract/internal/result"
)

// jsonValue matches a value of a JSON file against a regular expression. A path is names and indices with dots
// between them: "scenarios.0.verdict"; "*" is all members, one of which has to match, and COUNT is how many there
// are. With ! none may match.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH REGEXP")
	}
	s := stageOf(ts.Value(stageKey{}))
	if content := ts.ReadFile(args[0]); content != s.read {
		decoder := json.NewDecoder(strings.NewReader(content))
		decoder.UseNumber()
		s.read, s.holds = content, nil
		ts.Check(decoder.Decode(&s.holds))
		if decoder.More() {
			ts.Fatalf("%s holds more than one JSON value", args[0])
		}
	}
	var texts []string
	for _, value := range at([]any{s.holds}, strings.Split(args[1], ".")) {
		text, isText := value.(string)
		if !isText {
			encoded, err := json.Marshal(value)
			ts.Check(err)
			text = string(encoded)
		}
		texts = append(texts, text)
	}
	sought, found := regexp.MustCompile("^(?:"+args[2]+")$"), false
	for _, text := range texts {
		found = found || sought.MatchString(text)
	}
	if found == neg {
		ts.Fatalf("%s of %s is %q", args[1], args[0], texts)
	}
}

// at walks down a path.
func at(values []any, path []string) []any {
	for _, name := range path {
		var next []any
		for _, value := range values {
			switch list, isList := value.([]any); {
			case name == "COUNT":
				next = append(next, json.Number(fmt.Sprint(size(value))))
			case name == "*" && isList:
				next = append(next, list...)
			case isList:
				if i, err := strconv.Atoi(name); err == nil && i < len(list) {
					next = append(next, list[i])
				}
			default:
				object, _ := value.(map[string]any)
				for key, member := range object {
					if name == "*" || name == key {
						next = append(next, member)
					}
				}
			}
		}
		values = next
	}
	return values
}

func size(value any) int {
	if object, ok := value.(map[string]any); ok {
		return len(object)
	}
	list, _ := value.([]any)
	return len(list)
}

// sameVerdicts compares what two results say, whatever they measured.
func sameVerdicts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sameverdicts FILE FILE")
	}
	var said [2][]string
	for i, name := range args {
		run, err := result.Read(strings.NewReader(ts.ReadFile(name)))
		ts.Check(err)
		for _, s := range run.Scenarios {
			said[i] = append(said[i], fmt.Sprintf("%s: %s", s.ID, s.Verdict))
		}
		for _, r := range run.Rules {
			said[i] = append(said[i], fmt.Sprintf("%s: %s", r.ID, r.Verdict))
		}
	}
	if difference := cmp.Diff(said[0], said[1]); difference != "" {
		ts.Fatalf("%s and %s differ:\n%s", args[0], args[1], difference)
	}
}

// junitStatuses reads a JUnit file as CI systems do. What its test cases came to has to be these words: passed,
// failed, error or skipped, each that occurs once.
func junitStatuses(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: junit FILE STATUS...")
	}
	suites, err := junit.Ingest([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	var found []string
	for _, suite := range suites {
		for _, test := range suite.Tests {
			if !slices.Contains(found, string(test.Status)) {
				found = append(found, string(test.Status))
			}
		}
	}
	want := slices.Clone(args[1:])
	slices.Sort(found)
	slices.Sort(want)
	if !slices.Equal(found, want) {
		ts.Fatalf("%s came to %q, not %q", args[0], found, want)
	}
}
