package api

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/arpent/arpent/engine/live"
)

func newTestServer(t *testing.T, city City) string {
	t.Helper()
	server := httptest.NewServer(serving(city))
	t.Cleanup(server.Close)
	return server.URL
}

func TestContests(t *testing.T) {
	got := decode[struct {
		Snapshot string
		Measures []Measure
		Contests json.RawMessage
	}](t, ask(t, serving(newVillage()), "GET", "/v1/contests"))
	wantJSON(t, got.Contests, `[
	{"id":"mayor_t1","name":"Mayor, first round","date":"2020-03-15","round":1,"division":"2020","base":"registered","n":120,"placed":true,
		"measures":["share","votes","registered","turnout","margin","potential"],"choices":[
		{"id":"durand","name":"Ève Durand","family":"left","colour":"#c1272d","votes":60,"reserved":false,"since":[]},
		{"id":"martin","name":"Paul Martin","family":null,"colour":"#1f5a9d","votes":40,"reserved":false,"since":[]},
		{"id":"abstention","name":"Abstention","family":null,"colour":"#888888","votes":20,"reserved":true,"since":[]}]},
	{"id":"mayor_t2","name":"Mayor, second round","date":null,"round":2,"division":"2020","base":"ballots","n":60,"placed":false,
		"measures":["share","votes","registered","margin"],"choices":[
		{"id":"martin","name":"Paul Martin","family":null,"colour":"#1f5a9d","votes":40,"reserved":false,"since":[]},
		{"id":"abstention","name":"Abstention","family":null,"colour":"#888888","votes":20,"reserved":true,"since":[]}]}]`)
	if got.Snapshot != "5eed0123" || len(got.Measures) != len(live.Measures()) || got.Measures[0].ID != "share" {
		t.Errorf("%+v", got)
	}
}

// The units of measures in the description of the API are those there are.
func TestMeasuresAreListed(t *testing.T) {
	units, _ := reflect.TypeFor[Measure]().FieldByName("Unit")
	described := strings.Split(units.Tag.Get("enum"), ",")
	for i, m := range decode[ContestList](t, ask(t, serving(newVillage()), "GET", "/v1/contests")).Measures {
		want := live.Measures()[i]
		if m.ID != want.ID || m.Definition != want.Definition || m.Parameters == nil || !slices.Contains(described, m.Unit) {
			t.Errorf("%+v", m)
		}
	}
}

func TestSnapshots(t *testing.T) {
	want := `{"snapshots":[{"id":"5eed0123","current":true,"place":"mirabel","name":"Mirabel","bounds":[2.3,48.8,2.4,48.9],
	"attributions":["Ville de Mirabel (ODbL)","IGN & INSEE"]}]}`
	wantJSON(t, body(t, ask(t, serving(newVillage()), "GET", "/v1/snapshots")), want)
}

func TestHealth(t *testing.T) {
	handler := serving(newVillage())
	wantJSON(t, body(t, ask(t, handler, "GET", "/healthz")), `{"status":"ok","version":"1.2.3"}`)
	wantJSON(t, body(t, ask(t, handler, "GET", "/readyz")), `{"status":"ready","snapshot":"5eed0123"}`)
}

// Which routes there are is the table of who may ask them, in scopes_test.go.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	answer := ask(t, serving(newVillage()), "GET", "/openapi.json")
	var got struct {
		OpenAPI string
		Info    struct{ Version string }
		Paths   map[string]map[string]struct {
			OperationID, Summary string
			Responses            map[string]any
		}
		Components struct{ Schemas map[string]any }
	}
	raw := body(t, answer)
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(got.OpenAPI, "3.1") || got.Info.Version != "1.2.3" {
		t.Errorf("OpenAPI %q, version %q", got.OpenAPI, got.Info.Version)
	}
	for path, operations := range got.Paths {
		for method, op := range operations {
			success := op.Responses["200"] != nil || op.Responses["201"] != nil || op.Responses["202"] != nil || op.Responses["204"] != nil
			if op.OperationID == "" || op.Summary == "" || !success {
				t.Errorf("%s %s: %+v", method, path, op)
			}
		}
	}
	delete(got.Components.Schemas, "Queryables") // which is a JSON Schema itself
	if schemas, _ := json.Marshal(got.Components.Schemas); strings.Contains(string(schemas), "$schema") || got.Components.Schemas["Problem"] == nil {
		t.Errorf("schemas %s", schemas)
	}
}

func TestAnswersCarryNoSchemaLinks(t *testing.T) {
	answer := ask(t, serving(newVillage()), "GET", "/v1/contests")
	if b := body(t, answer); strings.Contains(string(b), "$schema") || answer.Header.Get("Link") != "" {
		t.Errorf("%v %s", answer.Header, b)
	}
}

func TestPage(t *testing.T) {
	built := newPage(fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>Arpent</title>")},
		"assets/index-1a2.js": {Data: []byte("start()")},
		"assets/notes.txt":    {Data: []byte("not for the page")},
	})
	s := newServer(Config{Current: func() City { return nil }, Log: quiet()})
	mux := newMux()
	built.register(mux.ServeMux)
	handler := s.observed(s.headed(problemsOf(mux.ServeMux)))

	page := ask(t, handler, "GET", "/")
	if b := body(t, page); page.StatusCode != 200 || !strings.Contains(string(b), "<title>Arpent") {
		t.Fatalf("%d %s", page.StatusCode, b)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
	} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, directive := range strings.Split(page.Header.Get("Content-Security-Policy"), ";") {
		if strings.Contains(directive, "http") || strings.Contains(directive, "unsafe") {
			t.Errorf("the page may load from elsewhere: %s", directive)
		}
	}
	script := ask(t, handler, "GET", "/assets/index-1a2.js", "Accept-Encoding: gzip")
	if b := unzip(t, body(t, script)); string(b) != "start()" || script.Header.Get("Cache-Control") != immutable || script.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%v %q", script.Header, b)
	}
	if again := ask(t, handler, "GET", "/assets/index-1a2.js", "Accept-Encoding: gzip", "If-None-Match: "+script.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("sent again: %d", again.StatusCode)
	}
	for _, target := range []string{"/assets/index-old.js", "/assets/notes.txt", "/assets/..%2findex.html", "/index.html", "/favicon.svg"} {
		wantProblem(t, ask(t, handler, "GET", target), 404, CodeUnknownRoute, "")
	}
}

func TestPageThatWasNotBuiltSaysSo(t *testing.T) {
	mux := newMux()
	newPage(fstest.MapFS{".keep": {}}).register(mux.ServeMux)
	answer := ask(t, mux.ServeMux, "GET", "/")
	if b := body(t, answer); answer.StatusCode != 200 || !strings.Contains(string(b), "make web") {
		t.Errorf("%d %s", answer.StatusCode, b)
	}
}
