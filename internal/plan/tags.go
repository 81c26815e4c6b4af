package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Tags is a Cucumber tag expression: "@must and not (@slow or @intrusive)". Godog's own filter has another
// syntax, in which `not @x` selects nothing.
type Tags func(tags []string) bool

// ParseTags reads a tag expression. The empty one holds for everything. An error says what was expected where.
func ParseTags(text string) (Tags, error) {
	tokens, err := tagTokens(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 0 {
		return func([]string) bool { return true }, nil
	}
	p := &tagParser{text: text, tokens: tokens}
	holds, err := p.or()
	if err == nil && p.at < len(tokens) {
		err = p.expected("\"and\" or \"or\"")
	}
	if err != nil {
		return nil, err // not the part that could be read
	}
	return holds, nil
}

// tagToken is one word or parenthesis; a word that was escaped is never an operator.
type tagToken struct {
	text    string
	literal bool
}

var (
	tagWord   = regexp.MustCompile(`[()]|(?:\\(?s:.)|[^\s()\\])+|\\$`)
	escaped   = regexp.MustCompile(`\\([()\\\s])`)
	badEscape = regexp.MustCompile(`\\(?:[^()\\\s]|$)`)
)

func tagTokens(text string) ([]tagToken, error) {
	var tokens []tagToken
	for _, word := range tagWord.FindAllString(text, -1) {
		plain := escaped.ReplaceAllString(word, "$1")
		if badEscape.MatchString(escaped.ReplaceAllString(word, "")) {
			return nil, fmt.Errorf("tag expression %q: a backslash escapes a space, a parenthesis or a backslash, and nothing else", text)
		}
		tokens = append(tokens, tagToken{plain, plain != word})
	}
	return tokens, nil
}

type tagParser struct {
	text   string
	tokens []tagToken
	at     int
}

func (p *tagParser) is(operator string) bool {
	return p.at < len(p.tokens) && p.tokens[p.at] == tagToken{operator, false}
}

func (p *tagParser) take(operator string) bool {
	if !p.is(operator) {
		return false
	}
	p.at++
	return true
}

func (p *tagParser) expected(what string) error {
	found := "its end"
	if p.at < len(p.tokens) {
		found = fmt.Sprintf("%q", p.tokens[p.at].text)
	}
	return fmt.Errorf("tag expression %q: %s expected, found %s", p.text, what, found)
}

func (p *tagParser) or() (Tags, error) {
	return p.chain("or", p.and, func(a, b Tags) Tags {
		return func(tags []string) bool { return a(tags) || b(tags) }
	})
}

func (p *tagParser) and() (Tags, error) {
	return p.chain("and", p.not, func(a, b Tags) Tags {
		return func(tags []string) bool { return a(tags) && b(tags) }
	})
}

func (p *tagParser) chain(operator string, operand func() (Tags, error), join func(a, b Tags) Tags) (Tags, error) {
	left, err := operand()
	for err == nil && p.take(operator) {
		var right Tags
		if right, err = operand(); err == nil {
			left = join(left, right)
		}
	}
	return left, err
}

func (p *tagParser) not() (Tags, error) {
	if p.take("not") {
		inner, err := p.not()
		return func(tags []string) bool { return !inner(tags) }, err
	}
	if p.take("(") {
		inner, err := p.or()
		if err == nil && !p.take(")") {
			err = p.expected("\")\"")
		}
		return inner, err
	}
	if p.at == len(p.tokens) || p.is(")") || p.is("and") || p.is("or") {
		return nil, p.expected("a tag")
	}
	tag := p.tokens[p.at].text
	p.at++
	if !strings.HasPrefix(tag, "@") {
		return nil, fmt.Errorf("tag expression %q: a tag begins with @: did you mean @%s?", p.text, tag)
	}
	if tag == "@" {
		return nil, fmt.Errorf("tag expression %q: a tag begins with @ and has a name", p.text)
	}
	return func(tags []string) bool { return slices.Contains(tags, tag) }, nil
}
