package reference

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// transferVariants send an answer as other servers, proxies and gateways do.
func transferVariants() []variant {
	return []variant{
		differing("http-1-0", "Answers are HTTP/1.0 without a length: the connection's end is the body's.", func(b *behaviour) { b.send = sendRaw("HTTP/1.0", usualReason, false) }),
		differing("header-names-in-lower-case", "Header names are written in lower case.", func(b *behaviour) { b.send = sendRaw("HTTP/1.1", usualReason, true) }),
		differing("no-reason-phrase", "The status line has no words.", func(b *behaviour) { b.send = sendRaw("HTTP/1.1", func(*call, int) string { return "" }, true) }),
		differing("other-reason-phrase", "The status line has words of its own.", func(b *behaviour) { b.send = sendRaw("HTTP/1.1", func(*call, int) string { return "Vale" }, true) }),
		differing("continue-first", "An interim answer 100 comes first.", sendingFirst(http.StatusContinue)),
		differing("processing-first", "Two interim answers 102 come first.", sendingFirst(http.StatusProcessing, http.StatusProcessing)),
		differing("trailer", "A trailer follows the body.", func(b *behaviour) {
			b.send = func(c *call, a *answer) {
				c.w.Header().Set("Trailer", "X-Checksum")
				sendChunked(c, a)
				c.w.Header().Set("X-Checksum", "none")
			}
		}),
		differing("in-two-halves", "The second half of the body comes 20 ms after the first.", func(b *behaviour) {
			b.send = func(c *call, a *answer) {
				a.setHeaders(c.w.Header())
				c.w.WriteHeader(a.status)
				half := len(a.bytes) / 2
				_, _ = c.w.Write(a.bytes[:half])
				_ = http.NewResponseController(c.w).Flush()
				if pause(c, 20*time.Millisecond) {
					_, _ = c.w.Write(a.bytes[half:])
				}
			}
		}),
		differing("headers-of-a-cache", "Answers carry the headers of a cache that missed.", all(
			header("Via", "1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)"), header("X-Cache", "Miss from cloudfront"), header("Age", "0"),
			withHeader("ETag", func(*call) string { return `W/"` + newHexID() + `"` }))),
		differing("headers-of-a-limiter", "Answers carry what is left of a rate limit.", all(
			header("X-RateLimit-Limit", "1000"), header("RateLimit", `"default";r=50;t=30`), header("Retry-After", "0"))),
		differing("headers-of-security", "Answers carry what browsers ask for.", all(
			header("X-Content-Type-Options", "nosniff"), header("Content-Security-Policy", "default-src 'none'"), header("Access-Control-Allow-Origin", "*"),
			header("Referrer-Policy", "no-referrer"), header("X-Frame-Options", "DENY"))),
		differing("encoding-identity", "Answers say that they are in no encoding.", header("Content-Encoding", "identity")),
		differing("no-date", "Answers have no Date.", func(b *behaviour) {
			before := b.send
			b.send = func(c *call, a *answer) {
				c.w.Header()["Date"] = nil
				before(c, a)
			}
		}),
		differing("problem-media-type", "Errors are application/problem+json.", onErrors(func(_ *call, a *answer) { a.mediaType = "application/problem+json" })),
	}
}

// sendingFirst sends interim answers before the final one.
func sendingFirst(statuses ...int) change {
	return func(b *behaviour) {
		b.send = func(c *call, a *answer) {
			for _, status := range statuses {
				c.w.WriteHeader(status)
			}
			send(c, a)
		}
	}
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
			header.Set("Content-Length", itoa(len(a.bytes)))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s %d %s\r\n", proto, a.status, reason(c, a.status))
		for name, values := range header {
			if lower {
				name = strings.ToLower(name)
			}
			for _, value := range values {
				b.WriteString(name + ": " + value + "\r\n")
			}
		}
		b.WriteString("\r\n")
		if c.event != "" { // whoever has the bytes does not wait for what follows
			c.announce(c.event, &c.validation)
			c.event = ""
		}
		connection, buffer, err := http.NewResponseController(c.w).Hijack()
		if err != nil { // not over a network
			send(c, a)
			return
		}
		_, _ = buffer.WriteString(b.String())
		_, _ = buffer.Write(a.bytes)
		_ = buffer.Flush()
		_ = connection.Close()
	}
}
