package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/paulmach/orb"

	"github.com/arpent/arpent/api/cql2"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

// Pages of GeoJSON are bounded, for it is read as a whole. Other forms are streams, which have no bound unless one is asked for.
const (
	defaultPage = 1000
	largestPage = 10000
)

// CRS84 is longitude and latitude in degrees, the one system of coordinates of the API.
const CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// ItemsQuery says which rows of a collection are asked for.
type ItemsQuery struct {
	TileQuery
	Resolution int      `query:"resolution" minimum:"3" maximum:"11" doc:"Of cells; 9 by default. Other collections have none"`
	Bbox       string   `query:"bbox" doc:"West, south, east, north in degrees: rows whose geometry it meets" example:"-3.52,46.495,-3.5,46.505"`
	Datetime   string   `query:"datetime" doc:"A day or an interval such as 2017-01-01/.. : the latest contest in it, or the one that is asked for if it was held then" example:"2026-03-15"`
	Filter     string   `query:"filter" doc:"A condition in CQL2 on the properties of /queryables" example:"n > 50 AND value > 0.2"`
	FilterLang string   `query:"filter-lang" enum:"cql2-text,cql2-json" default:"cql2-text"`
	FilterCRS  string   `query:"filter-crs" enum:"http://www.opengis.net/def/crs/OGC/1.3/CRS84" doc:"Of geometries in the filter"`
	SortBy     []string `query:"sortby" maxItems:"8" doc:"Properties, the first decides first; a - before one is descending. Then by id; what is absent comes last" example:"-value"`
	Properties []string `query:"properties" maxItems:"500" doc:"Properties of /queryables, with * for all choices of a contest as 2026_muni_t1.*.share; the default ones where nothing is given" example:"name,n,2026_muni_t1.*.share"`
	Sample     int      `query:"sample" minimum:"1" maximum:"10000" doc:"So many of the rows by chance, each as likely as another"`
	Seed       uint64   `query:"seed" doc:"Of the sample: the same seed gives the same rows of a snapshot"`
	Bare       string   `query:"skipGeometry" enum:"true,false" doc:"Without geometry; by default only CSV is"`
}

type itemsInput struct {
	addressed
	Collection string `path:"collection" doc:"segments, cells, precincts, communes or a set of districts; {collection}@{snapshot} pins the snapshot and never changes" example:"segments"`
	ItemsQuery
	Limit       int    `query:"limit" minimum:"1" doc:"Rows at most. GeoJSON has 1,000 unless told, and 10,000 at most; the other forms have all" example:"100"`
	Cursor      string `query:"cursor" doc:"Where a page begins: it stands in the link next of the one before"`
	F           string `query:"f" enum:"geojson,ndjson,csv,arrow,parquet" doc:"The form of the answer, in place of Accept"`
	Accept      string `header:"Accept" doc:"application/geo+json, application/x-ndjson, text/csv, application/vnd.apache.arrow.stream or application/vnd.apache.parquet"`
	IfNoneMatch string `header:"If-None-Match" doc:"Entity tags already held"`
}

type itemInput struct {
	addressed
	Collection string `path:"collection" example:"segments"`
	ID         string `path:"id" doc:"15 hex digits for a cell, decimal otherwise" example:"1545228139172"`
	TileQuery
	Resolution  int      `query:"resolution" minimum:"3" maximum:"11" doc:"Of cells; 9 by default. Other collections have none"`
	Properties  []string `query:"properties" maxItems:"500" doc:"As of /items" example:"name,n,2026_muni_t1.*.share"`
	Bare        string   `query:"skipGeometry" enum:"true,false" doc:"Without geometry"`
	IfNoneMatch string   `header:"If-None-Match" doc:"Entity tags already held"`
}

// items turns it into a question for rows, of which it is one.
func (in *itemInput) items() ItemsQuery {
	return ItemsQuery{TileQuery: in.TileQuery, Resolution: in.Resolution, Properties: in.Properties, Bare: in.Bare}
}

