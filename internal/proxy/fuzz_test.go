package proxy_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// Whatever a client sends before it half-closes, and a target after that, arrives unchanged.
func FuzzAllBytesArrive(f *testing.F) {
	for _, c := range []struct{ client, target string }{
		{"PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", answer},
		{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nA: b\r\n\r\nGET /", "HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nA: b\r\n\r\n"},
		{"\r\n\nGET / HTTP/1.0\n\n", "HTTP/1.0 200 OK\n\n{}"},
		{"HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 N\r\n\r\nHTTP/1.1 304 N\r\n\r\n"},
		{"PUT / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "HTTP/1.1 101 S\r\n\r\n\x00"},
		{"\x16\x03", "\x15"},
		{"PRI * HTTP/2.0\r\n\r\nXX", "HTTP/1.1 abc\r\n\r\n"},
		{"P", ""},
	} {
		f.Add([]byte(c.client), []byte(c.target))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	defer listener.Close()
	address, _, stop := start(f, "http://"+listener.Addr().String())
	defer stop()
	f.Fuzz(func(t *testing.T, client, target []byte) {
		lower := strings.ToLower(string(client))
		switch {
		case len(client) == 0, strings.Contains(lower, "host"), strings.HasPrefix(lower, "pri * http/2.0\r\n\r\nsm"):
			t.Skip("nothing is passed on, or not all of it as it is")
		case strings.Contains(lower, "upgrade"), strings.Contains(lower, "connect"):
			t.Skip("what follows waits for the answer")
		}
		heard := make(chan []byte, 1)
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(patience))
			all, _ := io.ReadAll(conn)
			heard <- all
			_, _ = conn.Write(target)
		}()
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		_, _ = conn.Write(client)
		_ = conn.(*net.TCPConn).CloseWrite()
		got, err := io.ReadAll(conn)
		select {
		case at := <-heard:
			if !bytes.Equal(client, at) {
				t.Errorf("the target hears %q", at)
			}
		case <-time.After(2 * patience): // when this machine has no port left, for example
			t.Fatal("the target hears nothing")
		}
		if err != nil || !bytes.Equal(target, got) {
			t.Errorf("the client hears %q, %v", got, err)
		}
	})
}
