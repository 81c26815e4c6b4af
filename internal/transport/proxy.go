package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxied returns host and port of the proxy that calls to a target go through; "" where they go straight to it. The
// proxy is the one that is given, or else what the usual variables say. The error is about them and holds no part of
// them: they may hold a password.
func Proxied(given, target string) (string, error) {
	choose, err := proxyFunc(given)
	if err != nil {
		return "", err
	}
	proxy, err := between(choose, target)
	if err != nil || proxy == nil {
		return "", err
	}
	return proxy.Host, nil
}

// Proxy returns the URL of the proxy that calls to a target go through; "" where they go straight to it.
func (c *Client) Proxy(target string) string {
	proxy, err := between(c.proxy, target)
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.String()
}

// between returns the proxy that is chosen for a target; nil: none.
func between(choose func(*http.Request) (*url.URL, error), target string) (*url.URL, error) {
	address, err := url.Parse(target)
	if err != nil || address.Host == "" {
		return nil, nil
	}
	return choose(&http.Request{URL: address})
}

// proxyFunc chooses the proxy of a call. The variables are read here and not by net/http, which goes straight to the
// target where one of them is no URL.
func proxyFunc(given string) (func(*http.Request) (*url.URL, error), error) {
	if given != "" {
		proxy, err := proxyURL(given)
		if err != nil {
			return nil, err
		}
		return http.ProxyURL(proxy), nil
	}
	variables := httpproxy.FromEnvironment()
	for _, v := range []struct{ name, value string }{{"HTTP_PROXY", variables.HTTPProxy}, {"HTTPS_PROXY", variables.HTTPSProxy}} {
		if v.value != "" && !strings.Contains(v.value, "://") {
			v.value = "http://" + v.value
		}
		if _, err := proxyURL(v.value); v.value != "" && err != nil {
			return nil, fmt.Errorf("the variable %s is no proxy: write it like http://proxy.example.test:3128, or unset it", v.name)
		}
	}
	choose := variables.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }, nil
}

// proxyURL reads the URL of a proxy. The text may hold a password: it is not repeated.
func proxyURL(text string) (*url.URL, error) {
	proxy, err := url.Parse(text)
	if err == nil && proxy.Port() != "" {
		_, err = strconv.ParseUint(proxy.Port(), 10, 16)
	}
	if err != nil || proxy.Hostname() == "" || strings.HasSuffix(proxy.Host, ":") || proxy.Port() == "0" {
		return nil, errors.New("proxy is not a URL: write it like http://proxy.example.test:3128")
	}
	switch proxy.Scheme {
	case "http", "https", "socks5", "socks5h":
		return proxy, nil
	}
	return nil, fmt.Errorf("proxy has the scheme %q: use http, https or socks5", proxy.Scheme)
}