// itemOffers are the forms of rows. JSON is GeoJSON to who asks for nothing else.
func itemOffers() []offer {
	var list []offer
	for _, f := range export.Formats() {
		list = append(list, offer{f.Name, f.MediaType})
	}
	return append(list, offer{"geojson", mediaJSON})
}

// FeatureCollection is a page of rows as GeoJSON (RFC 7946).
type FeatureCollection struct {
	Type     string    `json:"type" enum:"FeatureCollection"`
	Features []Feature `json:"features"`
	ItemMembers
}

// Feature is a row as GeoJSON.
type Feature struct {
	Type       string          `json:"type" enum:"Feature"`
	ID         UnitID          `json:"id"`
	Geometry   FeatureGeometry `json:"geometry"`
	Properties map[string]any  `json:"properties" doc:"Those of /queryables that are asked for; what a unit does not publish is null"`
}

// FeatureGeometry is a geometry as GeoJSON, or null.
type FeatureGeometry struct{}

// Schema describes it.
func (FeatureGeometry) Schema(huma.Registry) *huma.Schema {
	kinds := []any{"MultiLineString", "Polygon", "MultiPolygon"}
	return &huma.Schema{Description: "Longitude and latitude in degrees; null where a unit is not drawn, or nobody asked for it", OneOf: []*huma.Schema{
		{Type: huma.TypeObject, Required: []string{"type", "coordinates"}, AdditionalProperties: false, Properties: map[string]*huma.Schema{
			"type": {Type: huma.TypeString, Enum: kinds}, "coordinates": {Type: huma.TypeArray, Items: &huma.Schema{}},
		}},
		{Type: "null"},
	}}
}

// itemContent describes the forms of rows.
func itemContent(api huma.API) map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	for _, f := range export.Formats() {
		media, _, _ := strings.Cut(f.MediaType, ";")
		schema := &huma.Schema{Type: huma.TypeString, Format: "binary"}
		switch f.Name {
		case "geojson":
			schema = api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[FeatureCollection](), true, "")
		case "csv", "ndjson":
			schema = &huma.Schema{Type: huma.TypeString}
		}
		content[media] = &huma.MediaType{Schema: schema}
	}
	return content
}

