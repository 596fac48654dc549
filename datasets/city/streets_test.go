package city

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arpent/arpent/geo"
	"github.com/paulmach/orb"
)

// Cut at every crossing without any rounding, the published lines give the segments that the summary counts.
func TestStreetsCutIntoTheSegments(t *testing.T) {
	for _, size := range []Size{Village, Town, City} {
		dir, summary := generated(t, size, 1)
		var streets []geo.Street
		for i, row := range table(t, filepath.Join(dir, "streets.csv"), ';') {
			for _, line := range streetLines(t, row) {
				streets = append(streets, geo.Street{Key: i, Line: line})
			}
		}
		pieces, rejected := geo.CutStreets(streets, geo.CutCrossings)
		length, short := 0.0, 0
		for _, p := range pieces {
			l := geo.LineLength(p.Line)
			length += l
			if l < 1 {
				short++
			}
		}
		if len(rejected) > 0 || !near(len(pieces), summary.Segments, 0.001) || !near(int(length), int(1000*summary.LengthKM), 0.001) || short > len(pieces)/500 {
			t.Errorf("%s: %d lines rejected, %d segments of %.0f m, %d of them shorter than a metre; the summary has %d of %.0f m",
				size, len(rejected), len(pieces), length, short, summary.Segments, 1000*summary.LengthKM)
		}
		if parts := connectedParts(pieces); parts != 1 {
			t.Errorf("%s: the streets fall into %d parts", size, parts)
		}
	}
}

func connectedParts(pieces []geo.Piece) int {
	parent := map[orb.Point]orb.Point{}
	var root func(p orb.Point) orb.Point
	root = func(p orb.Point) orb.Point {
		q, ok := parent[p]
		if !ok || q == p {
			parent[p] = p
			return p
		}
		r := root(q)
		parent[p] = r
		return r
	}
	for _, p := range pieces {
		parent[root(p.Line[0])] = root(p.Line[len(p.Line)-1])
	}
	parts := 0
	for p := range parent {
		if root(p) == p {
			parts++
		}
	}
	return parts
}

func TestStreetsAreNamedAsInARegister(t *testing.T) {
	dir, summary := generated(t, City, 1)
	type key struct{ commune, name string }
	byName, bySpelling := map[key]bool{}, map[string]int{}
	interrupted := 0
	rows := table(t, filepath.Join(dir, "streets.csv"), ';')
	for _, row := range rows {
		name := row["L_LONGMIN"]
		if k := (key{row["C_COINSEE"], name}); byName[k] {
			t.Errorf("%s has two streets called %s", k.commune, k.name)
		} else {
			byName[k] = true
		}
		bySpelling[name]++
		if row["C_DESI"] == "" || !strings.Contains(upperPlain(name), row["L_VOIE"]) {
			t.Errorf("%s: kind %q, word %q", name, row["C_DESI"], row["L_VOIE"])
		}
		var g struct{ Type string }
		if json.Unmarshal([]byte(row["Geometry"]), &g) == nil && g.Type == "MultiLineString" {
			interrupted++
		}
	}
	shared := 0
	for _, n := range bySpelling {
		if n > 1 {
			shared++
		}
	}
	if len(rows) != summary.Streets || shared < 10 || interrupted < 3 {
		t.Errorf("%d streets of %d, %d names in several communes, %d streets of several lines", len(rows), summary.Streets, shared, interrupted)
	}
	withAddress := map[string]bool{}
	for line := range strings.Lines(text(t, filepath.Join(dir, "addresses.csv.gz"))) {
		withAddress[strings.Split(line, ";")[1]] = true
	}
	delete(withAddress, "id_fantoir")
	if without := len(rows) - len(withAddress); without < 1 || without > len(rows)/20 {
		t.Errorf("%d streets without an address", without)
	}
}

func TestStreetName(t *testing.T) {
	for _, test := range []struct {
		name               streetName
		full, short, afnor string
	}{
		{streetName{"Rue", "de l'", "Église"}, "Rue de l'Église", "R. de l'Église", "RUE DE L EGLISE"},
		{streetName{"Avenue", "d'", "Orvemont-les-Bains"}, "Avenue d'Orvemont-les-Bains", "Av. d'Orvemont-les-Bains", "AVENUE D ORVEMONT LES BAINS"},
		{streetName{"Impasse", "", "Éloi Mercœurin"}, "Impasse Éloi Mercœurin", "Imp. Éloi Mercœurin", "IMPASSE ELOI MERCOEURIN"},
		{streetName{"Pont", "des", "Lilas"}, "Pont des Lilas", "Pont des Lilas", "PONT DES LILAS"},
	} {
		if test.name.String() != test.full || shortName(test.name) != test.short || afnorName(test.name) != test.afnor {
			t.Errorf("%q, %q, %q, want %q, %q, %q", test.name.String(), shortName(test.name), afnorName(test.name), test.full, test.short, test.afnor)
		}
	}
}
