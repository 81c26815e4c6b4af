package transport

import (
	"bytes"
	"fmt"
	"strings"

	"verifik-contract/internal/group"
)

// Flaws names what HTTP/1 forbids in the head of an answer, and of the informational answers before it. It quotes nothing
// that the server sent but the version.
func Flaws(received []byte) []string {
	var flaws []string
	for bytes.HasPrefix(received, []byte("HTTP/")) {
		head, rest := received, []byte(nil)
		for _, end := range []string{"\r\n\r\n", "\n\n", "\n\r\n"} {
			if at := bytes.Index(received, []byte(end)); at >= 0 && at < len(head) {
				head, rest = received[:at+len(end)], received[at+len(end):]
			}
		}
		own, informational := flawsOf(string(head))
		flaws = group.With(flaws, own...)
		if !informational {
			break
		}
		received = rest
	}
	return flaws
}

// flawsOf names what is forbidden in one head, maybe repeatedly, and reports whether the answer is an informational one.
func flawsOf(head string) (flaws []string, informational bool) {
	found := func(is bool, flaw string) {
		if is {
			flaws = append(flaws, flaw)
		}
	}
	lines := strings.Split(strings.TrimRight(head, "\r\n"), "\n")
	version, status, _ := strings.Cut(lines[0], " ")
	// One of another length is cut: net/http reads no such version.
	found(version != "HTTP/1.1" && version != "HTTP/1.0" && len(version) == len("HTTP/1.1"), "the version "+version)
	informational = strings.HasPrefix(status, "1") && !strings.HasPrefix(status, "101")
	bodiless := informational || strings.HasPrefix(status, "204")
	lengths, coded := 0, false
	for i, line := range lines {
		line, ended := strings.CutSuffix(line, "\r")
		found(!ended && i < len(lines)-1, "a line that ends without a carriage return")
		found(strings.ContainsRune(line, '\r'), "a carriage return within a line")
		found(strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' || r == 0x7f }), "a control character in a header")
		if i == 0 || line == "" {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			found(true, "a header folded over several lines")
			continue
		}
		spaced, value, _ := strings.Cut(line, ":")
		name := strings.TrimRight(spaced, " \t")
		found(name != spaced, "white space before a header's colon")
		found(strings.ContainsAny(name, " \t\"(),/;<=>?@[\\]{}") || name == "", "an invalid header name")
		switch strings.ToLower(name) {
		case "content-length":
			lengths += 1 + strings.Count(value, ",")
		case "transfer-encoding":
			coded = true
		}
	}
	found(coded && lengths > 0, "Transfer-Encoding beside Content-Length")
	found(coded && lengths == 0 && version == "HTTP/1.0", "Transfer-Encoding in HTTP/1.0")
	found(!coded && lengths > 1, "Content-Length more than once")
	found(bodiless && (coded || lengths > 0), fmt.Sprintf("Content-Length or Transfer-Encoding in an answer of status %.3s, which has no body", status))
	return flaws, informational
}
