package state

import (
	"net/http"
	"net/textproto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
)

func dated(at time.Time) exchange.Exchange {
	return exchange.Exchange{Answer: &exchange.Answer{Header: textproto.MIMEHeader{"Date": {at.UTC().Format(http.TimeFormat)}}}}
}

func TestClock(t *testing.T) {
	start := time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC)
	// expiry returns when a validation with a short life by the provider's clock has certainly expired.
	expiry := func(c *clock, now time.Time) time.Time {
		return now.Add(c.until(c.ask(now), now))
	}

	t.Run("without any Date the clocks agree within the margin", func(t *testing.T) {
		c := newClock()
		require.Equal(t, start.Add(shortLife), c.ask(start))
		require.WithinDuration(t, start.Add(shortLife+blindMargin+roundingMargin), expiry(c, start), 50*time.Millisecond)
	})
	t.Run("a clock that is ahead by an hour is followed", func(t *testing.T) {
		c := newClock()
		c.see(dated(start.Add(time.Hour)), start, start)
		require.WithinDuration(t, start.Add(time.Hour+shortLife), c.ask(start), time.Second)
		require.WithinDuration(t, start.Add(shortLife+roundingMargin), expiry(c, start), time.Second)
	})
	t.Run("a provider that counts whole seconds, rounded up, has them to count", func(t *testing.T) {
		for late := time.Duration(0); late < time.Second; late += 100 * time.Millisecond {
			for _, ahead := range []time.Duration{0, 300 * time.Millisecond, -700 * time.Millisecond, time.Hour + 900*time.Millisecond} {
				for _, longer := range []time.Duration{0, 400 * time.Millisecond, -time.Second} {
					c, now := newClock(), start.Add(late)
					c.see(dated(now.Add(ahead).Truncate(time.Second)), now, now)
					told := c.ask(now).Add(longer)
					stored := told.Add(time.Second - 1).Truncate(time.Second)
					wait := c.until(told, now)
					require.Greater(t, now.Add(ahead+wait).Truncate(time.Second), stored)
					require.LessOrEqual(t, wait, shortLife+roundingMargin+2500*time.Millisecond)
				}
			}
		}
	})
	t.Run("the end that is asked for is one of whole seconds", func(t *testing.T) {
		require.Equal(t, start.Add(shortLife+time.Second), newClock().ask(start.Add(time.Millisecond)))
	})
	t.Run("no answer and no Date teach nothing", func(t *testing.T) {
		c := newClock()
		c.see(exchange.Exchange{}, start, start)
		c.see(exchange.Exchange{Answer: &exchange.Answer{}}, start, start)
		require.Equal(t, newClock(), c)
	})
	t.Run("what has expired is not waited for", func(t *testing.T) {
		require.Zero(t, newClock().until(start, start.Add(time.Minute)))
	})
}
