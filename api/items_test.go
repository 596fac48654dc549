package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/klauspost/compress/zstd"

	"github.com/arpent/arpent/engine/livetest"
	"github.com/arpent/arpent/geo"
)

// feature and page are GeoJSON as it is answered.
type feature struct {
	Type     string
	ID       json.RawMessage
	Geometry *struct {
		Type        string
		Coordinates json.RawMessage
	}
	Properties map[string]any
}

type featurePage struct {
	Type           string
	Features       []feature
	NumberMatched  int
	NumberReturned int
	Snapshot       string
	Contest        string
	Choice         string
	Measure        string
	Attribution    string
	Links          []Link
}

func pageOf(t *testing.T, handler http.Handler, target string) featurePage {
	t.Helper()
	answer := ask(t, handler, "GET", target)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/geo+json" {
		t.Fatalf("%s: %s, %s: %s", target, answer.Status, answer.Header.Get("Content-Type"), body(t, answer))
	}
	return decode[featurePage](t, answer)
}

func (p featurePage) names() string {
	var names []string
	for _, f := range p.Features {
		name, _ := f.Properties["name"].(string)
		names = append(names, name)
	}
	return strings.Join(names, "; ")
}

func (p featurePage) link(rel string) string {
	for _, l := range p.Links {
		if l.Rel == rel {
			return strings.TrimPrefix(l.Href, "http://map.example")
		}
	}
	return ""
}

func TestItemsAsGeoJSON(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	page := pageOf(t, hamlet, "/v1/collections/segments/items")
	if page.NumberMatched != 5 || page.NumberReturned != 5 || len(page.Features) != 5 || page.link("next") != "" || page.Snapshot != "5eed0123" {
		t.Fatalf("%+v", page)
	}
	first, hidden := page.Features[0], page.Features[2]
	if string(first.ID) != "1" || first.Geometry.Type != "MultiLineString" || first.Properties["value"] != 0.625 || first.Properties["n"] != 16.0 || first.Properties["state"] != "published" {
		t.Errorf("street 1 is %+v", first)
	}
	for _, name := range []string{"value", "low", "high", "low50", "high50", "n", "households", "modelled_only"} {
		if v, there := hidden.Properties[name]; v != nil || !there {
			t.Errorf("the suppressed street has %s %v", name, v)
		}
	}
	if hidden.Properties["state"] != "suppressed" || hidden.Properties["reason"] != "k" {
		t.Errorf("street 3 is %+v", hidden)
	}
	if cells := pageOf(t, hamlet, "/v1/collections/cells/items?resolution=8"); len(cells.Features) == 0 || len(string(cells.Features[0].ID)) != 17 {
		t.Errorf("cells %+v", cells)
	}
}

// A feature can be told from others, whatever is asked of it.
func TestFeaturesHaveAnID(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, target := range []string{"/v1/collections/segments/items?properties=n&limit=1", "/v1/collections/segments/items/1?properties=n", "/v1/collections/segments/items?properties=n&limit=1&f=ndjson"} {
		if got := string(body(t, ask(t, hamlet, "GET", target))); !strings.Contains(got, `"id":1,`) || !strings.Contains(got, `"properties":{"n":16}`) {
			t.Errorf("%s: %s", target, got)
		}
	}
	if got := string(body(t, ask(t, hamlet, "GET", "/v1/collections/segments/items?properties=n&limit=1&f=csv"))); got != "n\r\n16\r\n" {
		t.Errorf("a table has the columns that are asked for: %q", got)
	}
}

