package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
)

// strictVariants refuse what the documentation does not describe in a request; the last five take it.
func strictVariants() []Variant {
	refused := func(name, doc string, status int, when check) Variant {
		return differing(name, doc, refusedWith(malformed, status, "ValidationError", "the request is not as documented"), examining(malformed, when))
	}
	refusedLater := func(name, doc string, when check) Variant { // what is missing and the country code come first
		return differing(name, doc, refusedWith(malformed, 400, "ValidationError", "the request is not as documented"), refusing(malformed, when))
	}
	wrongType := given("otp").and(not(typedNumber))
	for _, name := range []string{"phone", "countryCode", "project", "projectFlow", "phoneGateway"} {
		wrongType = wrongType.or(sent(name, `^[^"]`))
	}
	return []Variant{
		refused("other-types-400", "A parameter of another type, null too, is 400.", 400, wrongType),
		refused("other-types-422", "A parameter of another type, null too, is 422.", 422, wrongType),
		differing("other-types-in-html", "A parameter of another type, null too, is the framework's page, 400.",
			inOtherWords(malformed, 400, "text/html; charset=utf-8", "<!DOCTYPE html><pre>Bad Request</pre>"), examining(malformed, wrongType)),
		refusedLater("otp-no-integer-400", "An OTP with a fraction, an exponent or a sign, or one that no 64 bits hold, is 400.", not(sent("otp", `^\d{1,18}$`))),
		refusedLater("otp-of-other-length-400", "An OTP that has not six digits is 400.", not(sent("otp", `^.{6}$`))),
		refusedLater("unknown-parameters-400", "A parameter that is not documented is 400.", hasUnknownParameter),
		refusedLater("phone-of-other-length-400", "A phone that has not eight digits, spaces aside, is 400.", not(sent("phone", `^"( *\d){8} *"$`))),
		refusedLater("project-of-other-form-400", "A project or flow that is no id is 400.", func(c *call) bool {
			return c.request.project != "" && !idFits(c.request.project) || c.request.flow != "" && !idFits(c.request.flow)
		}),
		refusedLater("gateway-unknown-400", "A phoneGateway that is none of the three is 400.", given("phoneGateway").and(not(sent("phoneGateway", `^"(sms|whatsapp|none)"$`)))),
		refused("doubled-keys-400", "A key that occurs twice is 400.", 400, repeatsKey),
		refused("large-body-413", "A body of more than 16 KiB is 413.", 413, bodyLongerThan(16<<10)),
		refused("deep-nesting-400", "Nesting of more than 32 levels is 400.", 400, nestedDeeperThan(32)),
		differing("other-content-type-415", "A body that is not called JSON is 415.",
			refusedWith(malformed, 415, "UnsupportedMediaType", "415:not_json"), examining(malformed, not(calledJSON))),
		differing("zero-counts-as-missing", "An OTP of 0 counts as missing.", lacking("otp", func(c *call) bool { return parsed(c.request.otp) == 0 })),
		differing("firewall", "What looks like an attack is answered 403 by a firewall, in HTML.",
			inOtherWords(malformed, 403, "text/html", "<html><body>Request blocked.</body></html>"), examining(malformed, looksLikeAnAttack)),

		differing("country-code-spaces-removed", "Spaces in the country code are removed, around it and inside.",
			reading(func(c *call) { c.request.countryCode = withoutSpaces(c.request.countryCode) })),
		differing("numbers-as-text", "A phone that is a number counts as its digits, and so does a country code, with a plus before it.",
			reading(where(sent("phone", `^\d`), func(c *call) { c.request.phone = numberLiteral(c.request.fields["phone"]) })),
			reading(where(sent("countryCode", `^\d`), func(c *call) { c.request.countryCode = "+" + numberLiteral(c.request.fields["countryCode"]) }))),
		differing("lists-as-text", "A list of one text counts as that text.",
			reading(where(sent("phone", oneText), func(c *call) { c.request.phone = textInList(c.request.fields["phone"]) })),
			reading(where(sent("countryCode", oneText), func(c *call) { c.request.countryCode = textInList(c.request.fields["countryCode"]) }))),
		differing("phone-with-country-code-accepted", "A phone may begin with its country code.",
			alsoFinding(func(typed, own number) bool {
				return typed.countryCode == own.countryCode && typed.phone == own.countryCode+own.phone
			})),
		differing("otp-as-text-with-spaces", "An OTP of digits in a string is taken, with spaces around it too.", takingValues(`^"\s*RIGHT\s*"$`)),
	}
}

func looksLikeAnAttack(c *call) bool {
	signs := regexp.MustCompile(`\.\./|\$\{|' OR|<b>|\$(ne|gt|where)|\\u0000|%00|\{\{`)
	return signs.Match(c.body) || signs.MatchString(fmt.Sprint(c.r.Header))
}

// oneText is a list of one text.
const oneText = `^\[\s*"[^"]*"\s*\]$`

// textInList returns the text of such a list.
func textInList(list json.RawMessage) string { return textOf(bytes.Trim(list, "[ \t\r\n]")) }
