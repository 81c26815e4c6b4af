package reference

import "time"

// lateAfter is how long after its answer a provider does what it should have done before, or should not do.
const lateAfter = 40 * time.Millisecond

// later does something to the records a while after the call.
func (c *call) later(f func()) {
	c.late.Add(1)
	time.AfterFunc(lateAfter, func() {
		defer c.late.Done()
		c.records.mu.Lock()
		defer c.records.mu.Unlock()
		f()
	})
}

// effect is what a call does to a validation while the records are locked.
type effect = func(*call, *validation)

func validates(_ *call, v *validation) { v.status = statusValidated }

func links(_ *call, v *validation) { v.registration.linked = v.id }

func late(f effect) effect {
	return func(c *call, v *validation) { c.later(func() { f(c, v) }) }
}

// onTop adds an effect to one that a verdict has already.
func onTop(of func(*behaviour) *effect, f effect) change {
	return func(b *behaviour) {
		before := *of(b)
		*of(b) = func(c *call, v *validation) {
			before(c, v)
			f(c, v)
		}
	}
}

func ofPassed(b *behaviour) *effect  { return &b.onPassed }
func ofWrong(b *behaviour) *effect   { return &b.onWrong }
func ofExpired(b *behaviour) *effect { return &b.onExpired }

// despite lets calls with a verdict have an effect on the validation that they name, though they are refused.
func despite(v verdict, f effect) change {
	return func(b *behaviour) {
		before := b.conclude
		b.conclude = func(c *call, got verdict) verdict {
			if got == v {
				c.records.mu.Lock()
				if named := c.named(); named != nil {
					f(c, named)
				}
				c.records.mu.Unlock()
			}
			if before != nil {
				return before(c, got)
			}
			return got
		}
	}
}

// named is the validation that the body of a call names, whoever the call comes from.
func (c *call) named() *validation {
	fields, _ := parse(c.body)
	return c.records.numbers[number{text(fields["countryCode"]), text(fields["phone"])}]
}
