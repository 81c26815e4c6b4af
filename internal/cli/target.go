package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"verifik-contract/env"
	"verifik-contract/internal/curl"
	"verifik-contract/internal/reference"
	"verifik-contract/internal/report/terminal"
	"verifik-contract/internal/runner"
	"verifik-contract/internal/state"
	"verifik-contract/internal/text"
	"verifik-contract/internal/transport"
	"verifik-contract/internal/webhook"
)

// readBackPatience is how long a read-back is repeated until it shows what a success changes.
const readBackPatience = 2 * time.Second

// open starts what a run needs until the tool ends: the clients, the webhook receiver, the maker of states and, for an
// embedded target, the reference provider. Nothing is sent yet.
func (a *app) open(l *loaded) (*runner.Target, error) {
	settings, handler := l.environment.Target, ""
	tls := settings.TLS
	t := &runner.Target{
		BaseURL: settings.BaseURL, Unverified: tls.InsecureSkipVerify, Patience: readBackPatience, Settle: settings.Settle, Concurrency: settings.Concurrency,
	}
	if settings.Kind == env.TargetEmbedded {
		server, err := a.startReference("127.0.0.1:0", reference.Options{})
		if err != nil {
			return nil, err
		}
		t.BaseURL, handler = server.BaseURL, server.StatesURL
	}
	o := transport.Options{
		Timeout: settings.Timeout, Rate: settings.Rate, Headers: settings.Headers, Proxy: settings.Proxy,
		CA: tls.CA.Data, ClientCert: tls.ClientCert.Data, ClientKey: tls.ClientKey.Data, ServerName: tls.ServerName, InsecureSkipVerify: tls.InsecureSkipVerify,
		UserAgent: userAgent(), Concurrency: settings.Concurrency,
	}
	var err error
	if t.Client, err = transport.New(o); err != nil {
		return nil, inputError("the target: %w", err)
	}
	a.atEnd(t.Client.Close)
	proxy, _ := transport.Proxy(settings.Proxy, t.BaseURL) // transport.New has checked it
	t.Way = a.way(l.environment, proxy)
	// The state handler and the inbox are often next to the target, with certificates of the same private authority.
	control, err := transport.New(transport.Options{Timeout: settings.Timeout, CA: tls.CA.Data, AddSystemCA: true, UserAgent: userAgent(), Concurrency: settings.Concurrency})
	if err != nil {
		return nil, inputError("the state handler: %w", err)
	}
	a.atEnd(control.Close)
	if hook := l.environment.Webhook; hook != nil {
		if t.Webhook, err = webhook.Listen(webhook.Options{Listen: hook.Listen, PublicURL: hook.PublicURL}); err != nil {
			return nil, inputError("%w", err)
		}
		t.Wait = hook.Wait
		a.atEnd(func() { _ = t.Webhook.Close() })
	}
	t.States, err = a.states(l, handler, state.Options{Target: t.Client, Control: control, TargetURL: t.BaseURL})
	return t, err
}

// startReference starts the reference provider, which is a target like any other.
func (a *app) startReference(addr string, o reference.Options) (*reference.Server, error) {
	provider, err := reference.New(o)
	if err != nil {
		return nil, inputError("%w\n  `verifik-contract prove --list` lists the faults and variants.", err)
	}
	a.atEnd(func() { _ = provider.Close() })
	server, err := reference.Listen(addr, provider)
	if err != nil {
		return nil, inputError("the reference provider cannot listen on %s: %w", text.Quote(addr), err)
	}
	a.atEnd(func() { _ = server.Close() })
	return server, nil
}

// way returns what curl needs to reach the target as the client does.
func (a *app) way(e *env.Environment, proxy *url.URL) curl.Way {
	tls := e.Target.TLS
	named := func(name string) bool { return a.variable(name) != "" || a.variable(strings.ToUpper(name)) != "" }
	way := curl.Way{CAFile: tls.CA.File, CertFile: tls.ClientCert.File, KeyFile: tls.ClientKey.File, ServerName: tls.ServerName, InsecureSkipVerify: tls.InsecureSkipVerify}
	if proxy != nil {
		way.Proxy = proxy.String()
	} else {
		way.NoProxy = named("http_proxy") || named("https_proxy") || named("all_proxy")
	}
	return way
}

func userAgent() string { return "verifik-contract/" + Version() }

// ask prints a question on the terminal and reads one line.
func (a *app) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(a.Err, question)
	type answer struct {
		line string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := a.typed.ReadString('\n')
		answered <- answer{strings.TrimSpace(line), err}
	}()
	select {
	case got := <-answered:
		if got.err != nil && got.line == "" {
			return "", errors.New("no answer was typed")
		}
		return got.line, nil
	case <-ctx.Done():
		fmt.Fprintln(a.Err)
		return "", ctx.Err()
	}
}

// textOptions returns how text is shown on a stream.
func (a *app) textOptions(tty bool, quiet bool) terminal.Options {
	_, plain := a.LookupEnv("NO_COLOR")
	color := tty && !a.noColor && !plain && a.variable("TERM") != "dumb"
	return terminal.Options{Color: color, Width: a.width(), Quiet: quiet}
}
