package text_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/text"
)

func TestForeignTextIsShownInOneLine(t *testing.T) {
	cases := map[string]struct{ text, shown string }{
		"plain text is left":                    {"Zoë says ✓ 😀 日本", "Zoë says ✓ 😀 日本"},
		"letters that are written by two":       {"Zoe\u0308 Việt ไม้ हिन्दी", "Zoe\u0308 Việt ไม้ हिन्दी"},
		"an emoji and its selector":             {"❤\ufe0f 1\ufe0f\u20e3", "❤\ufe0f 1\ufe0f\u20e3"},
		"terminal escapes":                      {"\x1b[31mred\x07", `\x1b[31mred\x07`},
		"a clipboard write":                     {"a\x1b]52;c;eA==\x07", `a\x1b]52;c;eA==\x07`},
		"C1 controls":                           {"\u009b2J", `\x9b2J`},
		"line breaks and tabs":                  {"a\r\nb\tc", `a\r\nb\tc`},
		"NUL and DEL":                           {"a\x00b\x7f", `a\x00b\x7f`},
		"bytes that are no UTF-8":               {"a\xff\xc3(", `a\xff\xc3(`},
		"C1 as a byte":                          {"\x9b2J", `\x9b2J`},
		"a replacement character":               {"\ufffd", `\ufffd`},
		"bidirectional controls":                {"\u202eabc\u2069\u200f\u061c", `\u202eabc\u2069\u200f\u061c`},
		"what has no width":                     {"a\u200b\ufeff\u2060\u00adb", `a\u200b\ufeff\u2060\xadb`},
		"line separators":                       {"a\u2028\u2029b\u0085", `a\u2028\u2029b\x85`},
		"another space":                         {"a\u00a0\u3000\u2003b", `a\xa0\u3000\u2003b`},
		"tag characters":                        {"\U000e0041\U000e007f", `\U000e0041\U000e007f`},
		"variation selectors that hide a text":  {"😀\U000e0121\U000e01ef\ufe05", `😀\U000e0121\U000e01ef\ufe05`},
		"Hangul fillers":                        {"\u115f\u1160\u3164\uffa0", `\u115f\u1160\u3164\uffa0`},
		"blank braille":                         {"a\u2800b", `a\u2800b`},
		"vowels that are drawn as nothing":      {"\u17b4\u17b5", `\u17b4\u17b5`},
		"a joiner that is none":                 {"a\u034fb", `a\u034fb`},
		"stacked marks":                         {"e" + strings.Repeat("\u0301", 7) + "f", "e" + strings.Repeat("\u0301", 4) + strings.Repeat(`\u0301`, 3) + "f"},
		"enclosing marks are stacked too":       {"e" + strings.Repeat("\u20dd", 6), "e" + strings.Repeat("\u20dd", 4) + strings.Repeat(`\u20dd`, 2)},
		"stacks of different marks":             {"e\u0301\u0302\u0303\u0304\u0305\u0306", "e\u0301\u0302\u0303\u0304" + `\u0305\u0306`},
		"a mark on nothing of its own":          {"\u0301a", `\u0301a`},
		"a mark on what is shown as an escape":  {"\x1b\u0301", `\x1b\u0301`},
		"private characters":                    {"\ue000\U000f0000", `\ue000\U000f0000`},
		"characters that there are none of":     {"\uffff\U0010ffff\u0378", `\uffff\U0010ffff\u0378`},
		"a command of an Azure log":             {"x ##vso[task.complete]", `x #\x23vso[task.complete]`},
		"a group of an Azure log":               {"##[group]x", `#\x23[group]x`},
		"an old command of GitHub's log":        {"##[add-mask]x", `#\x23[add-mask]x`},
		"a command of a TeamCity log":           {"##teamcity[x]", `#\x23teamcity[x]`},
		"more number signs":                     {"####vso[x]", `###\x23vso[x]`},
		"a heading of markdown is no command":   {"## title", "## title"},
		"a command of GitHub's log":             {"::stop-commands::x", `\x3a:stop-commands::x`},
		"the same behind spaces":                {"  ::add-mask::x", `  \x3a:add-mask::x`},
		"the same behind a line break":          {"a\n::add-mask::x", `a\n::add-mask::x`},
		"colons within a line are no command":   {"std::string", "std::string"},
		"a command that hidden characters hide": {"#\u200b#[x] \u200b::x", `#\u200b#[x] \u200b::x`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.shown, text.Line(c.text))
			require.Equal(t, c.shown, text.Line(c.shown), "what is harmless stays as it is")
			require.Equal(t, utf8.RuneCountInString(c.text), utf8.RuneCountInString(text.Columns(c.text)), "Columns keeps each column")
		})
	}
}

func TestATextOfManyLinesIsShownLineByLine(t *testing.T) {
	require.Equal(t, []string{"a", "    b", "", `\x3a:error::c`, `\x1b[2J`}, text.Lines("a\r\n\tb\n\n::error::c\n\x1b[2J\n\n"))
	require.Equal(t, []string{""}, text.Lines(""))
	require.Equal(t, []string{`a\rb`}, text.Lines("a\rb"))
}