func (s *server) registerItems(api huma.API) {
	errs := []int{http.StatusNotFound, http.StatusNotAcceptable, http.StatusGone, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "list-items",
		Method:      http.MethodGet,
		Path:        "/v1/collections/{collection}/items",
		Summary:     "The units of a collection, with their numbers",
		Description: "A row for each unit: what it is called, its state, and where it is published value, low, low50, high50, high (the measure asked for with its 90 % and 50 % " +
			"intervals), n (registered voters) and households. Other measures are had by `properties`, and the filter may use them too. A page links to the next one, in its body " +
			"and in the header Link; pages go on in the snapshot they began with.",
		Tags:   []string{"rows"},
		Errors: errs,
		Responses: map[string]*huma.Response{
			"200": {Description: "The rows. An answer that breaks off has no end", Content: itemContent(api)},
			"304": {Description: "The caller has this answer"},
		},
	}, s.listItems)
	huma.Register(api, huma.Operation{
		OperationID: "get-item",
		Method:      http.MethodGet,
		Path:        "/v1/collections/{collection}/items/{id}",
		Summary:     "A unit of a collection",
		Tags:        []string{"rows"},
		Errors:      errs,
		Responses: map[string]*huma.Response{
			"200": {Description: "A GeoJSON feature", Content: map[string]*huma.MediaType{"application/geo+json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Feature](), true, "")}}},
			"304": {Description: "The caller has this answer"},
		},
	}, s.getItem)
}

func (s *server) listItems(ctx context.Context, in *itemsInput) (*huma.StreamResponse, error) {
	chosen, err := negotiated(in.F, in.Accept, itemOffers())
	if err != nil {
		return nil, err
	}
	format, err := export.FormatByName(chosen.name)
	if err != nil {
		return nil, err
	}
	var at cursor
	if in.Cursor != "" {
		if at, err = parseCursor(in.Cursor); err != nil {
			return nil, err
		}
	}
	city, name, pinned, err := s.pinnedCity(in.Collection, at.Snapshot)
	if err != nil {
		return nil, err
	}
	if _, err := findCollection(city, name); err != nil {
		return nil, err
	}
	query, none, err := in.query(city, name, format.Bare)
	if err != nil {
		return nil, err
	}
	items, err := city.Items(query)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	page := &itemPage{server: s, in: in, city: city, items: items, query: query, format: format, from: at.From, limit: in.limit(format), none: none, pinned: pinned}
	page.question = in.question(city.Snapshot(), name)
	if in.Cursor != "" {
		if err := at.belongs(page.question, page.limit > largestPage); err != nil {
			return nil, err
		}
	}
	if err := page.measure(ctx); err != nil {
		return nil, s.gone(ctx, err)
	}
	return page.stream(), nil
}

// pinnedCity gives the snapshot that a name as segments@SNAPSHOT pins, or that a cursor goes on in, else the current one.
func (s *server) pinnedCity(name, ofCursor string) (city City, collection string, pinned bool, err error) {
	collection, snapshot, pinned := strings.Cut(name, "@")
	if pinned && snapshot == "" {
		return nil, "", false, invalid("path.collection", name, "a snapshot is named behind the @")
	}
	if !pinned {
		snapshot = ofCursor
	}
	city, err = s.cityAt(snapshot)
	return city, collection, pinned, err
}

func (in *itemsInput) limit(format export.Format) int {
	switch {
	case format.Name != "geojson":
		return in.Limit
	case in.Limit == 0:
		return defaultPage
	}
	return min(in.Limit, largestPage)
}

// query turns parameters into a question. none says that no contest was held at the time asked for, so that there is no row.
func (q *ItemsQuery) query(city City, collection string, bare bool) (query live.ItemQuery, none bool, err error) {
	query = live.ItemQuery{Collection: collection, Resolution: q.Resolution, Query: q.live(), Bare: bare}
	if q.Bare != "" {
		query.Bare = q.Bare == "true"
	}
	if q.Properties != nil {
		query.Properties = q.Properties
	}
	for _, key := range q.SortBy {
		name, descending := strings.CutPrefix(key, "-")
		if !descending {
			name = strings.TrimPrefix(name, "+")
		}
		query.SortBy = append(query.SortBy, live.SortKey{Property: name, Descending: descending})
	}
	if q.Sample > 0 {
		query.Sample = &live.Sample{Size: q.Sample, Seed: q.Seed}
	}
	if q.Filter != "" {
		if query.Filter, err = parseFilter(q.Filter, q.FilterLang); err != nil {
			return query, false, err
		}
	}
	if q.Bbox != "" {
		bounds, err := parseBbox(q.Bbox)
		if err != nil {
			return query, false, err
		}
		query.Bounds = bounds
	}
	if q.Datetime != "" {
		contest, err := contestIn(city, q.Datetime, q.Contest)
		if err != nil {
			return query, false, err
		}
		none = contest == ""
		if !none {
			query.Contest = contest
		}
	}
	return query, none, nil
}

// parseFilter reads a filter in one of the two languages.
func parseFilter(text, language string) (*engine.Filter, error) {
	parse := cql2.ParseText
	if language == "cql2-json" {
		parse = func(text string) (*engine.Filter, error) { return cql2.ParseJSON([]byte(text)) }
	}
	filter, err := parse(text)
	if err != nil {
		return nil, invalid("query.filter", nil, strings.TrimPrefix(err.Error(), "cql2: "))
	}
	return filter, nil
}

// parseBbox reads four numbers, or six with heights, which are left out. One that goes over the antimeridian is two bounds.
func parseBbox(text string) ([]orb.Bound, error) {
	refuse := func() error {
		return invalid("query.bbox", text, "give west, south, east, north in degrees, as 2.33,48.85,2.36,48.87")
	}
	var v []float64
	for part := range strings.SplitSeq(text, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || x != x || len(v) == 6 {
			return nil, refuse()
		}
		v = append(v, x)
	}
	switch len(v) {
	case 6:
		v = []float64{v[0], v[1], v[3], v[4]}
	case 4:
	default:
		return nil, refuse()
	}
	if v[1] > v[3] || v[0] < -180 || v[2] < -180 || v[0] > 180 || v[2] > 180 || v[1] < -90 || v[3] > 90 {
		return nil, refuse()
	}
	if v[0] > v[2] {
		return []orb.Bound{{Min: orb.Point{v[0], v[1]}, Max: orb.Point{180, v[3]}}, {Min: orb.Point{-180, v[1]}, Max: orb.Point{v[2], v[3]}}}, nil
	}
	return []orb.Bound{{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}}, nil
}

// contestIn gives the contest that was held at a time: the one asked for, else the latest; "" where none was. One without a date was
// held at any time, for nobody knows.
func contestIn(city City, datetime, asked string) (string, error) {
	from, to, err := parseDatetime(datetime)
	if err != nil {
		return "", err
	}
	found, latest := "", ""
	for _, c := range city.Contests() {
		if asked != "" && c.ID != asked {
			continue
		}
		if c.Date == "" && asked == "" {
			continue
		}
		if c.Date == "" || (from == "" || c.Date >= from) && (to == "" || c.Date <= to) && (found == "" || c.Date > latest) {
			found, latest = c.ID, c.Date
		}
	}
	if found == "" && asked != "" {
		if _, err := findContest(city, asked); err != nil {
			return asked, nil // which is told as any name that is not known
		}
	}
	return found, nil
}

// parseDatetime reads an instant or an interval (RFC 3339, with .. or nothing for an open end) as first and last day.
func parseDatetime(text string) (from, to string, err error) {
	begin, end, interval := strings.Cut(text, "/")
	if !interval {
		end = begin
	}
	days := [2]string{}
	for i, part := range []string{begin, end} {
		if interval && (part == "" || part == "..") {
			continue
		}
		t, err := time.Parse(time.RFC3339, part)
		if err != nil {
			if t, err = time.Parse(time.DateOnly, part); err != nil {
				return "", "", invalid("query.datetime", text, "give a day as 2017-04-23, a time as 2017-04-23T00:00:00Z, or an interval of two with / between them and .. for an open end")
			}
		}
		days[i] = t.UTC().Format(time.DateOnly)
	}
	if days[0] != "" && days[1] != "" && days[0] > days[1] {
		return "", "", invalid("query.datetime", text, "the interval ends before it begins")
	}
	return days[0], days[1], nil
}

// values writes the parameters of a question as they were given.
func (q *ItemsQuery) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	for _, p := range q.TileQuery.parameters() {
		set(p[0], p[1])
	}
	if q.Resolution != 0 {
		set("resolution", strconv.Itoa(q.Resolution))
	}
	set("bbox", q.Bbox)
	set("datetime", q.Datetime)
	set("filter", q.Filter)
	if q.Filter != "" && q.FilterLang != "cql2-text" {
		set("filter-lang", q.FilterLang)
	}
	set("sortby", strings.Join(q.SortBy, ","))
	set("properties", strings.Join(q.Properties, ","))
	set("skipGeometry", q.Bare)
	if q.Sample > 0 {
		set("sample", strconv.Itoa(q.Sample))
		set("seed", strconv.FormatUint(q.Seed, 10))
	}
	return v
}

