package contract

import (
	"testing"

	"verifik-contract/internal/exchange"
)

// BenchmarkJudge judges exchanges of which nothing is known, as `check` and `proxy` do.
func BenchmarkJudge(b *testing.B) {
	for name, e := range map[string]exchange.Exchange{
		"success":   answeredWith(200, documented200),
		"wrong OTP": answeredWith(403, documented403),
		"not found": answeredWith(404, documented404),
		"missing":   answeredWith(409, documented409),
	} {
		b.Run(name, func(b *testing.B) {
			c := newChecks(b)
			if name == "missing" {
				e.Request.Body = []byte(`{}`)
			}
			b.ReportAllocs()
			for b.Loop() {
				answer := *e.Answer
				answer.Decoded = nil // each exchange is judged once
				e.Answer = &answer
				if j := c.Judge(e, Known{}); len(j.Findings) > 0 || j.Silent != "" {
					b.Fatal(j)
				}
			}
		})
	}
}
