package reference

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// formVariants returns the variants that write the same body differently, add to it, or send it as other servers, proxies and
// gateways do.
func formVariants() []Variant {
	return []Variant{
		variant("keys-reversed", "The keys of every object are in reverse order.",
			editingFields(always, func(c *call) { slices.Reverse(*c.answer.body) }), editingFields(successes, func(c *call) { slices.Reverse(*c.answer.data) })),
		variant("indented", "JSON is indented by two spaces.", rewriting(always, func(b []byte) []byte { return indented(b, "  ") })),
		variant("white-space-around", "Spaces, a tab and line breaks surround the body.", wrapping(" \t\r\n", "\r\n ")),
		variant("line-break-at-end", "The body ends in a line break.", wrapping("", "\n")),
		variant("unicode-escapes", "Every character that is not a letter is written as an escape.", rewriting(always, escaped)),
		variant("extra-data-fields", "data holds the record's other fields as well.", editingFields(successes, func(c *call) {
			d, v := c.answer.data, c.validation
			*d = append(*d,
				field{"project", v.project}, field{"projectFlow", v.flow}, field{"phoneGateway", v.gateway}, field{"attempts", v.attempts},
				field{"expiresAt", timestamp(v.expires)}, field{"tags", []any{}}, field{"meta", object{{"source", nil}}})
		})),
		variant("fields-of-a-database", "data holds what a database adds: a version, times in milliseconds, an id of its own, nulls.", editingFields(successes, func(c *call) {
			d, v := c.answer.data, c.validation
			*d = append(object{{"id", v.id}, {"__v", 0}}, append(*d,
				field{"createdAt", int(v.created.UnixMilli())}, field{"validatedAt", timestamp(c.now)}, field{"deletedAt", nil},
				field{"appRegistration", object{{"_id", v.registration.id}, {"status", "ONGOING"}}})...)
		})),
		variant("keys-in-any-order", "The keys of data are in another order each time.", editingFields(successes, func(c *call) {
			d := *c.answer.data
			rand.Shuffle(len(d), func(i, j int) { d[i], d[j] = d[j], d[i] })
		})),
		variant("extra-top-level-fields", "There are further fields beside data.", editingFields(successes, func(c *call) {
			c.answer.body = &object{{"success", true}, {"data", c.answer.data}, {"warnings", []any{}}, {"version", 2}}
		})),

		variant("other-headers", "Answers carry the headers of a proxy and of a framework.",
			header(always, "Server", "nginx"), header(always, "X-Powered-By", "Express"), header(always, "Vary", "Origin"),
			header(always, "Strict-Transport-Security", "max-age=15552000"), header(always, "Cache-Control", "no-store"),
			header(always, "Set-Cookie", "lb=a1; Path=/"), header(always, "Set-Cookie", "region=eu; Path=/")),
		variant("request-ids", "Answers carry a request id and timings.",
			header(always, "X-Request-Id", func(*call) string { return newHexID() }),
			header(always, "Server-Timing", func(*call) string { return fmt.Sprintf("db;dur=%.1f", rand.Float64()) })),
		variant("charset-parameter", "The media type has a charset.", mediaType(always, "application/json; charset=utf-8")),
		variant("media-type-capitalised", "The media type is written Application/JSON and has parameters.",
			mediaType(always, `Application/JSON;Charset="UTF-8"; v=2`)),
		variant("media-type-vendor", "The media type is application/vnd.api+json.", mediaType(always, "application/vnd.api+json")),
		variant("chunked", "Answers are chunked, at first one byte a chunk.", sending(sendChunked)),
		variant("gzip", "Answers are compressed for callers that accept gzip.", sending(sendGzip)),
		variant("connection-close", "The connection is closed after every answer.", header(always, "Connection", "close")),
		variant("early-hints", "An interim answer 103 comes first.", sendingFirst(func(c *call) { sendHint(c, "</v2/app-registrations>; rel=preload") })),
		variant("http2", "The port speaks HTTP/2 without TLS as well, to callers that begin with it.", func(b *behaviour) { b.http2 = true }),
		variant("slow", "Every answer takes 60 ms.", arriving(func(c *call) { pause(c.r.Context(), 60*time.Millisecond) })),

		variant("http-1-0", "Answers are HTTP/1.0 without a length: the connection's end is the body's.", sending(sendRaw("HTTP/1.0", usualReason))),
		variant("header-names-in-lower-case", "Header names are written in lower case.", sending(sendRaw("HTTP/1.1", usualReason))),
		variant("no-reason-phrase", "The status line has no words.", sending(sendRaw("HTTP/1.1", func(*call) string { return "" }))),
		variant("other-reason-phrase", "The status line has words of its own.", sending(sendRaw("HTTP/1.1", func(*call) string { return "Vale" }))),
		variant("continue-first", "An interim answer 100 comes first.", sendingFirst(func(c *call) { c.w.WriteHeader(http.StatusContinue) })),
		variant("processing-first", "Two interim answers 102 come first.", sendingFirst(func(c *call) {
			c.w.WriteHeader(http.StatusProcessing)
			c.w.WriteHeader(http.StatusProcessing)
		})),
		variant("trailer", "A trailer follows the body.", sending(func(c *call) {
			c.w.Header().Set("Trailer", "X-Checksum")
			sendChunked(c)
			c.w.Header().Set("X-Checksum", "none")
		})),
		variant("in-two-halves", "The second half of the body comes 20 ms after the first.", sending(func(c *call) {
			half := len(c.answer.bytes) / 2
			sendPieces(c, 20*time.Millisecond, c.answer.bytes[:half], c.answer.bytes[half:])
		})),
		variant("headers-of-a-cache", "Answers carry the headers of a cache that missed.",
			header(always, "Via", "1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)"), header(always, "X-Cache", "Miss from cloudfront"), header(always, "Age", "0"),
			header(always, "ETag", func(*call) string { return `W/"` + newHexID() + `"` })),
		variant("headers-of-a-limiter", "Answers carry what is left of a rate limit.",
			header(always, "X-RateLimit-Limit", "1000"), header(always, "RateLimit", `"default";r=50;t=30`), header(always, "Retry-After", "0")),
		variant("headers-of-security", "Answers carry what browsers ask for.",
			header(always, "X-Content-Type-Options", "nosniff"), header(always, "Content-Security-Policy", "default-src 'none'"), header(always, "Access-Control-Allow-Origin", "*"),
			header(always, "Referrer-Policy", "no-referrer"), header(always, "X-Frame-Options", "DENY")),
		variant("encoding-identity", "Answers have Content-Encoding identity.", header(always, "Content-Encoding", "identity")),
		variant("no-date", "Answers have no Date.", sendingFirst(func(c *call) { c.w.Header()["Date"] = nil })),
		variant("problem-media-type", "Errors are application/problem+json.", mediaType(refusals, "application/problem+json")),
	}
}

