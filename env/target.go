package env

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// What a target has that the file does not say.
const (
	defaultTimeout     = 10 * time.Second
	defaultConcurrency = 8
	defaultSettle      = 300 * time.Millisecond
	// EmbeddedSettle is the settle of the embedded target, which does everything before it answers.
	EmbeddedSettle = 50 * time.Millisecond
)

// The most that an environment may ask for.
const (
	maxConcurrency = 1000
	maxRetries     = 10
)

func (l *loader) readTarget(e *Environment, body *hclsyntax.Body) {
	found := blocks(body, "target")
	if len(found) == 0 {
		return
	}
	block := found[0]
	kind := block.Labels[0]
	e.Target = Target{Kind: kind, Timeout: defaultTimeout, Concurrency: defaultConcurrency}
	if kind == TargetEmbedded {
		e.Target.Settle = EmbeddedSettle
		l.readEmbedded(e, block)
		return
	}
	r := l.reader(blockTitle("target", kind), httpTarget(), block.Body)
	t := &e.Target
	t.BaseURL = r.baseURL("base_url")
	l.overrideBaseURL(t)
	t.Protected = r.boolean("protected")
	t.Timeout = r.duration("timeout", defaultTimeout)
	t.Concurrency = r.whole("concurrency", 1, maxConcurrency, defaultConcurrency)
	t.Settle = r.duration("settle", defaultSettle)
	t.Retries = r.whole("retries", 0, maxRetries, 0)
	t.Headers = r.headers("headers")
	t.Proxy, _ = r.url("proxy", proxyURL())
	if rate, ok := r.number("rate"); ok {
		if t.Rate, _ = rate.Float64(); t.Rate <= 0 || t.Rate > 1e9 {
			t.Rate = 0
			r.wrong("rate", "is not a rate", "It is how many calls go out a second: a number above 0. For no limit leave it out.")
		}
	}
	for _, block := range block.Body.Blocks {
		if block.Type == "tls" && len(block.Labels) == 0 {
			l.readTLS(t, block)
			break
		}
	}
}

// readEmbedded is for the reference provider, which has states and a receiver of its own.
func (l *loader) readEmbedded(e *Environment, target *hclsyntax.Block) {
	if l.options.BaseURL != "" {
		l.note(finding{at: target.DefRange(), summary: "--base-url (or BASE_URL) has nothing to point at: the target is the embedded one",
			detail: fmt.Sprintf("It would certify the reference provider, not yours. Choose an environment with target %q by -e, as -e staging.", TargetHTTP)})
	}
	e.Webhook = &Webhook{Listen: defaultListen, Wait: defaultWait}
}

// overrideBaseURL applies --base-url.
func (l *loader) overrideBaseURL(t *Target) {
	if l.options.BaseURL == "" {
		return
	}
	registerPassword(l.secrets, l.options.BaseURL)
	what, detail := webURL().check(l.options.BaseURL)
	if what != "" {
		l.note(finding{summary: "The URL of --base-url (or BASE_URL) " + what, detail: detail})
		return
	}
	t.BaseURL = strings.TrimRight(withASCIIHost(l.options.BaseURL), "/")
}

// proxyURL is the rule of a proxy's URL: a proxy's password has no other place, and is a secret.
func proxyURL() urlRule {
	return urlRule{schemes: []string{"http", "https", "socks5", "socks5h"}, userinfo: true, example: "http://proxy.example.test:3128"}
}

// isPlainHTTP tells whether a URL is one without TLS.
func isPlainHTTP(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Scheme == "http"
}
