package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/paulmach/orb"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/arpent/arpent/api/web"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/live"
	"github.com/arpent/arpent/geo"
)

// City is a snapshot that answers, such as a *live.City. It never changes and is safe for many goroutines. A name it does
// not know is a *live.QueryError, a unit it does not have is live.ErrNotFound.
type City interface {
	Snapshot() string
	Place() (id, name string)
	Bound() orb.Bound
	Attributions() []string
	Contests() []live.Contest
	Collections() []live.Collection
	Layers() []live.Layer
	Tile(layer string, t geo.Tile, q live.Query) (live.Tile, error)
	FilteredTile(ctx context.Context, layer string, t geo.Tile, q live.Query, filter *engine.Filter) (live.Tile, error)
	Score(unit engine.Unit, id int64, q live.ScoreQuery) (live.Score, error)
	Explain(unit engine.Unit, id int64, contest string) (live.Explanation, error)
	Properties(collection string, resolution int, q live.Query) ([]live.Property, error)
	Items(q live.ItemQuery) (*live.Items, error)
	Breaks(ctx context.Context, q live.BreaksQuery) (live.Breaks, error)
	Borders(ctx context.Context, q live.BordersQuery) ([]live.Border, live.Contest, error)
	Pivot(ctx context.Context, q live.PivotQuery) (rows []live.PivotRow, about [][2]string, err error)
	Backtest() live.Backtest
	Search(ctx context.Context, text string, limit int) ([]live.Found, error)
	Joined() map[int64]int64 // segments that stand under the id of another, by their own
	Drawings() live.DrawingCounts
}

// Config is what the handler needs.
type Config struct {
	// Current returns the snapshot to answer from, or nil as long as there is none. It is called once per request, so that a
	// request is answered from one snapshot however often it is switched.
	Current func() City
	// Replaced returns the snapshots that were current and still answer to whoever names them, the latest first; nil where
	// none does. One that is current again may be among them.
	Replaced func() []City
	// Prepared returns a snapshot that will be current soon and answers already to whoever names it, for other servers may have gone over to it; nil
	// where there is none.
	Prepared func() City
	// Awaited tells whether a snapshot that does not answer yet soon will.
	Awaited func(snapshot string) bool

	// Owner has what this server, a replica, does not: tokens, field log and jobs. What concerns these is handed to it. Whoever gives it gives none of
	// the fields from Access to Jobs.
	Owner *Owner
	// Proxies are believed who asks, and how the server was addressed.
	Proxies []netip.Prefix

	// Access says whose a token is. Without it no token counts.
	Access Access
	// Administration keeps campaigns, tokens and turfs. It must be given with Access or ServerKey.
	Administration Administration
	// ServerKey is the secret of whoever holds the workspace that is served, made by access.NewSecret; "" where there is none.
	ServerKey string

	// Field is the log of field returns; nil where the server keeps none.
	Field FieldLog
	// View gives what a campaign's returns say of the snapshot that is served: the same until that is another one, and nil where it cannot be
	// made. It is called for each request, and must be fast.
	View func(campaign string) FieldView
	// Jobs keeps jobs; nil where the server runs none.
	Jobs Jobs
	// Stopping is closed when the server is about to stop: event streams end then. nil: they end with their connections.
	Stopping <-chan struct{}

	// Draining is closed when the server is about to stop and still answers: /readyz says so from then on. nil: it never is.
	Draining <-chan struct{}

	Limits    Limits
	Origins   []string             // of pages of other origins that may read answers; nil: all may
	PublicURL string               // how callers address the server, as https://maps.example.org; "": as each request has it
	Metrics   *prometheus.Registry // takes what is counted; nil: one of the handler's own

	Version        string       // of the program, as shown by /healthz and the OpenAPI document
	Log            *slog.Logger // slog.Default() when nil
	LogRequests    bool         // at info level; at debug level otherwise. Never with the caller's address
	TileCacheBytes int64        // for tiles as they are sent; 64 MiB when 0, none when less
}

// server holds what the resources share.
type server struct {
	current   func() City
	replaced  func() []City
	prepared  func() City
	awaited   func(snapshot string) bool
	owner     *Owner
	proxies   []netip.Prefix
	access    Access
	campaigns Administration
	key       [sha256.Size]byte // the hash of Config.ServerKey; zeros, which nothing has, where there is none
	version   string
	log       *slog.Logger
	requests  slog.Level // at which requests are logged
	tiles     *tileCache
	seeding   atomic.Int64               // 1 while tiles are made that nobody has asked for
	seeded    atomic.Int64               // such tiles
	filters   *cache[string, tileFilter] // as they were written
	orders    *cache[string, []int32]    // of the rows of questions that are read page by page

	draining <-chan struct{}
	limits   *limits
	origins  []string
	registry *prometheus.Registry
	metrics  *metrics

	publicURL string
	jobs      Jobs
	field     FieldLog
	view      func(campaign string) FieldView
	stopping  <-chan struct{}
	batches   *batches
	answers   *answers
	streams   *streams
	patience  time.Duration    // see patience
	memory    memory.Allocator // of Arrow answers
}

