package reference

import (
	"encoding/json"
	"strings"
)

// change makes a fault or a variant of the plain provider. Those below are the forms that come up again and again.
type change = func(*behaviour)

// editing changes answers while they are fields, after what changes them already.
func editing(f func(*call, *answer)) change {
	return func(b *behaviour) {
		before := b.edit
		b.edit = func(c *call, a *answer) {
			if before != nil {
				before(c, a)
			}
			f(c, a)
		}
	}
}

// finishing changes answers when they are bytes, after what changes them already.
func finishing(f func(*call, *answer)) change {
	return func(b *behaviour) {
		before := b.finish
		b.finish = func(c *call, a *answer) {
			if before != nil {
				before(c, a)
			}
			f(c, a)
		}
	}
}

// onData changes the data of a success.
func onData(f func(*call, *object)) change {
	return editing(func(c *call, a *answer) {
		if a.verdict == passed {
			data := a.body.get("data").(object)
			f(c, &data)
			a.body.set("data", data)
		}
	})
}

func setData(key string, value any) change {
	return onData(func(_ *call, data *object) { data.set(key, value) })
}

func dropData(key string) change {
	return onData(func(_ *call, data *object) { data.drop(key) })
}

func renameData(from, to string) change {
	return onData(func(_ *call, data *object) { data.rename(from, to) })
}

// onSuccess and onErrors change one kind of answer as a whole.
func onSuccess(f func(*call, *answer)) change {
	return editing(func(c *call, a *answer) {
		if a.verdict == passed {
			f(c, a)
		}
	})
}

func onErrors(f func(*call, *answer)) change {
	return editing(func(c *call, a *answer) {
		if a.verdict != passed {
			f(c, a)
		}
	})
}

// onVerdict changes the answers to one verdict.
func onVerdict(v verdict, f func(*call, *answer)) change {
	return editing(func(c *call, a *answer) {
		if a.verdict == v {
			f(c, a)
		}
	})
}

func refuseWithStatus(v verdict, status int) change {
	return func(b *behaviour) { b.refusals[v].status = status }
}

func refuseWithCode(v verdict, code string) change {
	return func(b *behaviour) { b.refusals[v].code = code }
}

func refuseWithMessage(v verdict, message string) change {
	return func(b *behaviour) { b.refusals[v].message = message }
}

func refuseAs(v verdict, status int, code, message string) change {
	return func(b *behaviour) { b.refusals[v] = refusal{status, code, message} }
}

// mistake answers one verdict as if it were another.
func mistake(v, asIf verdict) change {
	return func(b *behaviour) { b.refusals[v] = b.refusals[asIf] }
}

// missingAll and missingSome change the 409 of all three parameters or of fewer.
func missingAll(f func(*answer)) change {
	return onVerdict(missingParameter, func(c *call, a *answer) {
		if len(c.missing) == 3 {
			f(a)
		}
	})
}

func missingSome(f func(*answer)) change {
	return onVerdict(missingParameter, func(c *call, a *answer) {
		if len(c.missing) < 3 {
			f(a)
		}
	})
}

// words changes how the missing parameters are named, where that many are missing.
func words(from, to int, f func([]string) string) change {
	return func(b *behaviour) {
		before := b.missingText
		b.missingText = func(names []string) string {
			if len(names) < from || len(names) > to {
				return before(names)
			}
			return f(names)
		}
	}
}

// unnoticed overlooks that a parameter is missing.
func unnoticed(name string) change {
	return func(b *behaviour) {
		before := b.missing
		b.missing = func(q *request) []string {
			var rest []string
			for _, n := range before(q) {
				if n != name {
					rest = append(rest, n)
				}
			}
			return rest
		}
	}
}

// alsoFits and neverFits are country codes that are taken, or refused, on top.
func alsoFits(f func(string) bool) change {
	return func(b *behaviour) {
		before := b.codeFits
		b.codeFits = func(code string) bool { return before(code) || f(code) }
	}
}

