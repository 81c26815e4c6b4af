package reference

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"verifik-contract/internal/providerstate"
)

// recordVariants returns the variants that keep or show the records differently, or send other webhooks.
func recordVariants() []Variant {
	ids := func(f func() string) change { return func(b *behaviour) { b.newID = f } }
	const shownAfter = 120 * time.Millisecond
	return []Variant{
		variantAbout("ids", "ids-in-capitals", "Ids are written with capital hex digits.", ids(func() string { return strings.ToUpper(newHexID()) })),
		variantAbout("ids", "ids-are-uuids", "Ids are UUIDs.", ids(newUUID)),
		variantAbout("ids", "ids-are-digits", "Ids are texts of digits.", ids(func() string { return strconv.FormatInt(1e17+rand.Int64N(9e17), 10) })),
		variantAbout("ids", "ids-have-a-prefix", "Ids are letters and digits behind a prefix.", ids(func() string { return "pv_" + strings.ToUpper(newHexID()[:9]) + newHexID()[:9] })),
		variantAbout("OTPs", "otps-of-4-digits", "OTPs have four digits.", drawingOTPsOf(4)),
		variantAbout("OTPs", "otps-of-8-digits", "OTPs have eight digits.", drawingOTPsOf(8)),
		variantAbout("OTPs", "otps-begin-with-zero", "Every third OTP begins with a zero.", func(b *behaviour) {
			var made atomic.Int32
			draw := b.newOTP
			b.newOTP = func() int {
				if made.Add(1)%3 == 0 {
					return 10_000 + b.randomBelow(90_000)
				}
				return draw()
			}
		}),
		variantAbout("read-back", "written-a-moment-later", "The effects of a success show 120 ms later.",
			showingStatus(statusSent, func(v *validation) bool { return v.status == statusValidated && time.Since(v.updated) < shownAfter }),
			showingLink(func(r *registration, populate bool) any {
				if time.Since(r.updated) < shownAfter {
					return nil
				}
				return linkOf(r, populate)
			})),
		variantAbout("read-back", "pending-shows-new", "The status of a validation is new until it is validated.", showingStatus("new", func(v *validation) bool { return v.status == statusSent })),
		variantAbout("read-back", "unlinked-as-empty-object", "A registration without a validation shows an empty object.",
			showingLink(func(r *registration, populate bool) any { return cmp.Or[any](linkOf(r, populate), object{}) })),
		variantAbout("read-back", "link-as-list", "A registration shows its validations as a list.", showingLink(func(r *registration, populate bool) any {
			return slices.DeleteFunc([]any{linkOf(r, populate)}, func(link any) bool { return link == nil })
		})),
		variant("liveness-everywhere", "Every flow recommends face liveness.", func(b *behaviour) { b.recommendsLiveness = func(string) bool { return true } }),
		variantAbout("read-back", "link-as-object", "A registration shows its validation as an object even where only the id is asked for.", showingLink(func(r *registration, _ bool) any { return linkOf(r, true) })),
		variantAbout("read-back", "link-as-id", "A registration shows its validation's id even where the object is asked for.", showingLink(storedLink)),
		variantAbout("read-back", "linked-from-the-start", "A registration is linked to its validation when that is made.", showingLink(func(r *registration, populate bool) any {
			if r.linked == "" && len(r.validations) > 0 {
				return r.validations[len(r.validations)-1].id
			}
			return linkOf(r, populate)
		})),
		variantAbout("read-back", "expired-shows-failed", "The status of a validation becomes failed when its OTP is typed too late.", sideEffect(hasExpired, setStatus(statusFailed))),
		variantAbout("read-back", "wrong-otp-shows-failed", "The status of a validation is failed after a wrong OTP, until the right one comes.", sideEffect(wrongOTP, setStatus(statusFailed))),

		variantAbout("webhook", "webhook-late", "Webhooks come 250 ms late.", delivering(func(d *delivery) { d.after = 250 * time.Millisecond })),
		variantAbout("webhook", "webhook-twice", "Webhooks are delivered twice.", notifying(func(e event) []event { return []event{e, e} })),
		variantAbout("webhook", "webhook-of-its-own-state-only", "Only the state with a webhook has one: the others leave webhookUrl aside.", notifying(func(e event) []event {
			if e.validation.registration.state.State != providerstate.Webhook {
				return nil
			}
			return []event{e}
		})),
		variantAbout("webhook", "webhook-names-phone-only", "Webhooks name the validation by its phone alone.", delivering(func(d *delivery) { d.object.drop("_id", "countryCode") })),
		variantAbout("webhook", "webhook-names-whole-number", "Webhooks name the validation by country code and phone in one.", delivering(func(d *delivery) {
			d.object.drop("_id", "countryCode")
			d.object.set("phone", d.validation.number.countryCode+d.validation.number.phone)
		})),
		variantAbout("webhook", "webhook-names-id-only", "Webhooks name the validation by its id alone.", delivering(func(d *delivery) { *d.object = object{{"_id", d.validation.id}} })),
		variantAbout("webhook", "webhook-in-another-form", "Webhooks are flat, indented and carry a signature.", delivering(func(d *delivery) {
			d.mediaType = "application/json; charset=utf-8"
			note := object{{"event", typeOf(d.event)}, {"signature", "sha256=" + newHexID() + newHexID()}, {"validation", d.validation.id}}
			d.body = indented(encoded(note), "\t")
		})),
		variantAbout("webhook", "webhook-phone-as-number", "Webhooks name the validation by its phone alone, as a number.",
			delivering(func(d *delivery) { *d.object = object{{"phone", jsontext.Value(d.validation.number.phone)}} })),
		variantAbout("webhook", "webhook-in-a-list", "Webhooks come as a list of one.", delivering(func(d *delivery) { d.note = []any{d.note} })),
		variantAbout("webhook", "webhook-of-creation-late", "The webhook of a creation comes after 60 ms.", func(b *behaviour) { b.createdLate = 60 * time.Millisecond }),
		variantAbout("webhook", "webhook-with-resend", "A webhook that says resend comes before each.",
			notifying(func(e event) []event { return []event{e.as("resend"), e} })),
	}
}
