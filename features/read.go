package features

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"verifik-contract/internal/group"
)

// The tags of rules without scenarios: those judged on every exchange, and those about clients.
const (
	everyExchangeTag = "@every-exchange"
	clientTag        = "@client"
)

// Levels returns the levels, strongest first.
func Levels() []string { return []string{"must", "should", "observe"} }

var errorPlace = regexp.MustCompile(`(?m)^\s*\((\d+):\d+\): (.*?)\s*$`)

// read reads one file. Its problems are in the set.
func read(file File) *Set {
	r := reader{set: &Set{Files: []File{file}}, file: file, lines: map[string]int{}, rules: map[string]Rule{}, keywords: map[string]string{}}
	if !utf8.Valid(file.Content) {
		r.report(0, "the feature is not UTF-8", "Save it as UTF-8.")
		return r.set
	}
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(file.Content), (&messages.Incrementing{}).NewId)
	if err != nil {
		found := errorPlace.FindAllStringSubmatch(err.Error(), -1) // the parser returns its errors only as text
		for _, match := range found {
			line, _ := strconv.Atoi(match[1])
			r.report(line, "this line is not as Gherkin expects it: "+match[2], "")
		}
		if len(found) == 0 {
			r.report(0, "the feature cannot be read: "+err.Error(), "")
		}
		return r.set
	}
	if document.Feature == nil {
		r.report(0, "the file holds no feature", "Begin with \"Feature: ...\".")
		return r.set
	}
	document.Uri = file.Key
	r.read(document.Feature)
	r.scenarios(document.Feature.Name, gherkin.Pickles(*document, file.Key, (&messages.Incrementing{}).NewId))
	return r.set
}

// reader reads one parsed file.
type reader struct {
	set      *Set
	file     File
	lines    map[string]int    // line of a scenario, a row or a step, by its id
	rules    map[string]Rule   // by a scenario's id
	keywords map[string]string // of a step, by its id
}

func (r *reader) report(line int, summary, detail string) {
	r.set.report(r.file.Name, line, summary, detail)
}

func (r *reader) read(feature *messages.Feature) {
	r.checkProse(feature.Description, int(feature.Location.Line))
	count := 0
	for _, child := range feature.Children {
		switch {
		case child.Rule != nil:
			r.rule(child.Rule)
			count++
		case child.Scenario != nil:
			r.report(int(child.Scenario.Location.Line), "the scenario belongs to no rule", "Every scenario tries one promise: put it under a \"Rule:\" with an id and a level.")
			r.scenario(child.Scenario, Rule{})
		case child.Background != nil:
			r.background(child.Background)
		}
	}
	if count == 0 {
		r.report(int(feature.Location.Line), "the feature has no rule", "Each promise is a \"Rule:\" with its id and level as tags, for example \"@PV-02 @must\".")
	}
}

func (r *reader) rule(rule *messages.Rule) {
	line := int(rule.Location.Line)
	r.checkProse(rule.Description, line)
	own := Rule{Title: rule.Name, Description: joinLines(rule.Description), File: r.file.Name, Line: line}
	var ids, levels []string
	for _, tag := range rule.Tags {
		own.Tags = append(own.Tags, tag.Name)
		switch {
		case idTag.MatchString(tag.Name):
			ids = append(ids, strings.TrimPrefix(tag.Name, "@"))
		case slices.Contains(Levels(), strings.TrimPrefix(tag.Name, "@")):
			levels = append(levels, strings.TrimPrefix(tag.Name, "@"))
		case tag.Name == everyExchangeTag:
			own.EveryExchange = true
		}
	}
	if len(ids) == 1 {
		own.ID = ids[0]
	}
	if len(levels) == 1 {
		own.Level = levels[0]
	}
	scenarios, client := 0, slices.Contains(own.Tags, clientTag)
	for _, child := range rule.Children {
		switch {
		case child.Background != nil:
			r.background(child.Background)
		case child.Scenario != nil:
			scenarios++
			r.scenario(child.Scenario, own)
		}
	}
	r.reportFlaws(line, []flaw{
		{len(ids) != 1, fmt.Sprintf("the rule has %d ids", len(ids)), "Give it exactly one, as a tag above it: capitals, a hyphen and digits, like @PV-02."},
		{len(levels) != 1, fmt.Sprintf("the rule has %d levels", len(levels)), "Give it exactly one, as a tag above it: @must, @should or @observe."},
		{own.Title == "", "the rule has no title", "Say in a few words what is promised."},
		{own.EveryExchange && client, "the rule is about clients and about every answer", "Remove one of the tags @client and @every-exchange."},
		{client && !own.EveryExchange && scenarios > 0, "a rule about clients cannot have scenarios", "What clients send is judged, not what scenarios do: remove its scenarios, or the tag @client."},
		{own.EveryExchange && !client && scenarios > 0, "a rule that is judged on every exchange cannot have scenarios", "Remove its scenarios, or the tag @every-exchange."},
		{!own.EveryExchange && !client && scenarios == 0, "the rule has no scenario", "Nothing would try the promise. Write one, or look for a line that was meant to begin it: a misspelt keyword is read as description."},
	})
	of := &r.set.Rules
	if client {
		of = &r.set.Client
	}
	*of = append(*of, own)
}

// flaw is a possible fault of a rule or a scenario, and what to do about it.
type flaw struct {
	found           bool
	summary, detail string
}

func (r *reader) reportFlaws(line int, flaws []flaw) {
	for _, f := range flaws {
		if f.found {
			r.report(line, f.summary, f.detail)
		}
	}
}