func TestItemsThatAreAskedFor(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, row := range []struct{ query, want string }{
		{"bbox=2.305,48.80,2.325,48.83", "Rue de l’Église; Rue du Pont"},
		{"bbox=2.305,48.80,0,2.325,48.83,99", "Rue de l’Église; Rue du Pont"},
		{"bbox=170,-10,-170,10", ""},
		{"filter=" + url.QueryEscape("n > 30"), "Rue du Pont; Allée \"Verte\", nord"},
		{"filter=" + url.QueryEscape(`name LIKE 'Rue%' AND NOT n > 30`), "Rue de l’Église"},
		{"filter=" + url.QueryEscape(`"mayor_t2.durand.votes" >= 2`), "Rue du Pont; Allée \"Verte\", nord"},
		{"filter=" + url.QueryEscape(`S_INTERSECTS(geometry, POLYGON((2.3 48.8, 2.325 48.8, 2.325 48.9, 2.3 48.9, 2.3 48.8)))`), "Rue de l’Église; Rue du Pont"},
		{"filter-lang=cql2-json&filter=" + url.QueryEscape(`{"op":"=","args":[{"property":"state"},"empty"]}`), "Chemin Vert"},
		{"sortby=-n,name&limit=2", "Allée \"Verte\", nord; Rue du Pont"},
		{"sortby=%2Bname&limit=1", "Allée \"Verte\", nord"},
		{"datetime=2020-03-15", "Rue de l’Église; Rue du Pont; Impasse du Puits; Chemin Vert; Allée \"Verte\", nord"},
		{"datetime=2019-01-01/2020-01-01", ""},
		{"datetime=2020-06-01T00:00:00Z/..&contest=mayor_t1", ""},
	} {
		if got := pageOf(t, hamlet, "/v1/collections/segments/items?"+row.query).names(); got != row.want {
			t.Errorf("%s: %s; should be %s", row.query, got, row.want)
		}
	}
	// The latest contest of the time asked for is the one that the value is of.
	if page := pageOf(t, hamlet, "/v1/collections/segments/items?datetime=2020-04-01/..&limit=1"); page.Features[0].Properties["n"] != 6.0 || page.Contest != "mayor_t2" || page.Choice != "durand" || page.Measure != "share" {
		t.Errorf("the second round gives %+v", page.Features[0])
	}
	page := pageOf(t, hamlet, "/v1/collections/segments/items?properties=name,mayor_t2.*.votes&limit=1&skipGeometry=true")
	if got := fmt.Sprint(page.Features[0].Properties, page.Features[0].Geometry); got != "map[mayor_t2.abstention.votes:3 mayor_t2.durand.votes:1 mayor_t2.martin.votes:2 name:Rue de l’Église] <nil>" {
		t.Errorf("chosen properties: %s", got)
	}
}

func TestItemsThatCannotBeAskedFor(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, row := range []struct {
		target   string
		status   int
		code     Code
		location string
	}{
		{"houses/items", 404, CodeUnknownName, ""},
		{"segments/items?nope=1", 400, CodeInvalidParameter, "query.nope"},
		{"segments/items?bbox=1,2,3", 400, CodeInvalidParameter, "query.bbox"},
		{"segments/items?bbox=1,2,3,NaN", 400, CodeInvalidParameter, "query.bbox"},
		{"segments/items?bbox=1,9,3,2", 400, CodeInvalidParameter, "query.bbox"},
		{"segments/items?filter=n%20%3E", 400, CodeInvalidParameter, "query.filter"},
		{"segments/items?filter=nobody%3D1", 400, CodeInvalidParameter, "query.filter"},
		{"segments/items?sortby=nobody", 400, CodeInvalidParameter, "query.sortby"},
		{"segments/items?properties=nobody", 400, CodeInvalidParameter, "query.properties"},
		{"segments/items?resolution=9", 400, CodeInvalidParameter, "query.resolution"},
		{"cells/items?resolution=12", 400, CodeInvalidParameter, "query.resolution"},
		{"communes/items?bbox=1,2,3,4", 400, CodeInvalidParameter, "query.bbox"},
		{"segments/items?limit=0", 400, CodeInvalidParameter, "query.limit"},
		{"segments/items?cursor=abc", 400, CodeInvalidParameter, "query.cursor"},
		{"segments/items?datetime=yesterday", 400, CodeInvalidParameter, "query.datetime"},
		{"segments/items?contest=nobody", 400, CodeUnknownName, "query.contest"},
		{"segments/items?contest=nobody&datetime=2020-01-01/..", 400, CodeUnknownName, "query.contest"},
		{"segments/items?f=xlsx", 400, CodeInvalidParameter, "query.f"},
		{"segments@beef/items", 410, CodeSnapshotGone, ""},
		{"segments@/items", 400, CodeInvalidParameter, "path.collection"},
		{"segments/items/99", 404, CodeUnknownUnit, ""},
		{"segments/items/0", 404, CodeUnknownUnit, ""},
		{"segments/items/x", 400, CodeInvalidParameter, "path.id"},
		{"segments/items/1?filter=n%3C1", 400, CodeInvalidParameter, "query.filter"},
	} {
		wantProblem(t, ask(t, hamlet, "GET", "/v1/collections/"+row.target), row.status, row.code, row.location)
	}
	wantProblem(t, ask(t, hamlet, "GET", "/v1/collections/segments/items", "Accept: image/png"), 406, CodeNotAcceptable, "")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/contests", "Accept: text/html"), 406, CodeNotAcceptable, "")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/collections/segments/items", "Accept: text/csv;q=0, application/*;q=0"), 406, CodeNotAcceptable, "")
}

