package reference

import (
	"net/http"
	"slices"
	"strings"
)

// change turns the plain behaviour into that of a fault or a variant. Most are named by what the changed provider does:
// accepting, ignoringExpiry.
type change = func(*behaviour)

func all(changes ...change) change {
	return func(b *behaviour) {
		for _, f := range changes {
			f(b)
		}
	}
}

// Checks that choose answers.

func successes(c *call) bool { return c.verdict == passed }

func refusals(c *call) bool { return c.verdict != passed }

func answersTo(any ...verdict) check {
	return func(c *call) bool { return slices.Contains(any, c.verdict) }
}

// missingCount chooses the 409s for at least from and at most to missing parameters.
func missingCount(from, to int) check {
	return answersTo(missingParameter).and(func(c *call) bool { return from <= len(c.missing) && len(c.missing) <= to })
}

// Changes of an answer: of its fields, its bytes and how it is sent.

// editingFields changes the fields of answers, editingBytes what they are encoded to.
func editingFields(of check, f hook) change {
	return func(b *behaviour) { b.editFields.then(where(of, f)) }
}

func editingBytes(of check, f hook) change {
	return func(b *behaviour) { b.editBytes.then(where(of, f)) }
}

// rewriting changes the encoded bodies.
func rewriting(of check, f func([]byte) []byte) change {
	return editingBytes(of, func(c *call) { c.answer.bytes = f(c.answer.bytes) })
}

// wrapping puts text around every body.
func wrapping(before, behind string) change {
	return rewriting(always, func(b []byte) []byte { return []byte(before + string(b) + behind) })
}

func sending(f hook) change { return func(b *behaviour) { b.send = f } }

// sendingFirst does something before an answer is sent.
func sendingFirst(f hook) change {
	f.then(send)
	return sending(f)
}

// valueFor returns the value of a field or header: value itself or, if it is a function, its result for the call.
func valueFor(c *call, value any) any {
	switch f := value.(type) {
	case func(*call) any:
		return f(c)
	case func(*call) string:
		return f(c)
	}
	return value
}

// data sets a field in the data of every success, dataWhere of some; body sets one at the top level of answers.
func data(key string, value any) change { return dataWhere(always, key, value) }

func dataWhere(when check, key string, value any) change {
	return editingFields(check(successes).and(when), func(c *call) { c.answer.data.set(key, valueFor(c, value)) })
}

func body(of check, key string, value any) change {
	return editingFields(of, func(c *call) { c.answer.body.set(key, valueFor(c, value)) })
}

func dataWithout(key string) change {
	return editingFields(successes, func(c *call) { c.answer.data.drop(key) })
}

func dataRenamed(from, to string) change {
	return editingFields(successes, func(c *call) { c.answer.data.rename(from, to) })
}

// header adds a header to answers, unless its value is empty.
func header(of check, name string, value any) change {
	return editingFields(of, func(c *call) {
		if text := valueFor(c, value).(string); text != "" {
			c.w.Header().Add(name, text)
		}
	})
}

// wording changes the message of these 409s.
func wording(from, to int, f func(names []string) string) change {
	return body(missingCount(from, to), "message", func(c *call) any { return f(c.missing) })
}

func joined(separator string) func([]string) string {
	return func(names []string) string { return "missing " + strings.Join(names, separator+"missing ") }
}

func answering(of check, status int) change {
	return editingFields(of, func(c *call) { c.answer.status = status })
}

// status, code and message change one part of the answer to a verdict, refusedWith all of it.

func status(v verdict, status int) change { return answering(answersTo(v), status) }

func code(v verdict, code string) change { return body(answersTo(v), "code", code) }

func message(v verdict, message string) change { return body(answersTo(v), "message", message) }

func refusedWith(v verdict, status int, code, message string) change {
	return all(answering(answersTo(v), status), body(answersTo(v), "code", code), body(answersTo(v), "message", message))
}

// dialect writes errors as the set-up API does: the name of the HTTP status in code, the symbol in message.
func dialect(of check) change {
	return editingFields(of, func(c *call) {
		*c.answer.body = refusal{0, strings.ReplaceAll(http.StatusText(c.answer.status), " ", ""), documentedRefusals()[c.verdict].code}.body()
	})
}

// judgingAs gives some calls another verdict than they deserve.
func judgingAs(of check, asIf verdict) change { return concluding(where(of, setVerdict(asIf))) }

func mediaType(of check, mediaType string) change {
	return editingFields(of, func(c *call) { c.answer.mediaType = mediaType })
}

// htmlPage returns an error page of a web server or gateway.
func htmlPage(status int) []byte {
	title := http.StatusText(status)
	return []byte("<!DOCTYPE html>\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n")
}
