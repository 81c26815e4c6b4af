package explore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/reference"
)

// seeds returns the seeds that the long tests use.
func seeds() []uint64 {
	if testing.Short() {
		return []uint64{1}
	}
	return []uint64{1, 0}[:thorough]
}

func told(t testing.TB, r *Report) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, Write(&b, r))
	return b.String()
}

// smallest returns the bodies to which a search with the first seed reduces faults.
func smallest() map[string]string {
	return map[string]string{
		"emoji-in-phone-answers-500":      `{"phone":"😀"}`,
		"nul-in-country-code-answers-500": `{"countryCode":"\u0000"}`,
		"huge-exponent-answers-500":       `{"otp":1e400}`,
		"object-as-project-answers-500":   `{"project":{}}`,
		"array-body-answers-500":          `[]`,
		"repeated-key-answers-500":        `{"phone":null,"phone":null}`,
		"number-as-project-echoes-token":  `{"project":0}`,
		"long-phone-answers-500":          `{"phone":"` + strings.Repeat("6", 65) + `"}`,
		"deep-nesting-answers-500":        `{"x":` + strings.Repeat("[", 50) + "0" + strings.Repeat("]", 50) + `}`,
	}
}

func TestAFaultIsFoundUnderItsRuleByItsSmallestRequest(t *testing.T) {
	t.Parallel()
	hidden, reduced := 0, smallest()
	for _, f := range reference.Faults() {
		body, known := reduced[f.Name]
		delete(reduced, f.Name)
		searched := seeds()
		switch {
		case f.Explore:
			hidden++
		case known: // run finds it too
			searched = searched[:1]
		default:
			continue
		}
		if known && testing.Short() {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, reference.Options{Fault: f.Name})
			for _, seed := range searched {
				o := b.options
				o.Seed, o.Cases, o.Enough = seed, 400, 1
				r := explored(t, o)
				require.NotEmpty(t, r.Counterexamples, "seed %d", seed)
				c := r.Counterexamples[0]
				require.Equal(t, f.Rule, c.Rule, told(t, r))
				require.True(t, c.Repeats, told(t, r))
				require.EqualValues(t, 1, Exit(r))
				require.LessOrEqual(t, len(c.Smallest.Changes), len(c.Found.Changes)+3)
				if known && seed == 1 {
					require.Len(t, r.Counterexamples, 1)
					require.Equal(t, body, c.Smallest.Body, told(t, r))
					require.Equal(t, "no phone validation", c.Smallest.State, "what needs no message is tried without one")
				}
			}
		})
	}
	require.Empty(t, reduced, "each of them is a fault")
	require.GreaterOrEqual(t, hidden, 6)
}

func TestFaithfulProvidersHaveNoCounterexample(t *testing.T) {
	t.Parallel()
	for _, v := range append(reference.Variants(), reference.Variant{Name: ""}) {
		if v.Form && testing.Short() {
			continue // it decides as the faithful one does
		}
		t.Run("variant "+v.Name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, reference.Options{Variants: []string{v.Name}})
			searched, cases := seeds(), 12
			switch {
			case v.Name == "":
				cases = 35
			case v.Form: // it decides as the faithful one does, which is searched with each seed
				searched = searched[:1]
			}
			for _, seed := range searched {
				o := b.options
				o.Seed, o.Cases = seed, cases
				if testing.Short() {
					o.Cases = 4
				}
				if v.Name == "slow" { // 60 ms an answer
					o.Cases = 5
				}
				r := explored(t, o)
				require.Empty(t, r.Counterexamples, told(t, r))
				require.Equal(t, o.Cases, r.Cases)
				require.EqualValues(t, 0, Exit(r))
				require.Equal(t, "all cases were tried", r.Stopped)
			}
		})
	}
}

func TestSameSeedSameCases(t *testing.T) {
	t.Parallel()
	generate := func(seed uint64) string {
		var all strings.Builder
		for number := 1; number <= 200; number++ {
			fmt.Fprintln(&all, trials([]string{"phone", "countryCode", "otp"})(drawChoices(seed, number)).identity())
		}
		return all.String()
	}
	require.Equal(t, generate(7), generate(7))
	require.NotEqual(t, generate(7), generate(8))
}

func TestSameSeedSameCounterexample(t *testing.T) {
	t.Parallel()
	o := newBench(t, reference.Options{Fault: "number-as-phone-answers-500"}).options
	o.Seed, o.Cases, o.Enough = 5, 400, 1
	one, two := explored(t, o).Counterexamples[0], explored(t, o).Counterexamples[0]
	require.Equal(t, one.Case, two.Case)
	require.Equal(t, one.Found.Changes, two.Found.Changes)
	require.Equal(t, one.Smallest.Changes, two.Smallest.Changes)
	require.Equal(t, one.Tries, two.Tries)
}
