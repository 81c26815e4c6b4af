package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Tags is a Cucumber tag expression: "@must and not (@slow or @intrusive)". Godog's own filter has another
// syntax, in which `not @x` selects nothing.
type Tags func(tags []string) bool

// ParseTags reads a tag expression. The empty one holds for everything. An error says what was expected where.
func ParseTags(text string) (Tags, error) {
	p := &tagParser{text: text}
	for _, word := range tagWord.FindAllString(text, -1) {
		plain := escaped.ReplaceAllString(word, "$1")
		if badEscape.MatchString(escaped.ReplaceAllString(word, "")) {
			p.fail("a backslash escapes a space, a parenthesis or a backslash, and nothing else")
			return nil, p.err
		}
		p.tokens = append(p.tokens, tagToken{plain, plain != word})
	}
	if len(p.tokens) == 0 {
		return func([]string) bool { return true }, nil
	}
	holds := p.or()
	if len(p.tokens) > 0 {
		p.expected("\"and\" or \"or\"")
	}
	if p.err != nil {
		return nil, p.err
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

// tagParser takes tokens from the front, and all of them where something is wrong.
type tagParser struct {
	text   string
	tokens []tagToken
	err    error // the first
}

func (p *tagParser) fail(format string, of ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("tag expression %q: %s", p.text, fmt.Sprintf(format, of...))
	}
	p.tokens = nil
}

func (p *tagParser) expected(what string) {
	found := "its end"
	if len(p.tokens) > 0 {
		found = strconv.Quote(p.tokens[0].text)
	}
	p.fail("%s expected, found %s", what, found)
}

func (p *tagParser) is(operators ...string) bool {
	return len(p.tokens) > 0 && !p.tokens[0].literal && slices.Contains(operators, p.tokens[0].text)
}

func (p *tagParser) take(operator string) bool {
	is := p.is(operator)
	if is {
		p.tokens = p.tokens[1:]
	}
	return is
}

func (p *tagParser) or() Tags {
	holds := p.and()
	for p.take("or") {
		first, second := holds, p.and()
		holds = func(tags []string) bool { return first(tags) || second(tags) }
	}
	return holds
}

func (p *tagParser) and() Tags {
	holds := p.not()
	for p.take("and") {
		first, second := holds, p.not()
		holds = func(tags []string) bool { return first(tags) && second(tags) }
	}
	return holds
}

func (p *tagParser) not() Tags {
	if p.take("not") {
		inner := p.not()
		return func(tags []string) bool { return !inner(tags) }
	}
	if p.take("(") {
		inner := p.or()
		if !p.take(")") {
			p.expected("\")\"")
		}
		return inner
	}
	if len(p.tokens) == 0 || p.is(")", "and", "or") {
		p.expected("a tag")
		return nil
	}
	tag := p.tokens[0].text
	p.tokens = p.tokens[1:]
	switch {
	case !strings.HasPrefix(tag, "@"):
		p.fail("a tag begins with @: did you mean @%s?", tag)
	case tag == "@":
		p.fail("a tag begins with @ and has a name")
	}
	return func(tags []string) bool { return slices.Contains(tags, tag) }
}
