package state

import (
	"fmt"
	"net/http"
	"time"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/text"
)

const (
	// shortLife is how long a validation that is to expire is asked to live: long enough for the provider to
	// accept it and to send its message.
	shortLife = 2 * time.Second
	// patience is how much longer than asked for a validation may live to be worth the wait. Beyond it the
	// provider has ignored what was asked for.
	patience = 30 * time.Second
	// blindMargin is how far the provider's clock may be behind where it does not say what its time is.
	blindMargin = time.Second
)

// clock holds what is known of the provider's clock: its Date headers, which have whole seconds. offset is what has
// to be added to our time to get the provider's.
type clock struct {
	low, high time.Duration // the offset lies between, by the last answer
}

func newClock() *clock { return &clock{low: -blindMargin} }

// see learns from the answer of a call that was made between two instants of our time.
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

// ask returns the expiresAt that gives a validation a short life, by the provider's clock.
func (c *clock) ask(now time.Time) time.Time {
	offset := time.Duration(0)
	if c.low > 0 || c.high < 0 { // else our own time may well be right
		offset = (c.low + c.high) / 2
	}
	return now.Add(offset + shortLife).UTC().Truncate(time.Millisecond)
}

// until returns how long it takes until an instant of the provider's clock has passed for sure.
func (c *clock) until(expires, now time.Time) time.Duration {
	const rounding = 10 * time.Millisecond
	return max(expires.Sub(now)-c.low+rounding, 0)
}

// lives returns why a validation that was asked to expire soon will not; "" where it will, or was not asked.
func (v validation) lives() string {
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
