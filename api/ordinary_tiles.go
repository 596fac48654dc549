package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/arpent/arpent/engine/live"
)

// ordinaryTiles answers with tiles as maps ask for them, at a fraction of what the whole way costs. What is unusual goes the whole way, and so
// does what is to be refused: nothing is said here that is not said there, to the byte.
func (s *server) ordinaryTiles(whole http.Handler) http.Handler {
	counts := s.metrics.ofOrdinaryTiles()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.answerOrdinaryTile(w, r, counts) {
			whole.ServeHTTP(w, r)
		}
	})
}

// answerOrdinaryTile answers, or does nothing and says so.
func (s *server) answerOrdinaryTile(w http.ResponseWriter, r *http.Request, counts *ordinaryTileCounts) bool {
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
	who, err := s.whoAsks(r)
	if err != nil {
		return false
	}
	key := tileKey{
		snapshot: city.Snapshot(), layer: at.layer, tile: at.tile, query: at.query, form: "mvt", plain: !acceptsGzip(r.Header.Get("Accept-Encoding")),
	}
	ifNoneMatch := r.Header.Get("If-None-Match")
	tile, there := s.tiles.ready(key)
	if !there && (ifNoneMatch != "" || !at.exists() || checkTile(city, at.layer, at.query, tileFilter{}) != nil) { // who holds a tile needs none to be made
		return false
	}
	h := w.Header()
	leave, _, err := s.limits.admit(callerOf(who.Holder, who.by != "", r), h)
	if err != nil {
		clear(h)
		return false
	}
	defer leave()
	s.metrics.underWay.Inc()
	defer s.metrics.underWay.Dec()
	if !there {
		if tile, err = s.makeOrdinary(r.Context(), city, key); err != nil {
			clear(h)
			return false
		}
	}
	_ = http.NewResponseController(w).SetWriteDeadline(start.Add(answerTime)) // only a test's recorder has no deadline
	id := idOf(r)
	h[requestID] = []string{id}
	s.setCommon(h, r)
	vary := s.letIn(h, r)
	h["Vary"] = tileVary
	if vary != "" {
		h["Vary"] = []string{tileVary[0], vary}
	}
	if at.snapshot != "" {
		h["Cache-Control"] = tileForEver
	}
	status, body := http.StatusOK, tile.body
	if len(body) == 0 {
		status, body = http.StatusNoContent, nil
	} else {
		h["Content-Type"], h["Etag"] = tileType, tile.tag
		if ifNoneMatch != "" && heldTag(ifNoneMatch, tile.tag[0]) != "" {
			status, body = http.StatusNotModified, nil
		} else {
			if !tile.plain {
				h["Content-Encoding"] = tileCoding
			}
			h["Content-Length"] = tile.length
		}
	}
	sent := inOnePiece(w, r, status, body)
	took := time.Since(start)
	counts.answered(at.route, r.Method, status, sent, took)
	s.logRequest(r, id, tileRoutes[at.route].route, status, int64(sent), took)
	return true
}

// makeOrdinary makes a tile that is not kept. A panic is an error: whoever goes the whole way for it has it again, where it is noted.
func (s *server) makeOrdinary(ctx context.Context, city City, key tileKey) (tile packedTile, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("api: tile %v: %v", key.tile, cause)
		}
	}()
	return s.packed(ctx, key, func() (live.Tile, error) { return city.Tile(key.layer, key.tile, key.query) })
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

// ordinaryTileCounts are the metrics of ordinary tiles, found once: to find them by their labels takes longer than to count.
type ordinaryTileCounts [len(tileRoutes)]struct {
	get, head [len(tileStatuses)]prometheus.Counter
	sent      prometheus.Counter
	took      prometheus.Observer
}

// tileStatuses are those of answers to who asks for a tile.
var tileStatuses = [...]int{http.StatusOK, http.StatusNoContent, http.StatusNotModified}

func (m *metrics) ofOrdinaryTiles() *ordinaryTileCounts {
	counts := new(ordinaryTileCounts)
	for i, one := range tileRoutes {
		of := &counts[i]
		for k, status := range tileStatuses {
			of.get[k] = m.requests.WithLabelValues(one.route, http.MethodGet, strconv.Itoa(status))
			of.head[k] = m.requests.WithLabelValues(one.route, http.MethodHead, strconv.Itoa(status))
		}
		of.sent, of.took = m.sent.WithLabelValues(one.route), m.took.WithLabelValues(one.route)
	}
	return counts
}

func (c *ordinaryTileCounts) answered(route int, method string, status, sent int, took time.Duration) {
	of := &c[route]
	by := &of.get
	if method == http.MethodHead {
		by = &of.head
	}
	by[slices.Index(tileStatuses[:], status)].Inc()
	of.sent.Add(float64(sent))
	of.took.Observe(took.Seconds())
}
