package transport_test

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

// Frames and error codes of RFC 9113.
const (
	frameHeaders, frameReset, frameSettings, frameGoAway = 1, 3, 4, 7
	codeProtocol, codeRefused, codeCancel                = 1, 7, 8
)

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload []byte) {
	head := make([]byte, 9, 9+len(payload))
	binary.BigEndian.PutUint32(head, uint32(len(payload))<<8|uint32(kind))
	head[3], head[4] = kind, flags
	binary.BigEndian.PutUint32(head[5:], stream)
	_, _ = w.Write(append(head, payload...))
}

// frames calls on for each frame of an HTTP/2 connection.
func frames(conn net.Conn, on func(kind, flags byte, stream uint32)) {
	preface := make([]byte, 24)
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	writeFrame(conn, frameSettings, 0, 0, nil)
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		length := int64(binary.BigEndian.Uint32(head) >> 8)
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		on(head[3], head[4], binary.BigEndian.Uint32(head[5:])&0x7fffffff)
	}
}

// Each server ends the stream of every complete request in a different way.
func TestHTTP2CallsAreRepeatedOnlyIfTheServerDidNotProcessThem(t *testing.T) {
	ours := newAuthority(t)
	reset := func(code uint32) func(net.Conn, uint32) {
		return func(conn net.Conn, stream uint32) {
			writeFrame(conn, frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, code))
		}
	}
	goAway := func(last uint32) func(net.Conn, uint32) {
		return func(conn net.Conn, _ uint32) {
			writeFrame(conn, frameGoAway, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), 0))
			conn.Close()
		}
	}
	for name, c := range map[string]struct {
		end      func(conn net.Conn, stream uint32)
		requests int32
		sent     bool
	}{
		"refused stream":             {reset(codeRefused), 3, false},
		"protocol error":             {reset(codeProtocol), 1, true},
		"cancelled":                  {reset(codeCancel), 1, true},
		"going away before it":       {goAway(0), 3, false},
		"going away after taking it": {goAway(1), 1, true},
		"closed":                     {func(conn net.Conn, _ uint32) { conn.Close() }, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			config := &tls.Config{NextProtos: []string{"h2"}, Certificates: []tls.Certificate{ours.pair(t, "127.0.0.1", time.Now().Add(time.Hour))}}
			serveRaw(t, tls.NewListener(listener, config), func(conn net.Conn) {
				frames(conn, func(kind, flags byte, stream uint32) {
					if kind == 0 && flags&1 != 0 || kind == frameHeaders && flags&1 != 0 { // END_STREAM
						requests.Add(1)
						c.end(conn, stream)
					}
				})
			})
			e := newClient(t, transport.Options{CA: ours.pem}).Do(t.Context(), put("https://"+listener.Addr().String()))
			require.Nil(t, e.Answer)
			require.Equal(t, exchange.CauseLost, e.Failure.Cause, e.Failure.Message)
			require.Equal(t, c.requests, requests.Load())
			require.Equal(t, c.sent, e.Failure.Sent)
		})
	}
}