// question is a hash of what is asked of which snapshot.
func (q *ItemsQuery) question(snapshot, collection string) string {
	sum := sha256.Sum256([]byte(snapshot + "\n" + collection + "\n" + q.values().Encode()))
	return hex.EncodeToString(sum[:12])
}

// itemPage is an answer of rows.
type itemPage struct {
	server   *server
	in       *itemsInput
	city     City
	items    *live.Items
	query    live.ItemQuery
	format   export.Format
	question string
	from     int
	limit    int // 0: no bound
	none     bool
	pinned   bool

	matched  int
	returned int
	next     int // -1: there is no more
}

// orderBytes is the memory for the rows of questions that are being paged through.
const orderBytes = 64 << 20

// measure finds where the page ends, before anything is written: the link to the next one stands in a header. Pages are taken from the
// list of all rows of the question, which is made for the first of them; longer answers are walked through, for they may be of any length.
func (p *itemPage) measure(ctx context.Context) (err error) {
	p.next = -1
	switch {
	case p.none || p.limit == 0:
		return nil
	case p.limit > largestPage:
		p.returned, p.next, err = p.items.Skip(ctx, p.from, p.limit)
		return err
	}
	rows, there := p.server.orders.get(p.question)
	if !there {
		if rows, err = p.items.Rows(ctx); err != nil {
			return err
		}
		p.server.orders.put(p.question, rows)
	}
	p.items.Take(rows)
	p.matched, p.returned = len(rows), max(0, min(p.limit, len(rows)-p.from))
	if p.from+p.limit < len(rows) {
		p.next = p.from + p.limit
	}
	return nil
}

