package html

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"verifik-contract/internal/report/view"
	"verifik-contract/internal/result"
)

// htmlRule is one promise with all that was found about it.
type htmlRule struct {
	Anchor        string
	ID            htmlText
	Title         htmlText
	Description   htmlText
	Place         htmlText
	Verdict       htmlVerdict
	Reason        htmlText
	Count         string
	EveryExchange bool
	Judged        string
	Findings      []htmlFinding
	MoreFindings  string
	Scenarios     []htmlScenario
	Unlisted      string
	Open          bool
	Again         htmlText
	Tip           string // of its cell in the matrix
}

// htmlScenario is one scenario run.
type htmlScenario struct {
	Anchor, RuleAnchor string
	Verdict            htmlVerdict
	Name, Feature      htmlText
	Place              htmlText
	Reason, Cause      htmlText
	Diagnosis          htmlText
	Flaky              bool
	Attempts           int
	Repeat             int
	Duration           string
	Steps              []htmlStep
	MoreSteps          string
	Observed           []htmlObserved
	Findings           []htmlFinding
	MoreFindings       string
	Exchanges          []htmlExchange
	ExchangesNote      string
	Again              htmlText // the command that runs it again
	Open               bool
}

type htmlStep struct {
	Verdict       htmlVerdict
	Keyword, Text htmlText
	Found         bool // a finding comes from here
}

// htmlFinding is one expectation that is not met, its two sides marked where they differ.
type htmlFinding struct {
	Rule, Expectation, Path htmlText
	Expected, Actual        htmlText
	HasValues               bool
	Missing                 bool // what stands at the path
	Warning                 bool
	Foreign                 bool // of another rule than the one it is shown under
	Scenario                htmlText
	Anchor                  string
	Exchange                string
}

// htmlExchange is one call.
type htmlExchange struct {
	Number                  int
	Purpose, Label          htmlText
	Attempt                 int
	Method, Path, URL       htmlText
	RequestHeaders          []htmlHeader
	RequestMore             string
	RequestBody             htmlBody
	Status                  int
	StatusDiffers           bool
	Proto                   htmlText
	AnswerHeaders           []htmlHeader
	AnswerMore              string
	AnswerBody              htmlBody
	TooLong                 bool
	Answered                bool
	FailureCause, FailureIs htmlText
	Started, Duration       string
	TraceID                 htmlText
	Curl                    htmlText
	CurlExact               string // base64 of what to copy, where what is shown is not what is to be run
	CurlNote                string
	Differs                 bool
	Open                    bool
}

type htmlHeader struct{ Name, Value htmlText }

func (x *htmlIndex) rule(r *htmlIndexRule) htmlRule {
	shown := htmlRule{
		Anchor: r.anchor, ID: htmlShort(r.rule.ID, 60), Title: htmlShort(cmp.Or(r.rule.Title, "(no title)"), htmlLineLimit),
		Place: htmlPlace(r.rule.File, r.rule.Line), Verdict: newHTMLVerdict(r.rule.Verdict),
		EveryExchange: r.rule.EveryExchange, Reason: htmlProse(r.rule.Reason, htmlFieldLimit),
		MoreFindings: htmlMore(len(r.rule.Findings), htmlListLimit, "finding", "findings"),
	}
	description, _ := htmlHead(r.rule.Description, htmlFieldLimit)
	shown.Description = htmlBlock(strings.TrimSpace(description))
	shown.Tip = htmlPlain(htmlFirstBytes(r.rule.ID, 60) + " " + string(shown.Verdict) + ": " + htmlFirstBytes(r.rule.Title, 160))
	for _, f := range htmlFirst(r.rule.Findings, htmlListLimit) {
		shown.Findings = append(shown.Findings, x.finding(f, r.rule.ID))
	}
	unlisted := 0
	for _, i := range r.scenarios {
		if !x.choice.listed[i] {
			unlisted++
			continue
		}
		shown.Scenarios = append(shown.Scenarios, x.scenario(i, r))
		shown.Open = shown.Open || x.choice.open[i]
	}
	if unlisted > 0 {
		shown.Unlisted = htmlCount(unlisted, "more scenario is", "more scenarios are") + " not listed here; the result file holds them all."
	}
	switch {
	case r.rule.EveryExchange:
		shown.Count = "every exchange"
		shown.Judged = htmlCount(r.rule.Judged, "exchange", "exchanges") + " judged, " + htmlNumber(r.rule.Breaches) + " in breach."
		shown.Open = htmlNeedsEyes(r.rule.Verdict)
		if len(r.rule.Findings) > 0 && shown.Open {
			if i, known := x.scenarios[r.rule.Findings[0].Scenario]; known {
				shown.Again = htmlLine(view.Again(x.run, &x.run.Scenarios[i], &r.rule))
			}
		}
	default:
		shown.Count = htmlCount(len(r.scenarios), "scenario", "scenarios")
	}
	return shown
}

