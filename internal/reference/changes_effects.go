package reference

import (
	"maps"
	"slices"
	"time"
)

// onTop adds an effect to those that a verdict has already; instead replaces them.
func onTop(v verdict, f hook) change { return func(b *behaviour) { b.effects[v].then(f) } }

func instead(v verdict, f hook) change { return func(b *behaviour) { b.effects[v] = f } }

// despite lets refused calls have an effect on the validation that they name, whoever they come from.
func despite(v verdict, f hook) change { return lastly(v, toEach(named, f)) }

// lastly lets something happen after a verdict. The call's own validation is a copy by then: what changes in it shows in a webhook
// alone, and the record stays as it is.
func lastly(v verdict, f hook) change { return concluding(where(answersTo(v), f)) }

// toEach has an effect on other validations than the one that was found.
func toEach(which func(*call) []*validation, f hook) hook {
	return func(c *call) {
		of := *c
		for _, of.validation = range which(c) {
			f(&of)
		}
	}
}

// named returns the validation of the number that a request names, if there is one.
func named(c *call) []*validation {
	if v := c.records.numbers[numberIn(c.request.fields)]; v != nil {
		return []*validation{v}
	}
	return nil
}

// newest returns the validations of the registration that was made last.
func newest(c *call) []*validation { return c.records.newest().validations }

// others returns every other validation that is pending.
func others(c *call) []*validation {
	all := slices.Collect(maps.Values(c.records.validations))
	return slices.DeleteFunc(all, func(v *validation) bool { return v == c.validation || v.status != statusSent })
}

// own returns the validations of the token's registration.
func own(c *call) []*validation {
	if c.registration == nil {
		return nil
	}
	return c.registration.validations
}

// afterSuccess has an effect on a validation that is validated when an OTP is typed for it again.
func afterSuccess(otp check, f hook) change {
	return lastly(notFound, toEach(own, where(check(validatedBefore).and(otp), f)))
}

// unkept lets the record of a success stay as it was in some cases, whatever the answer says.
func unkept(when check) change {
	return all(data("status", statusValidated), onTop(passed, where(when, setStatus(statusSent))))
}

func setStatus(status string) hook { return func(c *call) { c.validation.status = status } }

func validates(c *call) { c.validation.status = statusValidated }

func links(c *call) { c.validation.registration.linked = c.validation.id }

func unlinks(c *call) { c.validation.registration.linked = "" }

func expires(c *call) { c.validation.expires = c.now }

func deletes(c *call) { c.records.removeValidation(c.validation) }

func changesOTP(c *call) { c.validation.otp = c.behaviour.wrongFor(c.validation.otp) }

// lateAfter is how long after its answer a provider does what it should have done before, or should not do.
const lateAfter = 40 * time.Millisecond

func late(f hook) hook {
	return func(c *call) {
		later := *c // which keeps the record: the call goes on with a copy
		c.late.Add(1)
		time.AfterFunc(lateAfter, func() {
			defer c.late.Done()
			c.records.mu.Lock()
			defer c.records.mu.Unlock()
			f(&later)
		})
	}
}

// showingLink changes the link that a registration shows.
func showingLink(f func(r *registration, populate bool) any) change {
	return func(b *behaviour) { b.showLink = f }
}

// linkAsKept shows the id of whatever a registration is linked to.
func linkAsKept(r *registration, _ bool) any { return linkAsAsked(r, false) }

// showingStatus shows a validation with a status in some cases.
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

// delivering changes the webhooks of everything but creation, delivered each of them.
func delivering(f func(event) []*delivery) change {
	return func(b *behaviour) {
		b.deliveries = func(e event) []*delivery {
			if e.suffix == eventCreated {
				return deliver(e)
			}
			return f(e)
		}
	}
}

func delivered(f func(*delivery)) change {
	return delivering(func(e event) []*delivery {
		all := deliver(e)
		f(all[0])
		return all
	})
}

// notifying lets another event follow a verdict in some cases, "" for none.
func notifying(event string, when check) change {
	return concluding(where(when, func(c *call) { c.event = event }))
}

// withoutWebhook lets no webhook follow a success in some cases.
func withoutWebhook(when check) change { return notifying("", check(successes).and(when)) }