func indented(body []byte, by string) []byte {
	var out bytes.Buffer
	_ = json.Indent(&out, body, "", by) // it is JSON
	return out.Bytes()
}

// escaped writes every character of the strings in a body that is not a letter as \uXXXX.
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

func sendChunked(c *call) {
	first := min(len(c.answer.bytes), 8)
	sendPieces(c, 0, append(slices.Collect(slices.Chunk(c.answer.bytes[:first], 1)), c.answer.bytes[first:])...)
}

// sendPieces sends a body in pieces, with a pause between them.
func sendPieces(c *call, wait time.Duration, pieces ...[]byte) {
	c.answer.setMediaType(c.w)
	c.w.WriteHeader(c.answer.status)
	for i, piece := range pieces {
		if i > 0 && !pause(c.r.Context(), wait) {
			return
		}
		_, _ = c.w.Write(piece)
		_ = http.NewResponseController(c.w).Flush()
	}
}

func sendGzip(c *call) {
	if strings.Contains(c.r.Header.Get("Accept-Encoding"), "gzip") {
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		_, _ = z.Write(c.answer.bytes) // writing to a buffer never fails
		_ = z.Close()
		c.answer.bytes = zipped.Bytes()
		c.w.Header().Set("Content-Encoding", "gzip")
	}
	c.w.Header().Set("Vary", "Accept-Encoding")
	send(c)
}

func usualReason(c *call) string { return http.StatusText(c.answer.status) }

// sendRaw writes the answer itself, because net/http spells headers and status lines its own way, and closes the
// connection. Header names are in lower case, and HTTP/1.0 has no Content-Length.
func sendRaw(proto string, reason func(*call) string) hook {
	return func(c *call) {
		connection, buffer, err := http.NewResponseController(c.w).Hijack()
		if err != nil { // the call did not come over a network
			send(c)
			return
		}
		c.answer.setMediaType(c.w)
		c.w.Header().Set("Connection", "close")
		if proto != "HTTP/1.0" {
			c.w.Header().Set("Content-Length", strconv.Itoa(len(c.answer.bytes)))
		}
		fmt.Fprintf(buffer, "%s %d %s\r\n", proto, c.answer.status, reason(c))
		for name, values := range c.w.Header() {
			fmt.Fprintf(buffer, "%s: %s\r\n", strings.ToLower(name), strings.Join(values, ", "))
		}
		fmt.Fprintf(buffer, "\r\n%s", c.answer.bytes)
		_ = buffer.Flush()
		_ = connection.Close()
	}
}
