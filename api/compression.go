package api

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// compressed sends answers in gzip or zstd to who accepts it. Tiles and the files of the page are kept compressed and go past it, and so
// does what is compressed in itself, or is to arrive at once.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.SuffixETag("-gzip"), gzhttp.ContentTypeFilter(func(mediaType string) bool {
		for _, kind := range []string{"application/json", "application/geo+json", "application/problem+json", "application/schema+json", mediaNDJSON, mediaArrow, "application/vnd.oai.openapi+json", "text/csv", "text/html", "text/css"} {
			if strings.HasPrefix(mediaType, kind) {
				return true
			}
		}
		return false
	}))
	if err != nil { // the options are those above
		return next
	}
	packing := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		events := strings.Contains(r.Header.Get("Accept"), "text/event-stream") // each is to arrive at once
		if events || strings.HasPrefix(r.URL.Path, "/v1/tiles/") || strings.Contains(r.URL.Path, "/tiles/"+webMercatorQuad+"/") || r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/assets/") {
			next.ServeHTTP(w, r)
			return
		}
		packing(w, r)
	})
}
