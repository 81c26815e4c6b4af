package env

import (
	"crypto/tls"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
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
	e.Target = Target{Kind: TargetHTTP}
	b.fill(&e.Target)
	for _, inner := range b.blocks {
		e.Target.TLS = l.tls(inner)
	}
}

// overrideBaseURL puts the URL of --base-url in the place of an http target's: what stands there needs no value.
func (l *loader) overrideBaseURL(body *hclsyntax.Body) {
	for _, b := range body.Blocks {
		if l.options.BaseURL != "" && b.Type == "target" && slices.Equal(b.Labels, []string{TargetHTTP}) {
			b.Body.Attributes["base_url"] = &hclsyntax.Attribute{Name: "base_url", Expr: &hclsyntax.LiteralValueExpr{Val: cty.StringVal(l.options.BaseURL)}}
		}
	}
}

func (l *loader) tls(b *block) TLS {
	var t TLS
	b.fill(&t)
	for have, lack := range map[string]string{"client_cert_file": "client_key_file", "client_key_file": "client_cert_file"} {
		if b.has(have) && !b.has(lack) {
			l.note(b.Body.Attributes[have].NameRange, fmt.Sprintf("%q stands without %q", have, lack), "A client certificate and its key are given together.")
		}
	}
	if t.ClientCert.File != "" && t.ClientKey.File != "" {
		if _, err := tls.X509KeyPair(t.ClientCert.Data, t.ClientKey.Data); err != nil {
			l.note(b.Body.Attributes["client_key_file"].Expr.Range(), "The client certificate and its key cannot be used together",
				sentence(err)+" Give a certificate in PEM and the key that it was made for, not encrypted.")
		}
	}
	return t
}
