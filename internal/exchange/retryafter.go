package exchange

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// LongestRetryAfter is the longest Retry-After that is waited for. What asks for more is not tried again: to wait less
// would be in vain.
const LongestRetryAfter = 30 * time.Second

// RetryAfter returns how long an answer of 429 or 503 asks to wait before the next try; 0: it asks for nothing that
// can be understood. A date is measured from the answer's own Date: the clocks of two machines differ.
func (e Exchange) RetryAfter() time.Duration {
	if e.Answer == nil || e.Answer.Status != http.StatusTooManyRequests && e.Answer.Status != http.StatusServiceUnavailable {
		return 0
	}
	asked := strings.TrimSpace(e.Answer.Header.Get("Retry-After"))
	if asked == "" {
		return 0
	}
	if strings.Trim(asked, "0123456789") == "" {
		const most = int64(1<<63-1) / int64(time.Second)
		seconds, err := strconv.ParseInt(asked, 10, 64)
		if err != nil || seconds > most {
			seconds = most // more digits than fit into a number are a long time too
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(asked)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(e.Answer.Header.Get("Date"))
	if err != nil {
		now = e.Started.Add(e.Duration)
	}
	return max(at.Sub(now), 0)
}
