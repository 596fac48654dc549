package api

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// notBuilt is what / answers when the program was built without the page.
const notBuilt = `<!doctype html>
<html lang="en"><title>Arpent</title>
<p>Arpent is running, but its map page was not built into this program: run <code>make web</code>, then build it again.
The <a href="/openapi.json">API</a> answers.</p>
</html>
`

// mediaTypes are those of the page's files. They are listed here because the machine's own list differs from place to place.
var mediaTypes = map[string]string{
	".html":  "text/html; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".woff2": "font/woff2",
}

// page serves the files of the map page.
type page struct {
	files fs.FS
	mu    sync.Mutex
	ready map[string]asset
}

// asset is a file as it is sent.
type asset struct {
	plain   []byte
	gzipped []byte
	etag    string
}

func newPage(files fs.FS) *page { return &page{files: files, ready: map[string]asset{}} }

func (p *page) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		if wantsLanding(r) {
			http.Redirect(w, r, "/v1", http.StatusTemporaryRedirect)
			return
		}
		if _, err := fs.Stat(p.files, "index.html"); err != nil {
			w.Header().Set("Content-Type", mediaTypes[".html"])
			w.Write([]byte(notBuilt))
			return
		}
		p.serve(w, r, "index.html")
	})
	mux.HandleFunc("GET /favicon.svg", func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, "favicon.svg") })
	mux.HandleFunc("GET /assets/{file}", func(w http.ResponseWriter, r *http.Request) {
		p.serve(w, r, "assets/"+r.PathValue("file"))
	})
}

func (p *page) serve(w http.ResponseWriter, r *http.Request, name string) {
	a, err := p.asset(name)
	if err != nil {
		writeProblem(w, unknownRoute(r))
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaTypes[path.Ext(name)])
	h.Add("Vary", "Accept-Encoding")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", immutable) // Vite puts a hash of the content into the name
	}
	body, etag := a.plain, `"`+a.etag+`"`
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, etag = a.gzipped, `"`+a.etag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	if heldTag(r.Header.Get("If-None-Match"), etag) != "" {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(body)
}

// asset reads and compresses a file the first time it is asked for.
func (p *page) asset(name string) (asset, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a, ok := p.ready[name]; ok {
		return a, nil
	}
	if _, ok := mediaTypes[path.Ext(name)]; !ok {
		return asset{}, fs.ErrNotExist
	}
	plain, err := fs.ReadFile(p.files, name)
	if err != nil {
		return asset{}, err
	}
	gzipped, err := compress(plain, gzip.BestCompression)
	if err != nil {
		return asset{}, err
	}
	sum := sha256.Sum256(plain)
	a := asset{plain, gzipped, hex.EncodeToString(sum[:16])}
	p.ready[name] = a
	return a, nil
}
