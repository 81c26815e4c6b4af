package transport_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"verifik-contract/internal/transport"
)

// BenchmarkCall compares a call with the same call by net/http alone.
func BenchmarkCall(b *testing.B) {
	const answer = `{"data":{"_id":"674de8df21c72be3cc42b8a7","status":"validated"}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	bare := func(b *testing.B, idle int) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: idle}}
		defer client.CloseIdleConnections()
		b.ReportAllocs()
		for b.Loop() {
			request, err := http.NewRequestWithContext(b.Context(), "PUT", server.URL, bytes.NewReader([]byte(`{"phone":"62647737"}`)))
			if err != nil {
				b.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", "Bearer token")
			response, err := client.Do(request)
			if err != nil {
				b.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if string(body) != answer {
				b.Fatal(string(body))
			}
		}
	}
	call := func(b *testing.B, fresh bool) {
		client := newClient(b, transport.Options{})
		one := put(server.URL)
		one.Fresh = fresh
		b.ReportAllocs()
		for b.Loop() {
			e := client.Do(b.Context(), one)
			if e.Failure != nil || string(e.Answer.Body) != answer {
				b.Fatalf("%+v", e)
			}
		}
	}
	b.Run("kept connection/bare", func(b *testing.B) { bare(b, 1) })
	b.Run("kept connection/call", func(b *testing.B) { call(b, false) })
	b.Run("own connection/bare", func(b *testing.B) { bare(b, -1) })
	b.Run("own connection/call", func(b *testing.B) { call(b, true) })
}
