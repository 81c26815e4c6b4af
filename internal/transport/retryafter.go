package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"verifik-contract/internal/contract"
)

// RetryAfter returns how long an answer of 429 or 503 asks to wait before the next try, at most
// contract.RetryAfter; 0: it asks for nothing that can be understood.
func RetryAfter(e Exchange, now time.Time) time.Duration {
	if e.Answer == nil || e.Answer.Status != http.StatusTooManyRequests && e.Answer.Status != http.StatusServiceUnavailable {
		return 0
	}
	asked := strings.TrimSpace(e.Answer.Header.Get("Retry-After"))
	if asked == "" {
		return 0
	}
	if strings.Trim(asked, "0123456789") == "" {
		seconds, err := strconv.ParseInt(asked, 10, 64)
		if err != nil || seconds > int64(contract.RetryAfter/time.Second) {
			return contract.RetryAfter // more digits than fit into a number are a long time too
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(asked)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), contract.RetryAfter)
}
