package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/livetest"
)

// The sets of districts of the hamlet: wards, which are drawn, and counties, which are not.
func TestDistrictsOfTheAPI(t *testing.T) {
	hamlet := serving(livetest.Hamlet(t))
	ward := engine.DistrictID("ward", "W1")

	var collections []string
	for _, c := range decode[CollectionList](t, ask(t, hamlet, "GET", "/v1/collections")).Collections {
		collections = append(collections, c.ID)
		for _, link := range c.Links {
			if c.ID == "county" && strings.Contains(link.Href, "/tiles") {
				t.Errorf("counties have no tiles, but a link %s", link.Href)
			}
		}
	}
	if got := strings.Join(collections, " "); got != "segments cells precincts communes county ward" {
		t.Errorf("collections %s", got)
	}

	if got := strings.ReplaceAll(string(body(t, ask(t, hamlet, "GET", "/v1/collections/ward/items?f=csv&contest=mayor_t1"))), "\r", ""); got != strings.Join([]string{
		"id,name,code,state,reason,households,n,modelled_only,value,low,low50,high50,high",
		fmt.Sprintf("%d,The Hill,W1,published,,110,176,false,0.625,0.625,0.625,0.625,0.625", ward), "",
	}, "\n") {
		t.Errorf("wards are\n%s", got)
	}
	for target, want := range map[string]string{
		"/v1/collections/ward/items?skipGeometry=false":                               `"type":"MultiPolygon"`,
		fmt.Sprintf("/v1/collections/ward/items/%d", ward):                            `"type":"MultiPolygon"`,
		"/v1/collections/county/items":                                                `"geometry":null`,
		"/v1/collections/ward/items?bbox=2.31,48.81,2.32,48.82":                       `"numberMatched":1`,
		"/v1/collections/ward/items?bbox=3,48,4,49":                                   `"numberMatched":0`,
		"/v1/collections/segments/items?filter=ward%20=%20%27W1%27&properties=id":     `"numberMatched":4`,
		"/v1/collections/communes/items?filter=county%20=%20%2799%27&properties=name": `"numberMatched":1`,
		"/v1/collections/precincts/queryables":                                        `"ward":{"title"`,
		fmt.Sprintf("/v1/explain/district/%d", ward):                                  `"parts":[{"precinct":501,`,
		fmt.Sprintf("/v1/scores/district/%d", ward):                                   `"name":"The Hill","set":"ward","code":"W1","state":"published","reason":null,"households":110,"contests":[{"contest":"mayor_t1","name":"Mayor, first round","n":176,`,
		fmt.Sprintf("/v1/breaks/ward?contest=%s", "mayor_t1"):                         `"published":1`,
		"/v1/tiles/ward.json":                                                         `"vector_layers":[{"id":"ward",`,
		"/v1/tiles/ward/10/518/352.mvt?contest=mayor_t1":                              "The Hill",
		"/v1/collections/ward/tiles":                                                  `"tilesets":[{"title":"Districts: ward"`,
		"/v1/collections/ward/tiles/WebMercatorQuad/10/352/518?f=arrow":               "The Hill",
	} {
		if answer := ask(t, hamlet, "GET", target); answer.StatusCode != http.StatusOK || !strings.Contains(strings.ReplaceAll(string(body(t, answer)), "\n", ""), want) {
			t.Errorf("%s: status %d, without %s", target, answer.StatusCode, want)
		}
	}

	list := string(body(t, put(t, hamlet, "/v1/scores", fmt.Sprintf(`{"unit":"district","ids":[%d,7]}`, ward))))
	if !strings.Contains(list, `"code":"W1"`) || !strings.Contains(list, `"errors":[{"index":1,"id":"7","code":"unknown_unit"`) {
		t.Errorf("scores %s", list)
	}
	pivot := decode[Pivot](t, put(t, hamlet, "/v1/query/pivot", `{"collection":"precincts","by":["ward","county"]}`))
	if len(pivot.Rows) != 1 || pivot.Rows[0].Group["ward"] != "W1" || pivot.Rows[0].Group["county"] != "99" || pivot.Rows[0].N != 176 {
		t.Errorf("pivot %+v", pivot)
	}
	wantProblem(t, ask(t, hamlet, "GET", "/v1/collections/county/tiles"), http.StatusNotFound, CodeUnknownName, "")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/tiles/county.json"), http.StatusBadRequest, CodeUnknownName, "path.layer")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/collections/county/items?bbox=2,48,3,49"), http.StatusBadRequest, CodeInvalidParameter, "query.bbox")
	wantProblem(t, ask(t, hamlet, "GET", "/v1/collections/constituency/items"), http.StatusNotFound, CodeUnknownName, "")
}