// Who follows next gets all rows once, whatever the page and the form, also where another snapshot takes the place meanwhile.
func TestPages(t *testing.T) {
	first := livetest.Hamlet(t)
	current := City(first)
	hamlet := New(Config{Current: func() City { return current }, Replaced: func() []City { return []City{first} }, Version: "1.2.3", Log: quiet()})
	for _, query := range []string{"limit=2", "limit=2&sortby=-name", "limit=1&filter=n%3E0&properties=name"} {
		current = first
		var names []string
		target := "/v1/collections/segments/items?" + query
		for pages := 0; target != ""; pages++ {
			answer := ask(t, hamlet, "GET", target)
			page := decode[featurePage](t, answer)
			names = append(names, page.names())
			next := page.link("next")
			if header := answer.Header.Get("Link"); next != "" != strings.Contains(header, `rel="next"`) || !strings.Contains(header, "<http://map.example"+next) {
				t.Errorf("next is %s, the header says %s", next, header)
			}
			if want := map[bool]int{true: 5, false: 3}[!strings.Contains(query, "filter")]; page.NumberMatched != want {
				t.Errorf("%s: %d rows are said to match", target, page.NumberMatched)
			}
			if target = next; pages > 9 {
				t.Fatal("there is no end")
			}
			current = newVillage() // which has no rows at all, and another name
			current.(*village).snapshot = "0000aaaa"
		}
		all := strings.Split(strings.Join(names, "; "), "; ")
		slices.Sort(all)
		if len(slices.Compact(all)) != len(all) || len(all) < 3 {
			t.Errorf("%s: %q", query, all)
		}
	}
	current = first
	csvPage := ask(t, hamlet, "GET", "/v1/collections/segments/items?f=csv&limit=2")
	if !strings.Contains(csvPage.Header.Get("Link"), `rel="next"; type="text/csv`) {
		t.Errorf("a page of CSV links to %s", csvPage.Header.Get("Link"))
	}
	// A cursor is of its question.
	next := pageOf(t, hamlet, "/v1/collections/segments/items?limit=2").link("next")
	wantProblem(t, ask(t, hamlet, "GET", next+"&sortby=name"), 400, CodeInvalidParameter, "query.cursor")
	if page := pageOf(t, hamlet, strings.Replace(next, "limit=2", "limit=100", 1)); len(page.Features) != 3 {
		t.Errorf("the rest is %s", page.names())
	}
}

