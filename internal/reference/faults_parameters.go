package reference

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// missingFaults break PV-04 (all parameters missing) and PV-05 (some).
func missingFaults() []fault {
	const every, some = "PV-04", "PV-05"
	return []fault{
		unjudgeable(every, "missing-all-drops-connection", "A request without any parameter is dropped, each time.", func(b *behaviour) {
			b.arrive = func(c *call) bool { return string(c.body) != "{}" }
		}),
		broken(every, "missing-all-answers-400", "Three missing parameters are answered 400.", missingAll(func(a *answer) { a.status = http.StatusBadRequest })),
		broken(every, "missing-all-answers-403", "Three missing parameters are answered 403.", missingAll(func(a *answer) { a.status = http.StatusForbidden })),
		broken(every, "missing-all-answers-404", "An empty object is looked up.", func(b *behaviour) {
			before := b.missing
			b.missing = func(q *request) []string {
				if names := before(q); len(names) < 3 {
					return names
				}
				return nil
			}
			alsoFits(func(code string) bool { return code == "" })(b)
		}),
		broken(every, "missing-code-in-snake-case", "The code is missing_parameter.", refuseWithCode(missingParameter, "missing_parameter")),
		ofField(every, "missing-code-plural", "The code is MissingParameters where there are several.", missingAll(func(a *answer) { a.body.set("code", "MissingParameters") })),
		broken(every, "missing-message-lacks-dots", "The parameters are separated by a line break alone.", words(2, 3, joined("\n"))),
		broken(every, "missing-message-in-one-line", "The line breaks are lost.", words(2, 3, joined(". "))),
		broken(every, "missing-message-has-escaped-breaks", "The line breaks are a backslash and an n.", words(2, 3, joined(`\n. `))),
		broken(every, "missing-message-with-commas", "The parameters are separated by commas.", words(2, 3, joined(", "))),
		broken(every, "missing-message-sorted", "The parameters are named in the order of the alphabet.", words(2, 3, func(names []string) string {
			names = slices.Sorted(slices.Values(names))
			return joined("\n. ")(names)
		})),
		broken(every, "missing-message-names-first-only", "Only the first missing parameter is named.", words(2, 3, func(names []string) string { return "missing " + names[0] })),
		broken(every, "missing-message-says-required", "The message says that they are required.", words(3, 3, func(names []string) string {
			return strings.Join(names, " is required\n. ") + " is required"
		})),
		broken(every, "missing-message-ends-in-break", "The message ends in one more separator.", words(3, 3, func(names []string) string { return joined("\n. ")(names) + "\n. " })),

		broken(some, "missing-phone-unnoticed", "A missing phone is looked up.", unnoticed("phone")),
		broken(some, "missing-country-code-unnoticed", "A missing country code is taken to be +1.", all(unnoticed("countryCode"), func(b *behaviour) {
			before := b.readText
			b.readText = func(c *call, key string) string {
				if s := before(c, key); s != "" || key != "countryCode" {
					return s
				}
				return "+1"
			}
		})),
		broken(some, "missing-country-code-answered-as-format", "A missing country code is answered as one of another form.", unnoticed("countryCode")),
		broken(some, "missing-otp-unnoticed", "A missing OTP is compared.", unnoticed("otp")),
		broken(some, "missing-otp-validates", "Without an OTP nothing is compared.", all(unnoticed("otp"), matching(func(literal string, otp int) bool {
			return literal == "" || sameNumber(literal, otp)
		}))),
		broken(some, "missing-some-answers-400", "One or two missing parameters are answered 400.", missingSome(func(a *answer) { a.status = http.StatusBadRequest })),
		broken(some, "missing-some-names-all", "The message always names all three.", words(1, 2, func([]string) string {
			return joined("\n. ")([]string{"phone", "countryCode", "otp"})
		})),
		broken(some, "missing-pair-names-last-only", "Of two missing parameters only the last is named.", words(2, 2, func(names []string) string { return "missing " + names[1] })),
		broken(some, "missing-pair-reversed", "Two missing parameters are named the wrong way round.", words(2, 2, func(names []string) string {
			return joined("\n. ")([]string{names[1], names[0]})
		})),
		broken(some, "missing-pair-with-and", "Two missing parameters are joined by and.", words(2, 2, func(names []string) string { return "missing " + names[0] + " and " + names[1] })),
		broken(some, "missing-single-begins-with-separator", "A single missing parameter has the separator before it.", words(1, 1, func(names []string) string { return "\n. missing " + names[0] })),
		broken(some, "missing-single-with-full-stop", "A single missing parameter has a full stop after it.", words(1, 1, func(names []string) string { return "missing " + names[0] + "." })),
		broken(some, "missing-single-in-snake-case", "countryCode is named country_code where it is alone.", words(1, 1, func(names []string) string {
			return "missing " + strings.Replace(names[0], "countryCode", "country_code", 1)
		})),
	}
}

