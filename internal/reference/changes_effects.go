package reference

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// sideEffect gives a verdict a further effect.
func sideEffect(v verdict, f hook) change { return concluding(where(answersTo(v), f)) }

// sideEffectWhen returns a function that does so for the calls that a check chooses.
func sideEffectWhen(v verdict, f hook) func(when check) change {
	return func(when check) change { return sideEffect(v, where(when, f)) }
}

// sideEffectOnRequested gives refused calls an effect on the validation whose number they name, whoever sent them.
func sideEffectOnRequested(v verdict, f hook) change {
	return sideEffect(v, forEach(requestedValidation, f))
}

// forEach runs f for each of the chosen validations instead of the one that was found.
func forEach(which func(*call) []*validation, f hook) hook {
	return func(c *call) {
		of := *c
		for _, of.validation = range which(c) {
			f(&of)
		}
	}
}

// requestedValidation returns the validation of the number in the request, if there is one.
func requestedValidation(c *call) []*validation {
	if v := c.records.ofNumber(numberIn(c.request.fields)); v != nil {
		return []*validation{v}
	}
	return nil
}

// newestValidations returns the validations of the newest registration.
func newestValidations(c *call) []*validation { return c.records.newest().validations }

// otherValidations returns the other validations that have a status.
func otherValidations(c *call, status string) []*validation {
	all := slices.Collect(maps.Values(c.records.validations))
	return slices.DeleteFunc(all, func(v *validation) bool { return v == c.validation || v.status != status })
}

func pendingOthers(c *call) []*validation { return otherValidations(c, statusSent) }

func validatedOthers(c *call) []*validation { return otherValidations(c, statusValidated) }

// ownValidations returns the validations of the caller's registration.
func ownValidations(c *call) []*validation {
	return cmp.Or(c.registration, &registration{}).validations
}

// afterSuccess has an effect on a validated validation when an OTP is typed for it again.
func afterSuccess(otp check, f hook) change {
	return sideEffect(notFound, forEach(ownValidations, where(check(isValidated).and(otp), f)))
}

// notKeepingStatus answers some successes without updating the record.
func notKeepingStatus(when check) change {
	return all(data("status", statusValidated), sideEffect(passed, where(when, setStatus(statusSent))))
}

func setStatus(status string) hook { return func(c *call) { c.validation.status = status } }

func validates(c *call) { c.validation.status = statusValidated }

func links(c *call) { c.validation.registration.linked = c.validation.id }

func unlinks(c *call) { c.validation.registration.linked = "" }

func expires(c *call) { c.validation.expires = c.now }

func deletes(c *call) { c.records.removeValidation(c.validation) }

func changesOTP(c *call) { c.validation.otp = c.behaviour.wrongFor(c.validation.otp) }

// lateAfter is the delay of an effect of late.
const lateAfter = 40 * time.Millisecond

// late delays an effect until after the answer.
func late(f hook) hook {
	return func(c *call) {
		later := *c // this copy keeps the record itself: decideAndUpdate gives the call a copy of it
		c.late.Add(1)
		time.AfterFunc(lateAfter, func() {
			defer c.late.Done()
			c.records.mu.Lock()
			defer c.records.mu.Unlock()
			f(&later)
		})
	}
}

// showingLink changes what a registration shows as its link.
func showingLink(f func(r *registration, populate bool) any) change {
	return func(b *behaviour) { b.showLink = f }
}

// storedLink shows the id that a registration is linked to, even where there is no such validation.
func storedLink(r *registration, _ bool) any { return linkOf(r, false) }

// showingStatus shows some validations with another status than their own.
func showingStatus(status string, when func(*validation) bool) change {
	return func(b *behaviour) {
		b.readStatus = func(v *validation) string {
			if when(v) {
				return status
			}
			return v.status
		}
	}
}

// notifying changes which webhooks an event causes.
func notifying(f func(event) []event) change { return func(b *behaviour) { b.events = f } }

// delivering changes each webhook before it is posted.
func delivering(f func(*delivery)) change { return func(b *behaviour) { b.deliver = f } }

// webhookField sets a field in the webhooks of an event; the suffix "" means every event.
func webhookField(suffix, key string, value func(validation) any) change {
	return delivering(func(d *delivery) {
		if suffix == "" || suffix == d.suffix {
			d.object.set(key, value(d.validation))
		}
	})
}

// changingEvent gives some calls another event; "" means no webhook.
func changingEvent(event string, when check) change {
	return concluding(where(when, func(c *call) { c.event = event }))
}

// withoutWebhook sends no webhook after some successes.
func withoutWebhook(when check) change { return changingEvent("", check(successes).and(when)) }
