package features_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
	"verifik-contract/internal/problem"
)

// write writes a feature to a folder of its own and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// valid is a feature without problems.
const valid = `Feature: Something
  In words.

  @PV-02 @must
  Rule: A promise
    In words, over
    two lines.

    Scenario: One
      Given there is a pending phone validation
      When the person types the right OTP
      Then the phone is validated
`

func TestAValidFeatureLoads(t *testing.T) {
	path := write(t, "a.feature", valid)
	set, problems := features.Load([]string{path})
	require.Empty(t, problems)
	require.Equal(t, []features.Rule{{ID: "PV-02", Level: "must", Title: "A promise", Description: "In words, over two lines.", File: path, Line: 5, Tags: []string{"@PV-02", "@must"}}}, set.Rules)
	require.Len(t, set.Scenarios, 1)
	one := set.Scenarios[0]
	require.Equal(t, "One", one.Name)
	require.Equal(t, "Something", one.Feature)
	require.Equal(t, "PV-02", one.Rule)
	require.Equal(t, 9, one.Line)
	require.Equal(t, []string{"@PV-02", "@must"}, one.Tags)
	require.Equal(t, []features.Step{
		{Keyword: "Given", Text: "there is a pending phone validation", Line: 10},
		{Keyword: "When", Text: "the person types the right OTP", Line: 11},
		{Keyword: "Then", Text: "the phone is validated", Line: 12},
	}, one.Steps)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(content), valid)
	require.Equal(t, path, one.File)
	require.NotEqual(t, path, one.Key)
	file, err := set.FS().Open(one.Key)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}

func TestAnOutlinesRowsAreScenariosOfTheirOwn(t *testing.T) {
	set, problems := features.Load([]string{write(t, "a.feature", strings.Replace(valid, `    Scenario: One
      Given there is a pending phone validation
`, `    Background:
      Given there is a pending phone validation

    @slow
    Scenario Outline: A <what>
      And the phone is written with <what>

      Examples: first
        | what   |
        | dashes |

      @later
      Examples: second
        | what |
        | dots |
    Scenario: One
`, 1))})
	require.Empty(t, problems)
	require.Len(t, set.Scenarios, 3)
	require.Equal(t, "A dashes", set.Scenarios[0].Name)
	require.Equal(t, 18, set.Scenarios[0].Line, "the row's line")
	require.Equal(t, []string{"@PV-02", "@must", "@slow"}, set.Scenarios[0].Tags)
	require.Equal(t, "the phone is written with dashes", set.Scenarios[0].Steps[1].Text)
	require.Equal(t, features.Step{Keyword: "Given", Text: "there is a pending phone validation", Line: 10}, set.Scenarios[0].Steps[0])
	require.Equal(t, 23, set.Scenarios[1].Line)
	require.Equal(t, []string{"@PV-02", "@must", "@slow", "@later"}, set.Scenarios[1].Tags)
	require.Equal(t, 24, set.Scenarios[2].Line)
}

func change(old, new string) string {
	if !strings.Contains(valid, old) {
		panic("the feature does not hold " + old)
	}
	return strings.Replace(valid, old, new, 1)
}

type complaint struct {
	line    int
	source  string
	summary string
}

func complaints(problems problem.List) []complaint {
	var all []complaint
	for _, p := range problems {
		all = append(all, complaint{p.Line, p.Source, p.Summary})
	}
	return all
}

