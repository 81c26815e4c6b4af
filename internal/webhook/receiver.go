// Package webhook receives the notifications of a provider. Every scenario gets its own address, which cannot be guessed, so
// that notifications of different scenarios are never mixed up.
package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/textproto"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"verifik-contract/internal/exchange"
)

const (
	// MaxBody is how many bytes of a notification's body are read.
	MaxBody = 1 << 20
	// maxForeignBody is how many bytes are read of a body that comes to an unknown address: anybody may call a public URL.
	maxForeignBody = 4 << 10
	// maxRead is how many bytes of a body are kept after an address' reader has read it: the 16 KiB that a result shows
	// (record.MaxBody), and the 64 KiB behind them that secret.Beginning needs to redact them.
	maxRead = 16<<10 + 64<<10
	// maxDeliveries is how many deliveries are kept of one address, and of all unknown ones together.
	maxDeliveries = 100
	// maxKept is how many bytes of bodies and headers are kept in all. Of later deliveries only the arrival is recorded.
	maxKept = 32 << 20
	// maxConnections is how many connections are open at a time; others wait to be accepted.
	maxConnections = 256
)

// Options configures a receiver.
type Options struct {
	Listen    string // host:port; "": a free port on loopback
	PublicURL string // the absolute URL by which the provider reaches it, maybe with a path; "": the listener's own address
}

// Delivery is one request that came in.
type Delivery struct {
	Scenario string    // the ID of the scenario whose address it came to; "": an unknown address
	Received time.Time // when its header was read
	Method   string
	Query    string // of the URL that it came to
	Header   textproto.MIMEHeader
	Body     []byte // at most MaxBody bytes
	Size     int    // of the body in bytes, up to MaxBody, even if less of it is kept
	TooLong  bool   // Body is only the beginning
	Late     bool   // its scenario had ended
	Foreign  bool   // it is not a notification: it came to an unknown address, or is not a POST
	Read     any    // what its address' reader returned; nil: there was no reader yet
}

// Receiver listens for notifications. It is safe for concurrent use.
type Receiver struct {
	server   *http.Server
	base     string
	close    func() error
	handling sync.RWMutex // read-locked by each handler

	mutex      sync.Mutex
	changed    *sync.Cond // something came, or something was closed
	closed     bool
	addresses  map[string]*Address // by the last element of their path
	unknown    *Address            // for deliveries to none of these
	deliveries []Delivery
	kept       int // bytes
}

// Listen starts a receiver. An error says what to change.
func Listen(o Options) (*Receiver, error) {
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:0")
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("the webhook receiver cannot listen on %q: %w; set listen to host:port of this machine, port 0 for a free one", o.Listen, err)
	}
	base := cmp.Or(strings.TrimRight(o.PublicURL, "/"), "http://"+listener.Addr().String())
	r := &Receiver{base: base, addresses: make(map[string]*Address), unknown: &Address{}}
	r.changed = sync.NewCond(&r.mutex)
	listener = netutil.LimitListener(listener, maxConnections)
	r.server = &http.Server{
		Handler:           http.HandlerFunc(r.receive),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // it may quote what a stranger sends
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = r.server.Serve(listener) // ends with Close
	}()
	r.close = sync.OnceValue(func() error {
		r.update(func() { r.closed = true })
		err := r.server.Close()
		<-served
		r.handling.Lock() // never unlocked, so that no handler starts after the end
		return err
	})
	return r, nil
}

// Open returns a new address for a scenario, with 128 random bits in its path, as hex digits, which text.Shape recognises.
func (r *Receiver) Open(scenario string) *Address {
	name := make([]byte, 16)
	_, _ = rand.Read(name) // never fails
	a := &Address{receiver: r, name: hex.EncodeToString(name), scenario: scenario}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.addresses[a.name] = a
	return a
}

// Deliveries returns what has come in so far, in the order of arrival: at most 100 for each address and 100 for unknown ones.
func (r *Receiver) Deliveries() []Delivery {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.deliveries)
}

