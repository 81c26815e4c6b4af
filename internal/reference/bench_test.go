package reference

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

func BenchmarkStateAndPut(b *testing.B) {
	p, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := Listen("127.0.0.1:0", p)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for b.Loop() {
		resp, err := http.Post(s.StatesURL, "application/json", strings.NewReader(`{"state":"a pending phone validation","params":{},"action":"setup"}`))
		if err != nil {
			b.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		f, _ := parse(body)
		req, _ := http.NewRequest("PUT", s.BaseURL+endpointPath, bytes.NewReader([]byte(`{"phone":"`+text(f["phone"])+`","countryCode":"`+text(f["countryCode"])+`","otp":`+string(f["otp"])+`}`)))
		req.Header.Set("Authorization", "Bearer "+text(f["token"]))
		resp, err = http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		body, _ = io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 {
			b.Fatal(string(body))
		}
	}
}
