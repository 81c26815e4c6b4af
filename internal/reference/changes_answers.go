package reference

import (
	"net/http"
	"strings"
)

// change makes a fault or a variant of the plain provider.
type change = func(*behaviour)

func all(changes ...change) change {
	return func(b *behaviour) {
		for _, f := range changes {
			f(b)
		}
	}
}

// Which answers a change is of.

type picker = func(*call, *answer) bool

func everyAnswer(*call, *answer) bool { return true }

func successes(_ *call, a *answer) bool { return a.verdict == passed }

func refusals(_ *call, a *answer) bool { return a.verdict != passed }

func answersTo(v verdict) picker { return func(_ *call, a *answer) bool { return a.verdict == v } }

// missing picks the 409s that name so many parameters.
func missing(from, to int) picker {
	return func(c *call, a *answer) bool {
		return a.verdict == missingParameter && from <= len(c.missing) && len(c.missing) <= to
	}
}

// How an answer is changed: its fields, its bytes, how it is sent.

// editing changes answers while they are fields.
func editing(of picker, f func(*call, *answer)) change {
	return func(b *behaviour) {
		before := b.edit
		b.edit = func(c *call, a *answer) {
			before(c, a)
			if of(c, a) {
				f(c, a)
			}
		}
	}
}

// rewriting changes the bytes of answers.
func rewriting(of picker, f func([]byte) []byte) change {
	return writing(of, func(a *answer) { a.bytes = f(a.bytes) })
}

// wrapping puts something around every body.
func wrapping(before, behind string) change {
	return rewriting(everyAnswer, func(b []byte) []byte { return []byte(before + string(b) + behind) })
}

// writing changes answers when they are bytes.
func writing(of picker, f func(*answer)) change {
	return func(b *behaviour) {
		before := b.finish
		b.finish = func(c *call, a *answer) {
			before(c, a)
			if of(c, a) {
				f(a)
			}
		}
	}
}

func sending(f func(*call, *answer)) change { return func(b *behaviour) { b.send = f } }

// sendingFirst does something before an answer is sent.
func sendingFirst(f func(*call)) change {
	return sending(func(c *call, a *answer) {
		f(c)
		send(c, a)
	})
}

// editingData changes the data of a success.
func editingData(f func(*call, *object)) change {
	return editing(successes, func(c *call, a *answer) {
		data := a.body.get("data").(object)
		f(c, &data)
		a.body.set("data", data)
	})
}

func data(key string, value any) change {
	return editingData(func(_ *call, data *object) { data.set(key, value) })
}

func dataFrom[T any](key string, value func(*call) T) change {
	return editingData(func(c *call, data *object) { data.set(key, value(c)) })
}

func dataWithout(key string) change {
	return editingData(func(_ *call, data *object) { data.drop(key) })
}

func dataRenamed(from, to string) change {
	return editingData(func(_ *call, data *object) { data.rename(from, to) })
}

// body sets a field at the top of an answer.
func body(of picker, key string, value any) change {
	return editing(of, func(_ *call, a *answer) { a.body.set(key, value) })
}

func bodyFrom(of picker, key string, value func(*call) any) change {
	return editing(of, func(c *call, a *answer) { a.body.set(key, value(c)) })
}

// words changes how the missing parameters are named where so many are missing.
func words(from, to int, f func(names []string) string) change {
	return bodyFrom(missing(from, to), "message", func(c *call) any { return f(c.missing) })
}

func joined(separator string) func([]string) string {
	return func(names []string) string { return "missing " + strings.Join(names, separator+"missing ") }
}

func answering(of picker, status int) change {
	return editing(of, func(_ *call, a *answer) { a.status = status })
}

// status, code and message are of the refusal that a verdict is answered with, refusedWith is all of it.

func status(v verdict, status int) change {
	return func(b *behaviour) { b.refusals[v].status = status }
}

func code(v verdict, code string) change { return func(b *behaviour) { b.refusals[v].code = code } }

func message(v verdict, message string) change {
	return func(b *behaviour) { b.refusals[v].message = message }
}

func refusedWith(v verdict, status int, code, message string) change {
	return func(b *behaviour) { b.refusals[v] = refusal{status, code, message} }
}

// mistaken answers one verdict as if it were another.
func mistaken(v, asIf verdict) change { return func(b *behaviour) { b.refusals[v] = b.refusals[asIf] } }

func mediaType(mediaType string) change { return func(b *behaviour) { b.mediaType = mediaType } }

// header adds a header to every answer.
func header(name, value string) change { return headerFrom(name, func(*call) string { return value }) }

// headerFrom adds a header to every answer; no value, no header.
func headerFrom(name string, value func(*call) string) change {
	return editing(everyAnswer, func(c *call, a *answer) {
		if v := value(c); v != "" {
			a.addHeader(name, v)
		}
	})
}

// htmlPage is the page of a web server or a gateway.
func htmlPage(status int) []byte {
	title := http.StatusText(status)
	return []byte("<!DOCTYPE html>\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n")
}