// Each form has the same rows.
func TestForms(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	target := "/v1/collections/segments/items?skipGeometry=true"
	geojson := pageOf(t, hamlet, target)
	table, err := csv.NewReader(bytes.NewReader(body(t, ask(t, hamlet, "GET", target, "Accept: text/csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var lines []feature
	for line := range strings.Lines(string(body(t, ask(t, hamlet, "GET", target+"&f=ndjson")))) {
		var f feature
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, f)
	}
	r, err := ipc.NewReader(bytes.NewReader(body(t, ask(t, hamlet, "GET", target, "Accept: application/vnd.apache.arrow.stream, text/csv;q=0.5"))))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !r.Next() {
		t.Fatal("no batch")
	}
	batch := r.RecordBatch()
	if len(table) != 6 || len(lines) != 5 || batch.NumRows() != 5 || len(geojson.Features) != 5 {
		t.Fatalf("%d, %d, %d, %d rows", len(table)-1, len(lines), batch.NumRows(), len(geojson.Features))
	}
	for i, f := range geojson.Features {
		if fmt.Sprint(lines[i]) != fmt.Sprint(f) {
			t.Errorf("row %d: %v and %v", i, lines[i], f)
		}
		for c, name := range table[0] {
			cell := table[i+1][c]
			column := batch.Column(c)
			if batch.ColumnName(c) != name {
				t.Fatalf("column %d is %s and %s", c, name, batch.ColumnName(c))
			}
			if (cell == "") != column.IsNull(i) {
				t.Errorf("row %d, %s: %q, and absent is %v", i, name, cell, column.IsNull(i))
			}
			if cell != "" && column.ValueStr(i) != cell {
				t.Errorf("row %d, %s: %q and %q", i, name, cell, column.ValueStr(i))
			}
			if v, there := f.Properties[name]; there && cell != "" && fmt.Sprint(v) != cell {
				t.Errorf("row %d, %s: %q and %v", i, name, cell, v)
			}
		}
	}
	parquet := ask(t, hamlet, "GET", target+"&f=parquet")
	if content := body(t, parquet); !bytes.HasPrefix(content, []byte("PAR1")) || !bytes.HasSuffix(content, []byte("PAR1")) {
		t.Error("it is no Parquet file")
	}
	// Cells are text in text, and numbers in columns.
	cells := ask(t, hamlet, "GET", "/v1/collections/cells/items?f=arrow&resolution=9")
	rows, err := ipc.NewReader(bytes.NewReader(body(t, cells)))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Release()
	rows.Next()
	id := geo.Cell(rows.RecordBatch().Column(0).(*array.Int64).Value(0)).String()
	if text := string(body(t, ask(t, hamlet, "GET", "/v1/collections/cells/items?f=csv&resolution=9"))); !strings.Contains(text, "\n"+id+",") {
		t.Errorf("cell %s is not in %s", id, text)
	}
}

func TestEntityTagsOfItems(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	seen := map[string]string{}
	for _, target := range []string{
		"segments/items", "segments/items?f=csv", "segments/items?limit=2", "segments/items?contest=mayor_t2", "precincts/items", "segments@5eed0123/items", "segments/items/1", "segments/items/2",
		"segments/items/1?contest=mayor_t2",
	} {
		target = "/v1/collections/" + target
		answer := ask(t, hamlet, "GET", target)
		tag := answer.Header.Get("ETag")
		if tag == "" || seen[tag] != "" {
			t.Errorf("%s has the tag %s of %q", target, tag, seen[tag])
		}
		seen[tag] = target
		if again := ask(t, hamlet, "GET", target, "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified || len(body(t, again)) > 0 {
			t.Errorf("%s: who has it is answered %s", target, again.Status)
		}
		pinned := strings.Contains(target, "@")
		if got := answer.Header.Get("Cache-Control"); (got == immutable) != pinned {
			t.Errorf("%s is cached as %q", target, got)
		}
	}
}

func TestTileAsArrow(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	tile := geo.TileAt(2.35, 48.85, 16)
	answer := ask(t, hamlet, "GET", fmt.Sprintf("/v1/tiles/segments/16/%d/%d.arrow", tile.X, tile.Y))
	r, err := ipc.NewReader(bytes.NewReader(body(t, answer)))
	if err != nil {
		t.Fatal(answer.Status, err)
	}
	defer r.Release()
	if !r.Next() || r.RecordBatch().NumRows() != 1 || r.RecordBatch().Column(0).(*array.Int64).Value(0) != 5 || answer.Header.Get("Content-Type") != mediaArrow {
		t.Errorf("the tile has %v", r.RecordBatch())
	}
	mvt := ask(t, hamlet, "GET", fmt.Sprintf("/v1/tiles/segments/16/%d/%d.mvt", tile.X, tile.Y))
	ogc := ask(t, hamlet, "GET", fmt.Sprintf("/v1/collections/segments/tiles/WebMercatorQuad/16/%d/%d", tile.Y, tile.X))
	if a, b := body(t, mvt), body(t, ogc); len(a) == 0 || !bytes.Equal(a, b) || ogc.Header.Get("Content-Type") != mediaMVT {
		t.Errorf("%d and %d bytes of the same tile", len(a), len(b))
	}
	if empty := ask(t, hamlet, "GET", "/v1/tiles/segments/14/0/0.arrow"); empty.StatusCode != http.StatusNoContent {
		t.Errorf("a tile of the sea is %s", empty.Status)
	}
	if cells := ask(t, hamlet, "GET", "/v1/collections/cells/tiles/WebMercatorQuad/10/352/518?f=arrow"); cells.StatusCode != http.StatusOK {
		t.Errorf("cells: %s %s", cells.Status, body(t, cells))
	}
}

// Every link of every page of the discovery leads somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	seen := map[string]bool{}
	var follow func(target string)
	follow = func(target string) {
		if seen[target] {
			return
		}
		seen[target] = true
		answer := ask(t, hamlet, "GET", target)
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", target, answer.Status)
		}
		content := body(t, answer)
		if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") || answer.Header.Get("Content-Type") == "application/geo+json" {
			for part := range strings.SplitSeq(string(content), `"href":"http://map.example`) {
				if strings.HasPrefix(part, "/") {
					href, _, _ := strings.Cut(part, `"`)
					if strings.Contains(href, "{") {
						href = strings.NewReplacer("{tileMatrix}", "14", "{tileRow}", "5640", "{tileCol}", "8297").Replace(href)
						if got := ask(t, hamlet, "GET", href); got.StatusCode >= 400 {
							t.Errorf("%s: %s", href, got.Status)
						}
						continue
					}
					follow(strings.ReplaceAll(href, `\u0026`, "&"))
				}
			}
		}
	}
	follow("/v1")
	if len(seen) < 30 {
		t.Errorf("only %d pages are linked", len(seen))
	}
}

