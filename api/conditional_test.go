package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine/livetest"
)

// HEAD has the headers of GET, and 304 the tag that a cache holds.
func TestHeadersOfWhatIsNotSent(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, target := range []string{"/v1/collections", "/v1/collections/segments/items", "/v1/collections/segments/items?f=ndjson", "/v1/collections/segments/items/1", "/v1/breaks/segments"} {
		got, head := ask(t, hamlet, "GET", target), ask(t, hamlet, "HEAD", target)
		for _, name := range []string{"ETag", "Content-Type", "Cache-Control", "Vary", "Link"} {
			if got.Header.Get(name) != head.Header.Get(name) {
				t.Errorf("%s: %s is %q, and of HEAD %q", target, name, got.Header.Get(name), head.Header.Get(name))
			}
		}
		plain := got.Header.Get("ETag")
		for _, held := range []string{plain, strings.TrimSuffix(plain, `"`) + `-gzip"`, strings.TrimSuffix(plain, `"`) + `-zstd"`} {
			answer := ask(t, hamlet, "GET", target, `If-None-Match: "another", W/`+held, "Accept-Encoding: gzip, zstd")
			if answer.StatusCode != http.StatusNotModified || answer.Header.Get("ETag") != held {
				t.Errorf("%s: who has %s is answered %s, %s", target, held, answer.Status, answer.Header.Get("ETag"))
			}
		}
		if answer := ask(t, hamlet, "GET", target, "If-None-Match: *"); answer.StatusCode != http.StatusNotModified || answer.Header.Get("ETag") != plain {
			t.Errorf("%s: whatever there is: %s, %s", target, answer.Status, answer.Header.Get("ETag"))
		}
		if answer := ask(t, hamlet, "GET", target, `If-None-Match: "another"`); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: who has another is answered %s", target, answer.Status)
		}
	}
}

// Who takes JSON takes GeoJSON.
func TestGeoJSONIsJSON(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, target := range []string{"/v1/collections/segments/items", "/v1/collections/segments/items/1"} {
		if answer := ask(t, hamlet, "GET", target, "Accept: application/json"); answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "application/geo+json" {
			t.Errorf("%s: %s, %s", target, answer.Status, answer.Header.Get("Content-Type"))
		}
	}
}

// A cache must not give one form to who asks for another.
func TestWhatIsNegotiatedVaries(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, target := range []string{"/v1/collections/segments@5eed0123/items", "/v1/collections/segments/tiles/WebMercatorQuad/14/5633/8297", "/openapi.json", "/"} {
		vary := strings.Join(ask(t, hamlet, "GET", target).Header.Values("Vary"), ", ")
		for _, name := range []string{"Accept", "Accept-Encoding"} {
			if !strings.Contains(", "+vary+",", ", "+name+",") {
				t.Errorf("%s varies by %q, not by %s", target, vary, name)
			}
		}
	}
}
