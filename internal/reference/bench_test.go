package reference

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkStateAndPut measures the provider's share of a scenario, without a network.
func BenchmarkStateAndPut(b *testing.B) {
	p, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	handler := p.Handler()
	b.ReportAllocs()
	for b.Loop() {
		putOnce(b, handler)
	}
}

func BenchmarkStateAndPutInParallel(b *testing.B) {
	p, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	handler := p.Handler()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			putOnce(b, handler)
		}
	})
}

func putOnce(b *testing.B, handler http.Handler) {
	w := httptest.NewRecorder()
	r, _ := http.NewRequest(http.MethodPost, statesPath, strings.NewReader(`{"state":"a pending phone validation","params":{},"action":"setup"}`))
	handler.ServeHTTP(w, r)
	f, _ := parse(w.Body.Bytes())
	v := values{Phone: textOf(f["phone"]), CountryCode: textOf(f["countryCode"]), Token: textOf(f["token"])}
	v.OTP, _ = strconv.Atoi(string(f["otp"]))

	w = httptest.NewRecorder()
	r, _ = http.NewRequest(http.MethodPut, endpointPath, strings.NewReader(v.request(strconv.Itoa(v.OTP))))
	r.Header.Set("Authorization", "Bearer "+v.Token)
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatal(w.Code, w.Body)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		p, err := New(Options{Fault: "otp-not-compared"})
		if err != nil {
			b.Fatal(err)
		}
		_ = p.Close()
	}
}