// A client that was given the server's address alone comes to the same.
func TestClientsWithoutTheVersionAreSentOn(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for target, want := range map[string]string{
		"/conformance": "/v1/conformance", "/collections": "/v1/collections", "/collections/segments/items?limit=1&filter=n%3E1": "/v1/collections/segments/items?limit=1&filter=n%3E1",
	} {
		answer := ask(t, hamlet, "GET", target)
		if answer.StatusCode != http.StatusPermanentRedirect || answer.Header.Get("Location") != want {
			t.Errorf("%s: %s, to %s", target, answer.Status, answer.Header.Get("Location"))
		}
	}
	if answer := ask(t, hamlet, "GET", "/", "Accept: application/json"); answer.Header.Get("Location") != "/v1" {
		t.Errorf("who asks / for JSON is sent to %q", answer.Header.Get("Location"))
	}
	for _, accept := range []string{"", "*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"} {
		if answer := ask(t, hamlet, "GET", "/", "Accept: "+accept); answer.StatusCode != http.StatusOK {
			t.Errorf("who accepts %q gets %s", accept, answer.Status)
		}
	}
}

func TestQueryables(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, c := range livetest.Hamlet(t).Collections() {
		answer := ask(t, hamlet, "GET", "/v1/collections/"+c.Name+"/queryables?measure=votes")
		schema := decode[Queryables](t, answer)
		if answer.Header.Get("Content-Type") != mediaSchema || schema.AdditionalProperties || schema.Properties["value"].Type != "integer" {
			t.Errorf("%s: %+v", c.Name, schema)
		}
		// Each can be filtered by.
		for name, q := range schema.Properties {
			filter := `"` + name + `" IS NULL`
			if answer := ask(t, hamlet, "GET", "/v1/collections/"+c.Name+"/items?limit=1&measure=votes&filter="+url.QueryEscape(filter)); answer.StatusCode != http.StatusOK {
				t.Errorf("%s of type %s: %s", name, q.Type, body(t, answer))
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{"5eed", "abc", 3, true}.String())
	f.Add("e30")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseCursor(text); err == nil {
			if again, err := parseCursor(c.String()); err != nil || again != c {
				t.Errorf("%+v comes back as %+v, %v", c, again, err)
			}
		}
	})
}