// Close stops listening, closes all connections, ends every Wait, and returns when no goroutine of the receiver runs any more.
// Deliveries stay available. It is safe to call twice.
func (r *Receiver) Close() error { return r.close() }

func (r *Receiver) receive(w http.ResponseWriter, request *http.Request) {
	received := time.Now()
	if !r.handling.TryRLock() {
		return
	}
	defer r.handling.RUnlock()
	// A tunnel may keep or remove the path of its public URL: only the last element counts.
	r.mutex.Lock()
	address := cmp.Or(r.addresses[path.Base(request.URL.Path)], r.unknown)
	read := address.read
	r.mutex.Unlock()

	d := Delivery{Received: received, Method: request.Method, Query: request.URL.RawQuery, Header: textproto.MIMEHeader(request.Header)}
	status, limit := http.StatusOK, MaxBody
	switch {
	case address == r.unknown:
		d.Foreign, limit, status = true, maxForeignBody, http.StatusNotFound
	case request.Method != http.MethodPost:
		d.Foreign, status = true, http.StatusMethodNotAllowed
		w.Header().Set("Allow", http.MethodPost)
	}
	body, err := io.ReadAll(io.LimitReader(request.Body, int64(limit)+1))
	if err != nil {
		// It ended early, which its sender knows.
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if plain, err := exchange.Unzipped(d.Header, body, int64(limit)+1); err == nil {
		body = plain
	}
	d.TooLong = len(body) > limit
	d.Body = body[:min(len(body), limit)]
	d.Size = len(d.Body)
	if read != nil {
		if d.Read = read(d); len(d.Body) > maxRead {
			d.Body, d.TooLong = bytes.Clone(d.Body[:maxRead]), true
		}
	}
	r.record(address, d)
	w.WriteHeader(status)
}

// record keeps a delivery, stripped if too much is kept, and wakes whoever waits for it.
func (r *Receiver) record(a *Address, d Delivery) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if a.count++; a.count > maxDeliveries {
		return
	}
	d.Scenario, d.Late = a.scenario, a.closed
	size := len(d.Body)
	for name, values := range d.Header {
		size += len(name) + len(strings.Join(values, ""))
	}
	if r.kept+size > maxKept {
		d.Header, d.Body, d.TooLong, size = nil, nil, true, 0
	}
	r.kept += size
	r.deliveries = append(r.deliveries, d)
	if !d.Late {
		a.deliveries = append(a.deliveries, d)
		r.changed.Broadcast()
	}
}

// Address is one scenario's address.
type Address struct {
	receiver *Receiver
	name     string
	scenario string

	// Under the receiver's mutex.
	deliveries []Delivery // that were not late
	count      int        // of all deliveries
	closed     bool
	read       func(Delivery) any // nil: none yet
}

// URL returns the address for the provider to call.
func (a *Address) URL() string { return a.receiver.base + "/webhooks/" + a.name }

// Read sets a function that reads each delivery from now on while all of its body is there: only the beginning is kept. It is
// called from several goroutines.
func (a *Address) Read(read func(Delivery) any) {
	a.receiver.mutex.Lock()
	defer a.receiver.mutex.Unlock()
	a.read = read
}

// Wait returns what came to this address, by whatever method, in the order of arrival, as soon as that is enough, the context
// ends, or the address or the receiver is closed. It calls enough at once and after each delivery, with the receiver locked; if
// enough is nil, nothing is.
func (a *Address) Wait(ctx context.Context, enough func([]Delivery) bool) []Delivery {
	r := a.receiver
	defer context.AfterFunc(ctx, func() { r.update(func() {}) })()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for !a.closed && !r.closed && ctx.Err() == nil && (enough == nil || !enough(a.deliveries)) {
		r.changed.Wait()
	}
	return slices.Clone(a.deliveries)
}

// Close closes the address: later deliveries are late. It is safe to call twice.
func (a *Address) Close() { a.receiver.update(func() { a.closed = true }) }

// update calls f with the receiver locked, and wakes every Wait.
func (r *Receiver) update(f func()) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	f()
	r.changed.Broadcast()
}
