package reference

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// formVariants write the same body in another way, or more of it, and send it as other servers, proxies and gateways do.
func formVariants() []Variant {
	return []Variant{
		differing("keys-reversed", "The keys of every object stand the other way round.",
			editing(everyAnswer, func(_ *call, a *answer) { slices.Reverse(a.body) }), editingData(func(_ *call, d *object) { slices.Reverse(*d) })),
		differing("indented", "JSON is indented by two spaces.", rewriting(everyAnswer, func(b []byte) []byte { return indented(b, "  ") })),
		differing("white-space-around", "Spaces, a tab and line breaks stand around the body.", wrapping(" \t\r\n", "\r\n ")),
		differing("line-break-at-end", "The body ends in a line break.", wrapping("", "\n")),
		differing("unicode-escapes", "Every character that is no letter is written as an escape.", rewriting(everyAnswer, escaped)),
		differing("extra-data-fields", "data holds the record's other fields as well.", editingData(func(c *call, d *object) {
			*d = append(*d,
				field{"project", c.validation.project}, field{"projectFlow", c.validation.flow},
				field{"phoneGateway", c.validation.gateway}, field{"attempts", c.validation.attempts},
				field{"expiresAt", stamp(c.validation.expires)}, field{"tags", array{}}, field{"meta", object{{"source", nil}}})
		})),
		differing("fields-of-a-database", "data holds what a database adds: a version, times in milliseconds, an id of its own, nulls.", editingData(func(c *call, d *object) {
			*d = append(object{{"id", c.validation.id}, {"__v", 0}}, append(*d,
				field{"createdAt", int(c.validation.created.UnixMilli())}, field{"validatedAt", stamp(c.now)}, field{"deletedAt", nil},
				field{"appRegistration", object{{"_id", c.validation.registration.id}, {"status", "ONGOING"}}})...)
		})),
		differing("keys-in-any-order", "The keys of data stand in another order each time.", editingData(func(_ *call, d *object) {
			rand.Shuffle(len(*d), func(i, j int) { (*d)[i], (*d)[j] = (*d)[j], (*d)[i] })
		})),
		differing("extra-top-level-fields", "Further fields stand beside data.", editing(successes, func(_ *call, a *answer) {
			a.body = append(object{{"success", true}}, append(a.body, field{"warnings", array{}}, field{"version", 2})...)
		})),

		differing("other-headers", "Answers carry the headers of a proxy and of a framework.",
			header("Server", "nginx"), header("X-Powered-By", "Express"), header("Vary", "Origin"),
			header("Strict-Transport-Security", "max-age=15552000"), header("Cache-Control", "no-store"),
			header("Set-Cookie", "lb=a1; Path=/"), header("Set-Cookie", "region=eu; Path=/")),
		differing("request-ids", "Answers carry a request id and timings.",
			headerFrom("X-Request-Id", func(*call) string { return newHexID() }),
			headerFrom("Server-Timing", func(*call) string { return fmt.Sprintf("db;dur=%.1f", rand.Float64()) })),
		differing("charset-parameter", "The media type has a charset.", mediaType("application/json; charset=utf-8")),
		differing("media-type-capitalised", "The media type is written Application/JSON and has parameters.", mediaType(`Application/JSON;Charset="UTF-8"; v=2`)),
		differing("media-type-vendor", "The media type is application/vnd.api+json.", mediaType("application/vnd.api+json")),
		differing("chunked", "Answers are chunked, one byte of the body a chunk at first.", sending(sendChunked)),
		differing("gzip", "Answers are compressed for callers that accept gzip.", sending(sendGzip)),
		differing("connection-close", "The connection is closed after every answer.", header("Connection", "close")),
		differing("early-hints", "An interim answer 103 comes first.", sendingFirst(func(c *call) { sendHint(c, "</v2/app-registrations>; rel=preload") })),
		differing("http2", "The port speaks HTTP/2 without TLS as well, to callers that begin with it.", func(b *behaviour) { b.http2 = true }),
		differing("slow", "Every answer takes 60 ms.", func(b *behaviour) { b.arrive = func(c *call) bool { return pause(c.r.Context(), 60*time.Millisecond) } }),

		differing("http-1-0", "Answers are HTTP/1.0 without a length: the connection's end is the body's.", sending(sendRaw("HTTP/1.0", usualReason, false))),
		differing("header-names-in-lower-case", "Header names are written in lower case.", sending(sendRaw("HTTP/1.1", usualReason, true))),
		differing("no-reason-phrase", "The status line has no words.", sending(sendRaw("HTTP/1.1", func(*call, int) string { return "" }, true))),
		differing("other-reason-phrase", "The status line has words of its own.", sending(sendRaw("HTTP/1.1", func(*call, int) string { return "Vale" }, true))),
		differing("continue-first", "An interim answer 100 comes first.", sendingFirst(func(c *call) { c.w.WriteHeader(http.StatusContinue) })),
		differing("processing-first", "Two interim answers 102 come first.", sendingFirst(func(c *call) {
			c.w.WriteHeader(http.StatusProcessing)
			c.w.WriteHeader(http.StatusProcessing)
		})),
		differing("trailer", "A trailer follows the body.", sending(func(c *call, a *answer) {
			c.w.Header().Set("Trailer", "X-Checksum")
			sendChunked(c, a)
			c.w.Header().Set("X-Checksum", "none")
		})),
		differing("in-two-halves", "The second half of the body comes 20 ms after the first.", sending(func(c *call, a *answer) {
			half := len(a.bytes) / 2
			sendPieces(c, a, 20*time.Millisecond, a.bytes[:half], a.bytes[half:])
		})),
		differing("headers-of-a-cache", "Answers carry the headers of a cache that missed.",
			header("Via", "1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)"), header("X-Cache", "Miss from cloudfront"), header("Age", "0"),
			headerFrom("ETag", func(*call) string { return `W/"` + newHexID() + `"` })),
		differing("headers-of-a-limiter", "Answers carry what is left of a rate limit.",
			header("X-RateLimit-Limit", "1000"), header("RateLimit", `"default";r=50;t=30`), header("Retry-After", "0")),
		differing("headers-of-security", "Answers carry what browsers ask for.",
			header("X-Content-Type-Options", "nosniff"), header("Content-Security-Policy", "default-src 'none'"), header("Access-Control-Allow-Origin", "*"),
			header("Referrer-Policy", "no-referrer"), header("X-Frame-Options", "DENY")),
		differing("encoding-identity", "Answers say that they are in no encoding.", header("Content-Encoding", "identity")),
		differing("no-date", "Answers have no Date.", sendingFirst(func(c *call) { c.w.Header()["Date"] = nil })),
		differing("problem-media-type", "Errors are application/problem+json.", editing(refusals, func(_ *call, a *answer) { a.mediaType = "application/problem+json" })),
	}
}

