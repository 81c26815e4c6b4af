package webhook_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"verifik-contract/internal/text"
	"verifik-contract/internal/webhook"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listen(t testing.TB, options webhook.Options) *webhook.Receiver {
	r, err := webhook.Listen(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// send sends a request over a new connection and returns the status; 0: there was no answer.
func send(t testing.TB, method, url, body string) int {
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("X-Event", "validated")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

func atLeast(n int) func([]webhook.Delivery) bool {
	return func(came []webhook.Delivery) bool { return len(came) >= n }
}

func TestADeliveryReachesTheScenarioWhoseAddressItCameTo(t *testing.T) {
	r := listen(t, webhook.Options{})
	one, two := r.Open("one"), r.Open("two")
	require.NotEqual(t, one.URL(), two.URL())
	require.Equal(t, text.Shape(one.URL()), text.Shape(two.URL()), "what is told of one is told of the other")
	before := time.Now()
	require.Equal(t, 200, send(t, "POST", two.URL(), `{"n":2}`))
	require.Equal(t, 200, send(t, "POST", one.URL(), `{"n":1}`))
	require.Equal(t, 200, send(t, "POST", two.URL()+"?n=3", `{"n":3}`))

	came := two.Wait(t.Context(), atLeast(2))
	require.Len(t, came, 2)
	require.Equal(t, `{"n":2}`, string(came[0].Body))
	require.Equal(t, `{"n":3}`, string(came[1].Body))
	require.Equal(t, "two", came[0].Scenario)
	require.Equal(t, "POST", came[0].Method)
	require.Empty(t, came[0].Query)
	require.Equal(t, "n=3", came[1].Query)
	require.Equal(t, "validated", came[0].Header.Get("X-Event"))
	require.False(t, came[0].Received.Before(before))
	require.False(t, came[0].Late || came[0].Foreign || came[0].TooLong)
	require.Len(t, one.Wait(t.Context(), atLeast(1)), 1)
	require.Len(t, r.Deliveries(), 3)
}

func TestWaitReturnsWhenThereIsEnough(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("s")
	asked := make(chan int, 10)
	done := make(chan []webhook.Delivery)
	go func() {
		done <- a.Wait(t.Context(), func(came []webhook.Delivery) bool {
			asked <- len(came)
			return len(came) == 2
		})
	}()
	require.Zero(t, <-asked) // asked at once
	require.Equal(t, 200, send(t, "POST", a.URL(), "1"))
	require.Equal(t, 1, <-asked)
	require.Equal(t, 200, send(t, "POST", a.URL(), "2"))
	require.Len(t, <-done, 2)
}

func TestWaitReturnsWhatCameWhenItsContextEnds(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("s")
	require.Equal(t, 200, send(t, "POST", a.URL(), "1"))
	for name, enough := range map[string]func([]webhook.Delivery) bool{"never enough": atLeast(9), "no condition": nil} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan []webhook.Delivery)
			go func() { done <- a.Wait(ctx, enough) }()
			cancel()
			require.Len(t, <-done, 1)
		})
	}
}

func TestWaitReturnsWhenTheAddressOrTheReceiverIsClosed(t *testing.T) {
	r := listen(t, webhook.Options{})
	one, two := r.Open("one"), r.Open("two")
	done := make(chan []webhook.Delivery)
	go func() { done <- one.Wait(context.Background(), nil) }()
	one.Close()
	one.Close()
	require.Empty(t, <-done)
	go func() { done <- two.Wait(context.Background(), nil) }()
	require.NoError(t, r.Close())
	require.Empty(t, <-done)
	require.NoError(t, r.Close())
	require.Zero(t, send(t, "POST", two.URL(), ""), "nobody listens any more")
}

func TestADeliveryAfterTheScenarioIsLate(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("s")
	require.Equal(t, 200, send(t, "POST", a.URL(), "in time"))
	a.Close()
	require.Equal(t, 200, send(t, "POST", a.URL(), "late"))
	require.Len(t, a.Wait(t.Context(), nil), 1)
	all := r.Deliveries()
	require.Len(t, all, 2)
	require.False(t, all[0].Late)
	require.True(t, all[1].Late)
	require.Equal(t, "s", all[1].Scenario)
}

func TestADeliveryToAnUnknownAddressIsForeign(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("s")
	elsewhere := a.URL()[:len(a.URL())-1]
	require.Equal(t, 404, send(t, "POST", elsewhere, strings.Repeat("x", 5000)))
	require.Equal(t, 405, send(t, "GET", a.URL(), ""))
	require.Equal(t, 405, send(t, "PUT", a.URL(), "{}"))
	all := r.Deliveries()
	require.Len(t, all, 3)
	for i, scenario := range []string{"", "s", "s"} {
		require.True(t, all[i].Foreign)
		require.Equal(t, scenario, all[i].Scenario)
	}
	require.True(t, all[0].TooLong)
	require.Len(t, all[0].Body, 4096)
	came := a.Wait(t.Context(), atLeast(0))
	require.Len(t, came, 2, "what came by another method is told, and is no notification")
	require.True(t, came[0].Foreign && came[1].Foreign)
}

func TestTheNumberOfDeliveriesIsBounded(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("s")
	for range 105 {
		send(t, "POST", a.URL()+"x", "")
		send(t, "POST", a.URL(), "")
	}
	require.Len(t, a.Wait(t.Context(), atLeast(0)), 100)
	require.Len(t, r.Deliveries(), 200)
}

