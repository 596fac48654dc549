package geo

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
)

// parisStreet is a street of voie.csv.
type parisStreet struct {
	name, short string // "Rue de l'Aude", "R. de l'Aude"
}

// readParisStreets reads the streets of Paris and their lines in Lambert-93, keyed by row.
func readParisStreets(t testing.TB) ([]parisStreet, []Street) {
	t.Helper()
	file, err := os.Open(parisFile(t, "voie.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	column, next := csvReader(t, file)
	var names []parisStreet
	var lines []Street
	for row := next(); row != nil; row = next() {
		var geometry struct {
			Type        string
			Coordinates json.RawMessage
		}
		var parts []orb.LineString
		err := json.Unmarshal([]byte(row[column["Geometry"]]), &geometry)
		if err == nil && geometry.Type == "LineString" {
			parts = make([]orb.LineString, 1)
			err = json.Unmarshal(geometry.Coordinates, &parts[0])
		} else if err == nil {
			err = json.Unmarshal(geometry.Coordinates, &parts)
		}
		if err != nil {
			t.Fatalf("street %d: %v", len(names), err)
		}
		for _, part := range parts {
			for i, p := range part {
				part[i][0], part[i][1] = Lambert93.Forward(p[0], p[1])
			}
			lines = append(lines, Street{len(names), part})
		}
		names = append(names, parisStreet{row[column["L_LONGMIN"]], row[column["L_COURTMIN"]]})
	}
	return names, lines
}

// parisAddress is a row of the French address base.
type parisAddress struct {
	number         int
	suffix, street string
	at             orb.Point // Lambert-93
	lonLat         orb.Point
}

func readParisAddresses(t testing.TB) []parisAddress {
	t.Helper()
	file, err := os.Open(parisFile(t, "adresses-75.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	column, next := csvReader(t, unzipped)
	var addresses []parisAddress
	for row := next(); row != nil; row = next() {
		number := func(name string) float64 {
			v, err := strconv.ParseFloat(row[column[name]], 64)
			if err != nil {
				t.Fatalf("address %d: %s: %v", len(addresses), name, err)
			}
			return v
		}
		addresses = append(addresses, parisAddress{
			number: int(number("numero")), suffix: row[column["rep"]], street: row[column["nom_voie"]],
			at: orb.Point{number("x"), number("y")}, lonLat: orb.Point{number("lon"), number("lat")},
		})
	}
	return addresses
}

// csvReader gives the columns of a file separated by semicolons, and its rows one by one, then nil.
func csvReader(t testing.TB, file io.Reader) (column map[string]int, next func() []string) {
	rows := csv.NewReader(file)
	rows.Comma = ';'
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		t.Fatal(err)
	}
	column = map[string]int{}
	for i, name := range header {
		column[name] = i
	}
	return column, func() []string {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
}

// readParisAreas reads the areas of the polling stations of 2017, in longitude and latitude.
func readParisAreas(t testing.TB) []orb.MultiPolygon {
	t.Helper()
	text, err := os.ReadFile(parisFile(t, "secteurs-des-bureaux-de-vote_2017.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Features []struct {
			Geometry struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	areas := make([]orb.MultiPolygon, len(file.Features))
	for i, feature := range file.Features {
		if feature.Geometry.Type == "Polygon" {
			areas[i] = make(orb.MultiPolygon, 1)
			err = json.Unmarshal(feature.Geometry.Coordinates, &areas[i][0])
		} else {
			err = json.Unmarshal(feature.Geometry.Coordinates, &areas[i])
		}
		if err != nil {
			t.Fatalf("area %d: %v", i, err)
		}
	}
	return areas
}
