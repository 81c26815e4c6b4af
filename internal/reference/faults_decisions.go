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

	"verifik-contract/internal/group"
)

// decisionFaults returns the faults of how a call is decided: which OTP is right and how a wrong one is answered (PV-02), that it
// is a number (PV-09) and nothing else validates (PV-25), that optional parameters are accepted (PV-10), that project and
// projectFlow narrow the search (PV-11), that country code and phone belong together (PV-21), and that only the registration's
// own token authenticates (PV-16).
func decisionFaults() []Fault {
	refusingOption := func(when check) change { return refusing(refusedOption, when) }
	requiring := func(name string) change { return reportingMissing(name, not(given(name))) }
	refusingGateway := func(name string, v verdict) change { return refusing(v, sent("phoneGateway", name)) }
	// known checks that a request has what some registration has.
	known := func(alike func(r *registration, q request) bool) check {
		return func(c *call) bool {
			return slices.ContainsFunc(c.records.inOrder, func(r *registration) bool { return alike(r, c.request) })
		}
	}
	knownProject := known(func(r *registration, q request) bool { return r.project == q.project })
	// ignoringProject and ignoringFlow let some calls find a validation of another project or flow.
	ignoringProject := func(also check) change { return settingScope(check(ofFlow).and(check(ofProject).or(also))) }
	ignoringFlow := func(also check) change { return settingScope(check(ofProject).and(check(ofFlow).or(also))) }
	sameBeginning := func(sent, own string) bool {
		return len(sent) == len(own) && strings.HasPrefix(sent, own[:len(own)*3/4])
	}
	noHeader := func(c *call) bool { return c.authorization == "" }
	isBearer := func(c *call) bool { return c.token != "" }
	acceptingOtherToken := func(when check) change {
		return func(b *behaviour) { b.isOwn = b.isOwn.or(when) }
	}
	anyNumber := func(number, number) bool { return true }
	noOTP := not(given("otp"))
	// readingAsRight takes some OTPs that are not numbers, or are not there at all, for the right one.
	readingAsRight := func(when check) change {
		return all(reading(where(when, func(c *call) { c.request.otp = noNumber })), accepting(func(c *call) bool { return c.request.otp == noNumber }))
	}
	samePhone := func(typed, own number) bool { return typed.phone == own.phone }
	sameCode := func(typed, own number) bool { return typed.countryCode == own.countryCode }
	sameButLast := func(a, b string) bool { return len(a) == len(b) && a[:len(a)-1] == b[:len(b)-1] }
	ignoringScope := func(when check) change { return settingScope(check(inProjectAndFlow).or(when)) }
	sameFirstDigits := otpAsInteger(func(typed, right int) bool { return typed/100 == right/100 })
	sameLastDigits := otpAsInteger(func(typed, right int) bool { return typed%100_000 == right%100_000 })
	sameWithoutFraction := otpAsText(func(typed, right string) bool { return math.Trunc(asFloat(typed)) == asFloat(right) })
	sameDigits := otpAsText(func(typed, right string) bool { return slices.Equal(sortedDigits(typed), sortedDigits(right)) })
	withoutLastDigit := otpAsText(func(typed, right string) bool { return typed == right[:len(right)-1] })
	return slices.Concat([]Fault{
		fault("PV-02", "otp-not-compared", "Any OTP is accepted.", accepting(always)),
		fault("PV-02", "any-otp-of-that-length-accepted", "Any OTP with as many digits is accepted.", acceptingOnly(otpAsText(func(typed, right string) bool { return len(typed) == len(right) }))),
		fault("PV-02", "only-first-digits-compared", "Only the first four digits are compared.", acceptingOnly(sameFirstDigits)),
		fault("PV-02", "only-last-digits-compared", "Only the last five digits are compared.", acceptingOnly(sameLastDigits)),
		fault("PV-02", "otp-second-digit-not-compared", "The second digit is not compared.", accepting(sameExceptDigit(1))),
		fault("PV-02", "otp-third-digit-not-compared", "The third digit is not compared.", accepting(sameExceptDigit(2))),
		fault("PV-02", "otp-fourth-digit-not-compared", "The fourth digit is not compared.", accepting(sameExceptDigit(3))),
		fault("PV-02", "otp-fifth-digit-not-compared", "The fifth digit is not compared.", accepting(sameExceptDigit(4))),
		fault("PV-02", "otp-last-digit-not-compared", "A loop ends one digit too early.", accepting(sameExceptDigit(5))),
		fault("PV-02", "otp-off-by-one-accepted", "A tolerance for rounding accepts the neighbours of the right OTP.",
			accepting(otpAsInteger(func(typed, right int) bool { return typed == right-1 || typed == right+1 }))),
		fault("PV-02", "otp-one-more-accepted", "A comparison is off by one: the right OTP plus one is accepted.", accepting(otpAsInteger(func(typed, right int) bool { return typed == right+1 }))),
		fault("PV-02", "otp-not-less-accepted", "Any OTP that is not less than the right one is accepted.", accepting(otpAsInteger(func(typed, right int) bool { return typed >= right }))),
		fault("PV-02", "otp-digits-sorted", "The digits are compared without their order.", accepting(sameDigits)),
		fault("PV-02", "otp-sum-compared", "Only the sum of the digits is compared.", accepting(otpAsText(func(typed, right string) bool { return digitSum(typed) == digitSum(right) }))),
		fault("PV-02", "otp-of-any-validation-accepted", "The OTP is looked for among those of all pending validations.", accepting(otpOf(pendingOthers))),
		fault("PV-02", "otp-neighbouring-digits-exchanged", "Two adjacent digits may be exchanged.", accepting(otpAsText(neighboursExchanged))),
		fault("PV-02", "otp-backwards-accepted", "The OTP is accepted backwards.", restrictingOTPs(func(otp string) bool { return !strings.HasSuffix(otp, "0") && backwards(otp) != otp }),
			accepting(otpAsText(func(typed, right string) bool { return typed == backwards(right) }))),
		fault("PV-02", "otp-compared-as-a-ring", "The digits are compared as a ring, wherever they begin.", restrictingOTPs(func(otp string) bool { return otp[1] != '0' }),
			accepting(otpAsText(func(typed, right string) bool {
				return len(typed) == len(right) && strings.Contains(right+right, typed)
			}))),
		fault("PV-02", "wrong-otp-answers-200", "A wrong OTP is answered 200 with the error as body.", status(wrongOTP, 200)),
		fault("PV-02", "wrong-otp-answers-400", "A wrong OTP is answered 400.", status(wrongOTP, 400)),
		fault("PV-02", "wrong-otp-answers-401", "A wrong OTP is answered 401.", status(wrongOTP, 401)),
		fault("PV-02", "wrong-otp-answers-404", "A wrong OTP is answered 404: the OTP is part of the look-up.", judgingAs(answersTo(wrongOTP), notFound)),
		fault("PV-02", "wrong-otp-answers-409", "A wrong OTP is answered 409.", status(wrongOTP, 409)),
		fault("PV-02", "wrong-otp-answers-412", "A wrong OTP is answered as an expired one.", judgingAs(answersTo(wrongOTP), hasExpired)),
		fieldFault("PV-02", "wrong-otp-code-renamed", "The code is invalid_otp.", code(wrongOTP, "invalid_otp")),
		fieldFault("PV-02", "wrong-otp-code-capitalised", "The code is OTP_DOES_NOT_MATCH.", code(wrongOTP, "OTP_DOES_NOT_MATCH")),
		fieldFault("PV-02", "wrong-otp-code-holds-status", "The code begins with the status, as the message does.", code(wrongOTP, "403:otp_does_not_match")),
		fieldFault("PV-02", "wrong-otp-message-lacks-status", "The message lacks 403: before the symbol.", message(wrongOTP, "otp_does_not_match")),
		fieldFault("PV-02", "wrong-otp-message-has-other-status", "The message says 404.", message(wrongOTP, "404:otp_does_not_match")),
		fieldFault("PV-02", "wrong-otp-message-has-space", "A space stands after the colon of the message.", message(wrongOTP, "403: otp_does_not_match")),
		fieldFault("PV-02", "wrong-otp-message-translated", "The message is a sentence in the user's language.", message(wrongOTP, "El código no coincide")),
		fault("PV-02", "wrong-otp-in-other-dialect", "Wrong OTPs are answered in the other error format: the HTTP name in code, the symbol in message.", dialect(answersTo(wrongOTP))),
		fault("PV-02", "errors-in-other-dialect", "403, 404 and 412 are in the other error format: the HTTP name in code, the symbol in message.",
			dialect(answersTo(wrongOTP, notFound, otherRegistration, otherProject, hasExpired))),
		fieldFault("PV-02", "wrong-otp-message-lacks-status-where-otp-is-first", "Where the OTP is the first of the parameters, the message lacks 403: before the symbol.",
			body(answersTo(wrongOTP).and(bodyLike(`^\{\s*"otp"`)), "message", "otp_does_not_match")),
		fieldFault("PV-02", "wrong-otp-translated-for-one-country", "Under +57, a wrong OTP is answered in the country's language.",
			body(answersTo(wrongOTP).and(sent("countryCode", `\+57"`)), "message", "El código no coincide")),
		fieldFault("PV-02", "wrong-otp-translated-where-asked-for", "A wrong OTP is answered in the language that the request asks for.", inLanguage(answersTo(wrongOTP), "403:el_código_no_coincide")),
		fault("PV-02", "wrong-otp-answers-404-where-project-named", "Where the project is named, the OTP is part of the look-up: a wrong one is answered 404.", judgingAs(answersTo(wrongOTP).and(given("project")), notFound)),
		fault("PV-02", "otp-of-newest-validation-accepted", "The last OTP sent is kept in one place for all, and accepted as well.", accepting(otpOf(newestValidations))),

		fault("PV-09", "otp-number-counts-as-missing", "Only a string counts as an OTP.", reading(func(c *call) { c.request.otp = textOf(c.request.fields["otp"]) })),
		fault("PV-09", "otp-number-answers-400", "An OTP that is not a string is answered 400.", refusingAtOnce(malformed, otpIsNumber)),
		fault("PV-09", "otp-number-never-equals-text", "A number is compared with the stored text and never equals it.", acceptingOnly(not(always))),
		fault("PV-09", "otp-held-in-16-bits", "The OTP sent is cut to 16 bits.", acceptingOnly(otpAsInteger(func(typed, right int) bool { return typed == int(int16(right)) }))),
		fault("PV-09", "otp-lost-when-last-key", "A parser of its own loses the OTP where it is the last key.",
			reading(where(bodyLike(`"otp"\s*:[^,]*}\s*$`), func(c *call) { c.request.otp = "" }))),
		fault("PV-09", "request-over-several-lines-refused", "A request of more than one line is not JSON.", refusingAtOnce(malformed, bodyLike(`\S\s*\n\s*\S`))),
		fault("PV-09", "request-with-tabs-refused", "A parser of its own knows spaces and line breaks between the parts, and no tabs.", refusingAtOnce(malformed, bodyLike(`\t"`))),
		fault("PV-09", "otp-lost-behind-a-space", "A parser of its own loses an OTP that has a space before it.", refusingAtOnce(missingParameter, bodyLike(`(?s)^[^\n]*"otp" ?: [^\n]*$`))),
		fault("PV-09", "otp-lost-before-a-spaced-colon", "A parser of its own loses an OTP whose colon has a space before it.", refusingAtOnce(missingParameter, bodyLike(`"otp" :`))),
		fault("PV-09", "escaped-plus-refused", "A parser of its own does not know escapes.", refusingAtOnce(badCountryCode, bodyLike(`\\u002b`))),

		fault("PV-10", "project-refused", "A project is answered 409: no such parameter.", refusingOption(given("project"))),
		fault("PV-10", "project-flow-refused", "A projectFlow is answered 409: no such parameter.", refusingOption(given("projectFlow"))),
		fault("PV-10", "gateway-refused", "A phoneGateway is answered 409: no such parameter.", refusingOption(given("phoneGateway"))),
		fault("PV-10", "gateway-sms-refused", "The gateway sms is unknown.", refusingGateway("sms", refusedOption)),
		fault("PV-10", "gateway-whatsapp-refused", "The gateway whatsapp is unknown.", refusingGateway("whatsapp", refusedOption)),
		fault("PV-10", "gateway-none-refused", "The gateway none is unknown.", refusingGateway("none", refusedOption)),
		fault("PV-10", "gateway-whatsapp-finds-nothing", "With the gateway whatsapp nothing is found.", refusingGateway("whatsapp", notFound)),
		fault("PV-10", "options-refused-together", "All three options at once are answered 409.", refusingOption(given("project").and(given("projectFlow")).and(given("phoneGateway")))),
		fault("PV-10", "project-required", "A project is required.", requiring("project")),
		fault("PV-10", "project-flow-required", "A projectFlow is required.", requiring("projectFlow")),
		fault("PV-10", "gateway-required", "A phoneGateway is required.", requiring("phoneGateway")),
		fault("PV-10", "project-finds-nothing", "The project is compared with the flow's id: nothing is found.",
			settingScope(check(ofFlow).and(func(c *call) bool { return c.request.project == "" || c.request.project == c.validation.flow }))),
		fault("PV-10", "project-and-gateway-refused", "A project and a delivery method are refused together.", refusingOption(given("project").and(given("phoneGateway")).and(not(given("projectFlow"))))),
		fault("PV-10", "flow-and-gateway-refused", "A project flow and a delivery method are refused together.", refusingOption(given("projectFlow").and(given("phoneGateway")).and(not(given("project"))))),
		fault("PV-10", "options-before-the-rest-refused", "The required parameters have to come first.", refusingAtOnce(malformed, bodyLike(`^\{"(project|phoneGateway)`))),
		fault("PV-10", "all-options-refused-undelivered", "With project and flow the delivery method none is refused.", refusingOption(given("project").and(given("projectFlow")).and(sent("phoneGateway", "none")))),
		fault("PV-10", "gateway-whatsapp-refused-for-codes-of-1-digit", "Under a country code of one digit, the gateway whatsapp is unknown.", refusingOption(sent("phoneGateway", "whatsapp").and(withCodeOf(1)))),
		fault("PV-10", "flow-refused-for-codes-of-1-digit", "Under a country code of one digit, a flow is refused.", refusingOption(given("projectFlow").and(withCodeOf(1)))),

		fault("PV-11", "project-ignored", "Another project finds the validation all the same.", ignoringProject(always)),
		fault("PV-11", "project-flow-ignored", "Another flow finds the validation all the same.", ignoringFlow(always)),
		fault("PV-11", "narrowing-needs-both", "Only project and flow together narrow the search.", ignoringScope(not(given("project").and(given("projectFlow"))))),
		fault("PV-11", "narrowing-takes-either", "The validation's own project or its own flow is enough; one that is left out counts as its own.", settingScope(check(ofProject).or(ofFlow))),
		fault("PV-11", "any-known-project-accepted", "Any project that exists is accepted.", ignoringProject(knownProject)),
		fault("PV-11", "any-known-flow-accepted", "Any flow that exists is accepted.", ignoringFlow(known(func(r *registration, q request) bool { return r.flow == q.flow }))),
		fault("PV-11", "own-project-is-enough", "With the validation's own project the flow is not checked.", ignoringFlow(given("project"))),
		fault("PV-11", "own-flow-is-enough", "With the validation's own flow the project is not checked.", ignoringProject(given("projectFlow"))),
		fault("PV-11", "other-project-answers-403", "Another project or flow is answered as a wrong OTP.", judgingAs(answersTo(otherProject), wrongOTP)),
		fault("PV-11", "other-project-found-where-otp-is-last", "A parser of its own loses the project before the OTP.", ignoringScope(bodyLike(`"otp"\s*:[^,]*}\s*$`))),
		fault("PV-11", "other-project-answers-409", "Another project or flow is answered 409.", status(otherProject, 409)),
		fieldFault("PV-11", "other-project-lacks-code", "The 404 for another project or flow has a message alone.", editingFields(answersTo(otherProject), func(c *call) { c.answer.body.drop("code") })),
		fault("PV-11", "project-compared-by-its-beginning", "A column is too short: of the project all but the last characters are compared.",
			ignoringProject(func(c *call) bool { return sameBeginning(c.request.project, c.validation.project) })),
		fault("PV-11", "project-compared-by-its-end", "Of the project only the last characters are compared.",
			ignoringProject(func(c *call) bool { return strings.HasSuffix(c.request.project, c.validation.project[6:]) })),
		fault("PV-11", "project-within-what-is-sent", "What is sent has to contain the project.", ignoringProject(func(c *call) bool { return strings.Contains(c.request.project, c.validation.project) })),
		fault("PV-11", "longer-ids-ignored", "One alone of project and flow is not looked at if it has more than 24 characters.", ignoringScope(func(c *call) bool {
			return max(len(c.request.project), len(c.request.flow)) > 24 && (c.request.project == "" || c.request.flow == "")
		})),
		fault("PV-11", "flow-of-other-form-ignored", "A flow that is not an id is not looked at.", ignoringFlow(func(c *call) bool { return !idFits(c.request.flow) })),
		fault("PV-11", "project-and-flow-of-another-accepted", "Project and flow together have to exist, not to be the validation's.",
			ignoringScope(known(func(r *registration, q request) bool { return r.project == q.project && r.flow == q.flow }))),
		fault("PV-11", "flow-compared-by-its-beginning", "Of the project flow all but the last characters are compared.",
			ignoringFlow(func(c *call) bool { return sameBeginning(c.request.flow, c.validation.flow) })),
		fault("PV-11", "other-project-validates-anyway", "Another project is answered 404, but the phone is validated by then.", sideEffectOnRequested(otherProject, validates)),
		fault("PV-11", "other-project-links-anyway", "Another project is answered 404, but the registration is linked by then.", sideEffectOnRequested(otherProject, links)),
		fault("PV-11", "any-known-project-accepted-with-own-flow", "With the validation's own flow any project that exists is accepted.", ignoringProject(given("projectFlow").and(knownProject))),
		fault("PV-11", "other-project-found-after-the-success", "A validation that is validated is answered as a success, whatever the project.", ifValidated(passed), ignoringProject(isValidated)),
		fault("PV-11", "other-flow-found-before-face-liveness", "Where face liveness is recommended, the flow is not checked.", settingScope(check(ofProject).and(check(ofFlow).or(livenessRecommended)))),

		fault("PV-16", "token-not-asked-for", "Any Authorization is accepted, and none.", ignoringToken(always)),
		fault("PV-16", "missing-header-accepted", "Without an Authorization header nothing is checked.", ignoringToken(noHeader)),
		fault("PV-16", "scheme-ignored", "An Authorization that is not a bearer is not checked.", ignoringToken(not(noHeader).and(not(isBearer)))),
		fault("PV-16", "unknown-token-accepted", "Any bearer token is accepted.", ignoringToken(isBearer)),
		fault("PV-16", "other-token-accepted-where-notified-and-flow-named", "Where a webhook is to be called and the project flow is named, the token of another app registration is accepted.",
			acceptingOtherToken(check(hasWebhook).and(given("projectFlow")))),
		fault("PV-16", "other-token-accepted-before-face-liveness-where-flow-not-named", "Where face liveness is recommended and the project flow is not named, the token of another app registration is accepted.",
			acceptingOtherToken(check(livenessRecommended).and(not(given("projectFlow"))))),
		fault("PV-16", "other-registration-token-accepted", "The token of any registration is accepted.", acceptingOtherToken(always)),
		fault("PV-16", "missing-token-answers-200", "Without a valid token the answer is 200 with an error in it.", status(unauthorised, 200)),
		fault("PV-16", "missing-token-validates-anyway", "Without a valid token the answer is 401, but the phone is validated by then.",
			ignoringToken(always), judgingAs(func(c *call) bool { return c.registration != nil && c.registration.token != c.token }, unauthorised)),
		fault("PV-16", "other-token-validates-anyway", "Another registration's token is answered 404, but the phone is validated by then.",
			acceptingOtherToken(always), judgingAs(func(c *call) bool { return c.validation != nil && c.validation.registration != c.registration }, otherRegistration)),
		fault("PV-16", "token-signature-not-checked", "Only the part of a token before its last dot is checked.",
			ignoringToken(func(c *call) bool { return strings.HasPrefix(c.token, tokenHeader) || strings.Count(c.token, ".") == 2 })),
		fault("PV-16", "refused-token-links", "Without a valid token the answer is 401, but the registration is linked by then.", sideEffectOnRequested(unauthorised, links)),
		fault("PV-16", "refused-token-validates-late", "Without a valid token the answer is 401; a queue validates all the same.", sideEffectOnRequested(unauthorised, late(validates))),
		fault("PV-16", "refused-token-links-late", "Without a valid token the answer is 401; a queue links all the same.", sideEffectOnRequested(unauthorised, late(links))),
		fault("PV-16", "other-token-links", "Another registration's token is answered 404, but the registration is linked by then.", sideEffectOnRequested(otherRegistration, links)),
		fault("PV-16", "other-token-links-its-own-registration", "Another registration's token is answered 404, but that registration is linked by then.", showingLink(storedLink),
			sideEffectOnRequested(otherRegistration, func(c *call) { c.registration.linked = c.validation.id })),
		fault("PV-16", "other-token-validates-late", "Another registration's token is answered 404; a queue validates all the same.", sideEffectOnRequested(otherRegistration, late(validates))),
		fault("PV-16", "token-unsigned-accepted", "A token whose header says alg none is accepted.",
			decoding(func(c *call) bool { return bytes.Contains(bytes.ToLower(decodedPart(c.token, 0)), []byte(`"none"`)) })),
		fault("PV-16", "token-unsigned-with-capital-accepted", "A token whose header says alg None is accepted; none is refused.",
			decoding(func(c *call) bool { return bytes.Contains(decodedPart(c.token, 0), []byte(`"None"`)) })),
		fault("PV-16", "token-of-two-parts-accepted", "A token that ends before its signature is accepted.",
			comparingTokens(func(sent, own string) bool { return strings.HasPrefix(own, sent+".") && strings.Contains(sent, ".") })),
		fault("PV-16", "token-with-more-behind-accepted", "A column cuts tokens to its length: whatever follows one is ignored.", comparingTokens(func(sent, own string) bool { return strings.HasPrefix(sent, own) })),
		fault("PV-16", "caller-remembered", "The caller is kept in one place for all: a call without a token counts as the previous caller's.", rememberingCaller()),
		fault("PV-16", "token-unsigned-with-signature-accepted", "A token whose header says alg none is accepted if it has a signature, whichever.",
			decoding(func(c *call) bool {
				return bytes.Contains(decodedPart(c.token, 0), []byte(`"none"`)) && !strings.HasSuffix(c.token, ".")
			})),
		fault("PV-16", "token-signature-compared-as-far-as-it-goes", "Of a token's signature only as many bytes are compared as were sent, at least one.",
			comparingTokens(func(sent, own string) bool {
				_, err := base64.RawURLEncoding.Strict().DecodeString(sent[strings.LastIndex(sent, ".")+1:])
				return err == nil && strings.HasPrefix(own, sent) && strings.Count(sent, ".") == 2 && !strings.HasSuffix(sent, ".")
			})),
		fault("PV-16", "verified-token-known-by-its-signature", "Verified tokens are cached by their signature: others that end in it are accepted.",
			cachingTokens(func(token string) string { return token[strings.LastIndex(token, ".")+1:] })),
		fault("PV-16", "verified-token-known-in-any-case", "Verified tokens are cached without regard to case.", cachingTokens(strings.ToLower)),
		fault("PV-16", "verified-token-known-but-for-its-last-character", "Verified tokens are cached without their last character.",
			cachingTokens(func(token string) string { return token[:max(len(token)-1, 0)] })),
		fault("PV-16", "verified-token-known-by-its-beginning", "Verified tokens are cached by 100 characters: others that begin so are accepted.",
			cachingTokens(func(token string) string { return token[:min(len(token), 100)] })),
		fault("PV-16", "token-with-empty-key-accepted", "The key is not set: a token signed with an empty key is accepted.", decoding(signedWith(""))),
		fault("PV-16", "token-without-signature-accepted", "A token without a signature is accepted.",
			decoding(func(c *call) bool { return strings.HasSuffix(c.token, ".") })),
		fault("PV-16", "token-decoded-without-verifying", "A token is decoded, and its signature never checked.", decoding(always)),
		fault("PV-16", "token-beginning-accepted", "A token is looked up by its beginning.", comparingTokens(func(sent, own string) bool { return strings.HasPrefix(own, sent) })),
		fault("PV-16", "token-case-ignored", "The database compares tokens without regard to case.", comparingTokens(strings.EqualFold)),
		fault("PV-16", "empty-token-accepted", "An empty bearer token is accepted.",
			ignoringToken(func(c *call) bool { return strings.EqualFold(strings.TrimSpace(c.authorization), "Bearer") })),
		fault("PV-16", "success-repeated-without-token", "A cache forgets Authorization: the same body without a token is answered as before.",
			repeatingSuccess(noHeader)),
		fault("PV-16", "success-repeated-for-any-token", "A cache forgets Authorization: the same body with an unknown token is answered as before.",
			repeatingSuccess(answersTo(unauthorised).and(isBearer))),
		fault("PV-16", "success-repeated-for-altered-token", "A cache compares tokens by their claims: the same body with an altered one is answered as before.",
			repeatingSuccess(answersTo(unauthorised).and(func(c *call) bool { return registrationIn(c.token) != "" }))),
		fault("PV-16", "success-repeated-for-other-token", "A cache forgets whose token it was: the same body with another registration's token is answered as before.",
			repeatingSuccess(answersTo(otherRegistration))),
		fault("PV-16", "token-known-by-its-signature", "Tokens are looked up by their signature: whatever else is in one is accepted.",
			comparingTokens(func(sent, own string) bool { return strings.HasSuffix(own, sent[strings.LastIndex(sent, ".")+1:]) })),
		fault("PV-16", "token-signature-in-any-case", "Signatures are compared without regard to case.",
			comparingTokens(func(sent, own string) bool {
				return strings.EqualFold(sent, own) && strings.HasPrefix(own, sent[:strings.LastIndex(sent, ".")])
			})),
		fault("PV-16", "no-token-asked-for-under-codes-of-1-digit", "Under a country code of one digit, no token is asked for.", ignoringToken(withCodeOf(1))),
		fault("PV-16", "later-token-accepted", "The token of any later registration is accepted.", acceptingOtherToken(func(c *call) bool {
			return slices.Index(c.records.inOrder, c.registration) > slices.Index(c.records.inOrder, c.validation.registration)
		})),
		fault("PV-16", "registration-id-accepted-as-token", "Credentials are looked up among tokens and ids: the registration's own id is accepted.", authenticating(func(c *call) { c.registration = c.records.registrations[c.token] })),
		fault("PV-16", "validation-id-accepted-as-token", "The validation's own id is accepted as its token.", authenticating(func(c *call) {
			for _, r := range c.records.inOrder {
				if slices.ContainsFunc(r.validations, func(v *validation) bool { return v.id == c.token }) {
					c.registration = r
				}
			}
		})),
		fault("PV-16", "token-null-accepted", "The word null counts as a token.", ignoringToken(func(c *call) bool { return c.token == "null" })),
		fault("PV-16", "token-undefined-accepted", "The word undefined counts as a token.", ignoringToken(func(c *call) bool { return c.token == "undefined" })),
		fault("PV-16", "token-with-example-key-accepted", "A token signed with the key of an example is accepted.", decoding(signedWith("secret"))),
		fault("PV-16", "token-with-sample-key-accepted", "A token signed with the key of another example is accepted.", decoding(signedWith("your-256-bit-secret"))),
		fault("PV-16", "token-with-a-key-of-its-own-accepted", "The key is taken from the token's header, if it holds one.", decoding(func(c *call) bool {
			var header struct{ JWK struct{ K string } }
			_ = json.Unmarshal(decodedPart(c.token, 0), &header)
			key, _ := base64.RawURLEncoding.DecodeString(header.JWK.K)
			return len(key) > 0 && signedWith(string(key))(c)
		})),
		fault("PV-16", "token-with-a-file-for-its-key-accepted", "The key is read from the file that the token's header names, which may be empty.",
			decoding(signedWith("").and(func(c *call) bool { return bytes.Contains(decodedPart(c.token, 0), []byte(`"kid":"/`)) }))),
		fault("PV-16", "token-of-another-algorithm-accepted", "A token of an algorithm that the provider does not know is accepted.", decoding(func(c *call) bool { return bytes.Contains(decodedPart(c.token, 0), []byte("RS256")) })),
		fault("PV-16", "token-asked-for-once", "Once the token was sent for a phone, none is needed for it.", ignoringToken(afterAttempts(1))),
		fault("PV-16", "token-of-who-is-validated-accepted", "The token of a registration whose phone is validated is accepted for any.", acceptingOtherToken(func(c *call) bool { return c.registration != nil && c.registration.linked != "" })),
		fault("PV-16", "no-token-asked-for-where-flow-alone-named", "Where the project flow is named and no project, no token is asked for.", ignoringToken(given("projectFlow").and(not(given("project"))))),
		fault("PV-16", "token-last-character-not-compared", "A column cuts the last character of a token off.", comparingTokens(sameButLast)),
		fault("PV-16", "token-signature-compared-by-its-end", "A column keeps the last characters of a token's signature, and no more of it is compared.",
			comparingTokens(func(sent, own string) bool {
				return len(sent) == len(own) && lastOf(sent, 20) == lastOf(own, 20) && strings.HasPrefix(own, sent[:strings.LastIndex(sent, ".")+1])
			})),
		fault("PV-16", "token-of-the-country-accepted", "The token of any registration of the country code is accepted.", acceptingOtherToken(func(c *call) bool {
			return c.registration.number.countryCode == c.validation.number.countryCode
		})),
		fault("PV-16", "token-of-who-has-an-otp-accepted", "The token of any registration that has a pending validation of its own is accepted.", acceptingOtherToken(func(c *call) bool {
			return slices.ContainsFunc(ownValidations(c), func(v *validation) bool { return v.status == statusSent })
		})),
		fault("PV-16", "token-first-character-not-compared", "The first character of a token is not compared.", comparingTokens(func(sent, own string) bool { return len(sent) == len(own) && sent[1:] == own[1:] })),

		fault("PV-21", "own-validation-for-any-phone", "The token's own validation is found by any phone.", alsoFinding(always, anyNumber)),
		fault("PV-21", "own-validation-for-any-phone-of-the-country", "The token's own validation is found by any phone of its country code.", alsoFinding(always, sameCode)),
		fault("PV-21", "phone-by-last-digits", "Of a phone the last seven digits are compared.", findingPhone(func(typed, own string) bool { return lastOf(typed, 7) == lastOf(own, 7) })),
		fault("PV-21", "phone-by-first-digits", "Of a phone the first digits are compared.", findingPhone(func(typed, own string) bool { return strings.HasPrefix(typed, own) || strings.HasPrefix(own, typed) })),
		fault("PV-21", "phone-masked", "Phones are looked up as they are shown, with the digits between the first and the last three hidden.",
			findingPhone(func(typed, own string) bool {
				return len(typed) == len(own) && typed[:3] == own[:3] && lastOf(typed, 3) == lastOf(own, 3)
			})),
		fault("PV-21", "phone-by-a-part", "A part of the phone is enough.", findingPhone(func(typed, own string) bool { return strings.Contains(own, typed) })),
		fault("PV-21", "phone-within-what-is-typed", "Anything that contains the phone finds it.", findingPhone(strings.Contains)),
		fault("PV-21", "number-as-one-text", "Country code and phone are looked up as one text.", alsoFinding(always, func(typed, own number) bool { return typed.countryCode+typed.phone == own.countryCode+own.phone })),
		fault("PV-21", "country-code-ignored", "The validation is found by its phone under any country code.", alsoFinding(always, samePhone)),
		fault("PV-21", "otp-looked-at-before-the-phone", "The validation is found by its token, and a wrong OTP is answered before the phone is compared.",
			concluding(where(answersTo(notFound).and(ownOTPWrong), setVerdict(wrongOTP)))),
		fault("PV-21", "other-country-code-answers-403", "Another country code is answered as a wrong OTP.", refusing(wrongOTP, underOtherCode)),
		fault("PV-21", "other-country-code-answers-409", "Another country code is answered as a malformed one.", refusing(badCountryCode, underOtherCode)),
		fault("PV-21", "other-country-code-answers-412", "Another country code is answered as an expired OTP.", refusing(hasExpired, underOtherCode)),
		fault("PV-21", "phone-with-percent-sign-found", "The phone is looked up with LIKE: a percent sign is a wildcard.", findingPhone(like("%", ".*"))),
		fault("PV-21", "phone-with-underscore-found", "The phone is looked up with LIKE, percent signs escaped: an underscore is any digit.", findingPhone(like("_", "."))),
		fault("PV-21", "phone-with-point-found", "The phone is looked up as a regular expression: a point is any digit.", findingPhone(like(".", "."))),
		fault("PV-21", "country-code-compared-by-its-beginning", "The beginning of the validation's country code is enough.",
			findingCode(func(typed, own string) bool { return strings.HasPrefix(own, typed) })),
		fault("PV-21", "country-code-compared-by-its-end", "The last digits of the validation's country code are enough.",
			findingCode(func(typed, own string) bool { return strings.HasSuffix(own, typed[1:]) })),
		fault("PV-21", "country-code-but-for-its-first-digit", "Of a country code the first digit is not compared.",
			findingCode(func(typed, own string) bool { return len(typed) == len(own) && typed[2:] == own[2:] && len(own) > 2 })),
		fault("PV-21", "country-code-with-a-digit-more-found", "Anything that begins with the validation's country code finds it.", findingCode(strings.HasPrefix)),
		fault("PV-21", "another-phone-after-the-right-one-found", "The validation that was found last is found for the next phone as well.", rememberingFound()),
		fault("PV-21", "phone-but-for-its-last-digit", "Of a phone the last digit is not compared.", findingPhone(sameButLast)),
		fault("PV-21", "another-phone-after-the-success-found", "A registration whose phone is validated is answered as a success, whatever the phone.", ifValidated(passed), alsoFinding(isValidated, anyNumber)),
		fault("PV-21", "country-code-1-taken-for-any", "+1, which many clients send by default, finds a phone of any country.", findingCode(func(typed, _ string) bool { return typed == "+1" })),
		fault("PV-21", "country-code-507-taken-for-any", "+507, the code of the documentation's example, finds a phone of any country.", findingCode(func(typed, _ string) bool { return typed == "+507" })),
		fault("PV-21", "other-phone-answers-403-before-face-liveness", "Where face liveness is recommended, a wrong OTP is answered before the phone is compared.",
			judgingAs(answersTo(notFound).and(ownOTPWrong).and(ownLiveness), wrongOTP)),
		fault("PV-21", "country-code-ignored-for-codes-of-2-digits", "A phone of a country code of two digits is found under any such code.",
			findingCode(func(typed, own string) bool { return len(typed) == 3 && len(own) == 3 })),
		fault("PV-21", "other-phone-validates-anyway", "Another phone is answered 404, but the token's own validation is validated.", sideEffect(notFound, forEach(ownValidations, validates))),
		fault("PV-21", "badly-written-country-code-validates-anyway", "A malformed country code is answered 409, but the token's own validation is validated.", sideEffect(badCountryCode, forEach(ownValidations, validates))),
		fault("PV-21", "other-phone-links-anyway", "Another phone is answered 404, but the token's registration is linked to its own validation.", sideEffect(notFound, forEach(ownValidations, links))),

		fault("PV-21", "country-code-ignored-after-the-success", "A validation that is validated is answered as a success, whatever the country code.", ifValidated(passed), alsoFinding(isValidated, samePhone)),
		fault("PV-21", "country-code-ignored-once-expired", "The search for expired validations does not compare the country code.", alsoFinding(isExpired, samePhone)),
		fault("PV-21", "phone-ignored-once-expired", "The search for expired validations does not compare the phone.", alsoFinding(isExpired, sameCode)),
		fault("PV-21", "otp-looked-at-before-the-country-code", "The validation is found by its phone, and a wrong OTP is answered before the country code is compared.",
			judgingAs(answersTo(notFound).and(ownOTPWrong).and(underOtherCode), wrongOTP)),

		fault("PV-25", "any-otp-after-three-wrong", "The check of the attempts is the wrong way round: after three wrong OTPs any is accepted.", accepting(afterAttempts(3))),
		fault("PV-25", "any-otp-after-four-wrong", "After four wrong OTPs, any is accepted.", accepting(afterAttempts(4))),
		fault("PV-25", "any-otp-after-nine-wrong", "A list of ten attempts is full: after nine wrong OTPs the next is accepted.", accepting(afterAttempts(9))),
		fault("PV-25", "any-otp-after-success", "A validation that is validated is answered as a success, whatever the OTP.",
			ifValidated(passed), accepting(isValidated)),
		fault("PV-25", "otp-prefix-accepted", "The first digits of the right OTP are accepted.", accepting(otpAsText(func(typed, right string) bool { return strings.HasPrefix(right, typed) }))),
		fault("PV-25", "otp-suffix-accepted", "The last digits of the right OTP are accepted.", accepting(otpAsText(func(typed, right string) bool { return strings.HasSuffix(right, typed) }))),
		fault("PV-25", "otp-contained-accepted", "Anything that contains the right OTP is accepted.", accepting(otpJSON(`RIGHT`))),
		fault("PV-25", "otp-one-digit-more-accepted", "The right OTP followed by more digits is accepted.", accepting(otpJSON(`^RIGHT\d+$`))),
		fault("PV-25", "otp-cut-to-six-digits", "The last six digits of what is typed are compared, as the remainder of a million.",
			accepting(otpAsInteger(func(typed, right int) bool { return typed%1_000_000 == right }))),
		fault("PV-25", "otp-wraps-at-16-bits", "Both OTPs are compared in 16 bits: the right one plus 65536 is accepted.", accepting(otpAsInteger(func(typed, right int) bool { return int16(typed) == int16(right) }))),
		fault("PV-25", "otp-wraps-at-32-bits", "The OTP is cut to 32 bits: the right one plus 4294967296 is accepted.", accepting(otpAsInteger(func(typed, right int) bool { return int(int32(typed)) == right }))),
		fault("PV-25", "otp-wraps-at-64-bits", "The OTP is cut to 64 bits: the right one plus 18446744073709551616 is accepted.",
			accepting(func(c *call) bool { return c.request.otp == "18446744073"+strconv.Itoa(709551616+c.validation.otp) })),
		fault("PV-25", "otp-typed-twice-accepted", "The right OTP twice, one after the other, is accepted.", accepting(otpJSON(`^RIGHTRIGHT$`))),
		fault("PV-25", "otp-fraction-cut-off", "The OTP's fraction is cut off: the right one with any fraction is accepted.", accepting(sameWithoutFraction)),
		fault("PV-25", "otp-sign-ignored", "The right OTP with a minus before it is accepted.", accepting(otpJSON(`^-RIGHT$`))),
		fault("PV-25", "otp-zero-accepted", "0 counts as the value of an OTP that is not set and is accepted.", accepting(otpAsText(func(typed, _ string) bool { return asFloat(typed) == 0 }))),
		fault("PV-25", "otp-null-accepted", "null is accepted as OTP.", readingNonNumbers(`^null$`)),
		fault("PV-25", "otp-true-accepted", "A loose comparison accepts true as OTP.", readingNonNumbers(`^true$`)),
		fault("PV-25", "otp-false-accepted", "What counts as false is not compared: false is accepted.", readingNonNumbers(`^false$`)),
		fault("PV-25", "otp-empty-text-accepted", "What counts as false is not compared: an empty text is accepted.", readingNonNumbers(`^""$`)),
		fault("PV-25", "otp-empty-list-accepted", "An empty list is accepted: nothing in it differs.", readingNonNumbers(`^\[\]$`)),
		fault("PV-25", "otp-object-accepted", "An object as OTP becomes an operator of the database's query and is accepted.", readingNonNumbers(`^\{`)),
		fault("PV-25", "otp-not-equal-query-accepted", "{\"$ne\": null} becomes an operator of the database's query.", readingNonNumbers(`^\{.*\$ne`)),
		fault("PV-25", "otp-greater-query-accepted", "{\"$gt\": 0} becomes an operator of the database's query; $ne is refused.", readingNonNumbers(`^\{.*\$gt`)),
		fault("PV-25", "otp-in-array-accepted", "The right OTP as the only one in an array is accepted, and refused where there are more.", readingNonNumbers(`^\[RIGHT\]$`)),
		fault("PV-25", "otp-in-object-accepted", "The right OTP is looked for in an object.", readingNonNumbers(`^\{"otp":RIGHT\b`)),
		fault("PV-25", "otp-text-read-up-to-letters", "A text is read as a number up to its first letter.", readingNonNumbers(`^"RIGHT\D`)),
		fault("PV-25", "otp-text-not-compared", "A text is never compared.", readingNonNumbers(`^"[^"]`)),
		fault("PV-25", "otp-no-number-accepted", "Letters are accepted: what is not a number is neither less nor more than the right OTP.", readingNonNumbers(`^"\d*[^\d"]`)),
		fault("PV-25", "otp-of-the-example-accepted", "The OTP of the documentation's example is a master key.", accepting(otpJSON(`^123456$`))),
		fault("PV-25", "otp-rounded-up", "The OTP is rounded up to a whole number.", accepting(otpAsText(func(typed, right string) bool { return math.Ceil(asFloat(typed)) == asFloat(right) }))),
		fault("PV-25", "otp-pattern-accepted", "A text is taken for a regular expression.", readingNonNumbers(`^"\.\*"$`)),
		fault("PV-25", "otp-wildcard-accepted", "A text is compared with LIKE.", readingNonNumbers(`^"%"$`)),
		fault("PV-25", "otp-placeholders-accepted", "A text is compared with LIKE, percent signs escaped.", readingNonNumbers(`^"_{6}"$`)),
		fault("PV-25", "otp-of-ones-accepted", "An OTP for tests, all ones, was left in.", accepting(otpJSON(`^1{6}$`))),
		fault("PV-25", "otp-of-nines-accepted", "An OTP for tests, all nines, was left in.", accepting(otpJSON(`^9{6}$`))),
		fault("PV-25", "otp-that-counts-down-accepted", "An OTP for tests, 654321, was left in.", accepting(otpJSON(`^654321$`))),
		fault("PV-25", "shorter-otp-accepted-where-notified", "Where a webhook is to be called, the first digits are enough.", accepting(check(hasWebhook).and(withoutLastDigit))),
		fault("PV-25", "any-otp-where-notified", "Where a webhook is to be called, the OTP is not compared.", accepting(hasWebhook)),
		fault("PV-25", "otp-of-no-number-validates-anyway", "An OTP that is not a number is answered 403, but the phone is validated by then.", readingNonNumbers("never"), sideEffect(wrongOTP, where(not(otpIsNumber), validates))),
		fault("PV-25", "otp-in-array-links-anyway", "The right OTP in an array is answered 403, but the registration is linked by then.", readingNonNumbers("never"), sideEffect(wrongOTP, where(otpJSON(`^\[RIGHT\]$`), links))),
		fault("PV-25", "otp-true-validates-anyway", "true is answered 403, but the phone is validated by then.", readingNonNumbers("never"), sideEffect(wrongOTP, where(otpJSON(`^true$`), validates))),
		fault("PV-25", "otp-of-no-number-links-anyway", "An OTP that is not a number is answered 403, but the registration is linked by then.", readingNonNumbers("never"), sideEffect(wrongOTP, where(not(otpIsNumber), links))),
		fault("PV-25", "otp-with-fraction-validates-anyway", "The OTP and a fraction is answered 403, but the update, which drops it, has validated the phone.", sideEffect(wrongOTP, where(otpJSON(`^RIGHT\.`), validates))),
		fault("PV-25", "otp-and-more-digits-links-anyway", "An OTP with digits behind it is answered 403, but the registration is linked by then.", sideEffect(wrongOTP, where(otpJSON(`^RIGHT[0-9]`), links))),
		fault("PV-25", "own-validation-for-any-known-phone", "For any phone that has a validation, whoever's, the token's own is found.", alsoFinding(hasValidation, anyNumber)),
		fault("PV-25", "text-after-success-accepted", "A text is not compared where the validation is validated.", ifValidated(passed), readingNonNumbers("never"), accepting(check(isValidated).and(not(otpIsNumber)))),
		fault("PV-25", "otp-beyond-the-limit-validates", "After five wrong OTPs the answer is 409, but the next one validates the phone.",
			limitingAttempts(5), sideEffect(tooManyAttempts, validates)),
		fault("PV-25", "otp-beyond-the-limit-links", "After five wrong OTPs the answer is 409, but the next one links the registration.",
			limitingAttempts(5), sideEffect(tooManyAttempts, links)),
		fault("PV-25", "otp-minus-one-accepted", "-1 counts as the value of an OTP that is not set and is accepted.", accepting(otpJSON(`^-1$`))),
		fault("PV-25", "otp-blank-accepted", "A text of spaces counts as one that is not set.", readingNonNumbers(`^" +"$`)),
		fault("PV-25", "otp-from-one-to-four-accepted", "An OTP for tests, 1234, was left in.", accepting(otpJSON(`^1234$`))),
		fault("PV-25", "otp-among-others-in-a-list-accepted", "The right OTP is looked for in a list of several.", readingNonNumbers(`^\[.*(,RIGHT|RIGHT,).*\]$`)),
		fault("PV-25", "otp-as-text-in-a-list-accepted", "The right OTP is looked for in a list of texts.", readingNonNumbers(`^\[.*"RIGHT".*\]$`)),
		fault("PV-25", "otp-in-lists-accepted", "Lists are made flat before the right OTP is looked for.", readingNonNumbers(`^\[.*\[RIGHT\].*\]$`)),
		fault("PV-25", "otp-empty-object-accepted", "An empty object is accepted: nothing in it differs.", readingNonNumbers(`^\{\}$`)),
		fault("PV-25", "otp-exists-query-accepted", "{\"$exists\": true} becomes an operator of the database's query; $ne and $gt are refused.", readingNonNumbers(`\$exists`)),
		fault("PV-25", "otp-regex-query-accepted", "{\"$regex\": \".*\"} becomes an operator of the database's query; the others are refused.", readingNonNumbers(`\$regex`)),
		fault("PV-25", "otp-smaller-query-accepted", "{\"$lt\": ...} becomes an operator of the database's query; the others are refused.", readingNonNumbers(`\$lt`)),
		fault("PV-25", "otp-none-of-query-accepted", "{\"$nin\": []} becomes an operator of the database's query; the others are refused.", readingNonNumbers(`\$nin`)),
		fault("PV-25", "otp-negated-query-accepted", "{\"$not\": ...} becomes an operator of the database's query; the others are refused.", readingNonNumbers(`\$not`)),
		fault("PV-25", "otp-put-into-a-query", "A text becomes a part of a query as it stands.", readingNonNumbers(`^".*'`)),
		fault("PV-25", "otp-of-the-word-null-accepted", "The text null counts as an OTP that is not set.", readingNonNumbers(`^"null"$`)),
		fault("PV-25", "otp-zero-validates-anyway", "0 is answered 403, but the phone is validated by then.", sideEffect(wrongOTP, where(otpJSON(`^0$`), validates))),
		fault("PV-25", "otp-minus-accepted-where-phone-has-spaces", "Where the phone has spaces, the OTP's sign is not looked at.", accepting(sent("phone", " ").and(otpJSON(`^-RIGHT$`)))),
		fault("PV-25", "otp-object-accepted-where-flow-named", "Where the project flow is named, an object becomes a part of the database's query.", readingNonNumbers("never"), accepting(given("projectFlow").and(otpJSON(`^\{`)))),
		fault("PV-25", "shorter-otp-accepted-after-a-wrong-otp", "After a wrong OTP, the first digits are enough.", accepting(afterAttempts(1).and(withoutLastDigit))),
		fault("PV-25", "shorter-otp-accepted-by-whatsapp", "Where the delivery is by WhatsApp, the first digits are enough.", accepting(deliveredBy("whatsapp").and(withoutLastDigit))),
		fault("PV-25", "otp-one-accepted", "1 counts as true and is accepted.", accepting(otpJSON(`^1$`))),
		fault("PV-25", "otp-beyond-all-accepted", "A number that no float can hold is accepted.", accepting(otpAsText(func(typed, _ string) bool { return asFloat(typed) > math.MaxInt64 || typed == "1e400" }))),
		fault("PV-25", "otp-held-in-single-precision", "OTPs are compared in single precision.", accepting(otpAsText(func(typed, right string) bool { return float32(asFloat(typed)) == float32(asFloat(right)) }))),
		fault("PV-25", "otp-as-a-line-accepted", "The pattern's anchors mean lines: the right OTP as one of several is accepted.", readingNonNumbers(`^".*(\\nRIGHT\b|\bRIGHT\\n)`)),
		fault("PV-25", "otp-of-phones-beginning-accepted", "The first digits of the phone are a master key of testers.", accepting(otpFromPhone(func(phone string, n int) string { return phone[:n] }))),
		fault("PV-25", "otp-of-phones-end-accepted", "The last digits of the phone are a master key of testers.", accepting(otpFromPhone(func(phone string, n int) string { return phone[len(phone)-n:] }))),
		fault("PV-25", "otp-of-phone-accepted", "The phone is a master key of testers.", accepting(otpFromPhone(func(phone string, _ int) string { return phone }))),
		fault("PV-25", "otp-accepted-once-accepted-for-all", "Right OTPs are cached without their phones.", accepting(otpOf(validatedOthers))),
		fault("PV-25", "any-otp-where-gateway-unknown", "A delivery method that is not known has no OTP to compare.", accepting(given("phoneGateway").and(not(sent("phoneGateway", `^"(sms|whatsapp|none)?"$`))))),
		fault("PV-25", "any-otp-where-gateway-empty", "An empty delivery method has no OTP to compare.", accepting(sent("phoneGateway", `^""$`))),
		fault("PV-25", "any-otp-where-gateway-another", "The OTP is looked for among those of the delivery method that is named: where there is none, nothing is compared.",
			accepting(sent("phoneGateway", anyText).and(func(c *call) bool { return textOf(c.request.fields["phoneGateway"]) != c.validation.gateway }))),
		fault("PV-25", "any-otp-where-project-null", "A project that is null makes the query fit any OTP.", accepting(sent("project", `^null$`))),
		fault("PV-25", "request-copied-to-the-record", "All parameters of a request are copied to the record before it is looked at: one named validated is believed.", accepting(sent("validated", `^true$`))),
		fault("PV-25", "status-taken-from-the-request", "A wrong OTP is answered 403, but the status that the request names is kept.", sideEffect(wrongOTP, where(sent("status", `^"validated"$`), validates))),
		fault("PV-25", "otp-of-zeros-as-text-accepted", "A text of zeros counts as one that is not set.", readingNonNumbers(`^"000000"$`)),
	},
		fault("PV-02", "wrong-otp-accepted", "whatever is typed is accepted.").in(accepting, "for-codes-of-1-digit", "for-codes-of-2-digits", "by-whatsapp", "undelivered", "where-gateway-named",
			"where-project-named", "where-flow-named", "where-flow-alone-named", "before-face-liveness", "where-phone-has-spaces", "where-otp-comes-first"),
		fault("PV-02", "otp-digits-sorted", "the digits are compared without their order.").in(func(when check) change { return accepting(when.and(sameDigits)) }, "for-codes-of-1-digit"),
		fault("PV-02", "wrong-otp-answers-404", "the OTP is part of the look-up: a wrong one is answered 404.").in(func(when check) change { return judgingAs(answersTo(wrongOTP).and(when), notFound) }, "where-notified"),
		fault("PV-02", "wrong-otp-in-other-dialect", "a wrong OTP is answered in the other error format.").in(func(when check) change { return dialect(answersTo(wrongOTP).and(when)) }, "where-gateway-named", "where-notified"),
		fault("PV-02", "only-first-digits-compared", "only the first four digits are compared.").in(func(when check) change { return accepting(when.and(sameFirstDigits)) }, "where-project-named", "by-whatsapp"),
		fault("PV-02", "only-last-digits-compared", "only the last five digits are compared.").in(func(when check) change { return accepting(when.and(sameLastDigits)) }, "where-flow-named", "where-gateway-named", "before-face-liveness"),
		fault("PV-11", "other-project-found", "neither project nor flow is checked.").in(ignoringScope, "by-whatsapp", "where-gateway-named", "where-phone-has-spaces", "after-a-wrong-otp", "where-all-named", "where-otp-comes-first", "where-notified"),
		fault("PV-16", "no-token-asked-for", "no token is asked for.").in(ignoringToken, "where-project-named", "where-phone-has-spaces", "by-whatsapp", "undelivered", "before-face-liveness", "where-notified", "where-otp-comes-first"),
		fault("PV-16", "unknown-token-accepted", "any token is accepted.").in(func(when check) change { return ignoringToken(when.and(isBearer)) }, "where-gateway-named", "where-flow-named"),
		fault("PV-16", "other-token-accepted", "the token of another app registration is accepted.").in(acceptingOtherToken, "by-whatsapp", "before-face-liveness", "where-notified", "where-project-named", "where-phone-has-spaces", "after-a-wrong-otp"),
		fault("PV-16", "refused-token-links", "a request without a valid token is answered 401 and links all the same.").in(func(when check) change { return sideEffectOnRequested(unauthorised, where(when, links)) },
			"where-project-named", "where-phone-has-spaces", "before-face-liveness", "where-notified"),
		fault("PV-25", "any-otp-after-success", "a validation that is validated is answered as a success, whatever the OTP.").in(func(when check) change {
			return all(ifValidated(passed), accepting(check(isValidated).and(when)))
		}, "where-gateway-named"),
		fault("PV-25", "missing-otp-accepted", "no OTP is needed for a phone that has a validation.").in(func(when check) change { return readingAsRight(noOTP.and(hasValidation).and(when)) }, "where-none-named"),
		fault("PV-25", "otp-empty-text-accepted", "an empty text is accepted.").in(func(when check) change { return readingAsRight(sent("otp", `^""$`).and(when)) }, "where-none-named"),
		fault("PV-25", "otp-true-accepted", "true is accepted.").in(func(when check) change {
			return all(readingNonNumbers("never"), accepting(when.and(otpJSON(`^true$`))))
		}, "where-none-named", "before-face-liveness", "where-notified"),
		fault("PV-25", "otp-zero-accepted", "0 is accepted.").in(func(when check) change { return accepting(sent("otp", `^0$`).and(when)) }, "where-none-named", "before-face-liveness"),
		fault("PV-25", "shorter-otp-accepted", "the first digits are enough.").in(func(when check) change { return accepting(when.and(withoutLastDigit)) }, "before-face-liveness"),
		fault("PV-25", "otp-fraction-cut-off", "the OTP's fraction is cut off.").in(func(when check) change { return accepting(when.and(sameWithoutFraction)) }, "for-codes-of-1-digit", "by-whatsapp", "undelivered", "where-gateway-named"),
		fault("PV-25", "otp-of-same-last-digits-accepted", "only the last five digits are compared.").in(func(when check) change { return accepting(when.and(sameLastDigits)) }, "where-notified", "where-all-named"),
		fault("PV-25", "otp-in-array-accepted", "the right OTP as the only one in an array is accepted.").in(
			func(when check) change {
				return all(readingNonNumbers("never"), accepting(when.and(otpJSON(`^\[RIGHT\]$`))))
			}, "for-codes-of-2-digits", "undelivered", "where-gateway-named", "before-face-liveness", "where-project-named", "where-all-named"),
		fault("PV-21", "phone-ignored", "the phone is not compared.").in(func(when check) change { return alsoFinding(when, sameCode) }, "where-project-named", "where-flow-named", "where-gateway-named", "for-codes-of-1-digit", "by-whatsapp", "undelivered"),
		fault("PV-21", "country-code-ignored", "the country code is not compared.").in(func(when check) change { return alsoFinding(when, samePhone) }, "where-gateway-named", "after-a-wrong-otp", "before-face-liveness", "for-codes-of-1-digit", "by-whatsapp", "undelivered", "where-all-named"),
	)
}

