package view

import "verifik-contract/internal/result"

// paint colours text for a terminal; off, it leaves it as it is. Only ever given clean text.
type paint bool

func (p paint) sgr(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p paint) Bold(text string) string   { return p.sgr("1", text) }
func (p paint) Dim(text string) string    { return p.sgr("2", text) }
func (p paint) red(text string) string    { return p.sgr("31", text) }
func (p paint) Green(text string) string  { return p.sgr("32", text) }
func (p paint) Yellow(text string) string { return p.sgr("33", text) }
func (p paint) cyan(text string) string   { return p.sgr("36", text) }

// look is the sign and the colour of a verdict.
func look(v result.Verdict) (sign, color string) {
	switch v {
	case result.Passed:
		return "✓", "32"
	case result.Failed:
		return "✗", "31"
	case result.Broken:
		return "!", "33"
	case result.Waived:
		return "~", "33"
	case result.Observed:
		return "○", "36"
	}
	return "-", "2"
}

// Verdict colours text as its verdict.
func (p paint) Verdict(v result.Verdict, text string) string {
	_, color := look(v)
	return p.sgr(color, text)
}

// Mark returns the sign of a verdict; the words beside it say the same to who does not see colours or signs.
func Mark(v result.Verdict) string {
	sign, _ := look(v)
	return sign
}
