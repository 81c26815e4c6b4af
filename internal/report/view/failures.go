package view

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/group"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
)

// Failure is one cause of failures, shown once: the scenarios that it made fail, or that could not be judged because of it,
// and the every-exchange rules that it breaks, whichever promises they belong to.
type Failure struct {
	Verdict   result.Verdict
	Level     result.Level       // the strongest level that it breaks
	Leak      bool               // a secret was shown
	Words     string             // what is wrong, in clean text
	Diagnosis string             // explains all of it; "" if none does
	Rules     []*result.Rule     // that it breaks, sorted by id
	Scenarios []*result.Scenario // that it made fail, the first as its example; empty if it broke only every-exchange rules
	Findings  []result.Finding   // of every-exchange rules
}

// Scenario returns the scenario that shows the failure; nil if there is none.
func (t *Failure) Scenario() *result.Scenario {
	if len(t.Scenarios) == 0 {
		return nil
	}
	return t.Scenarios[0]
}

// RulesByID returns the rules of a run by id. A rule that only scenarios name is made up from them; of a rule that stands in
// the result twice, the one with the worse verdict counts.
func RulesByID(run *result.Run) map[string]*result.Rule {
	rules := make(map[string]*result.Rule, len(run.Rules))
	for _, r := range group.Pointers(run.Rules) {
		if known := rules[r.ID]; known == nil || result.Merge(known.Verdict, r.Verdict) != known.Verdict {
			rules[r.ID] = r
		}
	}
	for _, s := range run.Scenarios {
		if rules[s.Rule] == nil {
			rules[s.Rule] = &result.Rule{ID: s.Rule, Level: s.Level, Title: "not described in the result", Verdict: s.Verdict, File: s.File}
		}
	}
	return rules
}

// Failures returns the causes of a run's failures: leaks of secrets first, then what failed before what is broken, of that
// what is explained before what may be chance, then the stronger level, then the features' order. If the run was stopped,
// scenarios whose requests reached nobody are left out: the reason for the stop covers them.
func Failures(run *result.Run) []*Failure {
	found := joinBreaches(run, failedScenarios(run))
	harmless := map[string]bool{} // what scenarios did that passed
	for _, s := range group.Pointers(run.Scenarios) {
		if s.Verdict == result.Passed {
			harmless[actions(s)] = true
		}
	}
	for _, t := range found {
		t.describe(harmless)
	}
	slices.SortStableFunc(found, func(a, b *Failure) int { return cmp.Compare(b.weight(), a.weight()) })
	return found
}

// explained reports whether a diagnosis says why nothing could be judged.
func (t *Failure) explained() bool { return t.Verdict == result.Broken && t.Diagnosis != "" }

// weight orders failures: the heavier one is shown first.
func (t *Failure) weight() int {
	w := weight(t.Level)
	for i, holds := range []bool{t.explained(), t.Verdict == result.Failed, t.Leak} {
		if holds {
			w += 4 << i
		}
	}
	return w
}

// failedScenarios groups the failed and broken scenarios by symptom. A diagnosis of a failed scenario is a guess from one
// answer: if another scenario shows the same symptom without it, it explains neither. If it explains every scenario of a
// symptom, all symptoms that it explains are one cause. The diagnosis of a broken scenario is no guess: it comes from the
// whole run.
func failedScenarios(run *result.Run) (found []*Failure) {
	rules := RulesByID(run)
	unexplained := map[string]bool{}
	var failures []*result.Scenario
	for _, s := range group.Pointers(run.Scenarios) {
		if s.Verdict != result.Failed && s.Verdict != result.Broken || run.Stopped != "" && unreached(s) {
			continue
		}
		failures = append(failures, s)
		if s.Diagnosis == "" && s.Verdict == result.Failed {
			unexplained[symptom(s)] = true
		}
	}
	explains := func(s *result.Scenario) bool { return s.Diagnosis != "" && !unexplained[symptom(s)] }
	for _, scenarios := range group.By(failures, func(s *result.Scenario) string {
		if explains(s) {
			return "diagnosis\x00" + string(s.Verdict) + "\x00" + shape(s.Diagnosis)
		}
		return symptom(s)
	}) {
		// The answer itself is the plainest example; what it left undone follows from it.
		if i := slices.IndexFunc(scenarios, atAnswer); i > 0 {
			plainest := scenarios[i]
			copy(scenarios[1:i+1], scenarios[:i])
			scenarios[0] = plainest
		}
		t := &Failure{Verdict: scenarios[0].Verdict, Scenarios: scenarios}
		if explains(scenarios[0]) {
			t.Diagnosis = scenarios[0].Diagnosis
		}
		for _, s := range scenarios {
			t.add(rules[s.Rule], s.Level)
			f := FirstFinding(s)
			t.Leak = t.Leak || f != nil && f.Leak
		}
		found = append(found, t)
	}
	return found
}

