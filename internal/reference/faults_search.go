package reference

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// searchFaults break what finds a validation: optional parameters are accepted (PV-10), project and projectFlow narrow the
// search (PV-11), country code and phone belong together (PV-21).
func searchFaults() []Fault {
	refused := func(when check) change { return refusing(refusedOption, when) }
	required := func(name string) change { return lacking(name, not(given(name))) }
	gateway := func(name string, v verdict) change { return refusing(v, sent("phoneGateway", name)) }
	known := func(has func(*call, *registration) bool) check {
		return func(c *call) bool {
			all := slices.Collect(maps.Values(c.records.registrations))
			return slices.ContainsFunc(all, func(r *registration) bool { return has(c, r) })
		}
	}
	// Each also narrows by a project, or by a flow, that is not the validation's own, in some cases.
	project := func(also check) change { return narrowing(check(ofFlow).and(check(ofProject).or(also))) }
	flow := func(also check) change { return narrowing(check(ofProject).and(check(ofFlow).or(also))) }
	beginning := func(sent, own string) bool {
		return len(sent) == len(own) && strings.HasPrefix(sent, own[:len(own)*3/4])
	}
	return []Fault{
		broken("PV-10", "project-refused", "A project is answered 409: no such parameter.", refused(given("project"))),
		broken("PV-10", "project-flow-refused", "A projectFlow is answered 409: no such parameter.", refused(given("projectFlow"))),
		broken("PV-10", "gateway-refused", "A phoneGateway is answered 409: no such parameter.", refused(given("phoneGateway"))),
		broken("PV-10", "gateway-sms-refused", "The gateway sms is unknown.", gateway("sms", refusedOption)),
		broken("PV-10", "gateway-whatsapp-refused", "The gateway whatsapp is unknown.", gateway("whatsapp", refusedOption)),
		broken("PV-10", "gateway-none-refused", "The gateway none is unknown.", gateway("none", refusedOption)),
		broken("PV-10", "gateway-whatsapp-finds-nothing", "With the gateway whatsapp nothing is found.", gateway("whatsapp", notFound)),
		broken("PV-10", "options-refused-together", "All three options at once are answered 409.", refused(given("project").and(given("projectFlow")).and(given("phoneGateway")))),
		broken("PV-10", "project-required", "A project is asked for.", required("project")),
		broken("PV-10", "project-flow-required", "A projectFlow is asked for.", required("projectFlow")),
		broken("PV-10", "gateway-required", "A phoneGateway is asked for.", required("phoneGateway")),
		broken("PV-10", "project-finds-nothing", "The project is compared with the flow's id: nothing is found.",
			narrowing(check(ofFlow).and(func(c *call) bool { return c.request.project == "" || c.request.project == c.validation.flow }))),

		broken("PV-11", "project-ignored", "Another project finds the validation all the same.", project(always)),
		broken("PV-11", "project-flow-ignored", "Another flow finds the validation all the same.", flow(always)),
		broken("PV-11", "narrowing-needs-both", "Only project and flow together narrow the search.", narrowing(check(narrows).or(not(given("project").and(given("projectFlow")))))),
		broken("PV-11", "narrowing-takes-either", "A project or a flow that is the validation's is enough, and where one is left out it is taken to be.", narrowing(check(ofProject).or(ofFlow))),
		broken("PV-11", "any-known-project-accepted", "A project has to exist, not to be the validation's.", project(known(func(c *call, r *registration) bool { return r.project == c.request.project }))),
		broken("PV-11", "any-known-flow-accepted", "A flow has to exist, not to be the validation's.", flow(known(func(c *call, r *registration) bool { return r.flow == c.request.flow }))),
		broken("PV-11", "own-project-is-enough", "With the validation's own project the flow is not looked at.", flow(given("project"))),
		broken("PV-11", "own-flow-is-enough", "With the validation's own flow the project is not looked at.", project(given("projectFlow"))),
		broken("PV-11", "other-project-answers-403", "Another project or flow is answered as a wrong OTP.", mistaken(otherProject, wrongOTP)),
		broken("PV-11", "other-project-answers-409", "Another project or flow is answered 409.", status(otherProject, 409)),
		ofField("PV-11", "other-project-lacks-code", "The 404 for another project or flow has a message alone.", editing(answersTo(otherProject), func(c *call) { c.answer.body.drop("code") })),
		broken("PV-11", "project-compared-by-its-beginning", "A column is too short: of the project all but the last characters are compared.",
			project(func(c *call) bool { return beginning(c.request.project, c.validation.project) })),
		broken("PV-11", "project-compared-by-its-end", "Of the project only the last characters are compared.",
			project(func(c *call) bool { return strings.HasSuffix(c.request.project, c.validation.project[6:]) })),
		broken("PV-11", "flow-compared-by-its-beginning", "Of the project flow all but the last characters are compared.",
			flow(func(c *call) bool { return beginning(c.request.flow, c.validation.flow) })),

		broken("PV-21", "own-validation-for-any-phone", "The token's own validation answers for any phone.", alsoFinding(func(number, number) bool { return true })),
		broken("PV-21", "own-validation-for-any-phone-of-the-country", "The token's own validation answers for any phone of its country code.", findingPhone(func(string, string) bool { return true })),
		broken("PV-21", "phone-by-last-digits", "Of a phone the last seven digits are compared.", findingPhone(func(typed, own string) bool { return lastOf(typed, 7) == lastOf(own, 7) })),
		broken("PV-21", "phone-by-first-digits", "Of a phone the first digits are compared.", findingPhone(func(typed, own string) bool { return strings.HasPrefix(typed, own) || strings.HasPrefix(own, typed) })),
		broken("PV-21", "phone-by-a-part", "A part of the phone is enough.", findingPhone(func(typed, own string) bool { return strings.Contains(own, typed) })),
		broken("PV-21", "phone-within-what-is-typed", "What is typed has to contain the phone.", findingPhone(strings.Contains)),
		broken("PV-21", "number-as-one-text", "Country code and phone are looked up as one text.", alsoFinding(func(typed, own number) bool { return typed.countryCode+typed.phone == own.countryCode+own.phone })),
		broken("PV-21", "country-code-ignored", "The validation is found by its phone under any country code.", findingCode(func(string, string) bool { return true })),
		broken("PV-21", "other-country-code-answers-403", "Another country code is answered as a wrong OTP.", refusing(wrongOTP, underOtherCode)),
		broken("PV-21", "other-country-code-answers-409", "Another country code is answered as one of another form.", refusing(badCountryCode, underOtherCode)),
		broken("PV-21", "other-country-code-answers-412", "Another country code is answered as an expired OTP.", refusing(hasExpired, underOtherCode)),
		broken("PV-21", "phone-with-percent-sign-found", "The phone is looked up with LIKE: a percent sign is a wildcard.", findingPhone(like("%", ".*"))),
		broken("PV-21", "phone-with-underscore-found", "The phone is looked up with LIKE, percent signs escaped: an underscore is any digit.", findingPhone(like("_", "."))),
		broken("PV-21", "phone-with-point-found", "The phone is looked up as a regular expression: a point is any digit.", findingPhone(like(".", "."))),
		broken("PV-21", "country-code-compared-by-its-beginning", "The validation's country code has to begin with what is sent.",
			findingCode(func(typed, own string) bool { return strings.HasPrefix(own, typed) })),
		broken("PV-21", "country-code-compared-by-its-end", "The validation's country code has to end in the digits that are sent.",
			findingCode(func(typed, own string) bool { return strings.HasSuffix(own, typed[1:]) })),
		broken("PV-21", "country-code-with-a-digit-more-found", "What is sent has to begin with the validation's country code.", findingCode(strings.HasPrefix)),
	}
}

// underOtherCode reports whether the token's own validation has the phone of a call under another country code.
func underOtherCode(c *call) bool {
	c.records.mu.Lock()
	defer c.records.mu.Unlock()
	typed := numberIn(c.request.fields)
	return slices.ContainsFunc(own(c), func(v *validation) bool {
		return v.number.phone == typed.phone && v.number.countryCode != typed.countryCode
	})
}

// like compares as a query does in which a sign stands for what a pattern matches.
func like(sign, pattern string) func(typed, own string) bool {
	return func(typed, own string) bool {
		sought := strings.ReplaceAll(regexp.QuoteMeta(typed), regexp.QuoteMeta(sign), pattern)
		return regexp.MustCompile("^" + sought + "$").MatchString(own)
	}
}
