package transport

import (
	"sync"
)

// patience is a connection that reads nothing before something is written. A server that speaks first, as SSH and
// mail do, would otherwise be met by net/http before the request is there, which then quotes to the standard
// logger what the server said, and tells its caller less.
type patience struct {
	*witness
	spoken chan struct{}
	once   sync.Once
}

func newPatience(conn *witness) *patience {
	return &patience{witness: conn, spoken: make(chan struct{})}
}

// Read implements net.Conn.
func (p *patience) Read(b []byte) (int, error) {
	<-p.spoken
	return p.witness.Read(b)
}

// Write implements net.Conn.
func (p *patience) Write(b []byte) (int, error) {
	p.once.Do(func() { close(p.spoken) })
	return p.Conn.Write(b)
}

// Close implements net.Conn.
func (p *patience) Close() error {
	p.once.Do(func() { close(p.spoken) })
	return p.Conn.Close()
}
