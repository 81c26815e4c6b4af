package reference

import (
	"net/url"
	"regexp"
	"strconv"
)

// webhookFaults break that a validation event triggers a webhook (PV-14), and that none tells of a success that was none
// (PV-27).
func webhookFaults() []Fault {
	claimed := func(e event) event { return e.as(eventValidated) }
	// ofNote changes what a webhook says of the validation: the record itself stays as it is.
	ofNote := func(v verdict, f hook) change { return concluding(where(answersTo(v), f)) }
	return []Fault{
		broken("PV-14", "webhook-never", "No webhook follows.", delivering(func(event) []*delivery { return nil })),
		broken("PV-14", "webhook-on-failure-only", "Only what goes wrong is notified.", withoutWebhook(always)),
		broken("PV-14", "webhook-not-by-whatsapp", "Where WhatsApp delivered the OTP no webhook follows.", withoutWebhook(sentBy("whatsapp"))),
		broken("PV-14", "webhook-not-for-codes-of-1-digit", "Under a country code of one digit no webhook follows.", withoutWebhook(withCodeOf(1))),
		broken("PV-14", "webhook-not-where-project-named", "Where the project is named no webhook follows.", withoutWebhook(given("project"))),
		broken("PV-14", "webhook-as-created", "The webhook of a success says created.", delivering(func(e event) []*delivery { return deliver(e.as(eventCreated)) })),
		broken("PV-14", "webhook-on-wrong-url", "The webhook goes to the root of the receiver.",
			delivered(func(d *delivery) { d.url = regexp.MustCompile(`(//[^/]*).*`).ReplaceAllString(d.url, "$1/") })),
		broken("PV-14", "webhook-names-nothing", "The webhook has a type and nothing that names the validation.", delivered(func(d *delivery) { *d.object = object{{"status", d.validation.status}} })),
		broken("PV-14", "webhook-names-another", "The webhook names a validation that does not exist.",
			delivered(func(d *delivery) { *d.object = object{{"_id", newHexID()}, {"phone", "00000000"}} })),
		broken("PV-14", "webhook-holds-otp", "The webhook holds the OTP.", delivered(func(d *delivery) { d.object.set("otp", d.validation.otp) })),
		broken("PV-14", "webhook-holds-otp-as-base64", "The webhook holds the OTP in base64.", delivered(func(d *delivery) { d.object.set("otp", base64Of(strconv.Itoa(d.validation.otp))) })),
		broken("PV-14", "webhook-holds-token", "The webhook holds the registration's token.", delivered(func(d *delivery) { d.object.set("token", d.validation.registration.token) })),
		broken("PV-14", "webhook-is-empty", "The webhook has no body.", delivered(func(d *delivery) { d.body = []byte{} })),
		broken("PV-14", "webhook-is-a-form", "The webhook is posted as a form.", delivered(func(d *delivery) {
			d.mediaType = "application/x-www-form-urlencoded"
			d.body = []byte(url.Values{"type": {typeOf(d.event)}, "_id": {d.validation.id}}.Encode())
		})),
		broken("PV-14", "webhook-is-cut", "The webhook's JSON ends in the middle.", delivered(func(d *delivery) { d.body = appendJSON(nil, d.note)[:100] })),
		broken("PV-14", "webhook-url-holds-otp", "The OTP is added to the webhook's address.", delivered(func(d *delivery) { d.url += "?otp=" + strconv.Itoa(d.validation.otp) })),
		broken("PV-14", "webhook-url-holds-token", "The token is added to the webhook's address.", delivered(func(d *delivery) { d.url += "?token=" + url.QueryEscape(d.validation.registration.token) })),

		broken("PV-27", "wrong-otp-notified-as-validated", "The webhook of a wrong OTP says validated.", notifying(eventValidated, answersTo(wrongOTP))),
		broken("PV-27", "wrong-otp-notified-with-that-status", "The webhook of a wrong OTP holds the status validated.", ofNote(wrongOTP, validates)),
		broken("PV-27", "wrong-otp-notified-before-compared", "A webhook that says validated is sent before the OTP is compared.",
			delivering(func(e event) []*delivery { return deliver(claimed(e), e) })),
		broken("PV-27", "wrong-otp-notified-late", "A webhook that says validated comes a moment after that of the wrong OTP.", delivering(func(e event) []*delivery {
			all := deliver(e, claimed(e))
			all[1].after = lateAfter
			return all
		})),
		broken("PV-27", "wrong-otp-event-in-camel-case", "The webhook of a wrong OTP has the event phoneValidated.",
			delivered(func(d *delivery) { d.note = object{{"event", "phoneValidated"}, {"id", d.validation.id}} })),
		broken("PV-27", "unknown-token-notified-as-validated", "A webhook says validated though the token was refused.",
			despite(unauthorised, func(c *call) { c.announce(eventValidated, c.validation) })),
		broken("PV-27", "expired-notified-as-validated", "The webhook of an expired OTP says validated.", notifying(eventValidated, answersTo(hasExpired))),
		broken("PV-27", "expired-notified-with-that-status", "The webhook of an expired OTP holds the status validated.", ofNote(hasExpired, validates)),
	}
}