// Whatever stands in an address is answered with rows of the form that is asked for, or with a Problem of the caller.
func FuzzItems(f *testing.F) {
	hamlet := serving(livetest.Hamlet(f))
	cursorOf := func(from int) string {
		first := (&ItemsQuery{FilterLang: "cql2-text"}).question("5eed0123", "segments")
		return cursor{Snapshot: "5eed0123", Question: first, From: from}.String()
	}
	for _, query := range []string{
		"bbox=2,48,3,49&filter=n%3E1&sortby=-n", "datetime=2020-01-01/..&properties=mayor_t1.*.share", "f=csv&sample=3&seed=7&skipGeometry=false", "limit=2&cursor=" + cursorOf(2),
		"limit=1&cursor=" + cursorOf(math.MaxInt), "f=arrow&limit=20000&cursor=" + cursorOf(9), "f=parquet&limit=1", "filter-lang=cql2-json&filter=%7B%22op%22%3A%22isNull%22%2C%22args%22%3A%5B%7B%22property%22%3A%22n%22%7D%5D%7D",
		"filter=S_INTERSECTS(geometry,BBOX(2.3,48.8,2.32,48.83))&filter-crs=http%3A%2F%2Fwww.opengis.net%2Fdef%2Fcrs%2FOGC%2F1.3%2FCRS84", "contest=mayor_t2&choice=martin&measure=margin&against=abstention&since=mayor_t1",
		"resolution=8", "f=ndjson&properties=", "sortby=,,", "limit=1&limit=2", "filter=name LIKE 'Rue%'", "sample=0&limit=99999999999999999999", "bbox=170,-10,-170,10,5,6", "properties=%00,%ff",
		"filter=CASEI(name)+IN+(CASEI('RUE'),'x')+AND+n/0%3D1+OR+n+div+0%3C%3E2%5E2000",
	} {
		f.Add("segments", query)
	}
	f.Add("cells", "resolution=7&sortby=id")
	f.Add("county@5eed0123", "f=geojson")
	f.Fuzz(func(t *testing.T, collection, query string) {
		request := httptest.NewRequest("GET", "/v1", nil)
		request.URL = &url.URL{Path: "/v1/collections/" + collection + "/items", RawQuery: query}
		if strings.Contains(collection, "/") || strings.Contains(collection, ".") { // another resource
			return
		}
		recorder := httptest.NewRecorder()
		hamlet.ServeHTTP(recorder, request)
		answer := recorder.Result()
		switch {
		case answer.StatusCode >= 500:
			t.Errorf("%d: %s", answer.StatusCode, recorder.Body)
		case answer.StatusCode >= 400:
			if p := decode[Problem](t, answer); p.Status != answer.StatusCode || p.Code == "" || p.Detail == "" {
				t.Errorf("%+v", p)
			}
		case answer.StatusCode == http.StatusOK && answer.Header.Get("Content-Type") == "application/geo+json":
			if page := decode[featurePage](t, answer); page.NumberReturned != len(page.Features) || page.NumberMatched < page.NumberReturned {
				t.Errorf("%d matched, %d returned, %d features", page.NumberMatched, page.NumberReturned, len(page.Features))
			}
		}
	})
}

