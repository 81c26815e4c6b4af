package reference

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// bodyVariants write the same JSON in another way, or more of it.
func bodyVariants() []variant {
	return []variant{
		differing("keys-reversed", "The keys of every object stand the other way round.", func(b *behaviour) { b.encode.reverse = true }),
		differing("indented", "JSON is indented by two spaces.", func(b *behaviour) { b.encode.indent = "  " }),
		differing("white-space-around", "Spaces, a tab and line breaks stand around the body.", finishing(func(_ *call, a *answer) {
			a.bytes = []byte(" \t\r\n" + string(a.bytes) + "\r\n ")
		})),
		differing("line-break-at-end", "The body ends in a line break.", finishing(func(_ *call, a *answer) { a.bytes = append(a.bytes, '\n') })),
		differing("unicode-escapes", "Every character that is no letter is written as an escape.", func(b *behaviour) { b.encode.escape = true }),
		differing("extra-data-fields", "data holds the record's other fields as well.", onData(func(c *call, d *object) {
			*d = append(*d,
				field{"project", c.validation.project}, field{"projectFlow", c.validation.flow},
				field{"phoneGateway", c.validation.gateway}, field{"attempts", c.validation.attempts},
				field{"expiresAt", stamp(c.validation.expires)}, field{"tags", array{}}, field{"meta", object{{"source", nil}}})
		})),
		differing("fields-of-a-database", "data holds what a database adds: a version, times in milliseconds, an id of its own, nulls.", onData(func(c *call, d *object) {
			*d = append(object{{"id", c.validation.id}, {"__v", 0}}, append(*d,
				field{"createdAt", int(c.validation.created.UnixMilli())}, field{"validatedAt", stamp(c.now)}, field{"deletedAt", nil},
				field{"appRegistration", object{{"_id", c.validation.registration.id}, {"status", "ONGOING"}}})...)
		})),
		differing("keys-in-any-order", "The keys of data stand in another order each time.", onData(func(_ *call, d *object) {
			rand.Shuffle(len(*d), func(i, j int) { (*d)[i], (*d)[j] = (*d)[j], (*d)[i] })
		})),
		differing("extra-top-level-fields", "Further fields stand beside data.", onSuccess(func(_ *call, a *answer) {
			a.body = append(object{{"success", true}}, append(a.body, field{"warnings", array{}}, field{"version", 2})...)
		})),
	}
}

// messageVariants send the same body in another HTTP message.
func messageVariants() []variant {
	return []variant{
		differing("other-headers", "Answers carry the headers of a proxy and of a framework.", all(
			header("Server", "nginx"), header("X-Powered-By", "Express"), header("Vary", "Origin"),
			header("Strict-Transport-Security", "max-age=15552000"), header("Cache-Control", "no-store"),
			header("Set-Cookie", "lb=a1; Path=/"), header("Set-Cookie", "region=eu; Path=/"))),
		differing("request-ids", "Answers carry a request id and timings.", all(
			withHeader("X-Request-Id", func(*call) string { return newHexID() }),
			withHeader("Server-Timing", func(*call) string { return fmt.Sprintf("db;dur=%.1f", rand.Float64()) }))),
		differing("charset-parameter", "The media type has a charset.", withMediaType("application/json; charset=utf-8")),
		differing("media-type-capitalised", "The media type is written Application/JSON and has parameters.", withMediaType(`Application/JSON;Charset="UTF-8"; v=2`)),
		differing("media-type-vendor", "The media type is application/vnd.api+json.", withMediaType("application/vnd.api+json")),
		differing("chunked", "Answers are chunked, one byte of the body a chunk at first.", func(b *behaviour) { b.send = sendChunked }),
		differing("gzip", "Answers are compressed for callers that accept gzip.", func(b *behaviour) { b.send = sendGzip }),
		differing("connection-close", "The connection is closed after every answer.", header("Connection", "close")),
		differing("early-hints", "An interim answer 103 comes first.", func(b *behaviour) { b.send = sendHintsFirst }),
		differing("http2", "The port speaks HTTP/2 without TLS as well, to callers that begin with it.", func(b *behaviour) { b.http2 = true }),
		differing("slow", "Every answer takes 60 ms.", func(b *behaviour) {
			b.arrive = func(c *call) bool { return pause(c, 60*time.Millisecond) }
		}),
	}
}

func header(name, value string) change {
	return withHeader(name, func(*call) string { return value })
}

func sendChunked(c *call, a *answer) {
	a.setHeaders(c.w.Header())
	c.w.WriteHeader(a.status)
	flusher := http.NewResponseController(c.w)
	for i := range min(len(a.bytes), 8) {
		_, _ = c.w.Write(a.bytes[i : i+1])
		_ = flusher.Flush()
	}
	_, _ = c.w.Write(a.bytes[min(len(a.bytes), 8):])
	_ = flusher.Flush()
}

func sendGzip(c *call, a *answer) {
	if strings.Contains(c.r.Header.Get("Accept-Encoding"), "gzip") {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		_, _ = z.Write(a.bytes) // a buffer never fails
		_ = z.Close()
		a.bytes = zipped.Bytes()
		a.addHeader("Content-Encoding", "gzip")
	}
	a.addHeader("Vary", "Accept-Encoding")
	send(c, a)
}

func sendHintsFirst(c *call, a *answer) {
	c.w.Header().Set("Link", "</v2/app-registrations>; rel=preload")
	c.w.WriteHeader(http.StatusEarlyHints)
	send(c, a)
}

// pause waits and reports whether the caller did as well.
func pause(c *call, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.r.Context().Done():
		return false
	}
}