// atAnswer reports whether a scenario failed by an answer as a whole, not by a place in a body.
func atAnswer(s *result.Scenario) bool {
	f := FirstFinding(s)
	return f != nil && f.Path == ""
}

func (t *Failure) add(rule *result.Rule, level result.Level) {
	if !slices.Contains(t.Rules, rule) {
		t.Rules = append(t.Rules, rule)
		slices.SortStableFunc(t.Rules, func(a, b *result.Rule) int { return result.CompareIDs(a.ID, b.ID) })
	}
	if t.Level == "" || weight(level) > weight(t.Level) {
		t.Level = level
	}
}

// joinBreaches adds the breaches of every-exchange rules to the failures. Breaches have the same cause as a failure if they
// were found at the answers, and at the places in them, that made its scenarios fail.
func joinBreaches(run *result.Run, found []*Failure) []*Failure {
	causes, ofRule := map[string]cause{}, map[[2]string]*Failure{} // by scenario ID; by rule ID and symptom
	for _, t := range found {
		for _, s := range t.Scenarios {
			causes[s.ID] = cause{t, FirstFinding(s)}
			if key := [2]string{s.Rule, symptom(s)}; s.Verdict == result.Failed {
				ofRule[key] = cmp.Or(ofRule[key], t)
			}
		}
	}
	for _, r := range group.Pointers(run.Rules) {
		if !r.OnExchanges() || r.Verdict != result.Failed {
			continue
		}
		alike := group.By(r.Findings, func(f result.Finding) string {
			if run.Traffic != nil && f.Scenario != "" {
				return f.Scenario // there, the first exchange that shows it
			}
			if f.Path == "" && !f.Leak {
				return shape(f.Actual) // the rule expects the same of every answer, only worded differently
			}
			return symptomOf(&f)
		})
		if len(alike) == 0 {
			alike = [][]result.Finding{nil}
		}
		for _, findings := range alike {
			leak := slices.ContainsFunc(findings, func(f result.Finding) bool { return f.Leak })
			t := sameAnswers(findings, causes)
			if t == nil && len(findings) > 0 {
				t = ofRule[[2]string{r.ID, symptomOf(&findings[0])}] // its own scenarios failed like this at other answers
			}
			if t == nil || leak {
				t = &Failure{Verdict: r.Verdict, Leak: leak}
				found = append(found, t)
			}
			t.add(r, r.Level)
			t.Findings = append(t.Findings, findings...)
		}
	}
	return found
}

// cause is the failure that a scenario belongs to, and the finding that shows it; nil if none does.
type cause struct {
	failure *Failure
	finding *result.Finding
}

// sameAnswers returns the failure to which the findings' scenarios belong, if each finding is at the answer, and the place in
// it, that made its scenario fail; nil if there is none, or more than one. If one of the findings also has the actual value
// of its scenario's own finding, the others may be elsewhere.
func sameAnswers(findings []result.Finding, causes map[string]cause) (t *Failure) {
	same, elsewhere := false, false
	for _, f := range findings {
		by := causes[f.Scenario]
		switch {
		case by.finding == nil || by.finding.Exchange != f.Exchange || by.finding.Path != f.Path:
			elsewhere = true
		case t != nil && t != by.failure:
			return nil
		default:
			t, same = by.failure, same || shape(by.finding.Actual) == shape(f.Actual)
		}
	}
	if elsewhere && !same {
		return nil
	}
	return t
}

// describe sets the words of a failure. What is harmless is no example: what is wrong was given before it was done.
func (t *Failure) describe(harmless map[string]bool) {
	s := t.Scenario()
	differs := func(other *result.Scenario) bool { return symptom(other) != symptom(s) }
	switch {
	case s == nil && len(t.Findings) > 0:
		t.Words = Difference(&t.Findings[0])
	case s == nil:
		t.Words = Inline(t.Rules[0].Reason)
	case t.explained(), slices.ContainsFunc(t.Scenarios, differs):
		t.Words = Inline(t.Diagnosis)
		if did := accepted(s); did != "" && !harmless[did] {
			t.Words += " (as when " + did + ")"
		}
	case t.Verdict == result.Broken:
		t.Words = cmp.Or(Inline(s.Reason), strings.TrimSuffix("could not be judged ("+Inline(s.Cause)+")", " ()"))
	case FirstFinding(s) != nil:
		t.Words = t.difference(FirstFinding(s))
	default:
		t.Words = Inline(s.Reason)
	}
}

