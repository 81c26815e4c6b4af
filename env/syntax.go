package env

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"verifik-contract/internal/group"
)

// parse parses an environment file or a variables file. The latter is private: none of its lines is shown.
func (l *loader) parse(file string, data []byte, private bool) (*hclsyntax.Body, bool) {
	if l.sourceIndex(file) < 0 {
		// Variables files are put before the environment, although it is read first: a problem in one explains why a variable has no
		// value.
		l.sources = slices.Insert(l.sources, max(0, len(l.sources)-1), source{file, data, private})
	}
	if !l.checkTokens(file, data) {
		return nil, false
	}
	parsed, diagnostics := hclsyntax.ParseConfig(data, file, hcl.InitialPos)
	usable := true
	for _, d := range diagnostics {
		usable = usable && d.Summary == redefined
		if private { // HCL's text may quote the line
			d.Detail = variablesForm
		}
	}
	l.noteSyntax(diagnostics, data)
	body, ok := parsed.Body.(*hclsyntax.Body)
	return body, ok && usable
}

// redefined is the only error of HCL's parser after which its result is complete.
const redefined = "Attribute redefined"

// checkTokens finds what HCL would accept, or report at every character.
func (l *loader) checkTokens(file string, data []byte) bool {
	if bytes.IndexByte(data, 0) >= 0 {
		l.note(hcl.Range{Filename: file}, "The file is not UTF-8 text", "Save it as UTF-8.")
		return false
	}
	tokens, _ := hclsyntax.LexConfig(data, file, hcl.InitialPos) // the parser reports the lexer's errors too
	if tooManyTokens(tokens) {
		l.note(hcl.Range{Filename: file}, "The file is too long", fmt.Sprintf("An environment has no more than %d names, texts, brackets and signs.", maxTokens))
		return false
	}
	for _, token := range tokens {
		if leadingZero(token) {
			l.note(token.Range, "A number with a leading zero",
				"The zero would be lost. Drop it; an OTP that begins with zero cannot be sent as a number.")
		}
	}
	return true
}

// maxTokens bounds the recursion of HCL's parser, which would end the process by a stack overflow. It leaves room for ten
// thousand phones.
const maxTokens = 12_000

// tooManyTokens reports whether there are more than maxTokens, counting a quoted text once and separators not at all.
func tooManyTokens(tokens hclsyntax.Tokens) bool {
	uncounted := []hclsyntax.TokenType{hclsyntax.TokenQuotedLit, hclsyntax.TokenCQuote, hclsyntax.TokenComma, hclsyntax.TokenNewline, hclsyntax.TokenComment}
	counted := group.Where(tokens, func(token hclsyntax.Token) bool { return !slices.Contains(uncounted, token.Type) })
	return len(counted) > maxTokens
}

func leadingZero(token hclsyntax.Token) bool {
	text := token.Bytes
	return token.Type == hclsyntax.TokenNumberLit && len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9'
}

// noteSyntax notes the errors of HCL's parser. Their texts quote names and characters of the file, but no values. In a file that
// does not parse, lines that may hold a secret can only be guessed: those of a variable block, those from a heredoc on, and those
// with a telling word. Hiding a line too many does no harm.
func (l *loader) noteSyntax(diagnostics hcl.Diagnostics, data []byte) {
	if len(diagnostics) == 0 {
		return
	}
	var secret []bool // by line
	block, heredoc := "", false
	for line := range bytes.Lines(data) {
		if match := blockLine.FindSubmatch(line); match != nil && fileSchema().block(string(match[1])) != nil {
			block = string(match[1])
		}
		secret = append(secret, heredoc || block == "variable" || secretLine.Match(line))
		heredoc = heredoc || bytes.Contains(line, []byte("<<"))
	}
	for _, d := range diagnostics {
		at := *d.Subject
		if i := at.Start.Line - 1; i < len(secret) && secret[i] {
			l.hideValue(at, data)
		}
		l.note(at, d.Summary, d.Detail)
	}
}

var (
	blockLine  = regexp.MustCompile(`^\s*([A-Za-z_][\w-]*)[^=]*\{`)
	secretLine = regexp.MustCompile(`(?i)default|token|secret|password|authorization|cookie|key|value`)
	nameLine   = regexp.MustCompile(`^\s*(?:[a-z]+\s+(?:"[^"]*"\s*)?\{\s*)?[a-z][a-z_]*\s+=|^\s*[a-z]+\s+(?:"[^"]*"\s*)?\{`)
)

// hideValue hides what follows the name at the beginning of a line, or the whole line if it does not begin with
// one.
func (l *loader) hideValue(at hcl.Range, data []byte) {
	line, start := lineAt(data, at.Start.Byte)
	shown := len(nameLine.Find(line))
	l.hide(hcl.Range{Filename: at.Filename, Start: hcl.Pos{Byte: start + shown}, End: hcl.Pos{Byte: start + len(line)}})
}