func indented(body []byte, by string) []byte {
	var out bytes.Buffer
	_ = json.Indent(&out, body, "", by) // it is JSON
	return out.Bytes()
}

// escaped writes every character of a string that is no letter as \uXXXX.
func escaped(body []byte) []byte {
	return regexp.MustCompile(`"(\\.|[^"\\])*"`).ReplaceAllFunc(body, func(literal []byte) []byte {
		out := []byte{'"'}
		for _, unit := range utf16.Encode([]rune(textOf(literal))) {
			if 'a' <= unit && unit <= 'z' || 'A' <= unit && unit <= 'Z' {
				out = append(out, byte(unit))
				continue
			}
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
		return append(out, '"')
	})
}

func sendChunked(c *call, a *answer) {
	first := min(len(a.bytes), 8)
	sendPieces(c, a, 0, append(slices.Collect(slices.Chunk(a.bytes[:first], 1)), a.bytes[first:])...)
}

// sendPieces sends a body in pieces, the next a while after the one before.
func sendPieces(c *call, a *answer, wait time.Duration, pieces ...[]byte) {
	a.setHeaders(c.w.Header())
	c.w.WriteHeader(a.status)
	for i, piece := range pieces {
		if i > 0 && !pause(c.r.Context(), wait) {
			return
		}
		_, _ = c.w.Write(piece)
		_ = http.NewResponseController(c.w).Flush()
	}
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

func usualReason(_ *call, status int) string { return http.StatusText(status) }

// sendRaw writes the answer byte by byte, since net/http writes headers and status lines its own way, and ends the
// connection. lower writes the header names in lower case, and a length.
func sendRaw(proto string, reason func(*call, int) string, lower bool) func(*call, *answer) {
	return func(c *call, a *answer) {
		header := http.Header{}
		a.setHeaders(header)
		header.Set("Connection", "close")
		if lower {
			header.Set("Content-Length", strconv.Itoa(len(a.bytes)))
			for name, values := range maps.Clone(header) {
				delete(header, name)
				header[strings.ToLower(name)] = values
			}
		}
		if c.event != "" { // whoever has the bytes does not wait for what follows
			c.announce(c.event, &c.validation)
			c.event = ""
		}
		connection, buffer, err := http.NewResponseController(c.w).Hijack()
		if err != nil { // not over a network
			send(c, a)
			return
		}
		fmt.Fprintf(buffer, "%s %d %s\r\n", proto, a.status, reason(c, a.status))
		_ = header.Write(buffer)
		fmt.Fprintf(buffer, "\r\n%s", a.bytes)
		_ = buffer.Flush()
		_ = connection.Close()
	}
}
