package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/field"
)

// metrics counts what is asked and answered. No label has an address, a token, a campaign or a unit.
type metrics struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	sent     *prometheus.CounterVec
	underWay prometheus.Gauge
	refused  *prometheus.CounterVec
	returns  *prometheus.CounterVec
}

// Reasons of refused requests beside those of limits.admit.
const refusedToken = "unauthorized"

func (s *server) newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arpent_http_requests_total", Help: "Requests that were answered, or cut."}, []string{"route", "method", "code"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "arpent_http_request_duration_seconds", Help: "From the first line of a request to the end of its answer; event streams are not counted.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60}}, []string{"route"}),
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arpent_http_response_bytes_total", Help: "Bytes of answers, as sent."}, []string{"route"}),
		underWay: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "arpent_http_requests_in_flight", Help: "Requests under way, with event streams."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arpent_http_refused_total",
			Help: "Requests refused by a limit (rate, share of one caller, busy) or because their token does not count (unauthorized)."}, []string{"reason"}),
		returns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "arpent_field_returns_total", Help: "Returns of the field, by what became of them."}, []string{"outcome"}),
	}
	for _, reason := range []string{refusedRate, refusedShare, refusedBusy, refusedToken} {
		m.refused.WithLabelValues(reason)
	}
	registry.MustRegister(m.requests, m.took, m.sent, m.underWay, m.refused, m.returns, serverState{s})
	return m
}

// answered counts a request that has ended.
func (m *metrics) answered(x *exchange, method string, took time.Duration, cut bool) {
	code := strconv.Itoa(max(x.status, http.StatusOK))
	if cut {
		code = "cut"
	}
	m.requests.WithLabelValues(x.route, method, code).Inc()
	m.sent.WithLabelValues(x.route).Add(float64(x.bytes))
	if !isEvents(x.Header()) {
		m.took.WithLabelValues(x.route).Observe(took.Seconds())
	}
}

// appended counts returns.
func (m *metrics) appended(outcomes []field.Outcome) {
	for i := range outcomes {
		m.returns.WithLabelValues(string(outcomes[i].Status)).Inc()
	}
}

// serverState gives what the server has now, each time that it is asked.
type serverState struct{ *server }

var (
	snapshotInfo     = prometheus.NewDesc("arpent_snapshot_info", "The current snapshot.", []string{"id"}, nil)
	snapshotsServed  = prometheus.NewDesc("arpent_snapshots_served", "Snapshots that answer: the current one, and those it replaced.", nil, nil)
	tileCacheHits    = prometheus.NewDesc("arpent_tile_cache_hits_total", "Tiles that were answered from memory.", nil, nil)
	tileCacheMisses  = prometheus.NewDesc("arpent_tile_cache_misses_total", "Tiles that had to be made, with empty ones, which are not kept.", nil, nil)
	tileCacheWaits   = prometheus.NewDesc("arpent_tile_cache_waits_total", "Tiles that were being made for another request already.", nil, nil)
	tileCacheDropped = prometheus.NewDesc("arpent_tile_cache_evictions_total", "Tiles that had to go for others.", nil, nil)
	tileCacheBytes   = prometheus.NewDesc("arpent_tile_cache_bytes", "Memory of the tiles that are kept.", nil, nil)
	tileCacheLimit   = prometheus.NewDesc("arpent_tile_cache_limit_bytes", "Memory that kept tiles may take.", nil, nil)
	tileCacheEntries = prometheus.NewDesc("arpent_tile_cache_entries", "Tiles that are kept.", nil, nil)
	drawingHits      = prometheus.NewDesc("arpent_tile_drawing_hits_total", "Tiles of the current snapshot whose geometry was in memory, from another question of the same place.", nil, nil)
	drawingMisses    = prometheus.NewDesc("arpent_tile_drawing_misses_total", "Tiles of the current snapshot whose geometry had to be drawn.", nil, nil)
	drawingDropped   = prometheus.NewDesc("arpent_tile_drawing_evictions_total", "Drawings that had to go for others.", nil, nil)
	drawingBytes     = prometheus.NewDesc("arpent_tile_drawing_bytes", "Memory of the drawings that are kept.", nil, nil)
	drawingLimit     = prometheus.NewDesc("arpent_tile_drawing_limit_bytes", "Memory that kept drawings may take.", nil, nil)
	tilesSeeded      = prometheus.NewDesc("arpent_tiles_seeded_total", "Tiles that were made before anybody asked for them.", nil, nil)
	tileSeeding      = prometheus.NewDesc("arpent_tile_seeding", "1 while such tiles are made.", nil, nil)
	eventStreamsOpen = prometheus.NewDesc("arpent_event_streams", "Event streams that are open.", nil, nil)
	ownerReachable   = prometheus.NewDesc("arpent_owner_reachable", "Whether the owner of a replica has answered the last time that it was asked.", nil, nil)
	fieldEntries     = prometheus.NewDesc("arpent_field_entries", "Entries of the field log, about.", nil, nil)
	fieldUnsettled   = prometheus.NewDesc("arpent_field_unsettled", "Positions of the field log that are acknowledged and not counted yet.", nil, nil)
	fieldConflicts   = prometheus.NewDesc("arpent_field_conflicts", "Things that happened of which several returns speak differently.", nil, nil)
)