// JSON that follows from the snapshot has a tag too, and what names the snapshot never changes.
func TestEntityTagsOfJSON(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	for _, target := range []string{
		"/v1", "/v1/conformance", "/v1/contests", "/v1/collections", "/v1/collections/segments@5eed0123", "/v1/collections/segments/queryables", "/v1/breaks/segments", "/v1/scores/segment/1",
		"/v1/explain/segment/1?snapshot=5eed0123", "/v1/contests?snapshot=5eed0123", "/v1/scores/segment/1?snapshot=5eed0123", "/v1/tiles/segments.json", "/v1/snapshots",
	} {
		answer := ask(t, hamlet, "GET", target)
		tag := answer.Header.Get("ETag")
		if tag == "" || len(body(t, answer)) == 0 {
			t.Errorf("%s has the tag %q", target, tag)
		}
		if again := ask(t, hamlet, "GET", target, "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified || len(body(t, again)) > 0 {
			t.Errorf("%s: who has it is answered %s", target, again.Status)
		}
		if pinned := strings.Contains(target, "5eed0123"); pinned != (answer.Header.Get("Cache-Control") == immutable) {
			t.Errorf("%s is cached as %q", target, answer.Header.Get("Cache-Control"))
		}
	}
	if missing := ask(t, hamlet, "GET", "/v1/scores/segment/99"); missing.Header.Get("ETag") != "" {
		t.Error("an error has an entity tag")
	}
	wantProblem(t, ask(t, hamlet, "GET", "/v1/scores/segment/1?snapshot=beef"), 410, CodeSnapshotGone, "")
}

// What is sent compressed has another tag, and who has it is told so.
func TestItemsCompressed(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	target := "/v1/collections/segments/items?f=ndjson"
	plain := ask(t, hamlet, "GET", target)
	want := body(t, plain)
	for coding, unpack := range map[string]func([]byte) ([]byte, error){
		"gzip": decompress,
		"zstd": func(b []byte) ([]byte, error) {
			d, err := zstd.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			defer d.Close()
			return io.ReadAll(d)
		},
	} {
		answer := ask(t, hamlet, "GET", target, "Accept-Encoding: "+coding)
		got, err := unpack(body(t, answer))
		if err != nil || answer.Header.Get("Content-Encoding") != coding || !bytes.Equal(got, want) {
			t.Errorf("%s: %s, %v, %d bytes", coding, answer.Header.Get("Content-Encoding"), err, len(got))
		}
		tag := answer.Header.Get("ETag")
		if tag == plain.Header.Get("ETag") || !strings.Contains(answer.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s has the tag %s, Vary %s", coding, tag, answer.Header.Get("Vary"))
		}
		if again := ask(t, hamlet, "GET", target, "Accept-Encoding: "+coding, "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: who has it is answered %s", coding, again.Status)
		}
	}
}

// A page has what the description says, and nothing else.
func TestPagesAreWhatIsDescribed(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	var document struct {
		Components struct {
			Schemas map[string]struct {
				AdditionalProperties any
				Required             []string
				Properties           map[string]any
			}
		}
	}
	if err := json.Unmarshal(body(t, ask(t, hamlet, "GET", "/openapi.json")), &document); err != nil {
		t.Fatal(err)
	}
	described := document.Components.Schemas["FeatureCollection"]
	var page map[string]any
	if err := json.Unmarshal(body(t, ask(t, hamlet, "GET", "/v1/collections/segments/items?measure=margin")), &page); err != nil {
		t.Fatal(err)
	}
	for name := range page {
		if described.Properties[name] == nil {
			t.Errorf("a page has %s, which is not described", name)
		}
	}
	for _, name := range described.Required {
		if page[name] == nil {
			t.Errorf("a page has no %s", name)
		}
	}
	if described.AdditionalProperties != false || page["against"] == nil {
		t.Errorf("%+v", described)
	}
}