// links are those of a page: itself, the next, its other forms and its collection.
func (p *itemPage) links() []Link {
	path := "/v1/collections/" + url.PathEscape(p.in.Collection)
	at := func(cursorText, format string) string {
		v := p.in.values()
		if p.in.Limit > 0 {
			v.Set("limit", strconv.Itoa(p.in.Limit))
		}
		if cursorText != "" {
			v.Set("cursor", cursorText)
		}
		if format != "" {
			v.Set("f", format)
		}
		return withQuery(path+"/items", v)
	}
	links := []Link{p.in.to("self", p.format.MediaType, "", at(p.in.Cursor, p.in.F))}
	if p.next >= 0 {
		more := cursor{p.city.Snapshot(), p.question, p.next, p.limit > largestPage}
		links = append(links, p.in.to("next", p.format.MediaType, "", at(more.String(), p.in.F)))
	}
	for _, f := range export.Formats() {
		if f.Name != p.format.Name {
			links = append(links, p.in.to("alternate", f.MediaType, f.Title, at(p.in.Cursor, f.Name)))
		}
	}
	return append(links, p.in.to("collection", mediaJSON, "", path))
}

// tag is the entity tag of the page: the same question has the same answer in a snapshot, from the same program.
func (p *itemPage) tag() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %d %s %s %s", p.question, p.format.Name, p.from, p.limit, p.server.version, p.in.base, p.in.Collection))
	return hex.EncodeToString(sum[:12])
}

// stream writes the page.
func (p *itemPage) stream() *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		links := p.links()
		c.SetHeader("ETag", `"`+p.tag()+`"`)
		c.SetHeader("Link", linkHeader(links[:min(len(links), 2)]))
		c.SetHeader("Content-Crs", "<"+CRS84+">")
		c.SetHeader(snapshotHeader, p.city.Snapshot())
		if p.pinned {
			c.SetHeader("Cache-Control", immutable)
		}
		if matches(p.in.IfNoneMatch, `"`+p.tag()+`"`) {
			c.SetStatus(http.StatusNotModified)
			return
		}
		c.SetHeader("Content-Type", p.format.MediaType)
		if p.format.Name != "geojson" {
			c.SetHeader("Content-Disposition", fmt.Sprintf(`inline; filename="%s-%s.%s"`, p.query.Collection, p.city.Snapshot(), p.format.Name))
		}
		_, w := humago.Unwrap(c)
		if err := p.write(c.Context(), w, links); err != nil {
			// Whoever reads must not take a part for the whole.
			if c.Context().Err() == nil {
				p.server.log.Error("api: rows broke off", "error", err)
			}
			panic(http.ErrAbortHandler)
		}
	}}
}

