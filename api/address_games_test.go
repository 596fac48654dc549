package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// However an address or a method is written, it opens no more than written plainly: nothing without a token, and nothing of another campaign.
func TestGamesWithAddressesOpenNothing(t *testing.T) {
	h := newHouse(t)
	north := as(h.token(t, "north", engine.Scopes()...))
	plainly := send(t, h, "GET", "/v1/campaigns/north/tokens", "", north)
	if plainly.StatusCode != 200 {
		t.Fatalf("plainly it is %d", plainly.StatusCode)
	}
	games := []string{
		"//v1/campaigns/C/tokens", "/v1//campaigns/C/tokens", "/v1/./campaigns/C/tokens", "/v1/campaigns/C/tokens/", "/v1/campaigns/C/./tokens", "/V1/campaigns/C/tokens",
		"/v1/campaigns/C/tokens;a=b", "/v1/campaigns;/C/tokens", "/v1/%63ampaigns/C/tokens", "/v1/campaigns/C%2ftokens", "/v1/campaigns/C/%2e/tokens", "/v1/campaigns/C/%2e%2e/C/tokens",
		"/%76%31/campaigns/C/tokens", "/v1%2fcampaigns%2fC%2ftokens", "/v1/campaigns/C/tokens%00", "/v1/campaigns/C%00/tokens", "/v1/campaigns/north/../C/tokens", "/v1/campaigns/north/%2e%2e/C/tokens",
		"/v1/campaigns/north%2f..%2fC/tokens", "/v1/campaigns/north%2f%2e%2e%2fC/tokens", "/v1/campaigns/north%5c..%5cC/tokens", "/v1/campaigns/C%20/tokens", "/v1/campaigns/%20C/tokens",
		"/healthz/../v1/campaigns/C/tokens", "/healthz/%2e%2e/v1/campaigns/C/tokens", "/assets/..%2fv1/campaigns/C/tokens", "/docs/../v1/campaigns/C/tokens", "/collections/../campaigns/C/tokens",
		"/v1/campaigns/C/tokens?campaign=north", "/v1/campaigns/C/tokens#/v1/campaigns/north/tokens", "/metrics/../v1/campaigns/C/tokens", "/v1/campaigns/c/tokens?_method=GET", "/v1/campaigns/SOUTH/tokens",
	}
	headers := []string{"X-Nothing: 1", "X-Forwarded-Prefix: /v1/campaigns/north", "X-Original-URL: /v1/campaigns/north/tokens", "X-Rewrite-URL: /v1/campaigns/north/tokens", "X-HTTP-Method-Override: GET",
		"X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "Arpent-Campaign: south", "Host: localhost", "Cookie: token=operator", "Origin: null"}
	for _, game := range games {
		target := strings.ReplaceAll(game, "C", "south")
		for _, method := range []string{"GET", "HEAD", "get", "TRACE", "PROPFIND", "QUERY"} {
			for _, header := range headers {
				for _, who := range []string{"", north} {
					r := httptest.NewRequest("GET", "http://map.example/", nil)
					r.Method = method
					u, err := r.URL.Parse(target)
					if err != nil {
						continue // no client can send it
					}
					r.URL, r.RequestURI = u, target
					if strings.HasPrefix(target, "//") { // Parse takes it for a host
						r.URL.Host, r.URL.Path = "map.example", target
					}
					for _, line := range []string{header, who} {
						if name, value, ok := strings.Cut(line, ": "); ok {
							r.Header.Set(name, value)
						}
					}
					w := httptest.NewRecorder()
					h.ServeHTTP(w, r)
					opened := w.Code < 300
					if opened || strings.Contains(w.Body.String(), "aaaaaaaaaa") || w.Code == http.StatusInternalServerError {
						t.Errorf("%s %s with %s, as %.12s: %d %.200s", method, target, header, who, w.Code, w.Body)
					}
				}
			}
		}
	}
}
