package api

import (
	"net/http"
	"strings"
)

// rooted sends clients of OGC APIs that were given the server without /v1, or /v1/, to where the API is. At / a browser gets the map, and who asks for JSON
// the landing page.
func rooted(mux *http.ServeMux) {
	for _, pattern := range []string{"GET /conformance", "GET /collections", "GET /collections/{rest...}", "GET /v1/{$}"} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			to := *r.URL
			to.Path, to.RawPath = "/v1"+strings.TrimPrefix(strings.TrimSuffix(r.URL.Path, "/"), "/v1"), ""
			http.Redirect(w, r, to.RequestURI(), http.StatusPermanentRedirect)
		})
	}
}

// wantsLanding tells whether whoever asks for / is a program: it takes JSON rather than HTML.
func wantsLanding(r *http.Request) bool {
	json, _ := acceptance(r.Header.Get("Accept"), mediaJSON)
	html, _ := acceptance(r.Header.Get("Accept"), "text/html")
	return json > html
}
