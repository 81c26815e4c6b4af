package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"verifik-contract/internal/atomicfile"
	"verifik-contract/internal/contract"
	"verifik-contract/internal/exchange"
	"verifik-contract/internal/proxy"
	"verifik-contract/internal/report"
	"verifik-contract/internal/report/har"
	"verifik-contract/internal/result"
	"verifik-contract/internal/text"
	"verifik-contract/internal/traffic"
	"verifik-contract/internal/transport"
)

// proxyFlags is the flags of proxy.
type proxyFlags struct {
	judgeFlags
	endFlags
	to, addr          string
	caFile, cert, key string
	tls               transport.Options
}

func (a *app) proxyCommand() *cobra.Command {
	var f proxyFlags
	cmd := verb("proxy --to URL", cobra.NoArgs, func(cmd *cobra.Command, _ []string) error {
		return a.proxy(cmd.Context(), &f)
	})
	f.judgeFlags.flags(cmd)
	f.endpointFlag(cmd)
	f.endFlags.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "the target, a `URL` without a path: paths pass unchanged")
	flags.StringVar(&f.addr, "addr", "127.0.0.1:0", "where to listen, `HOST:PORT`; port 0 takes a free one")
	annotateFlag(cmd, "addr", address, "127.0.0.1:8080")
	flags.StringVar(&f.har, "har", "", "keep the endpoint's exchanges in this `FILE`, redacted, as an HTTP archive")
	flags.StringVar(&f.caFile, "ca-file", "", "trust only the authorities in this PEM `FILE`, of the target")
	flags.StringVar(&f.cert, "client-cert-file", "", "show the target the certificate in this PEM `FILE`")
	flags.StringVar(&f.key, "client-key-file", "", "the certificate's key, a PEM `FILE`")
	flags.StringVar(&f.tls.ServerName, "server-name", "", "the `NAME` that the target's certificate is for, where it is another than the URL's")
	flags.BoolVar(&f.tls.InsecureSkipVerify, "insecure-skip-verify", false, "take any certificate of the target")
	_ = cmd.MarkFlagRequired("to")
	return cmd
}

// largestPEM is the largest file of certificates that is read, in bytes.
const largestPEM = 1 << 20

// target returns the options of the proxy that follow from --to and the TLS flags.
func (f *proxyFlags) target(ctx context.Context) (proxy.Options, error) {
	none := proxy.Options{}
	to, err := url.Parse(f.to)
	switch {
	case strings.Contains(f.to, "@"): // the part before it may be a password
		return none, inputError("--to has a user in it: clients send their own credentials, which pass unchanged")
	case err != nil || to.Hostname() == "" || to.Scheme != "http" && to.Scheme != "https":
		return none, inputError("--to %s is not an absolute http or https URL: write one like https://api.example.test", text.Quote(f.to))
	case portOf(ctx, to) == 0:
		return none, inputError("--to %s: there is no such port", text.Quote(f.to))
	case strings.Trim(to.Path, "/") != "" || to.RawQuery != "" || to.Fragment != "":
		return none, inputError("--to has a path: paths pass unchanged. Write %s://%s, let clients begin theirs with %s, and add --endpoint %[3]s", to.Scheme, to.Host, text.Line(to.EscapedPath()))
	case to.Scheme == "http" && (f.caFile+f.cert+f.key+f.tls.ServerName != "" || f.tls.InsecureSkipVerify):
		return none, inputError("--to begins with http://: without TLS there are no certificates")
	}
	to.Path = ""
	o := f.tls
	for _, file := range []struct {
		path string
		data *[]byte
	}{{f.caFile, &o.CA}, {f.cert, &o.ClientCert}, {f.key, &o.ClientKey}} {
		if file.path == "" {
			continue
		}
		if *file.data, err = atomicfile.Read(file.path, largestPEM); err != nil {
			return none, inputError("%w", err)
		}
	}
	config, err := transport.TLSConfig(o)
	if err != nil {
		return none, inputError("%w", err)
	}
	return proxy.Options{Target: to, TLS: config, Timeout: transport.DefaultTimeout}, nil
}