func TestProblemsOfFeatures(t *testing.T) {
	const asDescription = "this line is not a step: it would be read as a description, and nothing would be done"
	for name, test := range map[string]struct {
		content  string
		expected []complaint
	}{
		"a rule without an id":            {change("@PV-02 @must", "@must"), []complaint{{5, "  Rule: A promise", "the rule has 0 ids"}}},
		"an id without digits":            {change("@PV-02", "@PV-"), []complaint{{5, "  Rule: A promise", "the rule has 0 ids"}}},
		"an id in lower case":             {change("@PV-02", "@pv-02"), []complaint{{5, "  Rule: A promise", "the rule has 0 ids"}}},
		"two ids":                         {change("@PV-02", "@PV-02 @PV-03"), []complaint{{5, "  Rule: A promise", "the rule has 2 ids"}}},
		"no level":                        {change(" @must", ""), []complaint{{5, "  Rule: A promise", "the rule has 0 levels"}}},
		"an unknown level":                {change("@must", "@may"), []complaint{{5, "  Rule: A promise", "the rule has 0 levels"}}},
		"two levels":                      {change("@must", "@must @observe"), []complaint{{5, "  Rule: A promise", "the rule has 2 levels"}}},
		"no tag at all":                   {change("  @PV-02 @must\n", ""), []complaint{{4, "  Rule: A promise", "the rule has 0 ids"}, {4, "  Rule: A promise", "the rule has 0 levels"}}},
		"no title":                        {change("Rule: A promise", "Rule:"), []complaint{{5, "  Rule:", "the rule has no title"}}},
		"a rule without scenario":         {valid[:strings.Index(valid, "    Scenario:")], []complaint{{5, "  Rule: A promise", "the rule has no scenario"}}},
		"a rule about clients with one":   {change("@must", "@must @client"), []complaint{{5, "  Rule: A promise", "a rule about clients cannot have scenarios"}}},
		"about clients and every answer":  {change("@must", "@must @client @every-exchange"), []complaint{{5, "  Rule: A promise", "the rule is about clients and about every answer"}}},
		"an every-exchange rule with one": {change("@must", "@must @every-exchange"), []complaint{{5, "  Rule: A promise", "a rule that is judged on every exchange cannot have scenarios"}}},
		"an id used twice": {valid + valid[strings.Index(valid, "  @PV-02"):], []complaint{
			{21, "    Scenario: One", `two scenarios of this file are named "One"`},
			{17 - 1, "", "-"},
		}},
		"a scenario outside of a rule":                 {change("  @PV-02", "  Scenario: Lost\n    When the person types any OTP\n\n  @PV-02"), []complaint{{4, "  Scenario: Lost", "the scenario belongs to no rule"}}},
		"no rule":                                      {"Feature: x\n  Scenario: Lost\n    When the person types any OTP\n", []complaint{{2, "  Scenario: Lost", "the scenario belongs to no rule"}, {1, "Feature: x", "the feature has no rule"}}},
		"two scenarios of one name":                    {valid + "\n    Scenario: One\n      Then the phone is validated\n", []complaint{{14, "    Scenario: One", `two scenarios of this file are named "One"`}}},
		"an outline of one name":                       {valid + "\n    Scenario Outline: Same\n      When the person types <x>\n\n      Examples:\n        | x |\n        | a |\n        | b |\n", []complaint{{20, "        | b |", `two scenarios of this file are named "Same"`}}},
		"Givn":                                         {change("Given", "Givn"), []complaint{{10, "      Givn there is a pending phone validation", asDescription}}},
		"a word before Given":                          {change("Given", "* Given"), nil},
		"Givn after an empty line":                     {change("      Given", "\n      Givn"), []complaint{{11, "      Givn there is a pending phone validation", asDescription}}},
		"all steps misspelt":                           {change("      Given there is a pending phone validation\n      When the person types the right OTP\n      Then the", "      Givn there is a pending phone validation\n      Wen the person types the right OTP\n      Thn the"), []complaint{{10, "      Givn there is a pending phone validation", asDescription}, {9, "    Scenario: One", "the scenario has no step"}}},
		"Givn in a background":                         {change("    Scenario: One", "    Background:\n      Givn there is something\n\n    Scenario: One"), []complaint{{10, "      Givn there is something", asDescription}}},
		"Givn later":                                   {change("When", "Wen"), []complaint{{11, "      Wen the person types the right OTP", "this line is not as Gherkin expects it: "}}},
		"an outline without rows":                      {valid + "\n    Scenario Outline: A <x>\n      When the person types <x>\n\n      Examples:\n        | x |\n", []complaint{{14, "    Scenario Outline: A <x>", "the outline has no row"}}},
		"an outline without examples":                  {valid + "\n    Scenario Outline: A\n      When the person types any OTP\n", []complaint{{14, "    Scenario Outline: A", "the outline has no Examples"}}},
		"an empty scenario":                            {valid + "\n    Scenario: Empty\n", []complaint{{14, "    Scenario: Empty", "the scenario has no step"}}},
		"a scenario without a name":                    {change("Scenario: One", "Scenario:"), []complaint{{9, "    Scenario:", "the scenario has no name"}}},
		"a misspelt scenario keyword":                  {change("    Scenario: One", "    Scenari: Zero\n      When the person types any OTP\n\n    Scenario: One"), []complaint{{9, "    Scenari: Zero", "this line looks like a keyword: it would be read as a description, and what follows it too"}}},
		"a keyword in lower case":                      {change("    Scenario: One", "    scenario: Zero\n      When the person types any OTP\n\n    Scenario: One"), []complaint{{9, "    scenario: Zero", "this line looks like a keyword: it would be read as a description, and what follows it too"}}},
		"a misspelt outline":                           {change("    Scenario: One", "    Scenario Outlin: Zero\n      When the person types any OTP\n\n    Scenario: One"), []complaint{{9, "    Scenario Outlin: Zero", "this line looks like a keyword: it would be read as a description, and what follows it too"}}},
		"a misspelt rule":                              {change("  In words.\n", "  In words.\n\n  Rul: Lost\n    In words.\n"), []complaint{{4, "  Rul: Lost", "this line looks like a keyword: it would be read as a description, and what follows it too"}}},
		"a step with a table":                          {change("types the right OTP\n", "types the right OTP\n        | a |\n"), []complaint{{11, "      When the person types the right OTP", "the step has a table or a text, which no step takes"}}},
		"a step with a text":                           {change("types the right OTP\n", "types the right OTP\n        \"\"\"\n        x\n        \"\"\"\n"), []complaint{{11, "      When the person types the right OTP", "the step has a table or a text, which no step takes"}}},
		"not UTF-8":                                    {change("In words.", "In w\xf6rds."), []complaint{{0, "", "the feature is not UTF-8"}}},
		"not Gherkin":                                  {"hello\nworld\n", []complaint{{1, "hello", "this line is not as Gherkin expects it: "}, {2, "world", "this line is not as Gherkin expects it: "}}},
		"an empty file":                                {"", []complaint{{0, "", "the file holds no feature"}}},
		"comments only":                                {"# nothing\n", []complaint{{0, "", "the file holds no feature"}}},
		"an unknown language":                          {"# language: xx\n" + valid, []complaint{{1, "# language: xx", "this line is not as Gherkin expects it: "}}},
		"carriage returns":                             {strings.ReplaceAll(change("Given", "Givn"), "\n", "\r\n"), []complaint{{10, "      Givn there is a pending phone validation", asDescription}}},
		"a valid one with carriage returns":            {strings.ReplaceAll(valid, "\n", "\r\n"), nil},
		"a valid one after a byte order mark":          {"\ufeff" + valid, nil},
		"a description that begins with a step's word": {change("In words, over", "When a phone is validated, it is so:\n    Given by nobody. Rules are rules: and so on"), nil},
		"a description that speaks of scenarios":       {change("In words, over", "scenarios of their own: these have none.\n    Documentation: Notes."), nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "a.feature", test.content)
			_, problems := features.Load([]string{path})
			if name == "an id used twice" {
				require.Len(t, problems, 2)
				require.Equal(t, "PV-02 is used twice", problems[1].Summary)
				require.Equal(t, 14, problems[1].Line)
				require.Contains(t, problems[1].Detail, "a.feature:5")
				return
			}
			for _, p := range problems {
				require.Equal(t, path, p.File)
				require.Equal(t, problem.Error, p.Severity)
				if p.Line > 0 && p.Source != "" {
					require.Equal(t, strings.TrimLeft(p.Source, " "), p.Source[p.Column-1:p.Column-1+p.Width])
				}
			}
			actual := complaints(problems)
			for i := range actual {
				if at := strings.Index(actual[i].summary, "Gherkin expects it: "); at >= 0 {
					actual[i].summary = actual[i].summary[:at+len("Gherkin expects it: ")]
				}
			}
			require.Equal(t, test.expected, actual)
		})
	}
}

