package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/api/cql2"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/export"
	"github.com/arpent/arpent/engine/live"
)

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

// query turns parameters into a question for rows of a format. none says that no contest was held at the time asked for, so that there is no row.
func (q *ItemsQuery) query(city City, collection string, format export.Format) (query live.ItemQuery, none bool, err error) {
	query = live.ItemQuery{Collection: collection, Resolution: q.Resolution, Query: q.live(), Bare: format.Bare}
	if q.Bare != "" {
		query.Bare = q.Bare == "true"
	}
	if q.Properties != nil {
		query.Properties = q.Properties
		if format.Features && !slices.Contains(q.Properties, "id") {
			query.Properties = slices.Insert(slices.Clone(q.Properties), 0, "id")
		}
	}
	for _, key := range q.SortBy {
		name, descending := strings.CutPrefix(key, "-")
		if !descending {
			name = strings.TrimLeft(name, "+ ") // a + that is not encoded comes as a space
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