func (x *htmlIndex) scenario(i int, r *htmlIndexRule) htmlScenario {
	s := x.run.Scenarios[i]
	shown := htmlScenario{
		Anchor: htmlScenarioAnchor(i), RuleAnchor: r.anchor, Verdict: newHTMLVerdict(s.Verdict),
		Name: htmlShort(cmp.Or(cmp.Or(s.Name, s.ID), "(no name)"), htmlLineLimit), Feature: htmlShort(s.Feature, htmlLineLimit), Place: htmlPlace(s.File, s.Line),
		Reason: htmlProse(s.Reason, htmlFieldLimit), Cause: htmlShort(s.Cause, 60), Diagnosis: htmlProse(s.Diagnosis, htmlFieldLimit),
		Flaky: s.Flaky, Attempts: s.Attempts, Repeat: s.Repeat, Duration: htmlMillis(s.Duration), Open: x.choice.open[i],
		MoreSteps:    htmlMore(len(s.Steps), htmlListLimit, "step", "steps"),
		MoreFindings: htmlMore(len(s.Findings), htmlListLimit, "finding", "findings"),
	}
	if htmlNeedsEyes(s.Verdict) {
		shown.Again = htmlLine(view.Again(x.run, &s, nil))
	}
	found := map[int]bool{}
	for _, f := range s.Findings {
		found[f.Step] = !f.Warning || found[f.Step]
	}
	for _, step := range htmlFirst(s.Steps, htmlListLimit) {
		shown.Steps = append(shown.Steps, htmlStep{
			Verdict: newHTMLVerdict(step.Verdict), Keyword: htmlShort(step.Keyword, 60), Text: htmlShort(step.Text, htmlFieldLimit),
			Found: step.Line > 0 && found[step.Line],
		})
	}
	for _, o := range htmlFirst(s.Observed, htmlListLimit) {
		shown.Observed = append(shown.Observed, newHTMLObserved(o))
	}
	for _, f := range htmlFirst(s.Findings, htmlListLimit) {
		f.Scenario = ""
		finding := x.finding(f, r.rule.ID)
		if len(s.Exchanges) > 1 && f.Exchange >= 0 && f.Exchange < len(s.Exchanges) {
			finding.Exchange = fmt.Sprintf("exchange %d", f.Exchange+1)
		}
		shown.Findings = append(shown.Findings, finding)
	}
	switch {
	case !x.choice.exchanges[i]:
		shown.ExchangesNote = htmlCount(len(s.Exchanges), "exchange is", "exchanges are") + " in the result file: this page is full."
	default:
		for n, e := range htmlFirst(s.Exchanges, htmlExchangeLimit) {
			shown.Exchanges = append(shown.Exchanges, newHTMLExchange(n, e, s, shown.Open))
		}
		shown.ExchangesNote = htmlMore(len(s.Exchanges), htmlExchangeLimit, "exchange", "exchanges")
	}
	return shown
}

func (x *htmlIndex) finding(f result.Finding, under string) htmlFinding {
	expected, _ := htmlHead(f.Expected, htmlFieldLimit)
	actual, _ := htmlHead(f.Actual, htmlFieldLimit)
	shown := htmlFinding{
		Rule: htmlShort(f.Rule, 60), Expectation: htmlProse(f.Expectation, htmlFieldLimit), Path: htmlShort(f.Path, htmlLineLimit),
		HasValues: f.Expected != "" || f.Actual != "", Warning: f.Warning, Foreign: f.Rule != "" && f.Rule != under,
	}
	if f.Path != "" && f.Actual == view.Missing {
		shown.Missing, actual = true, ""
		shown.HasValues = f.Expected != ""
	}
	shown.Expected, shown.Actual = htmlDifference(expected, actual)
	shown.Expected = append(shown.Expected, htmlCutNote(len(expected), len(f.Expected))...)
	if !shown.Missing {
		shown.Actual = append(shown.Actual, htmlCutNote(len(actual), len(f.Actual))...)
	}
	if f.Scenario != "" {
		name := f.Scenario
		if i, known := x.scenarios[f.Scenario]; known {
			name = cmp.Or(x.run.Scenarios[i].Name, f.Scenario)
		}
		shown.Scenario, shown.Anchor = htmlShort(name, htmlLineLimit), x.anchor(f.Scenario)
	}
	return shown
}

