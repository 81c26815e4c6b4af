// Package reference is a provider of PUT /v2/phone-validations that does what the documentation says. It is the target
// embedded in the tool, and the provider that the contract itself is tested against.
//
// It is an independent reading of the documentation and shares no code with the checks, so that a mistake in either
// shows as a disagreement between the two.
//
// The handler of a Provider serves:
//
//	PUT  /v2/phone-validations                    the endpoint under contract
//	POST /v2/app-registrations                    the documented set-up API
//	POST /v2/phone-validations/app-registration
//	GET  /v2/app-registrations/{id}
//	GET  /v2/phone-validations/{id}
//	POST /_pact/provider-states                   Pact's provider states
//	GET  /_inbox?countryCode=+507&phone=62647737  the OTP that the set-up API "sent"
//
// Where the documentation is silent, the plain provider behaves as follows: a value of the wrong type counts as
// missing; a validated validation is not found again (404); expiry is checked before the OTP; another registration's
// token finds nothing (404); a missing or unknown token is answered 401; a body that is not a JSON object is answered
// 400, an empty one counts as an empty object; the Content-Type of a request is ignored; of a repeated key the last
// one counts; phoneGateway is not compared.
//
// A fault breaks one promise; a variant keeps them all and differs where the documentation is silent. Both are rows of
// tables (faults_*.go, variants_*.go; their types are in catalogue.go) that list changes of the plain behaviour: of answers
// (changes_answers.go), decisions (changes_decisions.go), effects and webhooks (changes_effects.go). A hook does something
// while a call is handled, a check chooses calls, and the two combine: where(given("project"), links).
//
// With Options.FixedPhones, the phones of FixedPhones always give the same answer and need no state.
package reference
