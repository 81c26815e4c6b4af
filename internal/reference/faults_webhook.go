package reference

import (
	"encoding/base64"
	"net/url"
	"strconv"
)

// webhookFaults break that a validation event triggers a webhook (PV-14), and that none tells of a success that was none
// (PV-27).
func webhookFaults() []Fault {
	// telling changes the event that the webhook of one kind tells of.
	telling := func(suffix string, f func(event) event) change {
		return delivering(func(e event) []delivery {
			if e.suffix == suffix {
				e = f(e)
			}
			return oneDelivery(e)
		})
	}
	claimed := func(e event) event { return e.as(eventValidated) }
	withStatus := func(e event) event {
		e.validation.status = statusValidated
		return e
	}
	return []Fault{
		broken("PV-14", "webhook-never", "No webhook follows.", delivering(func(event) []delivery { return nil })),
		broken("PV-14", "webhook-on-failure-only", "Only what goes wrong is notified.", delivering(func(e event) []delivery {
			if e.suffix == eventValidated {
				return nil
			}
			return oneDelivery(e)
		})),
		broken("PV-14", "webhook-not-by-whatsapp", "Where WhatsApp delivered the OTP no webhook follows.", withoutWebhook(sentBy("whatsapp"))),
		broken("PV-14", "webhook-not-for-codes-of-1-digit", "Under a country code of one digit no webhook follows.", withoutWebhook(withCodeOf(1))),
		broken("PV-14", "webhook-not-where-project-named", "Where the project is named no webhook follows.", withoutWebhook(given("project"))),
		broken("PV-14", "webhook-as-created", "The webhook of a success says created.", delivering(func(e event) []delivery { return oneDelivery(e.as(eventCreated)) })),
		broken("PV-14", "webhook-on-wrong-url", "The webhook goes to the root of the receiver.", delivered(func(_ event, d *delivery) {
			if u, err := url.Parse(d.url); err == nil {
				u.Path, u.RawPath, u.RawQuery = "/", "", ""
				d.url = u.String()
			}
		})),
		broken("PV-14", "webhook-names-nothing", "The webhook has a type and nothing that names the validation.", notified(func(e event, o *object) { *o = object{{"status", e.validation.status}} })),
		broken("PV-14", "webhook-names-another", "The webhook names a validation that does not exist.", notified(func(_ event, o *object) {
			o.set("_id", newHexID())
			o.set("phone", "00000000")
		})),
		broken("PV-14", "webhook-holds-otp", "The webhook holds the OTP.", notified(func(e event, o *object) { o.set("otp", e.validation.otp) })),
		broken("PV-14", "webhook-holds-otp-as-base64", "The webhook holds the OTP in base64.", notified(func(e event, o *object) {
			o.set("otp", base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(e.validation.otp))))
		})),
		broken("PV-14", "webhook-holds-token", "The webhook holds the registration's token.", notified(func(e event, o *object) { o.set("token", e.validation.registration.token) })),
		broken("PV-14", "webhook-is-empty", "The webhook has no body.", delivered(func(_ event, d *delivery) { d.body = nil })),
		broken("PV-14", "webhook-is-a-form", "The webhook is posted as a form.", delivered(func(e event, d *delivery) {
			d.mediaType = "application/x-www-form-urlencoded"
			d.body = []byte(url.Values{"type": {typeOf(e)}, "_id": {e.validation.id}}.Encode())
		})),
		broken("PV-14", "webhook-is-cut", "The webhook's JSON ends in the middle.", delivered(func(_ event, d *delivery) { d.body = d.body[:len(d.body)-10] })),
		broken("PV-14", "webhook-url-holds-otp", "The OTP is added to the webhook's address.", delivered(func(e event, d *delivery) { d.url += "?otp=" + strconv.Itoa(e.validation.otp) })),
		broken("PV-14", "webhook-url-holds-token", "The token is added to the webhook's address.", delivered(func(e event, d *delivery) { d.url += "?token=" + url.QueryEscape(e.validation.registration.token) })),

		broken("PV-27", "wrong-otp-notified-as-validated", "The webhook of a wrong OTP says validated.", telling(eventOTPIncorrect, claimed)),
		broken("PV-27", "wrong-otp-notified-with-that-status", "The webhook of a wrong OTP holds the status validated.", telling(eventOTPIncorrect, withStatus)),
		broken("PV-27", "wrong-otp-notified-before-compared", "A webhook that says validated is sent before the OTP is compared.", delivering(func(e event) []delivery {
			return append(oneDelivery(claimed(e)), oneDelivery(e)...)
		})),
		broken("PV-27", "wrong-otp-notified-late", "A webhook that says validated comes a moment after that of the wrong OTP.", delivering(func(e event) []delivery {
			second := deliver(e, notification(claimed(e)))
			second.after = lateAfter
			return append(oneDelivery(e), second)
		})),
		broken("PV-27", "wrong-otp-event-in-camel-case", "The webhook of a wrong OTP has the event phoneValidated.", delivering(func(e event) []delivery {
			return []delivery{deliver(e, object{{"event", "phoneValidated"}, {"data", object{{"id", e.validation.id}}}})}
		})),
		broken("PV-27", "unknown-token-notified-as-validated", "A webhook says validated though the token was refused.",
			despite(unauthorised, func(c *call) { c.announce(eventValidated, c.validation) })),
		broken("PV-27", "expired-notified-as-validated", "The webhook of an expired OTP says validated.", telling(eventExpired, claimed)),
		broken("PV-27", "expired-notified-with-that-status", "The webhook of an expired OTP holds the status validated.", telling(eventExpired, withStatus)),
	}
}