func TestFilesByName(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	require.NoError(t, os.Mkdir("folder.feature", 0o700))
	require.NoError(t, os.Mkdir("features", 0o700))
	require.NoError(t, os.WriteFile("own.feature", []byte(valid), 0o600))
	require.NoError(t, os.WriteFile("features/phone.feature", []byte(valid), 0o600))
	require.NoError(t, os.WriteFile("large.feature", []byte(valid+strings.Repeat("#\n", 1<<19)), 0o600))
	require.NoError(t, os.Symlink("/dev/zero", "endless.feature"))
	load := func(names ...string) ([]string, problem.List) {
		set, problems := features.Load(names)
		var files []string
		for _, f := range set.Files {
			files = append(files, f.Name+" "+f.Key)
		}
		return files, problems
	}
	for name, test := range map[string]struct {
		named    []string
		expected string
	}{
		"an embedded name":                 {[]string{"wrong-otp.feature"}, "features/wrong-otp.feature wrong-otp.feature"},
		"an embedded name, bare":           {[]string{"wrong-otp"}, "features/wrong-otp.feature wrong-otp.feature"},
		"an embedded name as it is shown":  {[]string{"features/wrong-otp.feature"}, "features/wrong-otp.feature wrong-otp.feature"},
		"an embedded name twice":           {[]string{"wrong-otp", "features/wrong-otp.feature"}, "features/wrong-otp.feature wrong-otp.feature"},
		"an embedded name from here":       {[]string{"./wrong-otp.feature"}, "features/wrong-otp.feature wrong-otp.feature"},
		"an embedded name beside the disk": {[]string{"phone.feature"}, "features/phone.feature phone.feature"},
	} {
		t.Run(name, func(t *testing.T) {
			files, problems := load(test.named...)
			require.Empty(t, problems)
			require.Equal(t, []string{test.expected}, files)
		})
	}
	t.Run("a file on disk wins", func(t *testing.T) {
		files, problems := load("features/phone.feature")
		require.Empty(t, problems)
		require.Len(t, files, 1)
		require.Contains(t, files[0], "features/phone.feature disk-")
	})
	t.Run("the same file twice", func(t *testing.T) {
		files, problems := load("own.feature", "./own.feature", "features/../own.feature")
		require.Empty(t, problems)
		require.Len(t, files, 1)
	})
	t.Run("the order is the given one", func(t *testing.T) {
		files, problems := load("wrong-otp", "own.feature")
		require.Len(t, problems, 1, "PV-02 is used twice")
		require.Equal(t, "own.feature", problems[0].File)
		require.Len(t, files, 2)
	})
	for name, test := range map[string]struct{ named, summary, detail string }{
		"an unknown name":                 {"nothing.feature", `there is no feature "nothing.feature", neither on disk nor embedded`, "wrong-otp.feature"},
		"an empty name":                   {"", `there is no feature "", neither on disk nor embedded`, "wrong-otp.feature"},
		"an embedded name of elsewhere":   {"contracts/wrong-otp.feature", `there is no feature "contracts/wrong-otp.feature", neither on disk nor embedded`, "wrong-otp.feature"},
		"an absolute path that is absent": {"/nonexistent/wrong-otp.feature", `there is no feature "/nonexistent/wrong-otp.feature", neither on disk nor embedded`, "wrong-otp.feature"},
		"a folder":                        {"folder.feature", "a feature is a file that ends in .feature", "features/*.feature"},
		"too large a file":                {"large.feature", "larger than 1024 KiB, the most that is read", "split one that is too large"},
		"a file without an end":           {"endless.feature", "larger than 1024 KiB, the most that is read", "split one that is too large"},
		"a file of another kind":          {"/etc/passwd", "a feature is a file that ends in .feature", "Name one"},
		"an environment":                  {"staging.hcl", "a feature is a file that ends in .feature", "given by -e"},
		"a file as a folder":              {"own.feature/x", "the feature cannot be read: not a directory", ""},
	} {
		t.Run(name, func(t *testing.T) {
			files, problems := load(test.named)
			require.Empty(t, files)
			require.Len(t, problems, 1)
			require.Contains(t, problems[0].Summary, test.summary)
			require.Contains(t, problems[0].Detail, test.detail)
			require.Equal(t, test.named, problems[0].File)
		})
	}
	t.Run("all problems at once", func(t *testing.T) {
		_, problems := load("nothing.feature", "folder.feature", "wrong-otp")
		require.Len(t, problems, 2)
		require.True(t, problems.HasErrors())
	})
}

