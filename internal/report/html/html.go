// Package html shows a result as one page for a browser.
package html

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"verifik-contract/internal/result"
)

//go:embed page.tmpl drift.tmpl page.css page.js
var files embed.FS

// Render writes the run as one page that needs nothing else: no network, no other file, no JavaScript to be
// read. Whatever a provider answered is shown as text. Everything goes through html/template; the policy of the
// page allows its own style and script by their digests and forbids all else, so that a hole in the escaping
// still runs nothing.
func Render(w io.Writer, run *result.Run) error {
	css, err := htmlFile("page.css")
	if err != nil {
		return err
	}
	js, err := htmlFile("page.js")
	if err != nil {
		return err
	}
	markup, err := htmlFile("page.tmpl")
	if err != nil {
		return err
	}
	changed, err := htmlFile("drift.tmpl")
	if err != nil {
		return err
	}
	page, err := template.New("page").Parse(changed + markup)
	if err != nil {
		return fmt.Errorf("the HTML report's template: %w", err)
	}
	shown := newHTMLPage(run)
	shown.CSS, shown.JS = template.CSS(css), template.JS(js)
	shown.Policy = htmlPolicy(css, js)
	out := bufio.NewWriterSize(w, 64<<10)
	if err := page.Execute(out, shown); err != nil {
		return fmt.Errorf("the HTML report: %w", err)
	}
	return out.Flush()
}

// htmlFile is an embedded file, without the line break at its end and with no carriage return: a browser takes
// the digest of what it parsed, in which there is none.
func htmlFile(name string) (string, error) {
	content, err := files.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("the HTML report: %w", err)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n")), nil
}

func htmlPolicy(css, js string) string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'",
		htmlDigest(css), htmlDigest(js))
}

func htmlDigest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