func TestOnlyTheBeginningOfALongBodyIsKept(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("s")
	// The connection may be closed before the sender has written everything.
	send(t, "POST", a.URL(), strings.Repeat("x", 8<<20))
	require.Equal(t, 200, send(t, "POST", a.URL(), strings.Repeat("y", webhook.MaxBody)))
	came := a.Wait(t.Context(), atLeast(2))
	require.True(t, came[0].TooLong)
	require.Len(t, came[0].Body, webhook.MaxBody)
	require.False(t, came[1].TooLong)
	require.Len(t, came[1].Body, webhook.MaxBody)
}

func TestATruncatedBodyIsNotADelivery(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("s")
	at, err := url.Parse(a.URL())
	require.NoError(t, err)
	conn, err := net.Dial("tcp", at.Host)
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", at.Path)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, 400, answer.StatusCode)
	require.Empty(t, r.Deliveries())
}

func TestAddressesCannotBeGuessed(t *testing.T) {
	r := listen(t, webhook.Options{})
	seen := map[string]bool{}
	for range 1000 {
		last := r.Open("s").URL()[strings.LastIndex(r.Open("s").URL(), "/")+1:]
		require.Regexp(t, `^[0-9a-f]{32}$`, last)
		require.False(t, seen[last])
		seen[last] = true
	}
}

func TestAddressesHaveThePublicURL(t *testing.T) {
	r := listen(t, webhook.Options{Listen: "127.0.0.1:0", PublicURL: "https://tunnel.example.test/a/"})
	a := r.Open("s")
	require.True(t, strings.HasPrefix(a.URL(), "https://tunnel.example.test/a/webhooks/"), a.URL())

	// It is the same address whether a tunnel keeps or removes its path.
	direct := listen(t, webhook.Options{})
	b := direct.Open("s")
	at, err := url.Parse(b.URL())
	require.NoError(t, err)
	require.Equal(t, 200, send(t, "POST", "http://"+at.Host+"/a"+at.Path, ""))
	require.Equal(t, 200, send(t, "POST", b.URL()+"/", ""))
	require.Len(t, b.Wait(t.Context(), atLeast(2)), 2)
}

func TestURLOfAnIPv6Address(t *testing.T) {
	r, err := webhook.Listen(webhook.Options{Listen: "[::1]:0"})
	if err != nil {
		t.Skip("this machine has no IPv6 loopback: ", err)
	}
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	a := r.Open("s")
	require.True(t, strings.HasPrefix(a.URL(), "http://[::1]:"))
	require.Equal(t, 200, send(t, "POST", a.URL(), ""))
}

func TestBadOptionsSayWhatToDo(t *testing.T) {
	taken := listen(t, webhook.Options{})
	at, err := url.Parse(taken.Open("s").URL())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		options webhook.Options
		want    string
	}{
		"no port":      {webhook.Options{Listen: "127.0.0.1"}, "host:port"},
		"a taken port": {webhook.Options{Listen: at.Host}, "port 0 for a free one"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := webhook.Listen(c.options)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestConcurrentDeliveriesAllArrive(t *testing.T) {
	r := listen(t, webhook.Options{})
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			a := r.Open(fmt.Sprint(i))
			var senders sync.WaitGroup
			for n := range 5 {
				senders.Go(func() { send(t, "POST", a.URL(), fmt.Sprintf("%d-%d", i, n)) })
			}
			came := a.Wait(t.Context(), atLeast(5))
			senders.Wait()
			a.Close()
			for _, d := range came {
				if !strings.HasPrefix(string(d.Body), fmt.Sprint(i)+"-") || d.Scenario != fmt.Sprint(i) {
					t.Errorf("scenario %d got %q", i, d.Body)
				}
			}
		})
	}
	group.Wait()
	require.Len(t, r.Deliveries(), 100)
}

func TestMemoryIsBoundedOverAllAddresses(t *testing.T) {
	r := listen(t, webhook.Options{})
	body := strings.Repeat("x", webhook.MaxBody)
	for i := range 40 {
		require.Equal(t, 200, send(t, "POST", r.Open(fmt.Sprint(i)).URL(), body))
	}
	kept, whole := 0, 0
	came := r.Deliveries()
	require.Len(t, came, 40, "that something came is kept of each")
	for _, d := range came {
		kept += len(d.Body)
		require.Equal(t, len(d.Body) != webhook.MaxBody, d.TooLong)
		if !d.TooLong {
			whole++
		}
	}
	require.LessOrEqual(t, kept, 32<<20)
	require.Equal(t, 31, whole, "no less is kept than there is room for")
	require.Equal(t, 200, send(t, "POST", r.Open("small").URL(), "{}"))
	require.Equal(t, "{}", string(r.Deliveries()[40].Body), "what was not kept takes no room")
}

func TestADeliveryByAnotherMethodIsForeign(t *testing.T) {
	r := listen(t, webhook.Options{})
	a := r.Open("one")
	require.Equal(t, 405, send(t, "PUT", a.URL(), `{"n":1}`))
	came := a.Wait(t.Context(), atLeast(1))
	require.Len(t, came, 1)
	require.Equal(t, "PUT", came[0].Method)
	require.True(t, came[0].Foreign)
	require.Equal(t, `{"n":1}`, string(came[0].Body))
}

func TestACompressedDeliveryIsRead(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(w, `{"n":1}`)
	require.NoError(t, w.Close())
	r := listen(t, webhook.Options{})
	a := r.Open("one")
	for _, body := range []string{zipped.String(), "no gzip", zipped.String()[:12]} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.URL(), strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Content-Encoding", "gzip")
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
		require.NoError(t, err)
		_ = answer.Body.Close()
	}
	came := a.Wait(t.Context(), atLeast(3))
	require.Equal(t, `{"n":1}`, string(came[0].Body))
	require.Equal(t, "no gzip", string(came[1].Body), "as it came")
	require.Equal(t, zipped.String()[:12], string(came[2].Body))
}
