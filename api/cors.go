package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What pages of other origins may send and read beyond what every browser lets them. Tests hold the lists against the description of the API.
var (
	crossOriginMethods = []string{"GET", "HEAD", "POST", "PUT", "DELETE"}
	crossOriginSent    = []string{"Authorization", "Arpent-Callback", "Content-Type", "Content-Encoding", "Idempotency-Key", "If-None-Match", "If-Range", "Last-Event-ID", "Prefer", "Range", requestID}
	crossOriginRead    = []string{snapshotHeader, "Accept-Ranges", "Content-Crs", "Content-Disposition", "Content-Range", "ETag", "Link", "Location", limitHeader, remainingHeader, "Preference-Applied", resetHeader, "Repr-Digest", "Retry-After", requestID}
)

// forOtherOrigins tells whether a path is asked for by pages of other origins. The map page is not, nor what watches the server.
func forOtherOrigins(path string) bool {
	return path == "/v1" || strings.HasPrefix(path, "/v1/") || path == "/openapi.json"
}

// CheckOrigin refuses what a browser would never send as the origin of a page.
func CheckOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+strings.ToLower(u.Host) != origin {
		return fmt.Errorf("api: %q is not scheme and host as browsers write them: give it as https://maps.example.org, without a path and in lower case", origin)
	}
	return nil
}

// crossOrigin tells browsers which pages may read an answer. It says whether the request was a preflight, which is then answered.
func (s *server) crossOrigin(w http.ResponseWriter, r *http.Request) (preflight bool) {
	h := w.Header()
	if !forOtherOrigins(r.URL.Path) {
		return false
	}
	exchangeOf(r.Context()).vary = s.letIn(h, r)
	if r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(crossOriginMethods, ", "))
	h.Set("Access-Control-Allow-Headers", strings.Join(crossOriginSent, ", "))
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// letIn says in the headers of an answer which pages may read it, and gives the header of the request that this depends on.
func (s *server) letIn(h http.Header, r *http.Request) (vary string) {
	h["Access-Control-Expose-Headers"] = crossOriginReadList
	if s.origins == nil {
		h["Access-Control-Allow-Origin"] = anyOrigin
		return ""
	}
	if origin := r.Header.Get("Origin"); slices.Contains(s.origins, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
	}
	return "Origin" // a cache must not give the answer for one page to another
}

// Values of headers, which all answers share.
var (
	anyOrigin           = []string{"*"}
	crossOriginReadList = []string{strings.Join(crossOriginRead, ", ")}
)
