package cli_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// answer answers a PUT in place of the reference provider.
type answer func(p *provider, w http.ResponseWriter, r *http.Request)

// refusal is the answer that the documentation shows for a wrong OTP.
const refusal = `{"code":"otp_does_not_match","message":"403:otp_does_not_match"}`

// evil is what a terminal would obey: a cleared screen, a window's title, a colour, and C1's own introducer.
const evil = "\x1b[2J\x1b]0;owned\x07\x1b[31m\u009b31m"

// hostile is every answer that a script can ask for, by name. All of them answer a wrong OTP (PV-02).
func hostile() map[string]answer {
	return map[string]answer{
		"html":  plainly(http.StatusForbidden, "text/html", "<h1>Forbidden</h1>"),
		"empty": plainly(http.StatusForbidden, "application/json", ""),
		"cut":   plainly(http.StatusForbidden, "application/json", refusal[:20]),
		"latin": plainly(http.StatusForbidden, "application/json", "{\"code\":\"otp_does_not_match\xe9\",\"message\":\"403:otp_does_not_match\"}"),
		"nul":   plainly(http.StatusForbidden, "application/json", "{\"code\":\"otp_does\x00_not_match\"}\x00"),
		"503":   plainly(http.StatusServiceUnavailable, "text/plain", "no upstream"),
		"500":   plainly(http.StatusInternalServerError, "application/json", `{"code":"InternalError","message":"oops"}`),
		"huge":  huge,
		"endless": func(_ *provider, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			flood(w, -1)
		},
		"bomb":         bomb,
		"slow-headers": func(p *provider, _ http.ResponseWriter, r *http.Request) { p.hold(r) },
		"breaks-reports": func(p *provider, w http.ResponseWriter, r *http.Request) {
			// The folder's place is taken after it was found writable.
			_ = os.WriteFile(filepath.Join(p.folder, "fragile"), nil, 0o600)
			p.reference.Handler().ServeHTTP(w, r)
		},
		"unavailable-once": func(p *provider, w http.ResponseWriter, r *http.Request) {
			if p.puts.Add(1) == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			p.reference.Handler().ServeHTTP(w, r)
		},
		"hang-later": func(p *provider, w http.ResponseWriter, r *http.Request) {
			if p.puts.Add(1) == 1 {
				p.reference.Handler().ServeHTTP(w, r)
				return
			}
			p.hold(r)
		},
		"slow-body": func(p *provider, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, refusal[:20])
			_ = http.NewResponseController(w).Flush()
			p.hold(r)
		},
		"redirect": func(p *provider, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", p.elsewhere.URL+endpointPath)
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"hints": func(_ *provider, w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				w.WriteHeader(http.StatusEarlyHints)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, refusal)
		},
		"http10":  rawly("HTTP/1.0 403 Forbidden\r\nContent-Type: application/json\r\n\r\n" + refusal),
		"short":   rawly("HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n" + refusal),
		"long":    rawly("HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n" + refusal),
		"chunk":   rawly("HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + refusal + "\r\n"),
		"headers": rawly("HTTP/1.1 403 Forbidden\r\nContent-Ty"),
		"no-http": rawly("220 smtp.example.test ESMTP\r\n"),
		"closed":  rawly(""),
		"escapes": rawly("HTTP/1.1 403 " + evil + "\r\nContent-Type: application/json\r\nX-Evil: \u009b31m\u202e\r\nConnection: close\r\n\r\n{\"code\":\"" + evil + "\",\"message\":\"\\u001b[2J\\u009b31m\"}"),
		// The http library's own errors quote these.
		"escapes-header": rawly("HTTP/1.1 403 Forbidden\r\nX-Evil: " + evil + "\r\n\r\n"),
		"escapes-status": rawly("HTTP/1.1 4" + evil + "\r\n\r\n"),
	}
}

func plainly(status int, mediaType, body string) answer {
	return func(_ *provider, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// rawly writes bytes as they are and closes the connection.
func rawly(text string) answer {
	return func(_ *provider, w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err) // HTTP/1 always can
		}
		_, _ = io.WriteString(connection, text)
		if tcp, ok := connection.(*net.TCPConn); ok {
			_ = tcp.CloseWrite() // a close with unread bytes would be a reset
		}
		_ = connection.Close()
	}
}

// huge is 50 MiB of white space before the right answer.
func huge(_ *provider, w http.ResponseWriter, _ *http.Request) {
	const size = 50 << 20
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(size+len(refusal)))
	w.WriteHeader(http.StatusForbidden)
	flood(w, size)
	_, _ = io.WriteString(w, refusal)
}

// flood writes so many bytes of white space; less than 0: until nobody reads them.
func flood(w io.Writer, size int) {
	block := []byte(strings.Repeat(" ", 64<<10))
	for written := 0; size < 0 || written < size; written += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// bomb is 64 MiB that travel as some 64 KiB: one compressed block of 1 MiB again and again.
func bomb(_ *provider, w http.ResponseWriter, _ *http.Request) {
	var block bytes.Buffer
	packed := gzip.NewWriter(&block)
	flood(packed, 1<<20)
	_ = packed.Close() // a buffer takes everything
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(http.StatusForbidden)
	for range 64 {
		_, _ = w.Write(block.Bytes())
	}
}
