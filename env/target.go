package env

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// What a target and a receiver have that the file does not say.
const (
	defaultTimeout     = 10 * time.Second
	defaultConcurrency = 8
	defaultSettle      = 300 * time.Millisecond
	// EmbeddedSettle is the settle of the embedded target, which does everything before it answers.
	EmbeddedSettle = 50 * time.Millisecond
	defaultListen  = "127.0.0.1:0"
	defaultWait    = 5 * time.Second
)

func (l *loader) target(e *Environment, b *block) {
	if b.label() == TargetEmbedded {
		if l.options.BaseURL != "" {
			l.note(b.DefRange(), "--base-url (or BASE_URL) has nothing to point at: the target is the embedded one",
				fmt.Sprintf("It would certify the reference provider, not yours. Choose an environment with target %q by -e, as -e staging.", TargetHTTP))
		}
		e.Target = Target{Kind: TargetEmbedded, Timeout: defaultTimeout, Concurrency: defaultConcurrency, Settle: EmbeddedSettle}
		e.Webhook = &Webhook{Listen: defaultListen, Wait: defaultWait}
		return
	}
	e.Target = Target{
		Kind:        TargetHTTP,
		BaseURL:     get[string](b, "base_url"),
		Protected:   get[bool](b, "protected"),
		Timeout:     get[time.Duration](b, "timeout"),
		Concurrency: get[int](b, "concurrency"),
		Rate:        get[float64](b, "rate"),
		Settle:      get[time.Duration](b, "settle"),
		Retries:     get[int](b, "retries"),
		Headers:     get[map[string]string](b, "headers"),
		Proxy:       get[string](b, "proxy"),
	}
	l.overrideBaseURL(&e.Target)
	if inner := first(b.blocks, "tls"); inner != nil {
		e.Target.TLS = l.tls(inner, e.Target.BaseURL)
	}
}

// overrideBaseURL applies --base-url.
func (l *loader) overrideBaseURL(t *Target) {
	if l.options.BaseURL == "" {
		return
	}
	registerPassword(l.secrets, l.options.BaseURL)
	if what, detail := webURL().check(l.options.BaseURL); what != "" {
		l.add(finding{summary: "The URL of --base-url (or BASE_URL) " + what, detail: detail})
		return
	}
	t.BaseURL = strings.TrimRight(withASCIIHost(l.options.BaseURL), "/")
}

// isPlainHTTP reports whether a URL is one without TLS.
func isPlainHTTP(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Scheme == "http"
}

func (l *loader) webhook(e *Environment, b *block) {
	if e.Target.Kind == TargetEmbedded {
		l.besideEmbedded(b)
	}
	w := &Webhook{Listen: get[string](b, "listen"), PublicURL: get[string](b, "public_url"), Wait: get[time.Duration](b, "wait")}
	host, _, err := net.SplitHostPort(w.Listen)
	ip := net.ParseIP(host)
	if unspecified := host == "" || ip != nil && ip.IsUnspecified(); err == nil && unspecified && !b.given("public_url") {
		l.note(b.Body.Attributes["listen"].Expr.Range(), `"listen" of webhook is every address of the machine, which the provider cannot call`,
			`Add public_url = "https://..." as the provider reaches it, or listen on one address.`)
	}
	e.Webhook = w
}

func (l *loader) besideEmbedded(b *block) {
	l.note(b.DefRange(), fmt.Sprintf("A %s block beside target %q", b.Type, TargetEmbedded),
		fmt.Sprintf("The embedded target has its own. Take the block out, or write target %q.", TargetHTTP))
}

func (l *loader) budget(e *Environment, b *block) {
	e.Budget = &Budget{P95: get[time.Duration](b, "p95"), Max: get[time.Duration](b, "max"), Fail: get[bool](b, "fail")}
	if !b.has("p95") && !b.has("max") {
		l.warn(b.DefRange(), "The budget limits nothing", `Give it p95 = "800ms" or max = "3s", or take it out.`)
	}
	if 0 < e.Budget.Max && e.Budget.Max < e.Budget.P95 {
		l.warn(b.Body.Attributes["p95"].Expr.Range(), "The budget's p95 is without effect: max is lower", "No call may take longer than max, so no percentile does.")
	}
}

func (l *loader) waivers(e *Environment, blocks []*block) {
	lines := map[string]int{}
	for _, b := range blocks {
		if b.Type != "waiver" {
			continue
		}
		w := Waiver{Rule: b.label(), Reason: get[string](b, "reason"), Until: get[time.Time](b, "until"), Line: b.TypeRange.Start.Line}
		if first, doubled := lines[w.Rule]; doubled {
			l.note(b.LabelRanges[0], fmt.Sprintf("A second waiver of %s", w.Rule), fmt.Sprintf("The first is at line %d. Keep one of the two.", first))
		} else {
			lines[w.Rule] = w.Line
		}
		e.Waivers = append(e.Waivers, w)
	}
}