// snapshotHeader names the snapshot that an answer is of.
const snapshotHeader = "Arpent-Snapshot"

func (p *itemPage) write(ctx context.Context, w http.ResponseWriter, links []Link) error {
	out, err := p.format.Writer(newPatientWriter(w), p.items.Schema(), export.Options{
		Memory: p.server.memory, Members: func() []byte { return p.members(links) },
	})
	if err != nil {
		return err
	}
	if !p.none {
		if _, err := p.items.Read(ctx, p.from, p.limit, p.server.memory, func(batch arrow.RecordBatch) error { return out.Write(batch) }); err != nil {
			return err
		}
	}
	return out.Close()
}

// members are what a GeoJSON page says beside its features.
func (p *itemPage) members(links []Link) []byte {
	of := ItemMembers{Matched: p.matched, Returned: p.returned, Snapshot: p.city.Snapshot(), Attribution: attribution(p.city), Links: links, About: aboutOf(p.items.About())}
	content, err := json.Marshal(of)
	if err != nil {
		return []byte(`"links":[]`)
	}
	return content[1 : len(content)-1]
}

// ItemMembers are the members of a FeatureCollection beside its features.
type ItemMembers struct {
	Matched  int    `json:"numberMatched"`
	Returned int    `json:"numberReturned"`
	Snapshot string `json:"snapshot"`
	About
	Attribution string `json:"attribution"`
	Links       []Link `json:"links"`
}

type itemOutput struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	ETag         string `header:"ETag"`
	ContentCRS   string `header:"Content-Crs"`
	Snapshot     string `header:"Arpent-Snapshot"`
	Body         []byte
}

func (s *server) getItem(ctx context.Context, in *itemInput) (*itemOutput, error) {
	city, name, pinned, err := s.pinnedCity(in.Collection, "")
	if err != nil {
		return nil, err
	}
	if _, err := findCollection(city, name); err != nil {
		return nil, err
	}
	asked := in.items()
	query, _, err := asked.query(city, name, false)
	if err != nil {
		return nil, err
	}
	items, err := city.Items(query)
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	id, err := UnitPath{items.Unit(), in.ID}.parse()
	if err != nil {
		return nil, err
	}
	at, there := items.At(id)
	if !there {
		return nil, problem(http.StatusNotFound, CodeUnknownUnit, fmt.Sprintf("there is no %s %s in snapshot %s that this asks for", items.Unit(), in.ID, city.Snapshot()))
	}
	sum := sha256.Sum256([]byte(asked.question(city.Snapshot(), name) + in.ID + s.version))
	out := &itemOutput{ETag: `"` + hex.EncodeToString(sum[:12]) + `"`, ContentCRS: "<" + CRS84 + ">", Snapshot: city.Snapshot()}
	if pinned {
		out.CacheControl = immutable
	}
	if matches(in.IfNoneMatch, out.ETag) {
		out.Status = http.StatusNotModified
		return out, nil
	}
	var line strings.Builder
	format, err := export.FormatByName("ndjson")
	if err != nil {
		return nil, err
	}
	writer, err := format.Writer(&line, items.Schema(), export.Options{Memory: s.memory})
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	if _, err = items.Read(ctx, at, 1, s.memory, writer.Write); err == nil {
		err = writer.Close()
	}
	if err != nil {
		return nil, problemFor(err, s.log)
	}
	out.Status, out.ContentType, out.Body = http.StatusOK, "application/geo+json", []byte(line.String())
	return out, nil
}
