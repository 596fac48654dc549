package api

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

// The description of the API is a golden file, so that a change of a route, a field or a bound is seen in the difference.
// `make golden` rewrites it.
func TestDescriptionOfTheAPI(t *testing.T) {
	answer := ask(t, serving(newVillage()), "GET", "/openapi.json")
	var got bytes.Buffer
	if err := json.Indent(&got, body(t, answer), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	golden := filepath.Join("testdata", "golden", "openapi.json")
	if os.Getenv("ARPENT_UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the description of the API changed: if that is meant, run `make golden` and read the difference of %s", golden)
	}
}

// A client made from the description takes every source of households that the engine has.
func TestAllSourcesOfHouseholdsAreDescribed(t *testing.T) {
	field, _ := reflect.TypeFor[HouseholdSource]().FieldByName("By")
	if got, want := field.Tag.Get("enum"), strings.Join(engine.HouseholdSources(), ","); got != want {
		t.Errorf("by is one of %s, want %s", got, want)
	}
}

// Clients that know version 3.0 alone, as GDAL, get JSON.
func TestDescriptionIsJSONToWhoAsksForIt(t *testing.T) {
	for accept, want := range map[string]string{
		"": mediaOpenAPI, "*/*": mediaOpenAPI, "application/vnd.oai.openapi+json;version=3.1, application/json": mediaOpenAPI,
		"application/json": mediaJSON, "application/vnd.oai.openapi+json;version=3.0, application/json": mediaJSON,
	} {
		if got := ask(t, serving(newVillage()), "GET", "/openapi.json", "Accept: "+accept).Header.Get("Content-Type"); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