func (r *reader) background(b *messages.Background) {
	r.refuseDescription(b.Description, int(b.Location.Line))
	r.steps(b.Steps)
}

func (r *reader) scenario(scenario *messages.Scenario, rule Rule) {
	line := int(scenario.Location.Line)
	r.lines[scenario.Id], r.rules[scenario.Id] = line, rule
	r.refuseDescription(scenario.Description, line)
	r.steps(scenario.Steps)
	rows := 0
	for _, examples := range scenario.Examples {
		r.refuseDescription(examples.Description, int(examples.Location.Line))
		for _, row := range examples.TableBody {
			r.lines[row.Id] = int(row.Location.Line)
			rows++
		}
	}
	r.reportFlaws(line, []flaw{
		{strings.TrimSpace(scenario.Name) == "", "the scenario has no name", "Say in a few words what is tried."},
		{len(scenario.Steps) == 0, "the scenario has no step", "It would pass whatever the provider does."},
		{len(scenario.Examples) > 0 && rows == 0, "the outline has no row", "It would never run: add a row to its Examples."},
		{len(scenario.Examples) == 0 && strings.Contains(scenario.Keyword, "Outline"), "the outline has no Examples", "It would never run: add \"Examples:\" with a table."},
	})
}

func (r *reader) steps(steps []*messages.Step) {
	for _, step := range steps {
		r.lines[step.Id], r.keywords[step.Id] = int(step.Location.Line), strings.TrimSpace(step.Keyword)
		if step.DataTable != nil || step.DocString != nil {
			r.report(int(step.Location.Line), "the step has a table or a text, which no step takes", "Say it in the step's own words, or make the scenario an outline with Examples.")
		}
	}
}

// refuseDescription refuses a description before steps: Gherkin reads "Givn there is ..." as one, and the scenario would pass
// without the step.
func (r *reader) refuseDescription(description string, after int) {
	if first, _, _ := strings.Cut(strings.TrimSpace(description), "\n"); first != "" {
		r.report(r.lineOf(first, after), "this line is not a step: it would be read as a description, and nothing would be done", "A step begins with Given, When, Then, And or But. Describe the rule instead, or begin the line with # for a comment.")
	}
}

// checkProse checks the description of a feature or a rule for lines that were not meant as one.
func (r *reader) checkProse(description string, after int) {
	for text := range strings.SplitSeq(description, "\n") {
		if misspelt(text) {
			r.report(r.lineOf(text, after), "this line looks like a keyword: it would be read as a description, and what follows it too", "The keywords are Background, Rule, Scenario, Scenario Outline and Examples, with a capital letter and a colon. Spell it so, or begin the line with another word.")
		}
	}
}

// lineOf returns the number of the line with a text, behind another line.
func (r *reader) lineOf(text string, after int) int {
	lines := strings.Split(string(r.file.Content), "\n")
	behind := lines[min(after, len(lines)):]
	return after + 1 + slices.IndexFunc(behind, func(line string) bool { return strings.TrimSpace(line) == strings.TrimSpace(text) })
}

func (r *reader) scenarios(feature string, pickles []*messages.Pickle) {
	named := map[string]int{}
	for _, pickle := range pickles {
		ids := pickle.AstNodeIds
		rule, known := r.rules[ids[0]]
		if !known {
			continue
		}
		scenario := Scenario{Rule: rule.ID, Level: rule.Level, Feature: feature, Name: pickle.Name, File: r.file.Name, Key: r.file.Key, Line: r.lines[ids[len(ids)-1]], Head: r.lines[ids[0]]}
		if first, twice := named[scenario.Name]; twice {
			r.report(scenario.Line, fmt.Sprintf("two scenarios of this file are named %q", scenario.Name), fmt.Sprintf("Line %d has the name already. Reports tell scenarios apart by their names: give it another; an outline's name needs a <placeholder>.", first))
			continue
		}
		named[scenario.Name] = scenario.Line
		scenario.Tags = group.Map(pickle.Tags, func(tag *messages.PickleTag) string { return tag.Name })
		for _, step := range pickle.Steps {
			id := step.AstNodeIds[0]
			scenario.Steps = append(scenario.Steps, Step{Keyword: r.keywords[id], Text: step.Text, Line: r.lines[id]})
		}
		r.set.Scenarios = append(r.set.Scenarios, scenario)
	}
}

// joinLines joins the lines of each paragraph of a description.
func joinLines(text string) string {
	var paragraphs []string
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if words := strings.Fields(paragraph); len(words) > 0 {
			paragraphs = append(paragraphs, strings.Join(words, " "))
		}
	}
	return strings.Join(paragraphs, "\n")
}

// keywords begin the parts of a feature, here in lower case. Gherkin reads a line with a misspelt one as description, and so
// what follows it: the scenario vanishes silently.
var keywords = []string{"feature", "background", "rule", "scenario", "scenario outline", "scenario template", "example", "examples", "scenarios"}

// misspelt reports whether a line of a description seems to begin with a misspelt keyword: "Scenari: ...".
func misspelt(line string) bool {
	word, _, found := strings.Cut(strings.ToLower(strings.TrimSpace(line)), ":")
	word = strings.Join(strings.Fields(word), " ")
	return found && len(word) < 32 && slices.ContainsFunc(keywords, func(keyword string) bool {
		return levenshtein.Distance(word, keyword, nil) <= min(2, 1+len(keyword)/5) // "rule" is near to many words
	})
}