// Handler answers for the whole API and the map page.
type Handler struct {
	http.Handler
	server *server
}

// New makes a handler.
func New(config Config) *Handler {
	s := newServer(config)
	return &Handler{s.handler(), s}
}

func newServer(config Config) *server {
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if config.TileCacheBytes == 0 {
		config.TileCacheBytes = 64 << 20
	}
	if config.Replaced == nil {
		config.Replaced = func() []City { return nil }
	}
	if config.Prepared == nil {
		config.Prepared = func() City { return nil }
	}
	if config.Awaited == nil {
		config.Awaited = func(string) bool { return false }
	}
	if config.Metrics == nil {
		config.Metrics = prometheus.NewRegistry()
	}
	s := &server{current: config.Current, replaced: config.Replaced, prepared: config.Prepared, awaited: config.Awaited, owner: config.Owner, proxies: config.Proxies, access: config.Access, campaigns: config.Administration, version: config.Version, log: config.Log,
		tiles: newTileCache(config.TileCacheBytes), filters: newFilters(), orders: newCache[string](orderBytes, func(rows []int32) int64 { return 4 * int64(len(rows)) }), field: config.Field, view: config.View, jobs: config.Jobs, stopping: config.Stopping, batches: &batches{pause: sendingPause}, answers: newAnswers(),
		draining: config.Draining, limits: newLimits(config.Limits), origins: config.Origins, publicURL: config.PublicURL, registry: config.Metrics, requests: slog.LevelDebug,
		streams: &streams{pause: receivingTime}, patience: patience, memory: new(engine.Recycler)}
	if config.LogRequests {
		s.requests = slog.LevelInfo
	}
	s.metrics = s.newMetrics(config.Metrics)
	if config.ServerKey != "" {
		s.key = sha256.Sum256([]byte(config.ServerKey))
	}
	return s
}

// handler answers for all resources.
func (s *server) handler() http.Handler {
	return s.forwarded(s.replicated(s.ordinaryTiles(s.wholeWay())))
}

// wholeWay registers all resources.
func (s *server) wholeWay() http.Handler {
	mux := newMux()
	api := humago.New(mux, s.describe())
	api.UseMiddleware(routed, s.scoped, acceptable, plain)
	s.registerTileJSON(api)
	s.registerTiles(api)
	s.registerLanding(api)
	s.registerCollections(api)
	s.registerQueryables(api)
	s.registerItems(api)
	s.registerQuery(api)
	s.registerBreaks(api)
	s.registerBorders(api)
	s.registerTileSets(api)
	s.registerContests(api)
	s.registerScores(api)
	s.registerScoreList(api)
	s.registerExplain(api)
	s.registerSearch(api)
	s.registerSnapshots(api)
	s.registerBacktest(api)
	s.registerSession(api)
	s.registerCampaigns(api)
	s.registerTokens(api)
	s.registerTurfs(api)
	s.registerField(api)
	s.registerJobs(api)
	s.registerHealth(api)
	s.registerMetrics(api, s.registry)
	nullIsOfEnums(api.OpenAPI())
	mux.Handle("GET /openapi.json", document(api.OpenAPI()))
	page, style := docs(api.OpenAPI())
	mux.HandleFunc("GET /docs", page)
	mux.HandleFunc("GET /docs/style.css", style)
	rooted(mux.ServeMux)
	newPage(web.Dist()).register(mux.ServeMux)

	return s.observed(s.headed(compressed(conditional(s.authenticated(readable(problemsOf(mux.ServeMux)))))))
}

