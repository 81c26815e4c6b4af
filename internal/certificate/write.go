package certificate

import (
	"fmt"
	"io"
	"strings"
	"time"

	"verifik-contract/internal/result"
)

// Write shows for a person what a certificate says and what its signature is worth.
func Write(w io.Writer, v *Verification) error {
	var b strings.Builder
	c := v.Certificate
	fmt.Fprintf(&b, "Certificate: %s", v.Signature)
	if v.KeyID != "" {
		fmt.Fprintf(&b, " (key %s)", line(v.KeyID))
	}
	b.WriteByte('\n')
	switch v.Signature {
	case NotSigned:
		b.WriteString("  Only its form was checked: anyone may have written or changed it.\n")
	case NotChecked:
		b.WriteString("  Only its form was checked: give the signer's public key to find changes.\n")
	}
	field := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-12s %s\n", name, line(fmt.Sprintf(format, args...)))
	}
	field("target", "%s (%s)", c.Target.BaseURL, c.Target.Kind)
	if c.Target.Kind == result.Embedded {
		field("", "This is the reference provider of the tool itself: no other is certified.")
	}
	field("environment", "%s", c.Environment)
	field("run", "%s to %s", c.Started.UTC().Format(time.RFC3339), c.Finished.UTC().Format(time.RFC3339))
	field("tool", "%s %s", c.Tool.Name, c.Tool.Version)
	field("features", "%s", c.Digests.Features)
	field("schemas", "%s", c.Digests.Schemas)
	b.WriteString("\nPromises\n")
	for _, p := range c.Promises {
		fmt.Fprintf(&b, "  %s\n", line(fmt.Sprintf("%-8s %-6s %s  %s", p.Verdict, p.Level, p.ID, p.Title)))
		if p.Reason != "" {
			fmt.Fprintf(&b, "      %s\n", line(p.Reason))
		}
		if p.Flaky > 0 {
			fmt.Fprintf(&b, "      %d of %d passed only after retries\n", p.Flaky, p.Passed)
		}
		for _, u := range p.Unchecked {
			fmt.Fprintf(&b, "      not checked: %s\n", line(u.Scenario+": "+u.Reason))
		}
	}
	for _, waiver := range c.Waivers {
		fmt.Fprintf(&b, "  %s\n", line(fmt.Sprintf("%s is waived until %s: %s", waiver.Rule, waiver.Until, waiver.Reason)))
	}
	fmt.Fprintf(&b, "\n%s\n", summary(c))
	_, err := io.WriteString(w, b.String())
	return err
}

// summary counts the promises that are kept, and says what was only observed.
func summary(c *Certificate) string {
	kept := map[result.Level]int{}
	all := map[result.Level]int{}
	parts := 0
	for _, p := range c.Promises {
		all[p.Level]++
		if p.Verdict == result.Passed {
			kept[p.Level]++
		}
		if len(p.Unchecked) > 0 {
			parts++
		}
	}
	text := fmt.Sprintf("%d of %d must and %d of %d should promises are kept", kept[result.Must], all[result.Must], kept[result.Should], all[result.Should])
	if parts > 0 {
		text += fmt.Sprintf(", %d in part: not all of its scenarios could run", parts)
	}
	if n := len(c.Observed); n > 0 {
		text += fmt.Sprintf("; observed, which certifies nothing: %d", n)
	}
	return text + "."
}
