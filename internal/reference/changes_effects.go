package reference

import "time"

// onTop adds an effect to those that a verdict has already; instead replaces them.
func onTop(v verdict, f effect) change {
	return func(b *behaviour) {
		before := b.effects[v]
		b.effects[v] = func(c *call, found *validation) {
			if before != nil {
				before(c, found)
			}
			f(c, found)
		}
	}
}

// where is an effect in some cases.
func where(when check, f effect) effect {
	return func(c *call, v *validation) {
		if when(c, v) {
			f(c, v)
		}
	}
}

func instead(v verdict, f effect) change { return func(b *behaviour) { b.effects[v] = f } }

// despite lets refused calls have an effect on the validation that they name, whoever they come from.
func despite(v verdict, f effect) change {
	return concluding(func(c *call, got verdict) verdict {
		if got == v {
			c.records.mu.Lock()
			defer c.records.mu.Unlock()
			fields, _ := parse(c.body)
			if named := c.records.numbers[number{textOf(fields["countryCode"]), textOf(fields["phone"])}]; named != nil {
				f(c, named)
			}
		}
		return got
	})
}

// afterSuccess has an effect on a validation that is validated when an OTP is typed for it again.
func afterSuccess(otp check, f effect) change {
	return despite(notFound, func(c *call, v *validation) {
		if v.status == statusValidated && v.registration == c.registration && otp(c, v) {
			f(c, v)
		}
	})
}

func typedRight(c *call, v *validation) bool { return sameNumber(c.request.otp, v.otp) }

func typedOther(c *call, v *validation) bool { return !typedRight(c, v) }

func setStatus(status string) effect { return func(_ *call, v *validation) { v.status = status } }

func validates(_ *call, v *validation) { v.status = statusValidated }

func links(_ *call, v *validation) { v.registration.linked = v.id }

func unlinks(_ *call, v *validation) { v.registration.linked = "" }

// lateAfter is how long after its answer a provider does what it should have done before, or should not do.
const lateAfter = 40 * time.Millisecond

func late(f effect) effect {
	return func(c *call, v *validation) {
		c.late.Add(1)
		time.AfterFunc(lateAfter, func() {
			defer c.late.Done()
			c.records.mu.Lock()
			defer c.records.mu.Unlock()
			f(c, v)
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

// delivering changes the webhooks of everything but creation.
func delivering(f func(event) []delivery) change {
	return func(b *behaviour) {
		before := b.deliveries
		b.deliveries = func(e event) []delivery {
			if e.suffix == eventCreated {
				return before(e)
			}
			return f(e)
		}
	}
}

// withoutWebhook lets no webhook follow a success in some cases.
func withoutWebhook(when check) change {
	return concluding(func(c *call, v verdict) verdict {
		if v == passed && when(c, &c.validation) {
			c.event = ""
		}
		return v
	})
}

// delivered changes each webhook of everything but creation, notified the object in it.
func delivered(f func(event, *delivery)) change {
	return delivering(func(e event) []delivery {
		d := deliver(e, notification(e))
		f(e, &d)
		return []delivery{d}
	})
}

func notified(f func(event, *object)) change {
	return delivering(func(e event) []delivery {
		body := notification(e)
		o := body.get("object").(object)
		f(e, &o)
		body.set("object", o)
		return []delivery{deliver(e, body)}
	})
}

// as is the same event under another name.
func (e event) as(suffix string) event {
	e.suffix = suffix
	return e
}
