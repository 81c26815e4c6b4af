package transport

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxy returns the proxy that calls to a target go through; nil where they go straight to it. It is the one that is given, or
// else what the usual variables say. The error is about them and holds no part of them: they may hold a password.
func Proxy(given, target string) (*url.URL, error) {
	choose, err := proxyFunc(given)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(target)
	if err != nil || address.Host == "" {
		return nil, nil
	}
	return choose(address)
}

// proxyFunc chooses the proxy of a call. The variables are read here and not by net/http, which goes straight to the
// target where one of them is no URL.
func proxyFunc(given string) (func(*url.URL) (*url.URL, error), error) {
	if given != "" {
		proxy, err := proxyURL(given)
		return func(*url.URL) (*url.URL, error) { return proxy, nil }, err
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
	return variables.ProxyFunc(), nil
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
