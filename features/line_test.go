package features_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/features"
)

// lined has scenarios on lines 8 and 13; rows of the second on lines 19 and 20.
const lined = `Feature: Something
  In words.

  @PV-02 @must
  Rule: A promise
    In words.

    Scenario: One
      Given there is a pending phone validation
      When the person types the right OTP
      Then the phone is validated

    Scenario Outline: Many, <n>
      Given there is a pending phone validation
      When the person types the right OTP

      Examples:
        | n |
        | 1 |
        | 2 |
`

func TestALineSelectsTheScenariosThere(t *testing.T) {
	path := write(t, "lined.feature", lined)
	for name, c := range map[string]struct {
		lines    []string
		expected []string
	}{
		"a scenario":              {[]string{":8"}, []string{"One"}},
		"one of its steps":        {[]string{":11"}, []string{"One"}},
		"a row":                   {[]string{":20"}, []string{"Many, 2"}},
		"an outline":              {[]string{":13"}, []string{"Many, 1", "Many, 2"}},
		"a step of an outline":    {[]string{":15"}, []string{"Many, 1", "Many, 2"}},
		"a rule":                  {[]string{":5"}, []string{"One", "Many, 1", "Many, 2"}},
		"two lines":               {[]string{":20", ":8"}, []string{"One", "Many, 2"}},
		"a line and the file":     {[]string{":20", ""}, []string{"One", "Many, 1", "Many, 2"}},
		"the file and a line":     {[]string{"", ":20"}, []string{"One", "Many, 1", "Many, 2"}},
		"a line after the file":   {[]string{":20", "", ":8"}, []string{"One", "Many, 1", "Many, 2"}},
		"the same line, again":    {[]string{":8", ":8"}, []string{"One"}},
		"a line with zeros ahead": {[]string{":008"}, []string{"One"}},
	} {
		t.Run(name, func(t *testing.T) {
			var names, asked []string
			for _, line := range c.lines {
				names = append(names, path+line)
			}
			set, problems := features.Load(names)
			require.Empty(t, problems)
			require.Len(t, set.Files, 1)
			for _, s := range set.Scenarios {
				if set.Asked(s) {
					asked = append(asked, s.Name)
				}
			}
			require.Equal(t, c.expected, asked)
		})
	}
}

func TestEveryScenarioOfTheContractIsFoundByItsLine(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of lines")
	}
	whole, problems := features.Load(nil)
	require.Empty(t, problems)
	for _, s := range whole.Scenarios {
		set, problems := features.Load([]string{fmt.Sprintf("%s:%d", s.File, s.Line)})
		require.Empty(t, problems)
		for _, other := range set.Scenarios {
			require.Equal(t, other.Name == s.Name, set.Asked(other), "%s:%d", s.File, s.Line)
		}
	}
}

func TestALineWithoutAScenarioIsAProblem(t *testing.T) {
	path := write(t, "lined.feature", lined)
	_, problems := features.Load([]string{path + ":2", path + ":999"})
	require.Len(t, problems, 2)
	require.Equal(t, "no scenario is on line 2", problems[0].Summary)
	require.Contains(t, problems[0].Detail, "8, 19, 20")
	require.Equal(t, "  In words.", problems[0].Source)
	require.Equal(t, "no scenario is on line 999", problems[1].Summary)
	_, problems = features.Load([]string{"nowhere.feature:3"})
	require.Contains(t, problems[0].Summary, `"nowhere.feature"`)
	_, problems = features.Load([]string{"right-otp:0"})
	require.NotEmpty(t, problems)
}

func TestAFileWithAColonInItsNameIsFound(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "a:8")
	require.NoError(t, os.WriteFile(path, []byte(lined), 0o600))
	_, problems := features.Load([]string{path})
	require.Contains(t, problems[0].Summary, "ends in .feature")
}
