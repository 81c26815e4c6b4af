package transport

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/textproto"
	"strings"

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
	// A secret may be in a trailer as well as in a header. What describes the body comes before it.
	for name, values := range answer.Trailer {
		if name != "Content-Type" && name != "Content-Encoding" && len(values) > 0 {
			a.Header[name] = append(a.Header[name], values...)
		}
	}
	a.Body, a.TooLong = cut(body)
	if coding := strings.TrimSpace(answer.Header.Get("Content-Encoding")); strings.EqualFold(coding, "gzip") || strings.EqualFold(coding, "x-gzip") {
		plain, tooLong := c.unzip(a.Body)
		a.Body, a.TooLong = plain, a.TooLong || tooLong
	}
	return a, nil
}

// readAtMost reads one byte more than a body may have, which tells that it is too long. The length is what the
// message announces; negative where it does not.
func readAtMost(body io.Reader, length int64) ([]byte, error) {
	size := 512
	if length >= 0 {
		size = int(min(length, exchange.MaxBody)) + 1
	}
	buffer := bytes.NewBuffer(make([]byte, 0, size))
	for buffer.Len() <= exchange.MaxBody {
		if buffer.Available() == 0 {
			buffer.Grow(buffer.Len())
		}
		room := buffer.AvailableBuffer()
		room = room[:min(cap(room), exchange.MaxBody+1-buffer.Len())]
		n, err := body.Read(room)
		buffer.Write(room[:n])
		if err == io.EOF {
			break
		}
		if err != nil {
			if buffer.Len() > exchange.MaxBody {
				break
			}
			return nil, err
		}
	}
	return buffer.Bytes(), nil
}

func cut(body []byte) ([]byte, bool) {
	if len(body) > exchange.MaxBody {
		return body[:exchange.MaxBody:exchange.MaxBody], true
	}
	return body, false
}

// unzip returns the beginning of what a gzip text unzips to, and whether there is more of it. What is wrong with the
// text only shows in where it ends.
func (c *Client) unzip(body []byte) ([]byte, bool) {
	reader, reused := c.unzippers.Get().(*gzip.Reader)
	if !reused {
		reader = new(gzip.Reader)
	}
	defer c.unzippers.Put(reader)
	return unzip(reader, body)
}

// Unzip returns the beginning of what a gzip text unzips to, as Do has it, and whether there is more of it.
func Unzip(body []byte) ([]byte, bool) { return unzip(new(gzip.Reader), body) }

func unzip(reader *gzip.Reader, body []byte) ([]byte, bool) {
	if reader.Reset(bytes.NewReader(body)) != nil {
		return []byte{}, false
	}
	var plain bytes.Buffer
	_, _ = io.Copy(&plain, io.LimitReader(reader, exchange.MaxBody+1))
	return cut(plain.Bytes())
}