func (s serverState) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{snapshotInfo, snapshotsServed, tileCacheHits, tileCacheMisses, tileCacheWaits, tileCacheDropped,
		tileCacheBytes, tileCacheLimit, tileCacheEntries, drawingHits, drawingMisses, drawingDropped, drawingBytes, drawingLimit, tilesSeeded, tileSeeding, eventStreamsOpen, ownerReachable,
		fieldEntries, fieldUnsettled, fieldConflicts} {
		out <- d
	}
}

func (s serverState) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(value), labels...)
	}
	served := s.served()
	gauge(snapshotsServed, int64(len(served)))
	if len(served) > 0 {
		gauge(snapshotInfo, 1, served[0].Snapshot())
	}
	counter := func(d *prometheus.Desc, value int64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value))
	}
	counter(tileCacheHits, s.tiles.hits.Load())
	counter(tileCacheMisses, s.tiles.misses.Load())
	counter(tileCacheWaits, s.tiles.waits.Load())
	counter(tileCacheDropped, s.tiles.dropped.Load())
	gauge(tileCacheBytes, int64(s.tiles.kept.WeightedSize()))
	gauge(tileCacheLimit, int64(s.tiles.kept.GetMaximum()))
	gauge(tileCacheEntries, int64(s.tiles.kept.EstimatedSize()))
	if len(served) > 0 {
		drawings := served[0].Drawings()
		counter(drawingHits, drawings.Hits)
		counter(drawingMisses, drawings.Misses)
		counter(drawingDropped, drawings.Dropped)
		gauge(drawingBytes, drawings.Bytes)
		gauge(drawingLimit, drawings.Budget)
	}
	counter(tilesSeeded, s.seeded.Load())
	gauge(tileSeeding, s.seeding.Load())
	gauge(eventStreamsOpen, s.streams.open.Load())
	if s.owner != nil {
		reachable := int64(0)
		if s.owner.Reachable() {
			reachable = 1
		}
		gauge(ownerReachable, reachable)
	}
	if s.field == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // it waits while the log is written anew: then there is no number
	defer cancel()
	if health, err := s.field.Health(ctx); err == nil {
		gauge(fieldEntries, health.Entries)
		gauge(fieldUnsettled, health.Last-health.SettledTo)
		gauge(fieldConflicts, int64(health.Conflicts))
	}
}

// MetricsHandler answers with what a registry has, to whoever asks: it is for a listener that only those reach who may know.
func MetricsHandler(registry *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

func (s *server) registerMetrics(api huma.API, registry *prometheus.Registry) {
	answer := MetricsHandler(registry)
	huma.Register(api, huma.Operation{
		OperationID: "get-metrics",
		Method:      http.MethodGet,
		Path:        metricsPath,
		Summary:     "What the server does, in the text format of Prometheus",
		Tags:        []string{"service"},
		Security:    needs(engine.Administer),
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden},
		Responses: map[string]*huma.Response{"200": {Description: "The metrics", Content: map[string]*huma.MediaType{
			"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}}}}},
	}, func(context.Context, *struct{}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(c huma.Context) {
			r, w := humago.Unwrap(c)
			answer.ServeHTTP(w, r)
		}}, nil
	})
}

const metricsPath = "/metrics"
