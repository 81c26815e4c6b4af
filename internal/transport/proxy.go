package transport

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Proxy returns the proxy for calls to a target: the given one, or else that of the usual variables; nil: none. An error
// quotes neither, because they may contain a password.
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

// proxyFunc returns a function that chooses the proxy for a URL. The variables are not read by net/http, which ignores one that
// is not a URL.
func proxyFunc(given string) (func(*url.URL) (*url.URL, error), error) {
	if given != "" {
		proxy, err := proxyURL("proxy", given)
		return func(*url.URL) (*url.URL, error) { return proxy, nil }, err
	}
	variables := httpproxy.FromEnvironment()
	for _, v := range []struct{ name, value string }{{"HTTP_PROXY", variables.HTTPProxy}, {"HTTPS_PROXY", variables.HTTPSProxy}} {
		if v.value != "" && !strings.Contains(v.value, "://") {
			v.value = "http://" + v.value
		}
		if _, err := proxyURL("the variable "+v.name, v.value); v.value != "" && err != nil {
			return nil, fmt.Errorf("%w, or unset it", err)
		}
	}
	return variables.ProxyFunc(), nil
}

// proxyURL parses the URL of a proxy. An error names what it stands in and does not quote it, because it may contain a password.
func proxyURL(name, text string) (*url.URL, error) {
	proxy, err := url.Parse(text)
	if err == nil && proxy.Port() != "" {
		_, err = strconv.ParseUint(proxy.Port(), 10, 16)
	}
	if err != nil || proxy.Hostname() == "" || strings.HasSuffix(proxy.Host, ":") || proxy.Port() == "0" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, proxy.Scheme) {
		return nil, fmt.Errorf("%s is not an http, https or socks5 URL of a proxy: write it like http://proxy.example.test:3128", name)
	}
	return proxy, nil
}
