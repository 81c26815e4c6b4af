package reference

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnknownNamesAreErrorsWithTheNearestOne(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{Fault: "otp-not-compare"}, `unknown fault "otp-not-compare": did you mean "otp-not-compared"?`},
		{Options{Fault: "zzzzzzzz"}, `unknown fault "zzzzzzzz"`},
		{Options{Variant: "gzipp"}, `unknown variant "gzipp": did you mean "gzip"?`},
	} {
		_, err := New(c.options)
		require.EqualError(t, err, c.want)
	}
}