// difference returns the first finding in a few words. What was done comes first, or as an example if scenarios differ in it, where
// anything was answered as a success: which it was is what is wrong.
func (t *Failure) difference(f *result.Finding) string {
	words, did := Difference(f), accepted(t.Scenario())
	switch {
	case did == "":
		return words
	case slices.ContainsFunc(t.Scenarios, func(s *result.Scenario) bool { return actions(s) != did }):
		return words + ", as when " + did
	}
	return did + ": " + words
}

// accepted returns what a scenario did that was answered as a success where none was due; "" if that is not what it shows.
func accepted(s *result.Scenario) string {
	if f := FirstFinding(s); f != nil && f.Path == "" && success.MatchString(f.Actual) && !success.MatchString(f.Expected) {
		return actions(s)
	}
	return ""
}

var success = regexp.MustCompile(`^2\d\d\b`)

// actions returns the steps that led to the expectation that was not met first, since the expectation before it; "" if there are
// none.
func actions(s *result.Scenario) string {
	var did []string
	kind, failed := "", StepOf(s)
	for _, step := range group.Pointers(s.Steps) {
		if keyword := strings.TrimSpace(step.Keyword); slices.Contains([]string{"Given", "When", "Then"}, keyword) {
			if keyword != "Then" && kind == "Then" {
				did = nil
			}
			kind = keyword
		}
		if step == failed {
			break
		}
		if kind == "When" {
			did = append(did, Inline(step.Text))
		}
	}
	return strings.Join(did, " and ")
}

// IsMissing reports whether a finding is that its path does not exist.
func IsMissing(f *result.Finding) bool { return f.Path != "" && f.Actual == "missing" }

// Difference returns a finding in a few words: what is wrong, and where.
func Difference(f *result.Finding) string {
	sides := contrast(f.Expected, f.Actual)
	expected, actual := sides[0], sides[1]
	value := strings.HasPrefix(f.Expected, "of ") || f.Expected != "" && strings.ContainsAny(f.Expected[:1], `"-0123456789[{`) // or a type or a length
	switch place, isPlace := strings.CutPrefix(f.Expected, "nothing secret in "); {
	case f.Leak && isPlace:
		return Inline(place) + " " + strings.TrimPrefix(actual, "it ")
	case f.Leak:
		return Inline(f.Expectation) + ": " + actual
	case IsMissing(f):
		return Inline(f.Path) + " is missing"
	case f.Path != "" && f.Expected == "no such member":
		return Inline(f.Path) + " should not be there: " + actual
	case f.Path != "" && strings.HasPrefix(f.Expected, "matching "):
		return Inline(f.Path) + " is " + actual + ", which does not match " + strings.TrimPrefix(expected, "matching ")
	case f.Path != "" && value:
		return Inline(f.Path) + " is " + actual + ", not " + expected
	case f.Path != "":
		return Inline(f.Path) + " is " + actual + ", expected " + expected
	case f.Expected == "" && f.Actual == "":
		return Inline(f.Expectation)
	}
	got := ", got "
	if strings.HasPrefix(f.Actual, "the body is ") {
		got = ", but "
	}
	// The difference comes first: the end of a line may be cut.
	return "expected " + expected + got + actual + ": " + Inline(f.Expectation)
}

func weight(l result.Level) int {
	return max(0, slices.Index([]result.Level{result.Observe, result.Should, result.Must}, l))
}

// TargetAbsent reports whether a scenario is broken because the target did not answer.
func TargetAbsent(s *result.Scenario) bool {
	return s.Verdict == result.Broken && s.Cause != exchange.CauseState
}

// unreached reports whether a scenario is broken because its request reached nobody. One that was sent may be why no answer came.
func unreached(s *result.Scenario) bool {
	sent := []exchange.Cause{exchange.CauseLost, exchange.CauseTimeout, exchange.CauseProtocol}
	return TargetAbsent(s) && (len(s.Exchanges) == 0 || !slices.Contains(sent, s.Cause))
}