func neverFits(f func(string) bool) change {
	return func(b *behaviour) {
		before := b.codeFits
		b.codeFits = func(code string) bool { return before(code) && !f(code) }
	}
}

func cleaning(f func(string) string) change {
	return func(b *behaviour) { b.cleanPhone = f }
}

func matching(f func(literal string, otp int) bool) change {
	return func(b *behaviour) {
		b.matches = func(c *call, v *validation) bool { return f(c.request.otp, v.otp) }
	}
}

// alsoMatching accepts an OTP that f takes for the right one, beside the right one itself.
func alsoMatching(f func(literal string, otp int) bool) change {
	return matching(func(literal string, otp int) bool { return sameNumber(literal, otp) || f(literal, otp) })
}

// alsoPassing accepts any OTP where f says so.
func alsoPassing(f func(*call, *validation) bool) change {
	return func(b *behaviour) {
		before := b.matches
		b.matches = func(c *call, v *validation) bool { return before(c, v) || f(c, v) }
	}
}

// refusing gives the calls that f picks a verdict of their own, once their parameters are complete.
func refusing(v verdict, f func(*call) bool) change {
	return func(b *behaviour) {
		b.checkOption = func(c *call) verdict {
			if f(c) {
				return v
			}
			return passed
		}
	}
}

// examining gives the calls that f picks a verdict of their own, whatever else is wrong with them.
func examining(v verdict, f func(*call) bool) change {
	return func(b *behaviour) {
		b.examine = func(c *call) verdict {
			if f(c) {
				return v
			}
			return passed
		}
	}
}

func (c *call) given(name string) bool { return len(c.request.fields[name]) > 0 }

// requiring asks for an optional parameter.
func requiring(name string) change {
	return refusing(missingParameter, func(c *call) bool {
		c.missing = []string{name}
		return !c.given(name)
	})
}

func withMediaType(mediaType string) change {
	return func(b *behaviour) { b.mediaType = mediaType }
}

// withHeader adds a header to every answer; no value, no header.
func withHeader(name string, value func(*call) string) change {
	return editing(func(c *call, a *answer) {
		if v := value(c); v != "" {
			a.addHeader(name, v)
		}
	})
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

// delivered changes each webhook of everything but creation.
func delivered(f func(event, *delivery)) change {
	return delivering(func(e event) []delivery {
		d := deliver(e, notification(e))
		f(e, &d)
		return []delivery{d}
	})
}

// notified changes the object of each webhook of everything but creation.
func notified(f func(event, *object)) change {
	return delivering(func(e event) []delivery {
		body := notification(e)
		o := body.get("object").(object)
		f(e, &o)
		body.set("object", o)
		return []delivery{deliver(e, body)}
	})
}

// lenientOTP also takes an OTP of another type: f gives the number that it stands for, "" for none.
func lenientOTP(f func(json.RawMessage) string) change {
	return func(b *behaviour) {
		before := b.readOTP
		b.readOTP = func(c *call, value json.RawMessage) string {
			if literal := before(c, value); literal != "" {
				return literal
			}
			return f(value)
		}
	}
}

// anyOTP stands for an OTP that is taken whatever it should be.
const anyOTP = "any"

// acceptAnyOTP takes values of another type for the right OTP where f says so.
func acceptAnyOTP(f func(json.RawMessage) bool) change {
	return func(b *behaviour) {
		lenientOTP(func(value json.RawMessage) string {
			if f(value) {
				return anyOTP
			}
			return ""
		})(b)
		before := b.matches
		b.matches = func(c *call, v *validation) bool { return c.request.otp == anyOTP || before(c, v) }
	}
}

func all(changes ...change) change {
	return func(b *behaviour) {
		for _, f := range changes {
			f(b)
		}
	}
}

func joined(separator string) func([]string) string {
	return func(names []string) string { return "missing " + strings.Join(names, separator+"missing ") }
}
