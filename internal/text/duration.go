package text

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Duration returns a duration with three significant digits: "120 µs", "95.2 ms", "1.3 s", "2 min 5 s", "3 h 20 min".
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-max(d, -math.MaxInt64))
	}
	step := time.Nanosecond
	for d/step >= 1000 {
		step *= 10
	}
	if rounded := d.Round(step); rounded < time.Minute {
		unit, name := time.Second, " s"
		switch {
		case rounded == 0:
		case rounded < time.Millisecond:
			unit, name = time.Microsecond, " µs"
		case rounded < time.Second:
			unit, name = time.Millisecond, " ms"
		}
		return strconv.FormatFloat(float64(rounded)/float64(unit), 'f', -1, 64) + name
	}
	if d = d.Round(time.Second); d < time.Hour {
		return both(d, time.Minute, "min", time.Second, "s")
	}
	return both(d.Round(time.Minute), time.Hour, "h", time.Minute, "min")
}

func both(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	spelt := fmt.Sprintf("%d %s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		spelt += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return spelt
}

// Count returns a number with its noun: "1 scenario", "2,000 scenarios".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}

// Number returns a number with its digits in groups of three.
func Number(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