// describe configures huma: no documentation page (its scripts come from another origin), no schema links in answers, no
// unknown parameters.
func (s *server) describe() huma.Config {
	c := huma.DefaultConfig("Arpent", s.version)
	c.Info.Description = "Street-by-street estimates of election results, as vector tiles and as numbers with their intervals and their sources."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"} // of the program; data keep that of their publishers
	c.Info.Contact = &huma.Contact{Name: "Arpent", URL: "https://github.com/arpent/arpent"}
	c.Servers = []*huma.Server{{URL: "/", Description: "The server that this description comes from"}}
	c.Security = []map[string][]string{{}, {bearer: {}}} // unless an operation says otherwise
	c.OnAddOperation = append(c.OnAddOperation, describeRefusals)
	c.OpenAPIPath = "" // served by document: huma's own handler builds it under no lock
	c.DocsPath = ""
	c.SchemasPath = ""
	c.CreateHooks = nil
	c.Transformers = []huma.Transformer{identified}
	c.OnAddOperation = append(c.OnAddOperation, describeLimits)
	c.RejectUnknownQueryParameters = true
	c.Formats = map[string]huma.Format{mediaJSON: jsonFormat, "json": jsonFormat}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{bearer: {
		Type: "http", Scheme: "bearer",
		Description: "A token of one campaign, as `arpent token new` makes it, in the header Authorization. Nothing is needed for what is public. " +
			"What an operation needs is the scope that is listed with it. In an address a token is refused.",
	}}
	c.Tags = []*huma.Tag{
		{Name: "discovery", Description: "What there is to ask for, as OGC API Common and Features have it."},
		{Name: "rows", Description: "Units as rows, filtered and ordered, in the formats of maps, tables and columns."},
		{Name: "tiles", Description: "Vector tiles and their TileJSON."},
		{Name: "numbers", Description: "Contests, the numbers of one unit, and where they came from."},
		{Name: "administration", Description: "Campaigns, the tokens and turfs of each, and signing in."},
		{Name: "field", Description: "What happens at the doors: returns, what they count for, and what the staff sees of it."},
		{Name: "jobs", Description: "Work that outlives a request: submit it, look how far it is or be called back, fetch its results."},
		{Name: "service", Description: "What is served, and whether it can be."},
	}
	return c
}

// describeRefusals says of every operation how it refuses what is asked wrongly, before it begins. 422 is of bodies alone.
func describeRefusals(o *huma.OpenAPI, operation *huma.Operation) {
	why := map[int]string{
		http.StatusBadRequest:    "A parameter is unknown, malformed, out of range or there twice",
		http.StatusNotAcceptable: "There is no answer in a form that the caller accepts",
	}
	if takesTokens(operation.Path) {
		why[http.StatusUnauthorized] = "The token does not count, or one is needed"
	}
	if operation.Method == http.MethodGet || operation.Method == http.MethodDelete {
		delete(operation.Responses, "422")
	} else {
		why[http.StatusRequestEntityTooLarge] = "The body is too large"
		why[http.StatusUnsupportedMediaType] = "The body is in a form that is not read"
	}
	for status, description := range why {
		operation.Responses[strconv.Itoa(status)] = &huma.Response{Description: description, Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: o.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")}}}
	}
}

// nullIsOfEnums adds null to the enumerations of what may be null: JSON Schema would refuse it there.
func nullIsOfEnums(o *huma.OpenAPI) {
	for _, schema := range o.Components.Schemas.Map() {
		for _, property := range schema.Properties {
			if property.Nullable && len(property.Enum) > 0 {
				property.Enum = append(property.Enum, nil)
			}
		}
	}
}

// document serves the OpenAPI document, which does not change after New. Clients that do not know the type of version 3.1 ask for JSON.
func document(o *huma.OpenAPI) http.HandlerFunc {
	body, err := json.Marshal(o)
	return func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			writeProblem(w, internal())
			return
		}
		w.Header().Add("Vary", "Accept")
		w.Header().Set("Content-Type", mediaOpenAPI)
		if accept := r.Header.Get("Accept"); strings.Contains(accept, mediaJSON) && !strings.Contains(accept, "version=3.1") {
			w.Header().Set("Content-Type", mediaJSON)
		}
		w.Write(body)
	}
}

// city returns the snapshot to answer from, or a 503 while there is none.
func (s *server) city() (City, error) {
	if c := s.current(); c != nil {
		return c, nil
	}
	return nil, notReady()
}

// cityAt returns the snapshot that is named, or the current one where none is: a 503 where it will answer soon, a 410 where it does not answer any
// more. One that never was is not told apart from that.
func (s *server) cityAt(snapshot string) (City, error) {
	prepared := s.prepared() // asked for before the current one: what becomes that between the two is it
	current, err := s.city()
	if err != nil || snapshot == "" || snapshot == current.Snapshot() {
		return current, err
	}
	for _, city := range s.replaced() { // asked for after the current one: what is replaced between the two is in it
		if city.Snapshot() == snapshot {
			return city, nil
		}
	}
	if prepared != nil && prepared.Snapshot() == snapshot {
		return prepared, nil
	}
	return nil, s.notServed(snapshot, current)
}

// served gives the snapshots that answer, the current one first; none as long as there is none.
func (s *server) served() (cities []City) {
	current := s.current()
	if current == nil {
		return nil
	}
	cities = []City{current}
	for _, city := range s.replaced() {
		if city.Snapshot() != current.Snapshot() {
			cities = append(cities, city)
		}
	}
	return cities
}

// notServed says why a snapshot does not answer.
func (s *server) notServed(snapshot string, current City) error {
	if s.awaited(snapshot) {
		return coming(snapshot)
	}
	return problem(http.StatusGone, CodeSnapshotGone, fmt.Sprintf("snapshot %q is not served, or not any more; the current one is %q", snapshot, current.Snapshot()))
}