// spaceFaults break PV-08: spaces in the phone.
func spaceFaults() []fault {
	const rule = "PV-08"
	return []fault{
		broken(rule, "spaces-kept", "The phone is looked up with its spaces.", cleaning(func(s string) string { return s })),
		broken(rule, "spaces-trimmed-at-ends-only", "Spaces inside the phone are kept.", cleaning(func(s string) string { return strings.Trim(s, " ") })),
		broken(rule, "only-first-space-removed", "Only the first space is removed.", cleaning(func(s string) string { return strings.Replace(s, " ", "", 1) })),
		broken(rule, "leading-spaces-kept", "Spaces before the phone are kept.", cleaning(func(s string) string {
			rest := strings.TrimLeft(s, " ")
			return s[:len(s)-len(rest)] + strings.ReplaceAll(rest, " ", "")
		})),
		broken(rule, "trailing-spaces-kept", "Spaces after the phone are kept.", cleaning(func(s string) string {
			rest := strings.TrimRight(s, " ")
			return strings.ReplaceAll(rest, " ", "") + s[len(rest):]
		})),
		broken(rule, "phone-cut-at-space", "The phone ends at its first space inside.", cleaning(func(s string) string {
			first, _, _ := strings.Cut(strings.Trim(s, " "), " ")
			return first
		})),
		broken(rule, "phone-with-spaces-refused", "A phone with spaces is answered 409.", refusing(refusedOption, func(c *call) bool { return strings.Contains(c.request.phone, " ") })),
		ofField(rule, "success-phone-keeps-spaces", "The phone is answered as it was sent, spaces and all.", onData(func(c *call, d *object) { d.set("phone", text(c.request.fields["phone"])) })),
	}
}

// numberFaults break PV-09: the OTP is a JSON number.
func numberFaults() []fault {
	const rule = "PV-09"
	asText := func(_ *call, value json.RawMessage) string { return text(value) }
	return []fault{
		broken(rule, "otp-number-counts-as-missing", "Only a string counts as an OTP.", func(b *behaviour) { b.readOTP = asText }),
		broken(rule, "otp-number-answers-400", "An OTP that is no string is answered 400.", func(b *behaviour) {
			b.examine = func(c *call) verdict {
				if numberLiteral(c.request.fields["otp"]) != "" {
					return malformed
				}
				return passed
			}
		}),
		broken(rule, "otp-number-never-equals-text", "A number is compared with the stored text and never equals it.", matching(func(string, int) bool { return false })),
		broken(rule, "otp-held-in-16-bits", "The OTP sent is cut to 16 bits.", matching(func(literal string, otp int) bool { return sameNumber(literal, int(int16(otp))) })),
		broken(rule, "otp-lost-when-last-key", "A parser of its own loses the OTP where it is the last key.", func(b *behaviour) {
			before := b.readOTP
			b.readOTP = func(c *call, value json.RawMessage) string {
				if keys := topLevelKeys(c.body); len(keys) > 0 && keys[len(keys)-1] == "otp" {
					return ""
				}
				return before(c, value)
			}
		}),
	}
}

