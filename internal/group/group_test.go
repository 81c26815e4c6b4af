package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/group"
)

func TestGroupsAndWhatIsInThemKeepTheirOrder(t *testing.T) {
	words := []string{"tree", "ash", "oak", "root", "elm"}
	require.Equal(t, [][]string{{"tree", "root"}, {"ash", "oak", "elm"}}, group.By(words, func(w string) int { return len(w) }))
	require.Empty(t, group.By(nil, func(w string) int { return len(w) }))
}

func TestPointersLeadToTheValues(t *testing.T) {
	words := []string{"tree", "ash"}
	*group.Pointers(words)[1] = "oak"
	require.Equal(t, []string{"tree", "oak"}, words)
}

func TestWhatIsMadeOfValuesKeepsTheirOrder(t *testing.T) {
	require.Equal(t, []int{4, 3}, group.Map([]string{"tree", "ash"}, func(w string) int { return len(w) }))
	require.NotNil(t, group.Map(nil, func(w string) int { return len(w) }))
}
