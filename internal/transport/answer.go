package transport

import (
	"bytes"
	"io"
	"net/http"
	"net/textproto"

	"verifik-contract/internal/exchange"
)

// read reads a whole answer, within limits. An error means that the message ended early or is no HTTP; nothing
// else that a body may be is one.
//
// A body that says that it is gzip is unzipped, so that the Body is what a client sees; Content-Encoding stays among
// the headers. Where it is no valid gzip although the message is complete, the Body is as much as could be
// unzipped, maybe nothing: an answer that no client can read is the provider's doing, and is judged.
func (c *Client) read(answer *http.Response) (*exchange.Answer, error) {
	a := &exchange.Answer{Status: answer.StatusCode, Proto: answer.Proto, Header: textproto.MIMEHeader(answer.Header)}
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return a, nil // what follows is no body
	}
	body, err := readAtMost(answer.Body, answer.ContentLength)
	if err != nil {
		return nil, err
	}
	exchange.AddTrailer(a.Header, textproto.MIMEHeader(answer.Trailer)) // a secret may be in it
	body, cutOff := cut(body)
	plain, _ := exchange.Unzipped(a.Header, body, exchange.MaxBody+1)
	a.Body, a.TooLong = cut(plain)
	a.TooLong = a.TooLong || cutOff
	return a, nil
}

// readAtMost reads one byte more than a body may have, which tells that it is too long. The length is what the
// message announces; negative where it does not.
func readAtMost(body io.Reader, length int64) ([]byte, error) {
	buffer := bytes.NewBuffer(make([]byte, 0, min(max(length, 0), exchange.MaxBody)+bytes.MinRead))
	_, err := buffer.ReadFrom(io.LimitReader(body, exchange.MaxBody+1))
	if buffer.Len() > exchange.MaxBody {
		err = nil
	}
	return buffer.Bytes(), err
}

func cut(body []byte) ([]byte, bool) {
	return body[:min(len(body), exchange.MaxBody):min(len(body), exchange.MaxBody)], len(body) > exchange.MaxBody
}
