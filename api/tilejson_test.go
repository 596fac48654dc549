package api

import (
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTileJSON(t *testing.T) {
	handler := serving(newVillage())
	got := decode[TileJSON](t, ask(t, handler, "GET", "/v1/tiles/segments.json?measure=votes&contest=mayor_t1&choice=durand"))
	if got.TileJSON != "3.0.0" || got.Scheme != "xyz" || got.MinZoom != 12 || got.MaxZoom != 16 {
		t.Errorf("%+v", got)
	}
	if want := "http://map.example/v1/tiles/segments@5eed0123/{z}/{x}/{y}.mvt?choice=durand&contest=mayor_t1&measure=votes"; len(got.Tiles) != 1 || got.Tiles[0] != want {
		t.Errorf("tiles %v, want %s", got.Tiles, want)
	}
	if got.Bounds != [4]float64{2.3, 48.8, 2.4, 48.9} || got.Center != [3]float64{2.35, 48.85, 12} {
		t.Errorf("bounds %v, center %v", got.Bounds, got.Center)
	}
	if got.Attribution != "Ville de Mirabel (ODbL) · IGN &amp; INSEE" {
		t.Errorf("attribution %q", got.Attribution)
	}
	if len(got.VectorLayers) != 1 || got.VectorLayers[0].ID != "segments" || got.VectorLayers[0].Fields.ID != "Number" || got.VectorLayers[0].Fields.State != "String" {
		t.Errorf("vector_layers %+v", got.VectorLayers)
	}
}

func TestTileJSONsTilesAnswer(t *testing.T) {
	handler := serving(newVillage())
	for _, target := range []string{"/v1/tiles/segments.json", "/v1/tiles/cells@5eed0123.json?choice=martin", "/v1/tiles/precincts.json?contest=mayor_t2", "/v1/tiles/cells.json?measure=turnout",
		"/v1/tiles/segments.json?measure=margin&choice=abstention&against=martin"} {
		address := decode[TileJSON](t, ask(t, handler, "GET", target)).Tiles[0]
		address = strings.NewReplacer("http://map.example", "", "{z}", "14", "{x}", "8299", "{y}", "5636").Replace(address)
		if answer := ask(t, handler, "GET", address); answer.StatusCode != 200 || answer.Header.Get("Cache-Control") != immutable {
			t.Errorf("%s: %d %v", address, answer.StatusCode, answer.Header)
		}
	}
}

func TestCellIDsAreText(t *testing.T) {
	got := decode[TileJSON](t, ask(t, serving(newVillage()), "GET", "/v1/tiles/cells.json"))
	if got.VectorLayers[0].Fields.ID != "String" {
		t.Errorf("fields %+v: a cell's id has more than 53 bits", got.VectorLayers[0].Fields)
	}
}

func TestTileAddressFollowsTheHostOnly(t *testing.T) {
	for _, c := range []struct {
		name, host, public string
		tls                bool
		want               string
	}{
		{"plain", "localhost:8080", "", false, "http://localhost:8080/v1/tiles/"},
		{"TLS", "map.example", "", true, "https://map.example/v1/tiles/"},
		{"behind a proxy", "10.0.0.7:8080", "https://map.example", false, "https://map.example/v1/tiles/"},
	} {
		handler := New(Config{Current: func() City { return newVillage() }, Log: quiet(), PublicURL: c.public})
		r := httptest.NewRequest("GET", "/v1/tiles/cells.json", nil)
		r.Host = c.host
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("X-Forwarded-Proto", "gopher")
		r.Header.Set("Forwarded", "host=evil.example")
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got := decode[TileJSON](t, w.Result()).Tiles[0]; !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s…", c.name, got, c.want)
		}
	}
}
