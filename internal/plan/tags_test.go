package plan

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The cases that Cucumber publishes for its tag expressions (evaluations, parsing, errors), with @ before each tag,
// which we ask for.
func TestTagExpressionsFollowCucumber(t *testing.T) {
	type tried struct {
		tags  string // separated by commas
		holds bool
	}
	for expression, cases := range map[string][]tried{
		"":                       {{"", true}, {"@x", true}, {"@other", true}},
		"  \t\n":                 {{"", true}, {"@x", true}},
		"not @x":                 {{"@x", false}, {"@y", true}, {"", true}},
		"@x and @y":              {{"@x,@y", true}, {"@x", false}, {"@y", false}, {"", false}},
		"@x or @y":               {{"", false}, {"@x,@y", true}, {"@x", true}, {"@y", true}, {"@q", false}},
		`@x\(1\) or @y\(2\)`:     {{"@x(1)", true}, {"@y(2)", true}, {"@x", false}},
		`@x\\ or @y\\\) or @z\\`: {{`@x\`, true}, {`@y\)`, true}, {`@z\`, true}, {"@x", false}, {"@y)", false}, {"@z", false}},
		`@\\x or @y\\ or @z\\`:   {{`@\x`, true}, {`@y\`, true}, {`@z\`, true}, {"@x", false}},
		`@x\ y`:                  {{"@x y", true}, {"@x", false}, {"@y", false}},
		`@a\ and\ b`:             {{"@a and b", true}, {"@a,@b", false}},
		"not (@a)":               {{"@a", false}, {"@b", true}},
		"not @a or @b":           {{"@a", false}, {"@b", true}, {"", true}, {"@a,@b", true}},
		"not (@a or @b)":         {{"@a", false}, {"@b", false}, {"", true}},
		"not not @a":             {{"@a", true}, {"", false}},
		"not not not @a":         {{"@a", false}, {"", true}},
		"@a or @b and @c":        {{"@a", true}, {"@b", false}, {"@b,@c", true}, {"@c", false}},
		"(@a or @b) and @c":      {{"@a", false}, {"@b,@c", true}, {"@a,@c", true}},
		"@a and @b or @c and @d": {{"@a,@b", true}, {"@c,@d", true}, {"@a,@d", false}},
		"not @a and not @b":      {{"", true}, {"@a", false}, {"@b", false}},
		"not @a and @b and not @c or not @d or @e and @f": {{"@d", false}, {"", true}, {"@b,@d", true}, {"@a,@b,@d", false}, {"@d,@e,@f", true}},
		"not(@a)and(@b)or(@c)":                            {{"@b", true}, {"@a,@b", false}, {"@c", true}},
		"((@a))":                                          {{"@a", true}, {"", false}},
		"( @a )\tor\n@b":                                  {{"@a", true}, {"@b", true}, {"", false}},
		"@and and @or and @not":                           {{"@and,@or,@not", true}, {"@and,@or", false}},
		"@PV-02":                                          {{"@PV-02", true}, {"@PV-021", false}, {"@pv-02", false}},
		"@x,@y":                                           {{"@x", false}},
	} {
		t.Run(expression, func(t *testing.T) {
			holds, err := ParseTags(expression)
			require.NoError(t, err)
			for _, c := range cases {
				var tags []string
				if c.tags != "" {
					tags = strings.Split(c.tags, ",")
				}
				require.Equal(t, c.holds, holds(tags), "tags %q", c.tags)
			}
		})
	}
	holds, err := ParseTags("@x,@y")
	require.NoError(t, err)
	require.True(t, holds([]string{"@x,@y"}), "a comma is a part of a tag, and no or")
}

func TestInvalidTagExpressions(t *testing.T) {
	for expression, problem := range map[string]string{
		"@a @b or":          `"and" or "or" expected, found "@b"`,
		"@a @b":             `"and" or "or" expected, found "@b"`,
		"@a and (@b @c) or": `")" expected, found "@c"`,
		"@a and or":         `a tag expected, found "or"`,
		"or or":             `a tag expected, found "or"`,
		"and":               `a tag expected, found "and"`,
		"or":                `a tag expected, found "or"`,
		"@a or":             `a tag expected, found its end`,
		"@a and":            `a tag expected, found its end`,
		"not":               `a tag expected, found its end`,
		"not and":           `a tag expected, found "and"`,
		"@b and (":          `a tag expected, found its end`,
		"(@a and @b":        `")" expected, found its end`,
		"(@a and @b))":      `"and" or "or" expected, found ")"`,
		"( @a and ( @b )":   `")" expected, found its end`,
		"@a )":              `"and" or "or" expected, found ")"`,
		"()":                `a tag expected, found ")"`,
		"@a not @b":         `"and" or "or" expected, found "not"`,
		"@a and @b not":     `"and" or "or" expected, found "not"`,
		"a":                 `a tag begins with @: did you mean @a?`,
		"@a or b":           `a tag begins with @: did you mean @b?`,
		"AND":               `did you mean @AND?`,
		"@a && @b":          `"and" or "or" expected, found "&&"`,
		"!@a":               `a tag begins with @`,
		"~@a":               `a tag begins with @`,
		`\(`:                `a tag begins with @`,
		`@x or \y`:          `and nothing else`,
		`@x\`:               `and nothing else`,
		`@x\and @y`:         `and nothing else`,
		`@x or an\d`:        `and nothing else`,
		"@":                 `a tag begins with @ and has a name`,
	} {
		t.Run(expression, func(t *testing.T) {
			holds, err := ParseTags(expression)
			require.ErrorContains(t, err, problem)
			require.Nil(t, holds)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func FuzzTags(f *testing.F) {
	for _, text := range []string{"", "@a and not (@b or @c)", `@a\ b`, "((((", "not not", "@a,"} {
		f.Add(text, "@a")
	}
	f.Fuzz(func(t *testing.T, text, tag string) {
		if holds, err := ParseTags(text); err == nil {
			inverse, err := ParseTags("not (" + text + ")")
			if strings.TrimSpace(text) == "" {
				return
			}
			require.NoError(t, err)
			require.NotEqual(t, holds([]string{tag}), inverse([]string{tag}))
		}
	})
}
