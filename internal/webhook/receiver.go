// Package webhook receives the notifications that a provider sends. Every scenario gets an address of its own that
// cannot be guessed, so that what comes for one is never taken for another's.
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
	// maxForeignBody bounds what is read of what nobody asked for: anybody may call a public URL.
	maxForeignBody = 4 << 10
	// maxRead is what is kept of a body that was read as it came: the 16 KiB that a result shows of one (record.MostBody) and
	// the 64 KiB behind them that secret.Beginning looks at, and never shows, of what is cut.
	maxRead = 16<<10 + 64<<10
	// maxDeliveries bounds what is kept of one address, and of all that came to none.
	maxDeliveries = 100
	// maxKept bounds what is kept of all bodies and headers together, in bytes; of what comes beyond it the arrival is kept.
	maxKept = 32 << 20
	// maxConnections is how many are open at a time; others wait to be accepted.
	maxConnections = 256
)

// Options is where notifications come in.
type Options struct {
	Listen    string // host:port; "": a free port on loopback
	PublicURL string // how the provider reaches it, an absolute URL, maybe with a path; "": the listener's own address
}

// Delivery is one request that came in. Its times are the receiver's.
type Delivery struct {
	Scenario string    // whose address it came to; "": nobody's
	Received time.Time // when its header was read
	Method   string
	Query    string // of the URL that it came to
	Header   textproto.MIMEHeader
	Body     []byte // at most MaxBody bytes
	Size     int    // of the body in bytes, MaxBody at most, however little of it is kept
	TooLong  bool   // the body has more; Body is its beginning
	Late     bool   // its scenario had ended
	Foreign  bool   // it came to no known address, or is no POST: no notification
	Read     any    // what its address' reader made of it; nil: it had none yet
}

// Receiver listens for notifications. It is safe for concurrent use.
type Receiver struct {
	server   *http.Server
	base     string
	close    func() error
	handling sync.RWMutex // each handler reads

	mutex      sync.Mutex
	changed    *sync.Cond // something came, or something was closed
	closed     bool
	addresses  map[string]*Address // by the last element of their path
	nobody     *Address            // takes what comes to none of them
	deliveries []Delivery
	kept       int // bytes
}

// Listen starts to listen. An error says what to change.
func Listen(o Options) (*Receiver, error) {
	o.Listen = cmp.Or(o.Listen, "127.0.0.1:0")
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("the webhook receiver cannot listen on %q: %w; set listen to host:port of this machine, port 0 for a free one", o.Listen, err)
	}
	base := cmp.Or(strings.TrimRight(o.PublicURL, "/"), "http://"+listener.Addr().String())
	r := &Receiver{base: base, addresses: make(map[string]*Address), nobody: &Address{}}
	r.changed = sync.NewCond(&r.mutex)
	listener = netutil.LimitListener(listener, maxConnections)
	r.server = &http.Server{
		Handler:           http.HandlerFunc(r.receive),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // what a stranger sends is not for our terminal
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = r.server.Serve(listener) // ends with Close
	}()
	r.close = sync.OnceValue(func() error {
		r.change(func() { r.closed = true })
		err := r.server.Close()
		<-served
		r.handling.Lock() // and never unlocked: no handler comes after the end
		return err
	})
	return r, nil
}

// Open returns a new address for a scenario, with 128 random bits in its path: as hex digits, which text.Shape knows.
func (r *Receiver) Open(scenario string) *Address {
	name := make([]byte, 16)
	_, _ = rand.Read(name) // never fails
	a := &Address{receiver: r, name: hex.EncodeToString(name), scenario: scenario}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.addresses[a.name] = a
	return a
}

// Deliveries returns everything that came in so far in the order of arrival, with at most 100 foreign ones and 100
// for each address.
func (r *Receiver) Deliveries() []Delivery {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.deliveries)
}

// Close stops listening, closes all connections and ends every Wait. It returns when nothing of the receiver runs any
// more; what came in stays. It is safe to call twice.
func (r *Receiver) Close() error { return r.close() }

func (r *Receiver) receive(w http.ResponseWriter, request *http.Request) {
	received := time.Now()
	if !r.handling.TryRLock() {
		return
	}
	defer r.handling.RUnlock()
	// A tunnel may keep the path of its public URL or take it off: only the last element counts.
	r.mutex.Lock()
	address := cmp.Or(r.addresses[path.Base(request.URL.Path)], r.nobody)
	read := address.read
	r.mutex.Unlock()

	d := Delivery{Received: received, Method: request.Method, Query: request.URL.RawQuery, Header: textproto.MIMEHeader(request.Header)}
	status, limit := http.StatusOK, MaxBody
	switch {
	case address == r.nobody:
		d.Foreign, limit, status = true, maxForeignBody, http.StatusNotFound
	case request.Method != http.MethodPost:
		d.Foreign, status = true, http.StatusMethodNotAllowed
		w.Header().Set("Allow", http.MethodPost)
	}
	body, err := io.ReadAll(io.LimitReader(request.Body, int64(limit)+1))
	if err != nil {
		// It ended early: whoever sends it knows that it did not arrive.
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

// record keeps a delivery and tells who waits for it.
func (r *Receiver) record(a *Address, d Delivery) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if a.count++; a.count > maxDeliveries {
		return
	}
	d.Scenario, d.Late = a.scenario, a.closed
	d = r.bounded(d)
	r.deliveries = append(r.deliveries, d)
	if !d.Late {
		a.deliveries = append(a.deliveries, d)
		r.changed.Broadcast()
	}
}

// bounded counts what a delivery takes, and cuts one that would take more than is left.
func (r *Receiver) bounded(d Delivery) Delivery {
	size := len(d.Body)
	for name, values := range d.Header {
		size += len(name) + len(strings.Join(values, ""))
	}
	if r.kept+size > maxKept {
		d.Header, d.Body, d.TooLong = nil, nil, true
		return d
	}
	r.kept += size
	return d
}

// Address is one scenario's address.
type Address struct {
	receiver *Receiver
	name     string
	scenario string

	// Under the receiver's mutex.
	deliveries []Delivery // in time
	count      int
	closed     bool
	read       func(Delivery) any // nil: nobody reads
}

// URL returns the address as the provider is told it.
func (a *Address) URL() string { return a.receiver.base + "/webhooks/" + a.name }

// Read sets who reads each delivery from now on, from several goroutines, as it comes and is there as a whole: only the
// beginning of its body is kept.
func (a *Address) Read(read func(Delivery) any) {
	a.receiver.mutex.Lock()
	defer a.receiver.mutex.Unlock()
	a.read = read
}

// Wait returns what came to this address, by whatever method, in the order of arrival, as soon as that is enough, the context ends, or
// the address or the receiver is closed. It asks whether it is enough at once and after each delivery, with the receiver locked; a nil
// function waits for the end.
func (a *Address) Wait(ctx context.Context, enough func([]Delivery) bool) []Delivery {
	r := a.receiver
	defer context.AfterFunc(ctx, func() { r.change(func() {}) })()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for !a.closed && !r.closed && ctx.Err() == nil && (enough == nil || !enough(a.deliveries)) {
		r.changed.Wait()
	}
	return slices.Clone(a.deliveries)
}

// Close ends the address: what comes later is late. It is safe to call twice.
func (a *Address) Close() { a.receiver.change(func() { a.closed = true }) }

// change changes something, and tells who waits.
func (r *Receiver) change(what func()) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	what()
	r.changed.Broadcast()
}
