package api

import (
	"net/url"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine/livetest"
)

func TestSearch(t *testing.T) {
	handler := serving(livetest.Hamlet(t))
	wantJSON(t, body(t, ask(t, handler, "GET", "/v1/search?q=r.+du+pon")), `{"snapshot":"5eed0123","results":[
		{"kind":"street","name":"Rue du Pont","detail":"Mirabel","unit":"segment","id":2,"lon":2.32,"lat":48.8205,"bounds":[2.319,48.82,2.321,48.821]}]}`)
	wantJSON(t, body(t, ask(t, handler, "GET", "/v1/search?q=mira")), `{"snapshot":"5eed0123","results":[
		{"kind":"commune","name":"Mirabel","detail":"99001","unit":"commune","id":6239138518300818,"lon":2.35,"lat":48.850025,"bounds":[2.3,48.8,2.4,48.9]}]}`)
	wantJSON(t, body(t, ask(t, handler, "GET", "/v1/search?q=1-1")), `{"snapshot":"5eed0123","results":[
		{"kind":"precinct","name":"1-1","detail":"Mirabel","unit":"precinct","id":501,"lon":2.35,"lat":48.850025,"bounds":[2.3,48.8,2.4,48.9]}]}`)
	// A suppressed street and an empty one have a name and a place; nothing else is said of any.
	for question, id := range map[string]int64{"impasse du puits": 3, "CHEMIN VERT": 4, "99 rue de l'eglise": 1} {
		got := decode[SearchResults](t, ask(t, handler, "GET", "/v1/search?q="+url.QueryEscape(question)))
		if len(got.Results) != 1 || got.Results[0].ID != id || got.Results[0].Kind != "street" {
			t.Errorf("%q: %+v", question, got)
		}
	}
	wantJSON(t, body(t, ask(t, handler, "GET", "/v1/search?q=xyzzy")), `{"snapshot":"5eed0123","results":[]}`)
	if got := decode[SearchResults](t, ask(t, handler, "GET", "/v1/search?q=rue&limit=1")); len(got.Results) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestSearchIsPinned(t *testing.T) {
	handler := serving(livetest.Hamlet(t))
	pinned, current := ask(t, handler, "GET", "/v1/search?q=rue&snapshot=5eed0123"), ask(t, handler, "GET", "/v1/search?q=rue")
	if pinned.Header.Get("Cache-Control") != immutable || current.Header.Get("Cache-Control") != "no-cache" || current.Header.Get("ETag") == "" {
		t.Errorf("%v %v", pinned.Header, current.Header)
	}
	wantProblem(t, ask(t, handler, "GET", "/v1/search?q=rue&snapshot=0ld"), 410, CodeSnapshotGone, "")
}

func TestWhatIsNoQuestion(t *testing.T) {
	handler := serving(livetest.Hamlet(t))
	for query, location := range map[string]string{
		"": "query.q", "q=": "query.q", "q=r": "query.q", "q=%C3%A9": "query.q", "q=" + strings.Repeat("r", 101): "query.q", "q=rue&limit=0": "query.limit", "q=rue&limit=21": "query.limit",
		"q=rue&limit=x": "query.limit", "q=rue&near=1": "query.near", "q=rue&q=rue": "query.q",
	} {
		wantProblem(t, ask(t, handler, "GET", "/v1/search?"+query), 400, CodeInvalidParameter, location)
	}
	if answer := ask(t, handler, "GET", "/v1/search?q="+strings.Repeat("%C3%A9", 100)); answer.StatusCode != 200 {
		t.Errorf("a hundred signs: %d", answer.StatusCode)
	}
}
