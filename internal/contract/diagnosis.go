package contract

import (
	"fmt"
	"slices"

	"verifik-contract/internal/exchange"
)

// Diagnosis is why a failure may be as it is: a guess, told as one.
type Diagnosis struct {
	Key  string // failures with the same key have the same cause
	Text string // one line
	Seen int    // of how many answers it is true ...
	Of   int    // ... among how many that could show it; 0: it is not counted

	alone string // Text where only the provider can be to blame; "": the same
}

// Diagnose explains the failure of a scenario, and reports whether it can be explained.
func (c Checks) Diagnose(rule string, findings []Finding, exchanges []exchange.Exchange) (Diagnosis, bool) {
	answered := slices.DeleteFunc(slices.Clone(exchanges), func(e exchange.Exchange) bool {
		return e.Purpose != exchange.Judged || e.Answer == nil
	})
	if len(findings) == 0 || len(answered) == 0 {
		return Diagnosis{}, false
	}
	failed, readBack := answered[len(answered)-1], false
	if at := findings[0].Exchange; at >= 0 && at < len(exchanges) {
		if readBack = exchanges[at].Purpose != exchange.Judged; !readBack && exchanges[at].Answer != nil {
			failed = exchanges[at]
		}
	}
	// What a success changes cannot show where there was none.
	if readBack && !succeeded(failed.Answer) && slices.Contains(rightFirst(), rule) {
		readBack = false
	}
	// An answer that nobody expected anything of explains no failure beside it.
	if !readBack {
		if c.inDialect(failed.Answer) {
			return c.dialect(answered), true
		}
		one := c.clueOf(rule, failed)
		one.first = failed.Answer == answered[0].Answer
		if d := one.explain(); d.Key != "" {
			return d, true
		}
	}
	d := c.guess(rule, failed.Answer, findings)
	return d, d.Key != ""
}

// Common is the line for a run of which all failures have the same cause, "" where they have not. There is one
// diagnosis for each failed scenario; the zero Diagnosis is a failure that is not explained.
func Common(diagnoses []Diagnosis) string {
	if len(diagnoses) < 2 || diagnoses[0].Key == "" {
		return ""
	}
	whole := diagnoses[0]
	for _, d := range diagnoses[1:] {
		if d.Key != whole.Key {
			return ""
		}
		whole.Seen, whole.Of = whole.Seen+d.Seen, whole.Of+d.Of
	}
	if whole.Of > 0 {
		return fmt.Sprintf("%s, in %d of %d error answers", whole.Text, whole.Seen, whole.Of)
	}
	return fmt.Sprintf("all %d failures look alike: %s", len(diagnoses), whole.Text)
}
