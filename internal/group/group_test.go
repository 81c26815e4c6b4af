package group_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/group"
)

func TestByKeepsTheOrderOfGroupsAndValues(t *testing.T) {
	words := []string{"tree", "ash", "oak", "root", "elm"}
	require.Equal(t, [][]string{{"tree", "root"}, {"ash", "oak", "elm"}}, group.By(words, func(w string) int { return len(w) }))
	require.Empty(t, group.By(nil, func(w string) int { return len(w) }))
}

func TestPointersLeadToTheValues(t *testing.T) {
	words := []string{"tree", "ash"}
	*group.Pointers(words)[1] = "oak"
	require.Equal(t, []string{"tree", "oak"}, words)
}

func TestMapKeepsTheOrder(t *testing.T) {
	require.Equal(t, []int{4, 3}, group.Map([]string{"tree", "ash"}, func(w string) int { return len(w) }))
	require.NotNil(t, group.Map(nil, func(w string) int { return len(w) }))
}

func TestWhereKeepsTheOrderAndDoesNotChangeItsInput(t *testing.T) {
	all := []int{3, 1, 4, 1, 5}
	require.Equal(t, []int{3, 4, 5}, group.Where(all, func(n int) bool { return n > 2 }))
	require.Equal(t, []int{3, 1, 4, 1, 5}, all)
	require.Empty(t, group.Where([]int(nil), func(int) bool { return true }))
}

func TestFirstIsTheZeroValueWhereNoneHolds(t *testing.T) {
	long := func(w string) bool { return len(w) > 3 }
	require.Equal(t, "tree", group.First([]string{"ash", "tree", "root"}, long))
	require.Empty(t, group.First([]string{"ash", "oak"}, long))
}

func TestWithAddsEachValueOnce(t *testing.T) {
	require.Equal(t, []string{"ash", "oak", "elm"}, group.With([]string{"ash"}, "oak", "ash", "elm", "oak"))
	require.Empty(t, group.With([]string(nil)))
}

func TestKeyedKeepsTheLastOfAKey(t *testing.T) {
	words := []string{"tree", "ash", "oak"}
	require.Equal(t, map[int]string{4: "tree", 3: "oak"}, group.Keyed(words, func(w string) int { return len(w) }))
}

func TestAlikeCountsTheCommonBeginning(t *testing.T) {
	require.Equal(t, 2, group.Alike([]byte("tree"), []byte("trunk")))
	require.Equal(t, 4, group.Alike([]byte("tree"), []byte("trees")))
	require.Zero(t, group.Alike(nil, []byte("trees")))
}

func TestSumAddsNumbers(t *testing.T) {
	require.Equal(t, 6, group.Sum(slices.Values([]int{1, 2, 3})))
	require.Zero(t, group.Sum(slices.Values([]float64(nil))))
}
