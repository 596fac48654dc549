package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// alwaysNew are the paths whose answers are streams, or change from one moment to the next.
var alwaysNew = []string{"/v1/field/", "/v1/rollup", "/v1/jobs", "/v1/audit", "/v1/campaigns", sessionRoute}

// conditional gives JSON that follows from the snapshot an entity tag, and tells whoever has it that it is the same. What is written in another
// form has its own.
func conditional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fresh := func(path string) bool { return strings.HasPrefix(r.URL.Path, path) }
		if r.Method != http.MethodGet && r.Method != http.MethodHead || !strings.HasPrefix(r.URL.Path, "/v1") || slices.ContainsFunc(alwaysNew, fresh) {
			next.ServeHTTP(w, r)
			return
		}
		held := &heldWriter{ResponseWriter: w}
		next.ServeHTTP(held, r)
		held.finish(r.Header.Get("If-None-Match"))
	})
}

// heldWriter holds an answer of JSON back until it is whole; anything else goes through.
type heldWriter struct {
	http.ResponseWriter
	decided bool
	holding bool
	body    bytes.Buffer
}

func (w *heldWriter) WriteHeader(status int) {
	if w.decided {
		return
	}
	w.decided = true
	media := w.Header().Get("Content-Type")
	w.holding = status == http.StatusOK && w.Header().Get("ETag") == "" && (strings.HasPrefix(media, mediaJSON) || strings.HasPrefix(media, mediaSchema) || strings.HasPrefix(media, mediaGeoJSON))
	if !w.holding {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *heldWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.holding {
		return w.body.Write(b)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *heldWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish sends what was held back.
func (w *heldWriter) finish(ifNoneMatch string) {
	if !w.holding {
		return
	}
	sum := sha256.Sum256(w.body.Bytes())
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	if held := heldTag(ifNoneMatch, tag); held != "" {
		w.Header().Set("ETag", held)
		w.Header().Del("Content-Type")
		w.ResponseWriter.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.ResponseWriter.Write(w.body.Bytes()) // the caller may have gone
}