// judgedNothing reports whether no scenario could be judged, and why, in clean text; "" if there is more than one reason.
func judgedNothing(run *result.Run) (why string, nothing bool) {
	why = run.Stopped
	for _, s := range group.Pointers(run.Scenarios) {
		switch {
		case s.Verdict != result.Broken && s.Verdict != result.Skipped:
			return "", false
		case s.Verdict == result.Skipped || run.Stopped != "":
		case why != "" && shape(why) != shape(s.Reason):
			return "", run.Exit == result.ExitUnjudged
		default:
			why = s.Reason
		}
	}
	return Inline(why), run.Exit == result.ExitUnjudged && len(run.Scenarios) > 0
}

// symptom returns a key that scenarios share if the same is wrong with them: the same place of a body in the same way, or
// the same answer to the same expectation. Values of the state, which differ from scenario to scenario (ids, phones,
// times), do not count, nor does the promise.
func symptom(s *result.Scenario) string {
	if s.Verdict == result.Broken {
		reason, last := s.Reason, len(s.Exchanges)-1
		if _, why, ok := strings.Cut(reason, " could not be made: "); ok && last >= 0 && s.Exchanges[last].Failure != nil {
			reason = why // a source that does not answer makes no state, whichever is asked for
		}
		return "broken\x00" + string(s.Cause) + "\x00" + shape(reason)
	}
	f := FirstFinding(s)
	if f == nil {
		return "scenario\x00" + s.Rule + "\x00" + shape(s.Reason)
	}
	return symptomOf(f)
}

func symptomOf(f *result.Finding) string {
	refused := refusal.FindStringSubmatch(beginning(f.Actual))
	switch {
	case f.Leak:
		return "leak\x00" + shape(f.Expected) + "\x00" + shape(f.Actual)
	case refused != nil && (refused[1] != "" || strings.HasPrefix(f.Expected, "200") || strings.HasPrefix(f.Expected, "the OTP accepted")):
		return "refused\x00" + shape(refused[2])
	case f.Path == "":
		return "answer\x00" + shape(f.Expectation) + "\x00" + shape(f.Expected) + "\x00" + shape(f.Actual)
	case IsMissing(f):
		return "missing\x00" + f.Path
	}
	return "value\x00" + f.Path + "\x00" + value(f.Expected) + "\x00" + value(f.Actual)
}

// refusal matches an actual value that names an error answer, or what did not happen after one. Where a success was
// expected, everything else that a success promises fails by the same cause.
var refusal = regexp.MustCompile(`(?:^|(the OTP was answered ))([45]\d\d[^,:)]*)`)

// ofState matches what may come from the state in a value of a body.
var ofState = regexp.MustCompile(`[0-9]+|\btrue\b|\bfalse\b`)

// shape returns the beginning of a text without what differs from scenario to scenario.
func shape(words string) string { return text.Shape(beginning(words)) }

// beginning returns as much of a text as is needed to tell causes apart.
func beginning(words string) string { return words[:min(len(words), 4*maxWords)] }

// value is shape for a value of a body. Any number may come from the state, country codes among them, and any flag; signs
// and spaces may be what is wrong, and count.
func value(text string) string { return ofState.ReplaceAllString(shape(text), "#") }

// FirstFinding returns the first finding of a scenario that is not just a warning; nil if there is none.
func FirstFinding(s *result.Scenario) *result.Finding {
	return group.First(group.Pointers(s.Findings), func(f *result.Finding) bool { return !f.Warning })
}

// untilExchange returns a scenario without the exchanges after an index; nil if it has no exchange of that index.
func untilExchange(s *result.Scenario, index int) *result.Scenario {
	if index < 0 || index >= len(s.Exchanges) {
		return nil
	}
	part := *s
	part.Exchanges = s.Exchanges[:index+1]
	return &part
}

// shownBy returns a scenario up to the exchange that shows what is wrong with it; nil if none does.
func shownBy(s *result.Scenario) *result.Scenario {
	if f := FirstFinding(s); f != nil {
		return untilExchange(s, f.Exchange)
	}
	for i := len(s.Exchanges) - 1; i >= 0 && s.Verdict == result.Broken; i-- {
		if e := &s.Exchanges[i]; e.Failure != nil || e.Answer == nil || e.Answer.Status >= 400 {
			return untilExchange(s, i)
		}
	}
	return nil
}

// ReasonOf returns why a scenario did not pass, or what it observed, in one line.
func ReasonOf(s *result.Scenario) string {
	f := FirstFinding(s)
	switch {
	case s.Verdict == result.Observed:
		return ObservedLine(s)
	case s.Reason == "" && f != nil:
		return Inline(f.Expectation)
	}
	return Inline(s.Reason)
}