// optionFaults break PV-10: project, projectFlow and phoneGateway are optional and accepted.
func optionFaults() []fault {
	const rule = "PV-10"
	refused := func(name string) change {
		return refusing(refusedOption, func(c *call) bool { return c.given(name) })
	}
	gateway := func(name string) change {
		return refusing(refusedOption, func(c *call) bool { return c.request.gateway == name })
	}
	return []fault{
		broken(rule, "project-refused", "A project is answered 409: no such parameter.", refused("project")),
		broken(rule, "project-flow-refused", "A projectFlow is answered 409: no such parameter.", refused("projectFlow")),
		broken(rule, "gateway-refused", "A phoneGateway is answered 409: no such parameter.", refused("phoneGateway")),
		broken(rule, "gateway-sms-refused", "The gateway sms is unknown.", gateway("sms")),
		broken(rule, "gateway-whatsapp-refused", "The gateway whatsapp is unknown.", gateway("whatsapp")),
		broken(rule, "gateway-none-refused", "The gateway none is unknown.", gateway("none")),
		broken(rule, "gateway-whatsapp-finds-nothing", "With the gateway whatsapp nothing is found.", refusing(notFound, func(c *call) bool { return c.request.gateway == "whatsapp" })),
		broken(rule, "options-refused-together", "All three options at once are answered 409.", refusing(refusedOption, func(c *call) bool {
			return c.given("project") && c.given("projectFlow") && c.given("phoneGateway")
		})),
		broken(rule, "project-required", "A project is asked for.", requiring("project")),
		broken(rule, "project-flow-required", "A projectFlow is asked for.", requiring("projectFlow")),
		broken(rule, "gateway-required", "A phoneGateway is asked for.", requiring("phoneGateway")),
		broken(rule, "project-finds-nothing", "The project is compared with the flow's id: nothing is found.", func(b *behaviour) {
			b.narrows = func(q *request, v *validation) bool {
				return (q.project == "" || q.project == v.flow) && (q.flow == "" || q.flow == v.flow)
			}
		}),
	}
}

// narrowingFaults break PV-11: project and projectFlow narrow the search.
func narrowingFaults() []fault {
	const rule = "PV-11"
	return []fault{
		broken(rule, "project-ignored", "Another project finds the validation all the same.", func(b *behaviour) {
			b.narrows = func(q *request, v *validation) bool { return q.flow == "" || q.flow == v.flow }
		}),
		broken(rule, "project-flow-ignored", "Another flow finds the validation all the same.", func(b *behaviour) {
			b.narrows = func(q *request, v *validation) bool { return q.project == "" || q.project == v.project }
		}),
		broken(rule, "narrowing-needs-both", "Only project and flow together narrow the search.", func(b *behaviour) {
			b.narrows = func(q *request, v *validation) bool { return q.project == "" || q.flow == "" || narrows(q, v) }
		}),
		broken(rule, "narrowing-takes-either", "A project or a flow that is the validation's is enough, and where one is left out it is taken to be.", func(b *behaviour) {
			b.narrows = func(q *request, v *validation) bool {
				return q.project == "" || q.project == v.project || q.flow == "" || q.flow == v.flow
			}
		}),
		broken(rule, "any-known-project-accepted", "A project has to exist, not to be the validation's.", knownOnly(func(r *registration, q *request) bool { return r.project == q.project }, func(q *request) { q.project = "" })),
		broken(rule, "any-known-flow-accepted", "A flow has to exist, not to be the validation's.", knownOnly(func(r *registration, q *request) bool { return r.flow == q.flow }, func(q *request) { q.flow = "" })),
		broken(rule, "own-project-is-enough", "With the validation's own project the flow is not looked at.", func(b *behaviour) {
			b.narrows = func(q *request, v *validation) bool { return q.project == v.project || narrows(q, v) }
		}),
		broken(rule, "own-flow-is-enough", "With the validation's own flow the project is not looked at.", func(b *behaviour) {
			b.narrows = func(q *request, v *validation) bool { return q.flow == v.flow || narrows(q, v) }
		}),
		broken(rule, "other-project-answers-403", "Another project or flow is answered as a wrong OTP.", mistake(otherProject, wrongOTP)),
		broken(rule, "other-project-answers-409", "Another project or flow is answered 409.", refuseWithStatus(otherProject, http.StatusConflict)),
		broken(rule, "other-project-lacks-code", "The 404 for another project or flow has a message alone.", onVerdict(otherProject, func(_ *call, a *answer) { a.body.drop("code") })),
	}
}

// knownOnly forgets what a request narrows by where some registration has it.
func knownOnly(has func(*registration, *request) bool, forget func(*request)) change {
	return func(b *behaviour) {
		find := b.find
		b.find = func(c *call) *validation {
			for _, r := range c.records.registrations {
				if has(r, &c.request) {
					forget(&c.request)
					break
				}
			}
			return find(c)
		}
	}
}

// topLevelKeys are the keys of a JSON object in the order in which they stand there, as often as they do.
func topLevelKeys(body []byte) []string {
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var keys []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return keys
		}
		keys = append(keys, key.(string))
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return keys
		}
	}
	return keys
}
