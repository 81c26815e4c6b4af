package reference

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// strictVariants refuse what the documentation does not describe in a request; the last five take it.
func strictVariants() []Variant {
	refused := func(name, doc string, status int, f func(*call) bool) Variant {
		return differing(name, doc, refusedWith(malformed, status, "ValidationError", "the request is not as documented"), examining(malformed, f))
	}
	refusedLater := func(name, doc string, f func(*call) bool) Variant { // what is missing and the country code come first
		return differing(name, doc, refusedWith(malformed, 400, "ValidationError", "the request is not as documented"), refusing(malformed, f))
	}
	wrongType := func(c *call) bool {
		for name, value := range c.request.fields {
			if name == "otp" && numberLiteral(value) == "" || name != "otp" && slices.Contains(parameters(), name) && value[0] != '"' {
				return true
			}
		}
		return false
	}
	return []Variant{
		refused("other-types-400", "A parameter of another type, null too, is 400.", 400, wrongType),
		refused("other-types-422", "A parameter of another type, null too, is 422.", 422, wrongType),
		differing("other-types-in-html", "A parameter of another type, null too, is the framework's page, 400.",
			status(malformed, 400), inOtherWords(malformed, "text/html; charset=utf-8", "<!DOCTYPE html><pre>Bad Request</pre>"), examining(malformed, wrongType)),
		refusedLater("otp-no-integer-400", "An OTP with a fraction, an exponent or a sign, or one that no 64 bits hold, is 400.", func(c *call) bool {
			return len(c.request.otp) > 18 || !onlyDigits(c.request.otp)
		}),
		refusedLater("otp-of-other-length-400", "An OTP that has not six digits is 400.", func(c *call) bool { return len(c.request.otp) != 6 }),
		refusedLater("unknown-parameters-400", "A parameter that is not documented is 400.", hasUnknownParameter),
		refusedLater("phone-of-other-length-400", "A phone that has not eight digits, spaces aside, is 400.", func(c *call) bool {
			phone := withoutSpaces(c.request.phone)
			return len(phone) != 8 || !onlyDigits(phone)
		}),
		refusedLater("project-of-other-form-400", "A project or flow that is no id is 400.", func(c *call) bool {
			return c.request.project != "" && !idFits(c.request.project) || c.request.flow != "" && !idFits(c.request.flow)
		}),
		refusedLater("gateway-unknown-400", "A phoneGateway that is none of the three is 400.", func(c *call) bool { return c.given("phoneGateway") && !gatewayFits(c.request.gateway) }),
		refused("doubled-keys-400", "A key that occurs twice is 400.", 400, repeatsKey),
		refused("large-body-413", "A body of more than 16 KiB is 413.", 413, func(c *call) bool { return len(c.body) > 16<<10 }),
		refused("deep-nesting-400", "Nesting of more than 32 levels is 400.", 400, func(c *call) bool { return depthOf(c.body) > 32 }),
		differing("other-content-type-415", "A body that is not called JSON is 415.",
			refusedWith(malformed, 415, "UnsupportedMediaType", "415:not_json"), examining(malformed, func(c *call) bool { return !calledJSON(c) })),
		differing("zero-counts-as-missing", "An OTP of 0 counts as missing.", lacking("otp", func(c *call) bool { return parsed(c.request.otp) == 0 })),
		differing("firewall", "What looks like an attack is answered 403 by a firewall, in HTML.",
			status(malformed, 403), inOtherWords(malformed, "text/html", "<html><body>Request blocked.</body></html>"), examining(malformed, looksLikeAnAttack)),

		differing("country-code-spaces-removed", "Spaces in the country code are removed, around it and inside.",
			reading("countryCode", func(s string, _ json.RawMessage) string { return withoutSpaces(s) })),
		differing("numbers-as-text", "A phone that is a number counts as its digits, and so does a country code, with a plus before it.",
			reading("phone", func(s string, value json.RawMessage) string { return cmp.Or(s, numberLiteral(value)) }),
			reading("countryCode", func(s string, value json.RawMessage) string {
				if number := numberLiteral(value); number != "" {
					return "+" + number
				}
				return s
			})),
		differing("lists-as-text", "A list of one text counts as that text.", reading("phone", textInList), reading("countryCode", textInList)),
		differing("phone-with-country-code-accepted", "A phone may begin with its country code.", alsoFinding(func(typed, own number) bool {
			return typed.countryCode == own.countryCode && typed.phone == own.countryCode+own.phone
		})),
		differing("otp-as-text-with-spaces", "An OTP of digits in a string is taken, with spaces around it too.", readingOTPText(strings.TrimSpace)),
	}
}

func looksLikeAnAttack(c *call) bool {
	sent := string(c.body)
	for _, values := range c.r.Header {
		sent += strings.Join(values, "\n")
	}
	return slices.ContainsFunc([]string{"../", "${", "' OR", "<b>", "$ne", "$gt", "$where", "\\u0000", "%00", "{{"}, func(sign string) bool { return strings.Contains(sent, sign) })
}

func textInList(text string, value json.RawMessage) string {
	var one []string
	if json.Unmarshal(value, &one) == nil && len(one) == 1 {
		return one[0]
	}
	return text
}
