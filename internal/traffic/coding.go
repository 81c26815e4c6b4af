package traffic

import (
	"strings"

	"verifik-contract/internal/exchange"
	"verifik-contract/internal/transport"
)

// Unpack puts what a client sees in the place of an answer's body as it was sent. A body of which that cannot be had is
// TooLong: its end is not known.
func Unpack(a *exchange.Answer) {
	coding := strings.ToLower(strings.TrimSpace(strings.Join(a.Header["Content-Encoding"], ",")))
	var whole bool
	switch coding {
	case "", "identity":
		return
	case "gzip", "x-gzip":
		var tooLong bool
		a.Body, tooLong = transport.Unzip(a.Body)
		whole = !tooLong
	default:
		a.Body, whole = unpacked(a.Body, coding)
	}
	if len(a.Body) > exchange.MaxBody {
		a.Body, whole = a.Body[:exchange.MaxBody], false
	}
	a.TooLong = a.TooLong || !whole
}