func (a *app) proxy(ctx context.Context, f *proxyFlags) error {
	o, err := f.target(ctx)
	if err != nil {
		return err
	}
	if f.har == report.Stdout || f.har != "" && atomicfile.Special(f.har) {
		return inputError("--har %s: name a file; it is written while the traffic passes", text.Quote(f.har))
	}
	t, err := a.openTraffic(&f.judgeFlags, result.Proxied)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return inputError("--addr %s: the proxy cannot listen: %w", text.Quote(f.addr), err)
	}
	defer listener.Close()
	if isProxy(ctx, o.Target, listener.Addr()) {
		return inputError("--to %s is where the proxy itself listens: name the target", text.Quote(f.to))
	}
	if via, err := transport.Proxy("", o.Target.String()); err != nil || via != nil {
		fmt.Fprintf(a.Err, "Warning: HTTPS_PROXY and HTTP_PROXY are ignored: %s is called directly\n", o.Target)
	}
	t.Source(o.Target.String())
	t.Target(o.Target.String())
	ctx = a.interruptible(ctx) // before the address is printed
	endpoint := t.checks.Endpoint()
	fmt.Fprintf(t.screen, "proxy     http://%s passes everything on to %s\nendpoint  %[3]s http://%[1]s%[4]s\n\n", listener.Addr(), o.Target, endpoint.Method, endpoint.Path)
	pass := func(archive *har.Stream) error { return t.forward(ctx, &f.endFlags, o, listener, archive) }
	var failed, notKept error
	if f.har == "" {
		failed = pass(nil)
	} else {
		notKept = a.writeFile(context.WithoutCancel(ctx), f.har, func(w io.Writer) error {
			archive := har.NewStream(w, tool())
			failed = pass(archive)
			return archive.Close()
		})
	}
	return a.finish(ctx, t.Result(), &f.outputs, failed, notKept)
}

// portOf returns the port of a URL; 0 if it has none that exists.
func portOf(ctx context.Context, u *url.URL) int {
	port, _ := net.DefaultResolver.LookupPort(ctx, "tcp", cmp.Or(u.Port(), u.Scheme))
	return port
}

// isProxy reports whether the target is the proxy itself, by whatever name: each request would come back for ever. If the
// ports are equal, a connection shows whether it is.
func isProxy(ctx context.Context, target *url.URL, listening net.Addr) bool {
	own := listening.(*net.TCPAddr)
	if own.Port != portOf(ctx, target) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, transport.DefaultTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(target.Hostname(), strconv.Itoa(own.Port)))
	if err != nil {
		return false // the first request will show it
	}
	defer conn.Close()
	there, here := conn.RemoteAddr().(*net.TCPAddr), conn.LocalAddr().(*net.TCPAddr)
	return there.IP.Equal(own.IP) || own.IP.IsUnspecified() && (there.IP.IsLoopback() || there.IP.Equal(here.IP))
}

// forward forwards traffic until it is to end, judges it, and adds it to the archive, if that is not nil.
func (t *judgedTraffic) forward(ctx context.Context, end *endFlags, o proxy.Options, listener net.Listener, archive *har.Stream) error {
	over := end.begin(ctx)
	defer end.end()
	var guard panicGuard
	number, last := 0, "" // last is why the target could not be reached by the exchange before
	o.Wanted, o.LeftOut, o.Missed = t.wanted, t.LeaveOut, t.Miss
	o.Passed = func(e exchange.Exchange) {
		guard.do(func() {
			number++
			unreached := ""
			if e.Answer == nil && e.Failure.Cause == exchange.CauseRefused {
				unreached = e.Failure.Message
			}
			if unreached != "" && unreached != last {
				t.view.Note("Not reached: " + unreached)
			}
			last = unreached
			t.judgeForwarded(e, fmt.Sprintf("exchange %d", number), archive)
		})
		end.count(t.Exchanges())
	}
	p := proxy.New(o)
	defer context.AfterFunc(over, func() { _ = listener.Close() })()
	err := p.Serve(listener)
	p.Close()
	guard.rethrow()
	if over.Err() == nil {
		return fmt.Errorf("the proxy stopped listening: %w", err)
	}
	return nil
}

// judgeForwarded judges an exchange that was forwarded.
func (t *judgedTraffic) judgeForwarded(e exchange.Exchange, name string, archive *har.Stream) {
	if e.Answer != nil {
		traffic.Unpack(e.Answer)
	}
	for _, f := range t.Add(e, t.checks.Judge(e, contract.Known{}), traffic.Place{ID: name, Name: name}) {
		t.view.Found(f.Level, f.Finding, name)
	}
	t.view.Count(t.Exchanges())
	if archive != nil {
		archive.Add(name, t.Shown(e))
	}
}
