// Package html shows a result, or a history, as one page for a browser.
package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the page's parts
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

var (
	//go:embed page.tmpl
	markup string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
	//go:embed history.tmpl
	nights string
	//go:embed history.css
	nightsStyle string
)

// Render writes the run as one page that needs no network, no other file and, to be read, no JavaScript. Whatever a provider
// answered is shown as text: everything goes through html/template. The page's policy allows only its own style and script,
// by their digests, so that even a hole in the escaping would run nothing.
func Render(w io.Writer, run *result.Run) error {
	p := newPage(run)
	p.document = newDocument(style, script)
	return execute(w, "page", p, p)
}

// document is the style, the script and the policy that every page has.
type document struct {
	CSS    template.CSS
	JS     template.JS
	Policy string
}

func newDocument(style, script string) document {
	css, js := parsed(style), parsed(script)
	policy := fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", digest(css), digest(js))
	return document{template.CSS(css), template.JS(js), policy}
}

// execute writes a page; p is the run whose scenarios the functions see and again link to.
func execute(w io.Writer, name string, of any, p *page) error {
	tmpl := template.New("pages").Funcs(template.FuncMap{
		"wholeLine": text.Line, "short": text.Cut, "prose": prose,
		"line": func(s string) string { return text.Cut(s, lineLimit) },
		"id":   func(s any) string { return text.Cut(fmt.Sprint(s), idLimit) }, // of any string type
		"lines": func(s string) string {
			head, _ := text.Beginning(s, fieldLimit)
			return manyLines(strings.TrimSpace(head))
		},
		"body": func(s string, size int, paths ...[]string) shownBody {
			return newBody(s, size, bodyLimit, slices.Concat(paths...))
		},
		"delivered": func(s string, size int) shownBody { return newBody(s, size, bodyLimit/2, nil) },
		"outcome":   view.Outcome, "stopped": view.Stopped, "traffic": view.Traffic, "tally": tally, "tests": result.Count, "unsaid": view.Unsaid,
		"plot": newPlot, "strip": newStrip, "legend": legend, "day": view.Day,
		"seriesName": view.SeriesName, "nightsOf": view.NightsOf, "ruleHistory": view.RuleHistory, "latencyHistory": view.LatencyHistory,
		"why": view.ReasonOf, "place": view.Place, "anchor": anchor, "stepVerdict": stepVerdict, "path": path,
		"see":   func(id string) *scenario { return p.byID[id] },
		"again": func(s *scenario, every *result.Rule) string { return view.Again(p.Run, s.Scenario, every) },
		"findings": func(all []result.Finding, under string, exchanges int) findings {
			return findings{all, under, exchanges}
		},
		"lacking": view.IsMissing, "sides": sides, "exchange": newExchange, "skippedScenarios": skippedScenarios,
		"headers": view.Headers, "changed": view.ChangeSubject, "became": view.Movement, "places": view.DriftPlaces, "verdicts": result.Verdicts,
		"number": text.Number, "count": text.Count, "duration": view.Span, "when": when, "more": more,
		"less": func(a, b int) int { return a - b }, "next": func(n int) int { return n + 1 },
		"failureLimit": func() int { return failureLimit }, "curlLimit": func() int { return curlLimit }, "manyLines": manyLines,
		"first": view.First,
	})
	template.Must(tmpl.New("page").Parse(strings.TrimSpace(markup)))
	template.Must(tmpl.New("history").Parse(strings.TrimSpace(nights)))
	out := bufio.NewWriterSize(w, 64<<10)
	if err := tmpl.ExecuteTemplate(out, name, of); err != nil {
		return fmt.Errorf("the HTML report: %w", err)
	}
	return out.Flush()
}

// parsed returns a part of the page as browsers parse and digest it: without carriage returns.
func parsed(part string) string { return strings.TrimSpace(strings.ReplaceAll(part, "\r\n", "\n")) }

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
}
