package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Tags evaluates a Cucumber tag expression: "@must and not (@slow or @intrusive)". Godog's filter has another syntax, in which
// `not @x` selects nothing.
type Tags func(tags []string) bool

// ParseTags parses a tag expression. The empty one is always true. An error says what was expected, and what stands there.
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
	tags := p.or()
	if len(p.tokens) > 0 {
		p.expected("\"and\" or \"or\"")
	}
	if p.err != nil {
		return nil, p.err
	}
	return tags, nil
}

// tagToken is a word or a parenthesis. A word with escapes is never an operator.
type tagToken struct {
	text    string
	literal bool
}

var (
	tagWord   = regexp.MustCompile(`[()]|(?:\\(?s:.)|[^\s()\\])+|\\$`)
	escaped   = regexp.MustCompile(`\\([()\\\s])`)
	badEscape = regexp.MustCompile(`\\(?:[^()\\\s]|$)`)
)

// tagParser consumes tokens from the front, and all of them after an error.
type tagParser struct {
	text   string
	tokens []tagToken
	err    error // the first one
}

func (p *tagParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("tag expression %q: %s", p.text, fmt.Sprintf(format, args...))
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

// is reports whether the next token is one of the operators.
func (p *tagParser) is(operators ...string) bool {
	return len(p.tokens) > 0 && !p.tokens[0].literal && slices.Contains(operators, p.tokens[0].text)
}

// take consumes the next token if it is the operator, and reports whether it was.
func (p *tagParser) take(operator string) bool {
	is := p.is(operator)
	if is {
		p.tokens = p.tokens[1:]
	}
	return is
}

func (p *tagParser) or() Tags {
	return p.joined("or", p.and, func(one, other bool) bool { return one || other })
}

func (p *tagParser) and() Tags {
	return p.joined("and", p.not, func(one, other bool) bool { return one && other })
}

// joined parses what an operator joins.
func (p *tagParser) joined(operator string, part func() Tags, join func(one, other bool) bool) Tags {
	all := part()
	for p.take(operator) {
		first, second := all, part()
		all = func(tags []string) bool { return join(first(tags), second(tags)) }
	}
	return all
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
