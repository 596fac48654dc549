package api

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Headers by which a proxy says who asks, and how it was addressed itself.
const (
	forwardedFor   = "X-Forwarded-For"
	forwardedHost  = "X-Forwarded-Host"
	forwardedProto = "X-Forwarded-Proto"
)

// ParseProxy reads an address, or a network as 10.0.0.0/8, of proxies that are trusted.
func ParseProxy(text string) (netip.Prefix, error) {
	if at, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(at.Unmap(), at.Unmap().BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil || network.Bits() == 0 {
		return netip.Prefix{}, fmt.Errorf("api: %q is no address of a proxy, nor a network of them: give it as 192.0.2.7 or 10.1.0.0/16", text)
	}
	return network.Masked(), nil
}

type schemeKey struct{}

// schemeOf is how a trusted proxy was addressed; "" where none says so.
func schemeOf(ctx context.Context) string {
	scheme, _ := ctx.Value(schemeKey{}).(string)
	return scheme
}

// forwarded lets the proxies that are trusted, and nobody else, say who asks and how the server was addressed.
func (s *server) forwarded(next http.Handler) http.Handler {
	if len(s.proxies) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && s.trusts(at.Addr()) {
			r = s.asForwarded(r)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) trusts(at netip.Addr) bool {
	at = at.Unmap().WithZone("")
	return slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9.:_\[\]-]{1,255}$`)

// asForwarded is the request as the trusted proxy had it. Each proxy appends whom it was asked by, so that what a caller wrote there itself stands
// before: the last who is no trusted proxy is the caller.
func (s *server) asForwarded(r *http.Request) *http.Request {
	scheme := ""
	if said := r.Header.Get(forwardedProto); said == "https" || said == "http" {
		scheme = said
	}
	r = r.WithContext(context.WithValue(r.Context(), schemeKey{}, scheme))
	if host := r.Header.Get(forwardedHost); hostForm.MatchString(host) {
		r.Host = host
	}
	chain := strings.Split(strings.Join(r.Header[forwardedFor], ","), ",")
	for _, text := range slices.Backward(chain) {
		at, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			break
		}
		r.RemoteAddr = netip.AddrPortFrom(at, 0).String()
		if !s.trusts(at) {
			break
		}
	}
	return r
}
