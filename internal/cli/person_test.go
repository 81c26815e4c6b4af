package cli_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// reader is a person at the terminal: reads the question, looks into the inbox of that phone, types what is there.
type reader struct {
	inbox string

	mutex   sync.Mutex
	asked   bytes.Buffer
	typed   []string
	waiting bytes.Buffer // typed and not read yet
}

var question = regexp.MustCompile(`sent to (\+\d+) (\d+): $`)

// Write is stderr, where the questions are put.
func (p *reader) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.asked.Write(text)
	if found := question.FindSubmatch(text); found != nil {
		otp, err := p.look(string(found[1]), string(found[2]))
		if err != nil {
			return 0, err
		}
		p.typed = append(p.typed, otp)
		p.waiting.WriteString(otp + "\n")
	}
	return len(text), nil
}

// Read is stdin. The tool reads only after it has asked.
func (p *reader) Read(into []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.waiting.Read(into)
}

func (p *reader) look(code, phone string) (string, error) {
	where := strings.NewReplacer("{countryCode}", url.QueryEscape(code), "{phone}", phone).Replace(p.inbox)
	answer, err := http.Get(where)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var message struct{ OTP json.Number }
	err = json.NewDecoder(answer.Body).Decode(&message)
	return message.OTP.String(), err
}