func TestAFeatureWhoseNameIsNoUTF8IsRefused(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"caf\xe9.feature", "na\xffme/ours.feature"} {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("Feature: x\n"), 0o600))
		_, problems := features.Load([]string{path})
		require.Len(t, problems, 1)
		require.Equal(t, "the feature's name is not UTF-8", problems[0].Summary)
	}
}

func TestTheDigestFollowsTheContents(t *testing.T) {
	digest := func(names ...string) string {
		set, problems := features.Load(names)
		require.Empty(t, problems)
		require.Regexp(t, `^sha256:[0-9a-f]{64}$`, set.Digest())
		return set.Digest()
	}
	require.Equal(t, digest(), digest())
	first := digest(write(t, "a.feature", valid))
	require.Equal(t, first, digest(write(t, "a.feature", valid)), "where a file lies is no part of it")
	require.NotEqual(t, first, digest(write(t, "b.feature", valid)))
	require.NotEqual(t, first, digest(write(t, "a.feature", valid+"\n")))
	require.NotEqual(t, digest(), digest("wrong-otp"))
	require.Equal(t, digest("phone", "wrong-otp"), digest("wrong-otp", "phone"), "in which order they are named is no part of it")
	require.Equal(t, digest(), features.Digest())
}

func TestFeaturesAreOrderedByTheirFirstPromise(t *testing.T) {
	named := func(tags string) string { return strings.Replace(valid, "@PV-02 @must", tags, 1) }
	below := func(line string) string { return strings.Replace(named("@XX-01 @must"), "  In words.\n", line+"\n", 1) }
	for name, c := range map[string]struct{ content, after string }{
		"by its id":                             {named("@PV-0100 @must"), "features/right-otp.feature"},
		"by an id behind its level":             {named("@must @PV-0100"), "features/right-otp.feature"},
		"by an id joined to a level":            {named("@must@PV-0100 # @AA-01"), "features/right-otp.feature"},
		"by an id on its second line":           {named("@must\n  @PV-0100"), "features/right-otp.feature"},
		"by the first of two":                   {named("@PV-0100 @must") + strings.NewReplacer("@PV-02", "@AA-01", "One", "Two").Replace(strings.SplitN(valid, "\n\n", 2)[1]), "features/right-otp.feature"},
		"not by a comment":                      {below("  # unlike @PV-03 of ours"), "last"},
		"not by a comment that is all of an id": {below("  #@PV-03"), "last"},
		"not by a description":                  {below("  Unlike @PV-03 of ours."), "last"},
		"not by a tag of the feature":           {"@PV-03\n" + named("@XX-01 @must"), "last"},
		"not by a comment at the end":           {named("@must # not @PV-03\n  @XX-01"), "last"},
		"not by a longer tag":                   {named("@PV-03-old @XX-01 @must"), "last"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "own.feature", c.content)
			set, problems := features.Load(nil, filepath.Dir(path))
			require.Empty(t, problems)
			own := slices.IndexFunc(set.Rules, func(r features.Rule) bool { return r.File == path })
			if c.after == "last" {
				require.Equal(t, len(set.Rules)-1, own)
				return
			}
			require.Equal(t, c.after, set.Rules[own-1].File)
		})
	}
}
