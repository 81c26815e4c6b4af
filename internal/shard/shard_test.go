package shard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/shard"
)

func TestParseReadsBothForms(t *testing.T) {
	for text, want := range map[string]shard.Shard{
		"1/1":       {Index: 1, Count: 1},
		"2/5":       {Index: 2, Count: 5},
		"1000/1000": {Index: 1000, Count: 1000},
		"index:0/5": {Index: 1, Count: 5},
		"index:4/5": {Index: 5, Count: 5},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := shard.Parse(text)
			require.NoError(t, err)
			require.Equal(t, want, got)
			again, err := shard.Parse(got.String())
			require.NoError(t, err, "what a result records is read again")
			require.Equal(t, got, again)
		})
	}
}

func TestParseSaysWhatToWriteInstead(t *testing.T) {
	for text, says := range map[string]string{
		"":                        "write 2/5",
		"2":                       "write 2/5",
		"2 of 5":                  "write 2/5",
		"/5":                      "write 2/5",
		"2/":                      "write 2/5",
		"a/5":                     "write 2/5",
		"+1/5":                    "write 2/5",
		" 2/5":                    "write 2/5",
		"2/5/6":                   "write 2/5",
		"02/5":                    "write 2/5",
		"99999999999999999999/5":  "write 2/5",
		"index:/5":                "write 2/5",
		"index:$(NOT_EXPANDED)/5": "write 2/5",
		"1/0":                     "1 to 1000",
		"1/1001":                  "1 to 1000",
		"0/5":                     "1/5 to 5/5",
		"-1/5":                    "1/5 to 5/5",
		"6/5":                     "1/5 to 5/5",
		"index:5/5":               "index:0/5 to index:4/5",
		"index:-1/5":              "index:0/5 to index:4/5",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := shard.Parse(text)
			require.ErrorContains(t, err, says)
			require.ErrorContains(t, err, "shard ", "the error names what it is about")
		})
	}
}

func TestThePhonesOfAPoolAreDealtOutOnceEach(t *testing.T) {
	const phones, count = 7, 3
	for i := range phones {
		owners := 0
		for n := 1; n <= count; n++ {
			if (shard.Shard{Index: n, Count: count}).Takes(i) {
				owners++
			}
		}
		require.Equal(t, 1, owners, "phone %d", i)
	}
	require.True(t, shard.Whole().Takes(0))
	require.True(t, shard.Whole().Takes(5), "uncut, every phone is used")
}
