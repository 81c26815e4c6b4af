// Package reference is a provider of PUT /v2/phone-validations that keeps its documentation: the target that
// is embedded in the tool, and what the contract is tried against.
//
// It is an independent reading of the documentation. It shares no code with the checks, so that a mistake in
// either shows as a disagreement between the two.
//
// A Provider answers, on one handler:
//
//	PUT  /v2/phone-validations                    the endpoint under contract
//	POST /v2/app-registrations                    the documented set-up API
//	POST /v2/phone-validations/app-registration
//	GET  /v2/app-registrations/{id}
//	GET  /v2/phone-validations/{id}
//	POST /_pact/provider-states                   Pact's provider states
//	GET  /_inbox?countryCode=+507&phone=62647737  the OTP that the set-up API "sent"
//
// Where the documentation is silent, the plain provider chooses so: a value of another type than documented
// counts as missing; a validation that was validated is found no more (404); expiry is looked at before the
// OTP; another registration's token finds nothing (404); no token or an unknown one is 401; a body that is
// no JSON object is 400, an empty one counts as an empty object; the Content-Type of a request is not looked at;
// of a key that occurs twice the last one counts; phoneGateway is not compared.
//
// A fault breaks one promise, a variant is as faithful and differs in what is free. Both are rows of tables (catalogue.go;
// faults_*.go, variants_*.go) that say what is changed in the words of a few families: which answers and what of them
// (changes_answers.go), which decision (changes_decisions.go), which effect or webhook (changes_effects.go). What happens
// on a call's way is a hook, a case in which it happens is a check, and the two are put together: where(given("project"), links).
//
// The phones of FixedPhones, where Options asks for them, answer alike again and again and cost no state.
package reference
