package env

import (
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// What a receiver has that the file does not say.
const (
	defaultListen = "127.0.0.1:0"
	defaultWait   = 5 * time.Second
)

func (l *loader) readWebhook(e *Environment, body *hclsyntax.Body) {
	found := blocks(body, "webhook")
	if len(found) == 0 {
		return
	}
	block := found[0]
	if e.Target.Kind == TargetEmbedded {
		l.besideEmbedded(block)
	}
	spec, _ := fileGrammar().block("webhook")
	r := l.reader("webhook", spec.body(""), block.Body)
	w := &Webhook{Listen: defaultListen, Wait: r.duration("wait", defaultWait), PublicURL: r.baseURL("public_url")}
	if listen, ok := r.text("listen"); ok {
		w.Listen = r.listen(listen, w.Listen)
	}
	if host, _, err := net.SplitHostPort(w.Listen); err == nil && isUnspecified(host) && r.empty("public_url") {
		r.wrong("listen", "is every address of the machine, which the provider cannot call", `Add public_url = "https://..." as the provider reaches it, or listen on one address.`)
	}
	e.Webhook = w
}

// listen checks an address to listen on.
func (r reader) listen(address, otherwise string) string {
	const how = `Write host:port, as "127.0.0.1:0" or "[::1]:8080"; port 0 takes a free one.`
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		r.wrong("listen", "is not an address", how)
		return otherwise
	}
	number, err := strconv.Atoi(port)
	if err != nil || !isDigits(port) || number > 65535 {
		r.wrong("listen", "has a port that is none", how)
		return otherwise
	}
	if host != "" && !isHostName(host) {
		r.wrong("listen", "names no host", how)
		return otherwise
	}
	return address
}

func isUnspecified(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}