func htmlCutNote(shown, whole int) htmlText {
	if shown == whole {
		return nil
	}
	return htmlText{{Text: fmt.Sprintf(" … (the first %s of %s)", htmlBytes(shown), htmlBytes(whole))}}
}

func newHTMLExchange(n int, e result.Exchange, s result.Scenario, open bool) htmlExchange {
	shown := htmlExchange{
		Number: n + 1, Purpose: htmlShort(e.Purpose, 60), Label: htmlShort(e.Label, htmlLineLimit),
		Method: htmlShort(e.Request.Method, 60), URL: htmlShort(e.Request.URL, htmlFieldLimit), Path: htmlShort(htmlURLPath(e.Request.URL), 160),
		RequestBody: newHTMLBody(e.Request.Body, e.Request.Size, htmlBodyLimit, nil),
		Started:     htmlTime(e.Started), Duration: htmlMillis(e.Duration), TraceID: htmlShort(e.TraceID, htmlLineLimit),
	}
	if s.Attempts > 1 {
		shown.Attempt = e.Attempt
	}
	shown.RequestHeaders, shown.RequestMore = htmlHeaders(e.Request.Headers)
	paths, statusDiffers := htmlDifferences(n, e, s)
	shown.Differs = len(paths) > 0 || statusDiffers
	if a := e.Answer; a != nil {
		shown.Answered, shown.Status, shown.Proto, shown.TooLong = true, a.Status, htmlShort(a.Proto, 60), a.TooLong
		shown.StatusDiffers = statusDiffers
		shown.AnswerHeaders, shown.AnswerMore = htmlHeaders(a.Headers)
		shown.AnswerBody = newHTMLBody(a.Body, a.Size, htmlBodyLimit, paths)
	}
	if f := e.Failure; f != nil {
		shown.FailureCause, shown.FailureIs = htmlShort(f.Cause, 60), htmlShort(f.Message, htmlFieldLimit)
	}
	shown.Open = open && (shown.Differs || e.Failure != nil)
	switch {
	case len(e.Curl) > htmlCurlLimit:
		shown.CurlNote = "The command is " + htmlBytes(len(e.Curl)) + " long: it is in the result file."
	case e.Curl != "":
		shown.Curl = htmlBlock(e.Curl)
		if slices.ContainsFunc(shown.Curl, func(p htmlPiece) bool { return p.Odd }) {
			shown.CurlExact = base64.StdEncoding.EncodeToString([]byte(e.Curl))
		}
	}
	return shown
}

// htmlDifferences tells where the answer of the nth exchange differs: at which JSON paths, and in its status.
func htmlDifferences(n int, e result.Exchange, s result.Scenario) (paths []string, status bool) {
	for _, f := range htmlFirst(s.Findings, htmlListLimit) {
		if f.Exchange != n || f.Warning {
			continue
		}
		paths = append(paths, cmp.Or(f.Path, "$"))
		// A finding about the status has it as its actual value: "200", "200 OK".
		if f.Path == "" && e.Answer != nil && strings.HasPrefix(f.Actual, strconv.Itoa(e.Answer.Status)) {
			status = true
		}
	}
	return paths, status
}

// htmlHeaders is in the order of names: a map has none.
func htmlHeaders(headers map[string][]string) ([]htmlHeader, string) {
	var list []htmlHeader
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		for _, value := range headers[name] {
			if len(list) < htmlListLimit {
				list = append(list, htmlHeader{Name: htmlShort(name, 120), Value: htmlShort(value, htmlLineLimit)})
			}
		}
	}
	total := 0
	for _, values := range headers {
		total += len(values)
	}
	return list, htmlMore(total, htmlListLimit, "header", "headers")
}

func htmlURLPath(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return cmp.Or(u.RequestURI(), "/")
}

func htmlPlace(file string, line int) htmlText {
	if file == "" {
		return nil
	}
	if line > 0 {
		file = fmt.Sprintf("%s:%d", file, line)
	}
	return htmlShort(file, htmlLineLimit)
}

func htmlFirstBytes(s string, limit int) string {
	head, cut := htmlHead(s, limit)
	if cut {
		head += " …"
	}
	return head
}
