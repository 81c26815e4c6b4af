package state

import (
	"fmt"
	"net/http"
	"time"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/text"
)

const (
	// shortLife is the life that is asked for a validation that is to expire: long enough for the provider to
	// accept it and to send its message.
	shortLife = 2 * time.Second
	// patience is how much longer than asked for a validation may live and still be waited for. Beyond it, the
	// provider counts as ignoring what was asked for.
	patience = 30 * time.Second
	// blindMargin is how far the provider's clock may be behind if it does not tell its time.
	blindMargin = time.Second
	// roundingMargin is how much longer a validation may live if the provider compares its end with a clock that shows whole
	// seconds.
	roundingMargin = time.Second
)

// clock estimates the provider's clock from its Date headers, which have whole seconds. The offset is the provider's
// time less ours.
type clock struct {
	low, high time.Duration // bounds of the offset, by the last answer
}

func newClock() *clock { return &clock{low: -blindMargin} }

// see takes the Date of the answer to a call that was made between two instants of our time.
func (c *clock) see(exchange exchange.Exchange, before, after time.Time) {
	if exchange.Answer == nil {
		return
	}
	date, err := http.ParseTime(exchange.Answer.Header.Get("Date"))
	if err != nil {
		return
	}
	c.low, c.high = date.Sub(after), date.Add(time.Second).Sub(before)
}

// ask returns an expiresAt that gives a validation a short life by the provider's clock, or a little more: in whole seconds, so
// that a provider that keeps no smaller ones keeps this one.
func (c *clock) ask(now time.Time) time.Time {
	offset := time.Duration(0)
	if c.low > 0 || c.high < 0 { // else the clocks may well agree
		offset = (c.low + c.high) / 2
	}
	return roundedUp(now.Add(offset + shortLife).UTC())
}

// until returns how long to wait until an instant of the provider's clock has certainly passed.
func (c *clock) until(expires, now time.Time) time.Duration {
	return max(roundedUp(expires).Sub(now)-c.low+roundingMargin, 0)
}

func roundedUp(t time.Time) time.Time { return t.Add(time.Second - 1).Truncate(time.Second) }

// cannotExpire returns why a validation that was asked to expire soon will not; "" if it will, or was not asked to.
func (v validation) cannotExpire() string {
	const advice = `; set expiry = "none" in states "verifik"`
	switch {
	case v.wanted.IsZero():
	case v.expires.IsZero():
		return "the provider does not say when a validation expires" + advice
	case v.expires.Sub(v.wanted) > patience:
		return fmt.Sprintf("the provider ignores a short expiresAt: a validation that was to live %s lives %s longer%s",
			text.Duration(shortLife), text.Duration(v.expires.Sub(v.wanted).Round(time.Second)), advice)
	}
	return ""
}
