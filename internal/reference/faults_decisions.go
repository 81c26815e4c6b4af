package reference

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// decisionFaults returns the faults of how a call is decided: which OTP is right and how a wrong one is answered (PV-02), that it
// is a number (PV-09) and nothing else validates (PV-25), that optional parameters are accepted (PV-10), that project and
// projectFlow narrow the search (PV-11), that country code and phone belong together (PV-21), and that only the registration's
// own token authenticates (PV-16).
func decisionFaults() []Fault {
	refused := func(when check) change { return refusing(refusedOption, when) }
	required := func(name string) change { return lacking(name, not(given(name))) }
	gateway := func(name string, v verdict) change { return refusing(v, sent("phoneGateway", name)) }
	knownProject := func(c *call) bool {
		return slices.ContainsFunc(c.records.inOrder, func(r *registration) bool { return r.project == c.request.project })
	}
	// project and flow let some calls find a validation of another project or flow.
	project := func(also check) change { return narrowing(check(ofFlow).and(check(ofProject).or(also))) }
	flow := func(also check) change { return narrowing(check(ofProject).and(check(ofFlow).or(also))) }
	beginning := func(sent, own string) bool {
		return len(sent) == len(own) && strings.HasPrefix(sent, own[:len(own)*3/4])
	}
	noHeader := func(c *call) bool { return c.authorization == "" }
	isBearer := func(c *call) bool { return c.token != "" }
	together := func(one, other string) change {
		return refusing(refusedOption, given(one).and(given(other)).and(not(given("project").and(given("projectFlow")))))
	}
	underAnyCode := func(when check) change {
		return alsoFinding(when, func(typed, own number) bool { return typed.phone == own.phone })
	}
	stranger := func(when check) change {
		return func(b *behaviour) { b.belongs = b.belongs.or(when) }
	}
	anyNumber := func(number, number) bool { return true }
	butTheLast := func(a, b string) bool { return len(a) == len(b) && a[:len(a)-1] == b[:len(b)-1] }
	unnarrowed := func(when check) change { return narrowing(check(narrows).or(when)) }
	anyBearer := func(when check) change { return unasked(when.and(isBearer)) }
	firstAlike := integers(func(typed, right int) bool { return typed/100 == right/100 })
	lastAlike := integers(func(typed, right int) bool { return typed%100_000 == right%100_000 })
	fractionCutOff := func(when check) change {
		return accepting(when.and(digits(func(typed, right string) bool { return math.Trunc(parsed(typed)) == parsed(right) })))
	}
	inArray := func(when check) change {
		return all(takingValues("never"), accepting(when.and(written(`^\[RIGHT\]$`))))
	}
	anyPhone := func(when check) change {
		return alsoFinding(when, func(typed, own number) bool { return typed.countryCode == own.countryCode })
	}
	wrongInDialect := func(when check) change { return dialect(answersTo(wrongOTP).and(when)) }
	return slices.Concat([]Fault{
		broken("PV-02", "otp-not-compared", "Any OTP is accepted.", accepting(always)),
		broken("PV-02", "any-otp-of-that-length-accepted", "Any OTP with as many digits is accepted.", acceptingOnly(digits(func(typed, right string) bool { return len(typed) == len(right) }))),
		broken("PV-02", "only-first-digits-compared", "Only the first four digits are compared.", acceptingOnly(firstAlike)),
		broken("PV-02", "only-last-digits-compared", "Only the last five digits are compared.", acceptingOnly(lastAlike)),
		broken("PV-02", "otp-second-digit-not-compared", "The second digit is not compared.", accepting(digitsExcept(1))),
		broken("PV-02", "otp-third-digit-not-compared", "The third digit is not compared.", accepting(digitsExcept(2))),
		broken("PV-02", "otp-fourth-digit-not-compared", "The fourth digit is not compared.", accepting(digitsExcept(3))),
		broken("PV-02", "otp-fifth-digit-not-compared", "The fifth digit is not compared.", accepting(digitsExcept(4))),
		broken("PV-02", "otp-last-digit-not-compared", "A loop ends one digit too early.", accepting(digitsExcept(5))),
		broken("PV-02", "otp-off-by-one-accepted", "A tolerance for rounding accepts the neighbours of the right OTP.",
			accepting(integers(func(typed, right int) bool { return typed == right-1 || typed == right+1 }))),
		broken("PV-02", "otp-one-more-accepted", "A comparison is off by one: the right OTP plus one is accepted.", accepting(integers(func(typed, right int) bool { return typed == right+1 }))),
		broken("PV-02", "otp-not-less-accepted", "Any OTP that is not less than the right one is accepted.", accepting(integers(func(typed, right int) bool { return typed >= right }))),
		broken("PV-02", "otp-digits-sorted", "The digits are compared without their order.", accepting(digits(func(typed, right string) bool { return slices.Equal(sortedDigits(typed), sortedDigits(right)) }))),
		broken("PV-02", "otp-sum-compared", "Only the sum of the digits is compared.", accepting(digits(func(typed, right string) bool { return digitSum(typed) == digitSum(right) }))),
		broken("PV-02", "otp-of-any-validation-accepted", "The OTP is looked for among those of all pending validations.", accepting(otpOf(pendingOthers))),
		broken("PV-02", "otp-neighbouring-digits-exchanged", "Two adjacent digits may be exchanged.", accepting(digits(neighboursExchanged))),
		broken("PV-02", "otp-backwards-accepted", "The OTP is accepted backwards.", drawing(func(otp string) bool { return !strings.HasSuffix(otp, "0") && backwards(otp) != otp }),
			accepting(digits(func(typed, right string) bool { return typed == backwards(right) }))),
		broken("PV-02", "otp-compared-as-a-ring", "The digits are compared as a ring, wherever they begin.", drawing(func(otp string) bool { return otp[1] != '0' }),
			accepting(digits(func(typed, right string) bool {
				return len(typed) == len(right) && strings.Contains(right+right, typed)
			}))),
		broken("PV-02", "wrong-otp-answers-200", "A wrong OTP is answered 200 with the error as body.", status(wrongOTP, 200)),
		broken("PV-02", "wrong-otp-answers-400", "A wrong OTP is answered 400.", status(wrongOTP, 400)),
		broken("PV-02", "wrong-otp-answers-401", "A wrong OTP is answered 401.", status(wrongOTP, 401)),
		broken("PV-02", "wrong-otp-answers-404", "A wrong OTP is answered 404: the OTP is part of the look-up.", judgingAs(answersTo(wrongOTP), notFound)),
		broken("PV-02", "wrong-otp-answers-409", "A wrong OTP is answered 409.", status(wrongOTP, 409)),
		broken("PV-02", "wrong-otp-answers-412", "A wrong OTP is answered as an expired one.", judgingAs(answersTo(wrongOTP), hasExpired)),
		ofField("PV-02", "wrong-otp-code-renamed", "The code is invalid_otp.", code(wrongOTP, "invalid_otp")),
		ofField("PV-02", "wrong-otp-code-capitalised", "The code is OTP_DOES_NOT_MATCH.", code(wrongOTP, "OTP_DOES_NOT_MATCH")),
		ofField("PV-02", "wrong-otp-code-holds-status", "The code begins with the status, as the message does.", code(wrongOTP, "403:otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-lacks-status", "The message lacks 403: before the symbol.", message(wrongOTP, "otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-has-other-status", "The message says 404.", message(wrongOTP, "404:otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-has-space", "A space stands after the colon of the message.", message(wrongOTP, "403: otp_does_not_match")),
		ofField("PV-02", "wrong-otp-message-translated", "The message is a sentence in the user's language.", message(wrongOTP, "El código no coincide")),
		broken("PV-02", "wrong-otp-in-other-dialect", "Wrong OTPs are answered in the other error format: the HTTP name in code, the symbol in message.", dialect(answersTo(wrongOTP))),
		broken("PV-02", "errors-in-other-dialect", "403, 404 and 412 are in the other error format: the HTTP name in code, the symbol in message.",
			dialect(answersTo(wrongOTP, notFound, otherRegistration, otherProject, hasExpired))),
		broken("PV-02", "wrong-otp-accepted-where-flow-alone-named", "A request that names the project flow and no project skips the comparison.", accepting(given("projectFlow").and(not(given("project"))))),
		ofField("PV-02", "wrong-otp-translated-for-one-country", "Under +57, a wrong OTP is answered in the country's language.",
			body(answersTo(wrongOTP).and(sent("countryCode", `\+57"`)), "message", "El código no coincide")),
		broken("PV-02", "wrong-otp-answers-404-where-project-named", "Where the project is named, the OTP is part of the look-up: a wrong one is answered 404.", judgingAs(answersTo(wrongOTP).and(given("project")), notFound)),
		broken("PV-02", "otp-of-newest-validation-accepted", "The last OTP sent is kept in one place for all, and accepted as well.", accepting(otpOf(newest))),

		broken("PV-09", "otp-number-counts-as-missing", "Only a string counts as an OTP.", reading(func(c *call) { c.request.otp = textOf(c.request.fields["otp"]) })),
		broken("PV-09", "otp-number-answers-400", "An OTP that is no string is answered 400.", examining(malformed, typedNumber)),
		broken("PV-09", "otp-number-never-equals-text", "A number is compared with the stored text and never equals it.", acceptingOnly(not(always))),
		broken("PV-09", "otp-held-in-16-bits", "The OTP sent is cut to 16 bits.", acceptingOnly(integers(func(typed, right int) bool { return typed == int(int16(right)) }))),
		broken("PV-09", "otp-lost-when-last-key", "A parser of its own loses the OTP where it is the last key.",
			reading(where(bodyLike(`"otp"\s*:[^,]*}\s*$`), func(c *call) { c.request.otp = "" }))),
		broken("PV-09", "request-over-several-lines-refused", "A request of more than one line is no JSON.", examining(malformed, bodyLike(`\S\s*\n\s*\S`))),
		broken("PV-09", "otp-lost-behind-a-space", "A parser of its own loses an OTP that has a space before it.", examining(missingParameter, bodyLike(`(?s)^[^\n]*"otp" ?: [^\n]*$`))),
		broken("PV-09", "otp-lost-before-a-spaced-colon", "A parser of its own loses an OTP whose colon has a space before it.", examining(missingParameter, bodyLike(`"otp" :`))),
		broken("PV-09", "escaped-plus-refused", "A parser of its own does not know escapes.", examining(badCountryCode, bodyLike(`\\u002b`))),

		broken("PV-10", "project-refused", "A project is answered 409: no such parameter.", refused(given("project"))),
		broken("PV-10", "project-flow-refused", "A projectFlow is answered 409: no such parameter.", refused(given("projectFlow"))),
		broken("PV-10", "gateway-refused", "A phoneGateway is answered 409: no such parameter.", refused(given("phoneGateway"))),
		broken("PV-10", "gateway-sms-refused", "The gateway sms is unknown.", gateway("sms", refusedOption)),
		broken("PV-10", "gateway-whatsapp-refused", "The gateway whatsapp is unknown.", gateway("whatsapp", refusedOption)),
		broken("PV-10", "gateway-none-refused", "The gateway none is unknown.", gateway("none", refusedOption)),
		broken("PV-10", "gateway-whatsapp-finds-nothing", "With the gateway whatsapp nothing is found.", gateway("whatsapp", notFound)),
		broken("PV-10", "options-refused-together", "All three options at once are answered 409.", refused(given("project").and(given("projectFlow")).and(given("phoneGateway")))),
		broken("PV-10", "project-required", "A project is required.", required("project")),
		broken("PV-10", "project-flow-required", "A projectFlow is required.", required("projectFlow")),
		broken("PV-10", "gateway-required", "A phoneGateway is required.", required("phoneGateway")),
		broken("PV-10", "project-finds-nothing", "The project is compared with the flow's id: nothing is found.",
			narrowing(check(ofFlow).and(func(c *call) bool { return c.request.project == "" || c.request.project == c.validation.flow }))),
		broken("PV-10", "project-and-gateway-refused", "A project and a delivery method are refused together.", together("project", "phoneGateway")),
		broken("PV-10", "flow-and-gateway-refused", "A project flow and a delivery method are refused together.", together("projectFlow", "phoneGateway")),
		broken("PV-10", "options-before-the-rest-refused", "The required parameters have to come first.", examining(malformed, bodyLike(`^\{"(project|phoneGateway)`))),
		broken("PV-10", "all-options-refused-undelivered", "With project and flow the delivery method none is refused.", refused(given("project").and(given("projectFlow")).and(sent("phoneGateway", "none")))),
		broken("PV-10", "flow-refused-for-codes-of-1-digit", "Under a country code of one digit, a flow is refused.", refused(given("projectFlow").and(withCodeOf(1)))),

		broken("PV-11", "project-ignored", "Another project finds the validation all the same.", project(always)),
		broken("PV-11", "project-flow-ignored", "Another flow finds the validation all the same.", flow(always)),
		broken("PV-11", "narrowing-needs-both", "Only project and flow together narrow the search.", narrowing(check(narrows).or(not(given("project").and(given("projectFlow")))))),
		broken("PV-11", "narrowing-takes-either", "The validation's own project or its own flow is enough; one that is left out counts as its own.", narrowing(check(ofProject).or(ofFlow))),
		broken("PV-11", "any-known-project-accepted", "Any project that exists is accepted.", project(knownProject)),
		broken("PV-11", "any-known-flow-accepted", "Any flow that exists is accepted.", flow(func(c *call) bool {
			return slices.ContainsFunc(c.records.inOrder, func(r *registration) bool { return r.flow == c.request.flow })
		})),
		broken("PV-11", "own-project-is-enough", "With the validation's own project the flow is not checked.", flow(given("project"))),
		broken("PV-11", "own-flow-is-enough", "With the validation's own flow the project is not checked.", project(given("projectFlow"))),
		broken("PV-11", "other-project-answers-403", "Another project or flow is answered as a wrong OTP.", judgingAs(answersTo(otherProject), wrongOTP)),
		broken("PV-11", "other-project-answers-409", "Another project or flow is answered 409.", status(otherProject, 409)),
		ofField("PV-11", "other-project-lacks-code", "The 404 for another project or flow has a message alone.", editing(answersTo(otherProject), func(c *call) { c.answer.body.drop("code") })),
		broken("PV-11", "project-compared-by-its-beginning", "A column is too short: of the project all but the last characters are compared.",
			project(func(c *call) bool { return beginning(c.request.project, c.validation.project) })),
		broken("PV-11", "project-compared-by-its-end", "Of the project only the last characters are compared.",
			project(func(c *call) bool { return strings.HasSuffix(c.request.project, c.validation.project[6:]) })),
		broken("PV-11", "project-within-what-is-sent", "What is sent has to contain the project.", project(func(c *call) bool { return strings.Contains(c.request.project, c.validation.project) })),
		broken("PV-11", "flow-of-other-form-ignored", "A flow that is no id is not looked at.", flow(func(c *call) bool { return !idFits(c.request.flow) })),
		broken("PV-11", "project-and-flow-of-another-accepted", "Project and flow together have to exist, not to be the validation's.", narrowing(check(narrows).or(func(c *call) bool {
			return slices.ContainsFunc(c.records.inOrder, func(r *registration) bool { return r.project == c.request.project && r.flow == c.request.flow })
		}))),
		broken("PV-11", "flow-compared-by-its-beginning", "Of the project flow all but the last characters are compared.",
			flow(func(c *call) bool { return beginning(c.request.flow, c.validation.flow) })),
		broken("PV-11", "other-project-validates-anyway", "Another project is answered 404, but the phone is validated by then.", despite(otherProject, validates)),
		broken("PV-11", "other-project-links-anyway", "Another project is answered 404, but the registration is linked by then.", despite(otherProject, links)),
		broken("PV-11", "any-known-project-accepted-with-own-flow", "With the validation's own flow any project that exists is accepted.", project(given("projectFlow").and(knownProject))),
		broken("PV-11", "other-flow-found-before-face-liveness", "Where face liveness is recommended, the flow is not checked.", narrowing(check(ofProject).and(check(ofFlow).or(beforeLiveness)))),

		broken("PV-16", "token-not-asked-for", "Any Authorization is accepted, and none.", unasked(always)),
		broken("PV-16", "missing-header-accepted", "Without an Authorization header nothing is checked.", unasked(noHeader)),
		broken("PV-16", "scheme-ignored", "An Authorization that is not a bearer is not checked.", unasked(not(noHeader).and(not(isBearer)))),
		broken("PV-16", "unknown-token-accepted", "Any bearer token is accepted.", unasked(isBearer)),
		broken("PV-16", "other-registration-token-accepted", "The token of any registration is accepted.", stranger(always)),
		broken("PV-16", "missing-token-answers-200", "Without a valid token the answer is 200 with an error in it.", status(unauthorised, 200)),
		broken("PV-16", "missing-token-validates-anyway", "Without a valid token the answer is 401, but the phone is validated by then.",
			unasked(always), judgingAs(func(c *call) bool { return c.registration != nil && c.registration.token != c.token }, unauthorised)),
		broken("PV-16", "other-token-validates-anyway", "Another registration's token is answered 404, but the phone is validated by then.",
			stranger(always), judgingAs(func(c *call) bool { return c.validation != nil && c.validation.registration != c.registration }, otherRegistration)),
		broken("PV-16", "token-signature-not-checked", "Only the part of a token before its last dot is checked.",
			unasked(func(c *call) bool { return strings.HasPrefix(c.token, tokenHeader) || strings.Count(c.token, ".") == 2 })),
		broken("PV-16", "refused-token-links", "Without a valid token the answer is 401, but the registration is linked by then.", despite(unauthorised, links)),
		broken("PV-16", "refused-token-validates-late", "Without a valid token the answer is 401; a queue validates all the same.", despite(unauthorised, late(validates))),
		broken("PV-16", "refused-token-links-late", "Without a valid token the answer is 401; a queue links all the same.", despite(unauthorised, late(links))),
		broken("PV-16", "other-token-links", "Another registration's token is answered 404, but the registration is linked by then.", despite(otherRegistration, links)),
		broken("PV-16", "other-token-links-its-own-registration", "Another registration's token is answered 404, but that registration is linked by then.", showingLink(linkAsKept),
			despite(otherRegistration, func(c *call) { c.registration.linked = c.validation.id })),
		broken("PV-16", "other-token-validates-late", "Another registration's token is answered 404; a queue validates all the same.", despite(otherRegistration, late(validates))),
		broken("PV-16", "token-unsigned-accepted", "A token whose header says alg none is accepted.",
			decoding(func(c *call) bool { return bytes.Contains(bytes.ToLower(decodedPart(c.token, 0)), []byte(`"none"`)) })),
		broken("PV-16", "token-unsigned-with-capital-accepted", "A token whose header says alg None is accepted; none is refused.",
			decoding(func(c *call) bool { return bytes.Contains(decodedPart(c.token, 0), []byte(`"None"`)) })),
		broken("PV-16", "token-of-two-parts-accepted", "A token that ends before its signature is accepted.",
			comparingTokens(func(sent, own string) bool { return strings.HasPrefix(own, sent+".") && strings.Contains(sent, ".") })),
		broken("PV-16", "token-with-more-behind-accepted", "A column cuts tokens to its length: whatever follows one is ignored.", comparingTokens(func(sent, own string) bool { return strings.HasPrefix(sent, own) })),
		broken("PV-16", "caller-remembered", "The caller is kept in one place for all: a call without a token counts as the previous caller's.", rememberingCaller()),
		broken("PV-16", "token-with-empty-key-accepted", "The key is not set: a token signed with an empty key is accepted.", decoding(signedWith(""))),
		broken("PV-16", "token-without-signature-accepted", "A token without a signature is accepted.",
			decoding(func(c *call) bool { return strings.HasSuffix(c.token, ".") })),
		broken("PV-16", "token-decoded-without-verifying", "A token is decoded, and its signature never checked.", decoding(always)),
		broken("PV-16", "token-beginning-accepted", "A token is looked up by its beginning.", comparingTokens(func(sent, own string) bool { return strings.HasPrefix(own, sent) })),
		broken("PV-16", "token-case-ignored", "The database compares tokens without regard to case.", comparingTokens(strings.EqualFold)),
		broken("PV-16", "empty-token-accepted", "An empty bearer token is accepted.",
			unasked(func(c *call) bool { return strings.EqualFold(strings.TrimSpace(c.authorization), "Bearer") })),
		broken("PV-16", "success-repeated-without-token", "A cache forgets Authorization: the same body without a token is answered as before.",
			repeatingSuccess(noHeader)),
		broken("PV-16", "success-repeated-for-any-token", "A cache forgets Authorization: the same body with an unknown token is answered as before.",
			repeatingSuccess(answersTo(unauthorised).and(isBearer))),
		broken("PV-16", "success-repeated-for-altered-token", "A cache compares tokens by their claims: the same body with an altered one is answered as before.",
			repeatingSuccess(answersTo(unauthorised).and(func(c *call) bool { return registrationIn(c.token) != "" }))),
		broken("PV-16", "success-repeated-for-other-token", "A cache forgets whose token it was: the same body with another registration's token is answered as before.",
			repeatingSuccess(answersTo(otherRegistration))),
		broken("PV-16", "token-known-by-its-signature", "Tokens are looked up by their signature: whatever else is in one is accepted.",
			comparingTokens(func(sent, own string) bool { return strings.HasSuffix(own, sent[strings.LastIndex(sent, ".")+1:]) })),
		broken("PV-16", "token-signature-in-any-case", "Signatures are compared without regard to case.",
			comparingTokens(func(sent, own string) bool {
				return strings.EqualFold(sent, own) && strings.HasPrefix(own, sent[:strings.LastIndex(sent, ".")])
			})),
		broken("PV-16", "no-token-asked-for-under-codes-of-1-digit", "Under a country code of one digit, no token is asked for.", unasked(withCodeOf(1))),
		broken("PV-16", "later-token-accepted", "The token of any later registration is accepted.", stranger(func(c *call) bool {
			return slices.Index(c.records.inOrder, c.registration) > slices.Index(c.records.inOrder, c.validation.registration)
		})),
		broken("PV-16", "token-null-accepted", "The word null counts as a token.", unasked(func(c *call) bool { return c.token == "null" })),
		broken("PV-16", "token-undefined-accepted", "The word undefined counts as a token.", unasked(func(c *call) bool { return c.token == "undefined" })),
		broken("PV-16", "token-with-example-key-accepted", "A token signed with the key of an example is accepted.", decoding(signedWith("secret"))),
		broken("PV-16", "token-with-sample-key-accepted", "A token signed with the key of another example is accepted.", decoding(signedWith("your-256-bit-secret"))),
		broken("PV-16", "token-of-another-algorithm-accepted", "A token of an algorithm that the provider does not know is accepted.", decoding(func(c *call) bool { return bytes.Contains(decodedPart(c.token, 0), []byte("RS256")) })),
		broken("PV-16", "token-asked-for-once", "Once the token was sent for a phone, none is needed for it.", unasked(attempted(1))),
		broken("PV-16", "token-of-who-is-validated-accepted", "The token of a registration whose phone is validated is accepted for any.", stranger(func(c *call) bool { return c.registration != nil && c.registration.linked != "" })),
		broken("PV-16", "token-last-character-not-compared", "A column cuts the last character of a token off.", comparingTokens(butTheLast)),
		broken("PV-16", "token-first-character-not-compared", "The first character of a token is not compared.", comparingTokens(func(sent, own string) bool { return len(sent) == len(own) && sent[1:] == own[1:] })),

		broken("PV-21", "own-validation-for-any-phone", "The token's own validation is found by any phone.", alsoFinding(always, anyNumber)),
		broken("PV-21", "own-validation-for-any-phone-of-the-country", "The token's own validation is found by any phone of its country code.", findingPhone(func(string, string) bool { return true })),
		broken("PV-21", "phone-by-last-digits", "Of a phone the last seven digits are compared.", findingPhone(func(typed, own string) bool { return lastOf(typed, 7) == lastOf(own, 7) })),
		broken("PV-21", "phone-by-first-digits", "Of a phone the first digits are compared.", findingPhone(func(typed, own string) bool { return strings.HasPrefix(typed, own) || strings.HasPrefix(own, typed) })),
		broken("PV-21", "phone-by-a-part", "A part of the phone is enough.", findingPhone(func(typed, own string) bool { return strings.Contains(own, typed) })),
		broken("PV-21", "phone-within-what-is-typed", "Anything that contains the phone finds it.", findingPhone(strings.Contains)),
		broken("PV-21", "number-as-one-text", "Country code and phone are looked up as one text.", alsoFinding(always, func(typed, own number) bool { return typed.countryCode+typed.phone == own.countryCode+own.phone })),
		broken("PV-21", "country-code-ignored", "The validation is found by its phone under any country code.", findingCode(func(string, string) bool { return true })),
		broken("PV-21", "otp-looked-at-before-the-phone", "The validation is found by its token, and a wrong OTP is answered before the phone is compared.",
			concluding(where(answersTo(notFound).and(ownOTPWrong), deciding(wrongOTP)))),
		broken("PV-21", "other-country-code-answers-403", "Another country code is answered as a wrong OTP.", refusing(wrongOTP, underOtherCode)),
		broken("PV-21", "other-country-code-answers-409", "Another country code is answered as a malformed one.", refusing(badCountryCode, underOtherCode)),
		broken("PV-21", "other-country-code-answers-412", "Another country code is answered as an expired OTP.", refusing(hasExpired, underOtherCode)),
		broken("PV-21", "phone-with-percent-sign-found", "The phone is looked up with LIKE: a percent sign is a wildcard.", findingPhone(like("%", ".*"))),
		broken("PV-21", "phone-with-underscore-found", "The phone is looked up with LIKE, percent signs escaped: an underscore is any digit.", findingPhone(like("_", "."))),
		broken("PV-21", "phone-with-point-found", "The phone is looked up as a regular expression: a point is any digit.", findingPhone(like(".", "."))),
		broken("PV-21", "country-code-compared-by-its-beginning", "The beginning of the validation's country code is enough.",
			findingCode(func(typed, own string) bool { return strings.HasPrefix(own, typed) })),
		broken("PV-21", "country-code-compared-by-its-end", "The last digits of the validation's country code are enough.",
			findingCode(func(typed, own string) bool { return strings.HasSuffix(own, typed[1:]) })),
		broken("PV-21", "country-code-with-a-digit-more-found", "Anything that begins with the validation's country code finds it.", findingCode(strings.HasPrefix)),
		broken("PV-21", "another-phone-after-the-right-one-found", "The validation that was found last is found for the next phone as well.", rememberingFound()),
		broken("PV-21", "phone-but-for-its-last-digit", "Of a phone the last digit is not compared.", findingPhone(butTheLast)),
		broken("PV-21", "another-phone-after-the-success-found", "A registration whose phone is validated is answered as a success, whatever the phone.", again(passed), alsoFinding(validatedBefore, anyNumber)),
		broken("PV-21", "country-code-1-taken-for-any", "+1, which many clients send by default, finds a phone of any country.", findingCode(func(typed, _ string) bool { return typed == "+1" })),
		broken("PV-21", "country-code-ignored-for-codes-of-2-digits", "A phone of a country code of two digits is found under any such code.",
			findingCode(func(typed, own string) bool { return len(typed) == 3 && len(own) == 3 })),
		broken("PV-21", "other-phone-validates-anyway", "Another phone is answered 404, but the token's own validation is validated.", onTop(notFound, forEach(own, validates))),
		broken("PV-21", "other-phone-links-anyway", "Another phone is answered 404, but the token's registration is linked to its own validation.", onTop(notFound, forEach(own, links))),

		broken("PV-25", "any-otp-after-three-wrong", "The check of the attempts is the wrong way round: after three wrong OTPs any is accepted.", accepting(attempted(3))),
		broken("PV-25", "any-otp-after-four-wrong", "After four wrong OTPs, any is accepted.", accepting(attempted(4))),
		broken("PV-25", "any-otp-after-nine-wrong", "A list of ten attempts is full: after nine wrong OTPs the next is accepted.", accepting(attempted(9))),
		broken("PV-25", "any-otp-after-success", "A validation that is validated is answered as a success, whatever the OTP.",
			again(passed), accepting(validatedBefore)),
		broken("PV-25", "otp-prefix-accepted", "The first digits of the right OTP are accepted.", accepting(digits(func(typed, right string) bool { return strings.HasPrefix(right, typed) }))),
		broken("PV-25", "otp-suffix-accepted", "The last digits of the right OTP are accepted.", accepting(digits(func(typed, right string) bool { return strings.HasSuffix(right, typed) }))),
		broken("PV-25", "otp-contained-accepted", "Anything that contains the right OTP is accepted.", accepting(written(`RIGHT`))),
		broken("PV-25", "otp-one-digit-more-accepted", "The right OTP followed by more digits is accepted.", accepting(written(`^RIGHT\d+$`))),
		broken("PV-25", "otp-cut-to-six-digits", "The last six digits of what is typed are compared, as the remainder of a million.",
			accepting(integers(func(typed, right int) bool { return typed%1_000_000 == right }))),
		broken("PV-25", "otp-wraps-at-16-bits", "Both OTPs are compared in 16 bits: the right one plus 65536 is accepted.", accepting(integers(func(typed, right int) bool { return int16(typed) == int16(right) }))),
		broken("PV-25", "otp-wraps-at-32-bits", "The OTP is cut to 32 bits: the right one plus 4294967296 is accepted.", accepting(integers(func(typed, right int) bool { return int(int32(typed)) == right }))),
		broken("PV-25", "otp-wraps-at-64-bits", "The OTP is cut to 64 bits: the right one plus 18446744073709551616 is accepted.",
			accepting(func(c *call) bool { return c.request.otp == "18446744073"+strconv.Itoa(709551616+c.validation.otp) })),
		broken("PV-25", "otp-typed-twice-accepted", "The right OTP twice, one after the other, is accepted.", accepting(written(`^RIGHTRIGHT$`))),
		broken("PV-25", "otp-fraction-cut-off", "The OTP's fraction is cut off: the right one with any fraction is accepted.",
			accepting(digits(func(typed, right string) bool { return math.Trunc(parsed(typed)) == parsed(right) }))),
		broken("PV-25", "otp-sign-ignored", "The right OTP with a minus before it is accepted.", accepting(written(`^-RIGHT$`))),
		broken("PV-25", "otp-zero-accepted", "0 counts as the value of an OTP that is not set and is accepted.", accepting(digits(func(typed, _ string) bool { return parsed(typed) == 0 }))),
		broken("PV-25", "otp-null-accepted", "null is accepted as OTP.", takingValues(`^null$`)),
		broken("PV-25", "otp-true-accepted", "A loose comparison accepts true as OTP.", takingValues(`^true$`)),
		broken("PV-25", "otp-false-accepted", "What counts as false is not compared: false is accepted.", takingValues(`^false$`)),
		broken("PV-25", "otp-empty-text-accepted", "What counts as false is not compared: an empty text is accepted.", takingValues(`^""$`)),
		broken("PV-25", "otp-empty-list-accepted", "An empty list is accepted: nothing in it differs.", takingValues(`^\[\]$`)),
		broken("PV-25", "otp-object-accepted", "An object as OTP becomes an operator of the database's query and is accepted.", takingValues(`^\{`)),
		broken("PV-25", "otp-not-equal-query-accepted", "{\"$ne\": null} becomes an operator of the database's query.", takingValues(`^\{.*\$ne`)),
		broken("PV-25", "otp-greater-query-accepted", "{\"$gt\": 0} becomes an operator of the database's query; $ne is refused.", takingValues(`^\{.*\$gt`)),
		broken("PV-25", "otp-in-array-accepted", "The right OTP as the only one in an array is accepted, and refused where there are more.", takingValues(`^\[RIGHT\]$`)),
		broken("PV-25", "otp-in-object-accepted", "The right OTP is looked for in an object.", takingValues(`^\{"otp":RIGHT\b`)),
		broken("PV-25", "otp-text-read-up-to-letters", "A text is read as a number up to its first letter.", takingValues(`^"RIGHT\D`)),
		broken("PV-25", "otp-text-not-compared", "A text is never compared.", takingValues(`^"[^"]`)),
		broken("PV-25", "otp-no-number-accepted", "Letters are accepted: what is not a number is neither less nor more than the right OTP.", takingValues(`^"\d*[^\d"]`)),
		broken("PV-25", "otp-of-the-example-accepted", "The OTP of the documentation's example is a master key.", accepting(written(`^123456$`))),
		broken("PV-25", "otp-rounded-up", "The OTP is rounded up to a whole number.", accepting(digits(func(typed, right string) bool { return math.Ceil(parsed(typed)) == parsed(right) }))),
		broken("PV-25", "otp-pattern-accepted", "A text is taken for a regular expression.", takingValues(`^"\.\*"$`)),
		broken("PV-25", "otp-wildcard-accepted", "A text is compared with LIKE.", takingValues(`^"%"$`)),
		broken("PV-25", "otp-placeholders-accepted", "A text is compared with LIKE, percent signs escaped.", takingValues(`^"_{6}"$`)),
		broken("PV-25", "otp-of-ones-accepted", "An OTP for tests, all ones, was left in.", accepting(written(`^1{6}$`))),
		broken("PV-25", "otp-of-nines-accepted", "An OTP for tests, all nines, was left in.", accepting(written(`^9{6}$`))),
		broken("PV-25", "otp-that-counts-down-accepted", "An OTP for tests, 654321, was left in.", accepting(written(`^654321$`))),
		broken("PV-25", "any-otp-where-notified", "Where a webhook is to be called, the OTP is not compared.", accepting(notified)),
		broken("PV-25", "otp-of-no-number-validates-anyway", "An OTP that is not a number is answered 403, but the phone is validated by then.", takingValues("never"), onTop(wrongOTP, where(not(typedNumber), validates))),
		broken("PV-25", "otp-of-no-number-links-anyway", "An OTP that is not a number is answered 403, but the registration is linked by then.", takingValues("never"), onTop(wrongOTP, where(not(typedNumber), links))),
		broken("PV-25", "text-after-success-accepted", "A text is not compared where the validation is validated.", again(passed), takingValues("never"), accepting(check(validatedBefore).and(not(typedNumber)))),
		broken("PV-25", "otp-minus-one-accepted", "-1 counts as the value of an OTP that is not set and is accepted.", accepting(written(`^-1$`))),
		broken("PV-25", "otp-blank-accepted", "A text of spaces counts as one that is not set.", takingValues(`^" +"$`)),
		broken("PV-25", "otp-from-one-to-four-accepted", "An OTP for tests, 1234, was left in.", accepting(written(`^1234$`))),
		broken("PV-25", "otp-among-others-in-a-list-accepted", "The right OTP is looked for in a list of several.", takingValues(`^\[.*(,RIGHT|RIGHT,).*\]$`)),
		broken("PV-25", "otp-as-text-in-a-list-accepted", "The right OTP is looked for in a list of texts.", takingValues(`^\[.*"RIGHT".*\]$`)),
		broken("PV-25", "otp-in-lists-accepted", "Lists are made flat before the right OTP is looked for.", takingValues(`^\[.*\[RIGHT\].*\]$`)),
		broken("PV-25", "otp-empty-object-accepted", "An empty object is accepted: nothing in it differs.", takingValues(`^\{\}$`)),
		broken("PV-25", "otp-exists-query-accepted", "{\"$exists\": true} becomes an operator of the database's query; $ne and $gt are refused.", takingValues(`\$exists`)),
		broken("PV-25", "otp-regex-query-accepted", "{\"$regex\": \".*\"} becomes an operator of the database's query; the others are refused.", takingValues(`\$regex`)),
		broken("PV-25", "otp-smaller-query-accepted", "{\"$lt\": ...} becomes an operator of the database's query; the others are refused.", takingValues(`\$lt`)),
		broken("PV-25", "otp-none-of-query-accepted", "{\"$nin\": []} becomes an operator of the database's query; the others are refused.", takingValues(`\$nin`)),
		broken("PV-25", "otp-negated-query-accepted", "{\"$not\": ...} becomes an operator of the database's query; the others are refused.", takingValues(`\$not`)),
		broken("PV-25", "otp-put-into-a-query", "A text becomes a part of a query as it stands.", takingValues(`^".*'`)),
		broken("PV-25", "otp-one-accepted", "1 counts as true and is accepted.", accepting(written(`^1$`))),
		broken("PV-25", "otp-beyond-all-accepted", "A number that no float can hold is accepted.", accepting(digits(func(typed, _ string) bool { return parsed(typed) > math.MaxInt64 || typed == "1e400" }))),
		broken("PV-25", "otp-held-in-single-precision", "OTPs are compared in single precision.", accepting(digits(func(typed, right string) bool { return float32(parsed(typed)) == float32(parsed(right)) }))),
		broken("PV-25", "otp-as-a-line-accepted", "The pattern's anchors mean lines: the right OTP as one of several is accepted.", takingValues(`^".*(\\nRIGHT\b|\bRIGHT\\n)`)),
		broken("PV-25", "otp-of-phones-beginning-accepted", "The first digits of the phone are a master key of testers.", accepting(ofPhone(func(phone string, n int) string { return phone[:n] }))),
		broken("PV-25", "otp-of-phones-end-accepted", "The last digits of the phone are a master key of testers.", accepting(ofPhone(func(phone string, n int) string { return phone[len(phone)-n:] }))),
		broken("PV-25", "otp-of-phone-accepted", "The phone is a master key of testers.", accepting(ofPhone(func(phone string, _ int) string { return phone }))),
		broken("PV-25", "otp-accepted-once-accepted-for-all", "Right OTPs are cached without their phones.", accepting(otpOf(validatedOthers))),
		broken("PV-25", "otp-of-zeros-as-text-accepted", "A text of zeros counts as one that is not set.", takingValues(`^"000000"$`)),
	},
		broken("PV-02", "wrong-otp-accepted", "whatever is typed is accepted.").in(accepting, "for-codes-of-1-digit", "for-codes-of-2-digits", "by-whatsapp", "undelivered", "where-gateway-named",
			"where-project-named", "where-flow-named", "before-face-liveness", "where-phone-has-spaces"),
		broken("PV-02", "wrong-otp-in-other-dialect", "a wrong OTP is answered in the other error format.").in(wrongInDialect, "where-gateway-named", "where-notified"),
		broken("PV-02", "only-first-digits-compared", "only the first four digits are compared.").in(func(when check) change { return accepting(when.and(firstAlike)) }, "where-project-named", "by-whatsapp"),
		broken("PV-02", "only-last-digits-compared", "only the last five digits are compared.").in(func(when check) change { return accepting(when.and(lastAlike)) }, "where-flow-named", "where-gateway-named", "before-face-liveness"),
		broken("PV-11", "other-project-found", "neither project nor flow is checked.").in(unnarrowed, "by-whatsapp", "where-gateway-named", "where-phone-has-spaces", "after-a-wrong-otp", "where-all-named"),
		broken("PV-16", "no-token-asked-for", "no token is asked for.").in(unasked, "where-project-named", "where-phone-has-spaces", "by-whatsapp", "undelivered", "before-face-liveness", "where-notified"),
		broken("PV-16", "unknown-token-accepted", "any token is accepted.").in(anyBearer, "where-gateway-named", "where-flow-named"),
		broken("PV-16", "other-token-accepted", "the token of another app registration is accepted.").in(stranger, "by-whatsapp", "before-face-liveness", "where-notified", "where-project-named", "where-phone-has-spaces", "after-a-wrong-otp"),
		broken("PV-16", "refused-token-links", "a request without a valid token is answered 401 and links all the same.").in(func(when check) change { return despite(unauthorised, where(when, links)) },
			"where-project-named", "where-phone-has-spaces", "before-face-liveness", "where-notified"),
		broken("PV-25", "otp-fraction-cut-off", "the OTP's fraction is cut off.").in(fractionCutOff, "for-codes-of-1-digit", "by-whatsapp", "undelivered", "where-gateway-named"),
		broken("PV-25", "otp-of-same-last-digits-accepted", "only the last five digits are compared.").in(func(when check) change { return accepting(when.and(lastAlike)) }, "where-notified", "where-all-named"),
		broken("PV-25", "otp-in-array-accepted", "the right OTP as the only one in an array is accepted.").in(inArray, "for-codes-of-2-digits", "undelivered", "where-gateway-named", "before-face-liveness", "where-project-named", "where-all-named"),
		broken("PV-21", "phone-ignored", "the phone is not compared.").in(anyPhone, "where-project-named", "where-flow-named", "where-gateway-named", "for-codes-of-1-digit", "by-whatsapp", "undelivered"),
		broken("PV-21", "country-code-ignored", "the country code is not compared.").in(underAnyCode, "where-gateway-named", "after-a-wrong-otp", "before-face-liveness", "for-codes-of-1-digit", "by-whatsapp", "undelivered", "where-all-named"),
	)
}

// digitsExcept compares OTPs without their digit at index i.
func digitsExcept(i int) check {
	return digits(func(typed, right string) bool {
		return len(typed) == len(right) && i < len(right) && typed[:i]+typed[i+1:] == right[:i]+right[i+1:]
	})
}

// neighboursExchanged reports whether typed is right with two adjacent digits exchanged.
func neighboursExchanged(typed, right string) bool {
	for i := range len(right) - 1 {
		if typed == right[:i]+right[i+1:i+2]+right[i:i+1]+right[i+2:] {
			return true
		}
	}
	return false
}

func backwards(digits string) string {
	b := []byte(digits)
	slices.Reverse(b)
	return string(b)
}

func sortedDigits(digits string) []string { return slices.Sorted(strings.SplitSeq(digits, "")) }

func digitSum(digits string) int {
	sum := 0
	for _, d := range digits {
		sum += int(d - '0')
	}
	return sum
}

// underOtherCode reports whether one of the token's own validations has the typed phone under another country code.
func underOtherCode(c *call) bool {
	typed := numberIn(c.request.fields)
	return slices.ContainsFunc(own(c), func(v *validation) bool {
		return v.number.phone == typed.phone && v.number.countryCode != typed.countryCode
	})
}

// ownOTPWrong reports whether the typed OTP is a number and wrong for a pending validation of the token.
func ownOTPWrong(c *call) bool {
	return typedNumber(c) && slices.ContainsFunc(own(c), func(v *validation) bool {
		return v.status == statusSent && !sameNumber(c.request.otp, v.otp)
	})
}

// like compares as a query in which the wildcard sign matches a pattern.
func like(sign, pattern string) func(typed, own string) bool {
	return func(typed, own string) bool {
		sought := strings.ReplaceAll(regexp.QuoteMeta(typed), regexp.QuoteMeta(sign), pattern)
		return regexp.MustCompile("^" + sought + "$").MatchString(own)
	}
}

// authenticating lets f set the registration of calls without a valid token; they are accepted if it does.
func authenticating(f hook) change {
	return func(b *behaviour) {
		b.authenticate.then(where(answersTo(unauthorised), func(c *call) {
			if f(c); c.registration != nil {
				c.verdict = passed
			}
		}))
	}
}

// unasked asks for no token in some calls: the caller counts as the registration of the validation that is named.
func unasked(when check) change {
	return authenticating(func(c *call) {
		forEach(named, where(when, func(of *call) { c.registration = of.validation.registration }))(c)
	})
}

// comparingTokens accepts a token that f takes to be the same as a known one.
func comparingTokens(f func(sent, own string) bool) change {
	return authenticating(func(c *call) {
		for own, r := range c.records.tokens {
			if c.token != "" && f(c.token, own) {
				c.registration = r
			}
		}
	})
}

// rememberingCaller takes a call without a token to be from the previous caller.
func rememberingCaller() change {
	var before *registration
	return all(
		authenticating(func(c *call) {
			if c.authorization == "" {
				c.registration = before
			}
		}),
		concluding(func(c *call) { before = c.registration }))
}

// decoding believes the claims of some tokens without verifying the signature.
func decoding(when check) change {
	return authenticating(func(c *call) {
		if strings.Contains(c.token, ".") && when(c) {
			c.registration = c.records.registrations[registrationIn(c.token)]
		}
	})
}

// signedWith checks that a token is signed with a key.
func signedWith(key string) check {
	return func(c *call) bool {
		seal := hmac.New(sha256.New, []byte(key))
		_, _ = io.WriteString(seal, c.token[:strings.LastIndex(c.token, ".")])
		return strings.HasSuffix(c.token, "."+base64.RawURLEncoding.EncodeToString(seal.Sum(nil)))
	}
}

// registrationIn returns the registration's id in the claims of a token; "" if there is none.
func registrationIn(token string) string {
	var claims struct{ AppRegistration string }
	_ = json.Unmarshal(decodedPart(token, 1), &claims) // other text than JSON holds no claims
	return claims.AppRegistration
}

// decodedPart returns the nth part of a token, decoded.
func decodedPart(token string, n int) []byte {
	parts := append(strings.Split(token, "."), "")
	decoded, _ := base64.RawURLEncoding.DecodeString(parts[n])
	return decoded
}

// repeatingSuccess answers some refused calls as an earlier success with the same body was answered.
func repeatingSuccess(when check) change {
	successful := map[string]*validation{}
	return concluding(func(c *call) {
		if c.verdict == passed {
			successful[string(c.body)] = c.validation
		} else if known := successful[string(c.body)]; known != nil && when(c) {
			c.verdict, c.validation = passed, known
		}
	})
}

// rememberingUnknown answers a phone without a validation as a wrong OTP when it is tried again.
func rememberingUnknown() change {
	tried := map[number]int{}
	return judgingAs(answersTo(notFound).and(func(c *call) bool {
		tried[numberIn(c.request.fields)]++
		return tried[numberIn(c.request.fields)] > 1
	}), wrongOTP)
}

// rememberingFound finds, where there is no validation, the one that the same token found before.
func rememberingFound() change {
	found := map[*registration]*validation{}
	return finding(func(c *call) {
		if c.validation == nil {
			c.validation = found[c.registration]
		} else if c.registration == c.validation.registration {
			found[c.registration] = c.validation
		}
	})
}
