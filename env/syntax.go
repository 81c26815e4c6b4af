package env

import (
	"bytes"
	"fmt"
	"regexp"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// parse reads the syntax of an environment file, or of one of variables, which is private: no line of it is shown.
func (l *loader) parse(file string, data []byte, private bool) (*hclsyntax.Body, bool) {
	l.keepSource(source{file, data, private})
	if !l.checkTokens(file, data) {
		return nil, false
	}
	parsed, diagnostics := hclsyntax.ParseConfig(data, file, hcl.InitialPos)
	usable := true
	for _, d := range diagnostics {
		usable = usable && d.Summary == redefined
		if private { // HCL's own words may quote what stands there
			d.Detail = variablesForm
		}
	}
	l.noteSyntax(diagnostics, data)
	body, ok := parsed.Body.(*hclsyntax.Body)
	return body, ok && usable
}

// redefined is the one complaint of HCL's parser after which what it read is whole.
const redefined = "Attribute redefined"

// checkTokens looks for what HCL would not mind, or complain of at every character.
func (l *loader) checkTokens(file string, data []byte) bool {
	if bytes.IndexByte(data, 0) >= 0 {
		l.note(hcl.Range{Filename: file}, "The file is not a text in UTF-8", "Save it as one.")
		return false
	}
	tokens, _ := hclsyntax.LexConfig(data, file, hcl.InitialPos) // the parser repeats what the lexer says
	if token, deep := tooDeep(tokens); deep {
		l.note(token.Range, "Too much stands within one another", fmt.Sprintf("No environment needs more than %d levels of it.", mostNested))
		return false
	}
	for _, token := range tokens {
		if leadingZero(token) {
			l.note(token.Range, "A number with a leading zero",
				"The zero would be lost. Drop it; an OTP that begins with zero cannot be sent as a number at all.")
		}
	}
	return true
}

// mostNested is how many brackets, quotes and operators an expression and what it stands in may have: HCL's parser calls
// itself for each, and a stack that is used up ends the process without a word.
const mostNested = 1000

func tooDeep(tokens hclsyntax.Tokens) (hclsyntax.Token, bool) {
	type level struct {
		opened hclsyntax.TokenType
		parts  int // of the expression that stands there now
	}
	levels, all := []level{{}}, 0
	for _, token := range tokens {
		top := &levels[len(levels)-1]
		switch token.Type {
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit:
			continue
		case hclsyntax.TokenNewline, hclsyntax.TokenComment:
			if top.opened != 0 && top.opened != hclsyntax.TokenOBrace { // it ends nothing there
				continue
			}
			fallthrough
		case hclsyntax.TokenComma:
			all, top.parts = all-top.parts, 0
			continue
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			if len(levels) > 1 {
				all, levels = all-top.parts, levels[:len(levels)-1]
			}
			continue
		}
		top.parts++
		if all++; all > mostNested {
			return token, true
		}
		switch token.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			levels = append(levels, level{opened: token.Type})
		}
	}
	return hclsyntax.Token{}, false
}

func leadingZero(token hclsyntax.Token) bool {
	text := token.Bytes
	return token.Type == hclsyntax.TokenNumberLit && len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9'
}

// noteSyntax takes over what HCL's parser says. Its texts quote names and characters of the file, no values.
func (l *loader) noteSyntax(diagnostics hcl.Diagnostics, data []byte) {
	if len(diagnostics) == 0 {
		return
	}
	lines := bytes.Split(data, []byte("\n"))
	secret := secretLines(lines)
	for _, d := range diagnostics {
		at := *d.Subject
		if i := at.Start.Line - 1; i < len(lines) && secret[i] {
			l.hideValue(at, data)
		}
		l.note(at, d.Summary, d.Detail)
	}
}

var (
	blockLine   = regexp.MustCompile(`^\s*([A-Za-z_][\w-]*)[^=]*\{`)
	secretLine  = regexp.MustCompile(`(?i)default|token|secret|password|authorization|cookie|key|value`)
	heredocLine = regexp.MustCompile(`<<-?\s*([\w-]+)`)
	nameLine    = regexp.MustCompile(`^\s*(?:[a-z]+\s+(?:"[^"]*"\s*)?\{\s*)?[a-z][a-z_]*\s+=|^\s*[a-z]+\s+(?:"[^"]*"\s*)?\{`)
)

// secretLines reports which lines of a file that does not parse may hold a secret: the lines of a variable, of a
// heredoc, and those whose words say so. Where the parser gave up, nothing better than the look of the lines is
// known; a line too many that is not shown does no harm.
func secretLines(lines [][]byte) []bool {
	secret := make([]bool, len(lines))
	block, heredoc := "", ""
	for i, text := range lines {
		inside := heredoc != ""
		switch {
		case inside && string(bytes.TrimSpace(text)) == heredoc:
			heredoc = ""
		case inside:
		default:
			if match := blockLine.FindSubmatch(text); match != nil && len(fileSchema().kinds(string(match[1]))) > 0 {
				block = string(match[1])
			}
			if match := heredocLine.FindSubmatch(text); match != nil {
				heredoc = string(match[1])
			}
		}
		secret[i] = inside || block == "variable" || secretLine.Match(text)
	}
	return secret
}

// hideValue hides the line of a place behind the name that it begins with, the whole line where it begins
// otherwise.
func (l *loader) hideValue(at hcl.Range, data []byte) {
	line, start := lineAt(data, at.Start.Byte)
	shown := len(nameLine.Find(line))
	l.hide(hcl.Range{Filename: at.Filename, Start: hcl.Pos{Byte: start + shown}, End: hcl.Pos{Byte: start + len(line)}})
}
