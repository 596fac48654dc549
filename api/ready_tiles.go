package api

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/arpent/arpent/engine/access"
)

// tilesThatAreReady answers with tiles that are kept, as a map asks for them most of the time, at a fraction of what the whole way costs. What is
// unusual goes the whole way, and so does what is to be refused: nothing is said here that is not said there, to the byte.
func (s *server) tilesThatAreReady(whole http.Handler) http.Handler {
	counts := s.metrics.ofReadyTiles()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.answerReadyTile(w, r, counts) {
			whole.ServeHTTP(w, r)
		}
	})
}

// answerReadyTile answers, or does nothing and says so.
func (s *server) answerReadyTile(w http.ResponseWriter, r *http.Request, counts *readyTileCounts) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.ContentLength != 0 || r.URL.RawPath != "" {
		return false
	}
	at, ok := readTileAddress(r.URL.Path, r.URL.RawQuery)
	if !ok {
		return false
	}
	start := time.Now()
	if accept := r.Header.Get("Accept"); accept != "*/*" {
		if weight, _ := acceptance(accept, mediaMVT); weight == 0 {
			return false
		}
	}
	city, err := s.cityAt(at.snapshot)
	if err != nil {
		return false
	}
	var holder access.Holder
	authorization := r.Header["Authorization"]
	if len(authorization) > 0 {
		if holder, err = s.holderOf(authorization, r.Header.Get(OperatorCampaign)); err != nil {
			return false
		}
	}
	tile, there := s.tiles.ready(tileKey{
		snapshot: city.Snapshot(), layer: at.layer, tile: at.tile, query: at.query, form: "mvt", plain: !acceptsGzip(r.Header.Get("Accept-Encoding")),
	})
	if !there {
		return false
	}
	h := w.Header()
	leave, _, err := s.limits.admit(callerOf(holder, len(authorization) > 0, r), h)
	if err != nil {
		clear(h)
		return false
	}
	s.metrics.underWay.Inc()
	_ = http.NewResponseController(w).SetWriteDeadline(start.Add(answerTime)) // only a test's recorder has no deadline
	id := idOf(r)
	h[requestID] = []string{id}
	s.setCommon(h, r)
	vary := s.letIn(h, r)
	h["Content-Type"], h["Vary"] = tileType, tileVary
	if vary != "" {
		h["Vary"] = []string{tileVary[0], vary}
	}
	switch {
	case at.snapshot != "":
		h["Cache-Control"] = tileForEver
	case len(authorization) > 0:
		h["Cache-Control"] = []string{privately}
	}
	h["Etag"] = tile.tag
	status, body := http.StatusOK, tile.body
	if ifNoneMatch := r.Header.Get("If-None-Match"); ifNoneMatch != "" && heldTag(ifNoneMatch, tile.tag[0]) != "" {
		status, body = http.StatusNotModified, nil
	} else {
		if !tile.plain {
			h["Content-Encoding"] = tileCoding
		}
		h["Content-Length"] = tile.length
	}
	sent := inOnePiece(w, r, status, body)
	leave()
	s.metrics.underWay.Dec()
	took := time.Since(start)
	counts.answered(at.route, r.Method, status, sent, took)
	s.logRequest(r, id, tileRoutes[at.route].route, status, int64(sent), took)
	return true
}

// Values of headers, which all answers share.
var (
	tileType    = []string{mediaMVT}
	tileVary    = []string{"Accept-Encoding"}
	tileCoding  = []string{"gzip"}
	tileForEver = []string{immutable}
)

// logRequest writes the line of a request that was answered.
func (s *server) logRequest(r *http.Request, id, route string, status int, bytes int64, took time.Duration) {
	level := s.requests
	if status == http.StatusInternalServerError {
		level = max(level, slog.LevelWarn) // the caller was given the id that is searched for
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	path, query := addressOf(r)
	s.log.Log(r.Context(), level, "request", "id", id, "method", methodOf(r), "route", route, "path", path, "query", query,
		"status", status, "bytes", bytes, "seconds", took.Seconds())
}

// readyTileCounts are the metrics of tiles that are ready, found once: to find them by their labels takes longer than to count.
type readyTileCounts [len(tileRoutes)]struct {
	get, head, unchanged, unchangedHead prometheus.Counter
	sent                                prometheus.Counter
	took                                prometheus.Observer
}

func (m *metrics) ofReadyTiles() *readyTileCounts {
	counts := new(readyTileCounts)
	for i, one := range tileRoutes {
		of := &counts[i]
		of.get, of.unchanged = m.requests.WithLabelValues(one.route, "GET", "200"), m.requests.WithLabelValues(one.route, "GET", "304")
		of.head, of.unchangedHead = m.requests.WithLabelValues(one.route, "HEAD", "200"), m.requests.WithLabelValues(one.route, "HEAD", "304")
		of.sent, of.took = m.sent.WithLabelValues(one.route), m.took.WithLabelValues(one.route)
	}
	return counts
}

func (c *readyTileCounts) answered(route int, method string, status, sent int, took time.Duration) {
	of := &c[route]
	switch {
	case method == http.MethodGet && status == http.StatusOK:
		of.get.Inc()
	case method == http.MethodGet:
		of.unchanged.Inc()
	case status == http.StatusOK:
		of.head.Inc()
	default:
		of.unchangedHead.Inc()
	}
	of.sent.Add(float64(sent))
	of.took.Observe(took.Seconds())
}
