package contract

import (
	"regexp"
	"strings"
	"sync"

	"verifik-contract/internal/group"
)

// stackTraces returns a finding for each place that holds a stack trace, with its first line.
func stackTraces(places []place) []Finding {
	traced := group.Where(places, func(p place) bool { return p.trace != "" })
	return group.Map(traced, func(p place) Finding { return Differs(noEchoes, "", "no stack trace in "+p.name, p.trace) })
}

// stackLine is a line of a stack trace as a runtime writes it.
type stackLine struct {
	hint string // part of every such line, for a quick check
	form *regexp.Regexp
}

// stackLines are as narrow as what a runtime writes: a sentence of a message would have to imitate it to match, and the name of
// an exception does not.
var stackLines = sync.OnceValue(func() []stackLine {
	return []stackLine{
		{"at ", regexp.MustCompile(`(?m)^\s*at .*\([^()\s]*\.(?:[cm]?[jt]sx?|java|kt|scala|groovy):\d+(?::\d+)?\)`)},                  // node, Java
		{"at ", regexp.MustCompile(`(?m)^\s*at (?:async )?(?:file://|node:|[A-Za-z]:\\|/)[^\s]+:\d+:\d+`)},                            // node, anonymous
		{"at ", regexp.MustCompile(`at [\w$.<>\[\] ]+ \((?:file://|node:|[A-Za-z]:\\|/)[^()\s]+:\d+:\d+\)`)},                          // node, also in one line
		{"at ", regexp.MustCompile(`at [\w$.]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)`)},                                             // Java, in one line
		{"Caused by: ", regexp.MustCompile(`(?m)^\s*Caused by: (?:[a-z]\w*\.){2,}\w+(?:Exception|Error)\b`)},                          // Java
		{"Exception in thread ", regexp.MustCompile(`Exception in thread "`)},                                                         // Java
		{":line ", regexp.MustCompile(`(?m)^\s*at .* in .*\.\w+:line \d+`)},                                                           // .NET
		{") in ", regexp.MustCompile(`at \S+\(.*\) in .*\.(?:cs|vb|fs|cshtml|razor):line \d+`)},                                       // .NET, in one line
		{"at ", regexp.MustCompile("(?m)^\\s*at (?:[\\w$<>`]+[./])+[\\w$<>`]+\\(.*\\)\\s*\n\\s*at (?:[\\w$<>`]+[./])+[\\w$<>`]+\\(")}, // .NET, Java, without lines
		{"Traceback ", regexp.MustCompile(`Traceback \(most recent call last\)`)},                                                     // Python
		{`", line `, regexp.MustCompile(`(?m)^\s*File "[^"]+", line \d+`)},                                                            // Python
		{"goroutine ", regexp.MustCompile(`goroutine \d+ \[`)},                                                                        // Go
		{".go:", regexp.MustCompile(`(?m)^\s*\S+\.go:\d+( \+0x[0-9a-f]+)?\s*$`)},                                                      // Go
		{".go:", regexp.MustCompile(`\S\.go:\d+ \+0x[0-9a-f]+\b`)},                                                                    // Go, in one line
		{"#", regexp.MustCompile(`(?m)^\s*#\d+ (?:.*\.php\(\d+\)|\{main\})`)},                                                         // PHP
		{"#0 ", regexp.MustCompile(`#0 (?:\S.*\.php\(\d+\): [^\s(]+\(|\{main\})`)},                                                    // PHP, in one line
		{"Stack trace:", regexp.MustCompile(`Stack trace:\s+#0 `)},                                                                    // PHP, in one line
		{`"file"`, regexp.MustCompile(`"file"\s*:\s*"(?:[A-Za-z]:)?[\\/][^"]*"\s*,\s*"line"\s*:\s*\d+`)},                              // PHP, as JSON
		{".rb:", regexp.MustCompile("(?m)\\S+\\.rb:\\d+:in [`']")},                                                                    // Ruby
		{"panicked at ", regexp.MustCompile(`panicked at .*\.rs:\d+:\d+`)},                                                            // Rust
		{"(Unknown Source)", regexp.MustCompile(`at (?:[\w$]+\.)+[\w$<>]+\(Unknown Source\)`)},                                        // Java
		{"(Native Method)", regexp.MustCompile(`at (?:[\w$]+\.)+[\w$<>]+\(Native Method\)`)},                                          // Java
		{"stack backtrace:", regexp.MustCompile(`stack backtrace:\r?\n`)},                                                             // Rust
		{".ex", regexp.MustCompile(`\.exs?:\d+: [\w.]+\S*/\d+`)},                                                                      // Elixir
		{".erl", regexp.MustCompile(`\{file,"[^"]+\.erl"\},\s*\{line,\d+\}`)},                                                         // Erlang
		{" line ", regexp.MustCompile(`(?m)^.* at (?:/|[A-Za-z]:\\)?\S+\.p[lm] line \d+\.?$`)},                                        // Perl
		{".dart", regexp.MustCompile(`#\d+\s+\S.* \((?:package|dart|file):\S+(?::\d+)?\)`)},                                           // Dart
		{"stack traceback:", regexp.MustCompile(`stack traceback:\r?\n`)},                                                             // Lua
		{"CallStack (from HasCallStack)", regexp.MustCompile(`CallStack \(from HasCallStack\)`)},                                      // Haskell
		{".swift:", regexp.MustCompile(`Fatal error: .*: file \S+\.swift, line \d+|\S+\.swift:\d+: Fatal error`)},                     // Swift
	}
})

// stackTrace returns the first line of a stack trace in the first text that holds one; "" if none does.
func stackTrace(texts ...string) string {
	for _, text := range texts {
		for _, line := range stackLines() {
			if !strings.Contains(text, line.hint) {
				continue
			}
			if found := strings.TrimSpace(line.form.FindString(text)); found != "" {
				first, _, _ := strings.Cut(found, "\n")
				return strings.TrimSpace(first)
			}
		}
	}
	return ""
}