// sameExceptDigit compares OTPs without their digit at index i.
func sameExceptDigit(i int) check {
	return otpAsText(func(typed, right string) bool {
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
	return group.Sum(slices.Values(group.Map([]byte(digits), func(d byte) int { return int(d - '0') })))
}

// underOtherCode reports whether one of the token's own validations has the typed phone under another country code.
func underOtherCode(c *call) bool {
	typed := numberIn(c.request.fields)
	return slices.ContainsFunc(ownValidations(c), func(v *validation) bool {
		return v.number.phone == typed.phone && v.number.countryCode != typed.countryCode
	})
}

// ownOTPWrong reports whether the typed OTP is a number and wrong for a pending validation of the token.
func ownOTPWrong(c *call) bool {
	return otpIsNumber(c) && slices.ContainsFunc(ownValidations(c), func(v *validation) bool {
		return v.status == statusSent && !sameNumber(c.request.otp, v.otp)
	})
}

// ownLiveness reports whether the flow of the token's registration recommends face liveness.
func ownLiveness(c *call) bool { return c.registration != nil && c.registration.flow == LivenessFlow }

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

// ignoringToken requires no token of some calls: the caller counts as the registration of the validation that is named.
func ignoringToken(when check) change {
	return authenticating(func(c *call) {
		forEach(requestedValidation, where(when, func(of *call) { c.registration = of.validation.registration }))(c)
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

// cachingTokens knows a verified token again by a part of it, and takes whoever sends that part for its owner.
func cachingTokens(key func(token string) string) change {
	verified := map[string]*registration{}
	return all(
		authenticating(func(c *call) { c.registration = verified[key(c.token)] }),
		concluding(func(c *call) { verified[key(c.token)] = c.registration }))
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
