package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestOriginsByList(t *testing.T) {
	const ours, theirs = "https://maps.example.org", "https://elsewhere.example"
	config := Config{Current: func() City { return newVillage() }, Log: quiet(), Origins: []string{ours}}
	handler := New(config)
	for _, target := range []string{someTile, "/v1/contests", "/openapi.json", "/v1/scores/segment/99"} {
		for origin, want := range map[string]string{ours: ours, theirs: "", "": "", "null": "", ours + ".evil.example": ""} {
			for _, method := range []string{"GET", "OPTIONS"} {
				answer := ask(t, handler, method, target, "Origin: "+origin)
				if got := answer.Header.Get("Access-Control-Allow-Origin"); got != want {
					t.Errorf("%s %s of a page of %q: %q, want %q", method, target, origin, got, want)
				}
				if vary := strings.Join(answer.Header.Values("Vary"), ", "); !strings.Contains(vary, "Origin") {
					t.Errorf("%s %s: Vary is %q: a cache would give one page the answer for another", method, target, vary)
				}
			}
		}
	}
	if got := ask(t, handler, "GET", "/", "Origin: "+ours).Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("the page may be read by %q", got)
	}
	config.Origins = []string{}
	if got := ask(t, New(config), "GET", "/v1/contests", "Origin: "+ours).Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("with an empty list %q may read", got)
	}
}

func TestCheckOrigin(t *testing.T) {
	for origin, right := range map[string]bool{
		"https://maps.example.org": true, "http://localhost:5173": true, "https://[2001:db8::1]:8443": true,
		"": false, "*": false, "null": false, "maps.example.org": false, "https://maps.example.org/": false, "https://maps.example.org/map": false,
		"https://Maps.example.org": false, "ftp://maps.example.org": false, "https://user@maps.example.org": false, "https://": false, "https://a b": false,
	} {
		if err := CheckOrigin(origin); (err == nil) != right {
			t.Errorf("%q: %v", origin, err)
		}
	}
}

// Whatever header an operation reads may be sent by a page of another origin, and whatever it answers with may be read there.
func TestPagesOfOtherOriginsMaySendAndReadWhatIsDescribed(t *testing.T) {
	answer := ask(t, serving(newVillage()), "OPTIONS", "/v1/contests", "Origin: https://elsewhere.example")
	sent := strings.Split(answer.Header.Get("Access-Control-Allow-Headers"), ", ")
	read := strings.Split(answer.Header.Get("Access-Control-Expose-Headers"), ", ")
	methods := strings.Split(answer.Header.Get("Access-Control-Allow-Methods"), ", ")
	// What browsers let every page send or read, or send by themselves.
	sent = append(sent, "Accept", "Accept-Language", "Accept-Encoding")
	read = append(read, "Cache-Control", "Content-Encoding", "Content-Language", "Content-Length", "Content-Type", "Vary")
	read = append(read, "Set-Cookie") // which is for no page at all
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
			Responses  map[string]struct{ Headers map[string]any }
		}
	}
	if err := json.Unmarshal(body(t, ask(t, serving(newVillage()), "GET", "/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	headers := 0
	for path, operations := range document.Paths {
		for method, operation := range operations {
			if !slices.Contains(methods, strings.ToUpper(method)) {
				t.Errorf("%s %s may not be asked for", method, path)
			}
			for _, p := range operation.Parameters {
				if p.In == "header" {
					headers++
					if !slices.ContainsFunc(sent, func(s string) bool { return strings.EqualFold(s, p.Name) }) {
						t.Errorf("%s %s reads %s, which may not be sent", method, path, p.Name)
					}
				}
			}
			for _, response := range operation.Responses {
				for name := range response.Headers {
					headers++
					if !slices.ContainsFunc(read, func(s string) bool { return strings.EqualFold(s, name) }) {
						t.Errorf("%s %s answers with %s, which may not be read", method, path, name)
					}
				}
			}
		}
	}
	if headers < 5 || answer.StatusCode != http.StatusNoContent {
		t.Errorf("%d headers are described, preflight %d: the test looks at nothing", headers, answer.StatusCode)
	}
}