func TestColumnsHoldSpaces(t *testing.T) {
	require.Equal(t, " x  [2Jé", text.Columns("\tx\u202e\x1b[2Jé"))
	require.Equal(t, "# vso[x]", text.Columns("##vso[x]"))
}

func TestLongTextIsCut(t *testing.T) {
	require.Equal(t, "abc", text.Cut("abc", 3))
	require.Equal(t, "ab…", text.Cut("abcd", 3))
	require.Equal(t, "…", text.Cut("abcd", -4))
	shown := text.Cut(strings.Repeat("é", 1<<20), 600)
	require.LessOrEqual(t, utf8.RuneCountInString(shown), 600)
	require.True(t, strings.HasSuffix(shown, "é…"))
	require.True(t, utf8.ValidString(text.Cut(strings.Repeat("é", 100), 9)))
}

func TestANameIsQuoted(t *testing.T) {
	require.Equal(t, `"a\\e\"b\x1b]52;c;x\x07\n::add-mask::x"`, text.Quote("a\\e\"b\x1b]52;c;x\x07\n::add-mask::x"))
	require.Equal(t, `"\u0301"`, text.Quote("\u0301"), "a mark does not stand on the quotation mark")
}

func TestJSONMeansTheSame(t *testing.T) {
	const odd = "\u007f\u009b\u00ad\u202e\u200b\u2028\U000e0041\ue000\u3164\uffff\ufffd e\u0301\u0301\u0301\u0301\u0301\u0301 ##vso[x]##[y] ::z"
	before, err := json.MarshalIndent(map[string]string{odd: odd}, "", "\t")
	require.NoError(t, err)
	after := text.JSON(before)
	var read map[string]string
	require.NoError(t, json.Unmarshal(after, &read))
	require.Equal(t, map[string]string{odd: odd}, read)
	for _, line := range strings.Split(string(after), "\n") {
		line = strings.TrimLeft(line, "\t")
		require.Equal(t, text.Line(line), line)
	}
}

// Encode writes the same as encoding/json.
func TestAnEncodedValueIsThatOfTheStandardLibrary(t *testing.T) {
	type member struct {
		Text  string         `json:"text,omitempty"`
		List  []string       `json:"list"`
		Other map[string]any `json:"other,omitempty"`
		Share float64        `json:"share"`
		When  time.Time      `json:"when"`
		None  *int           `json:"none"`
	}
	var all []member
	for i := range 2000 {
		one := member{Text: strings.Repeat("😀\u202e<&>\u2028 \xff##vso[x]", i%7), Share: float64(i) * 1e-7, When: time.Unix(int64(i), 5e6).UTC()}
		if i%2 == 0 {
			one.List, one.Other = []string{}, map[string]any{"z": i, "a": []any{nil, 1.5, json.Number("1e5"), json.Number("123456"), "e\u0301\u0301\u0301\u0301\u0301\u0301"}, "m": map[string]any{}}
		}
		all = append(all, one)
	}
	var whole, expected bytes.Buffer
	encoder := json.NewEncoder(&expected)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(all))
	pieces := 0
	require.NoError(t, text.Encode(writerFunc(func(p []byte) (int, error) { pieces++; return whole.Write(p) }), all))
	require.Greater(t, pieces, 10)
	require.Equal(t, string(text.JSON(expected.Bytes())), whole.String())
	require.ErrorContains(t, text.Encode(writerFunc(func([]byte) (int, error) { return 0, errors.New("the disk is full") }), all), "the disk is full")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestAValueIsSpeltAsJSON(t *testing.T) {
	require.Equal(t, `"<a>&\"\\\n é`+"\u202e"+`"`, text.Value("<a>&\"\\\n é\u202e"))
	require.Equal(t, `{"a":[1,null,"b"]}`, text.Value(map[string]any{"a": []any{1, nil, "b"}}))
}

func FuzzForeignTextIsHarmless(f *testing.F) {
	f.Add("##vso[x]##[y]\xf0\x9f::\u0301\u202e")
	f.Fuzz(func(t *testing.T, foreign string) {
		line := text.Line(foreign)
		require.Equal(t, line, text.Line(line))
		require.NotContains(t, line, "##[")
		require.False(t, strings.HasPrefix(strings.TrimLeft(line, " "), "::"))
		for _, r := range line {
			require.True(t, text.Shows(r), "%U", r)
		}
		encoded, err := json.Marshal(foreign)
		require.NoError(t, err)
		var want, got string
		require.NoError(t, json.Unmarshal(encoded, &want))
		require.NoError(t, json.Unmarshal(text.JSON(encoded), &got))
		require.Equal(t, want, got)
	})
}

func TestTheBeginningOfATextEndsWithAWholeCharacter(t *testing.T) {
	whole := "añ電☎\xff\xfe😀z"
	for limit := range len(whole) + 2 {
		head, cut := text.Beginning(whole, limit)
		require.LessOrEqual(t, len(head), limit)
		require.Equal(t, limit < len(whole), cut)
		require.True(t, strings.HasPrefix(whole, head))
		require.GreaterOrEqual(t, len(head), min(limit, len(whole))-3)
		require.Equal(t, []rune(whole)[:utf8.RuneCountInString(head)], []rune(head), "limit %d", limit)
	}
}
