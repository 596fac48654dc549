package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// searchTown has streets of two communes, of which one is a border, and a few addresses. Pieces of streets are 0.01 degrees long, one after the
// other from west to east.
func searchTown(t testing.TB) *City {
	t.Helper()
	communes, segments, precincts := &level{unit: engine.UnitCommune}, &level{unit: engine.UnitSegment}, &level{unit: engine.UnitPrecinct}
	c := &City{levels: []*level{segments, precincts, communes}, layers: map[string]*layer{}}
	for i, name := range []string{"Saint-Mirabel 1er Arrondissement", "Saint-Mirabel 2e Arrondissement", "Rivoli", "Nulle-Part"} {
		communes.add(int64(9000+i), name, 0)
		communes.communes = append(communes.communes, int32(i))
		c.communeCodes = append(c.communeCodes, fmt.Sprint("9900", i+1))
	}
	streets, areas := newLayer("segments", segments), newLayer("precincts", precincts)
	for row, street := range []struct {
		name    string
		commune int32
		pieces  int
	}{
		{"Rue de Rivoli", 0, 5}, // segments 1 to 5
		{"Rue de Rivoli", 1, 2}, // 6 and 7
		{"Rue de la Rivière", 0, 3},
		{"Rue du Faubourg Saint-Honoré", 1, 4},
		{"Rue Saint-Honoré", 1, 2},
		{"Avenue du Général de Gaulle", 0, 1}, // 17
		{"Place du 8 Mai 1945", 0, 1},         // 18
		{"Main Street", 2, 1},                 // 19
		{"B Street", 2, 1},                    // 20
		{"Rue de l'Œuvre", 0, 1},              // 21
		{"R. Rivoli", 2, 1},                   // 22
		{"", 0, 3},
		{"Rue Saint-Mirabel", 2, 6}, // 26 to 31
	} {
		for piece := range street.pieces {
			west, north := 2+0.01*float64(piece), 48+0.01*float64(row)
			segments.add(int64(len(segments.ids)+1), street.name, 0)
			segments.lengths, segments.communes = append(segments.lengths, 100), append(segments.communes, street.commune)
			streets.draft.addLine(len(segments.ids)-1, orb.LineString{{west, north}, {west + 0.01, north}})
		}
	}
	for i := range segments.addresses {
		segments.addresses[i][0] = 1
	}
	segments.communes[2], segments.addresses[2] = -1, householdSources{} // a piece without addresses has no commune of its own
	for i, code := range []string{"1-1", "1-12", "W2P1", "1-1"} {
		precincts.add(int64(501+i), code, 0)
		precincts.communes = append(precincts.communes, int32(i%2))
		areas.divisions = append(areas.divisions, map[bool]string{true: "2014", false: "2020"}[i == 3])
		areas.draft.addArea(i, orb.MultiPolygon{{{{2, 48}, {2.05, 48}, {2.05, 48.05}, {2, 48.05}, {2, 48}}}})
	}
	streets.index()
	areas.index()
	c.layers["segments"], c.layers["precincts"] = streets, areas
	c.attach(nil)

	n := &addressNames{streets: map[string]int32{}, loose: map[string][]int32{}, codeAt: map[string]int32{}}
	for i, code := range c.communeCodes {
		n.codeAt[code] = int32(i)
		n.codes, n.cityNames = append(n.codes, code), append(n.cityNames, geo.NormalStreetName(communes.names.at(i)))
	}
	r := &addressRegister{}
	for _, a := range []struct {
		number         int32
		suffix, street string
		commune        int32
		segment        int32 // -1: none
	}{
		{12, "", "Rue de Rivoli", 0, 1}, {12, "bis", "RUE DE RIVOLI", 0, 1}, {14, "", "Rue de Rivoli", 0, 2}, {3, "", "Rue de Rivoli", 1, 5}, {20, "", "Rue de Rivoli", 1, 6},
		{16, "", "Rue de Rivoli", 1, 3}, // across the border: at a segment of the other commune
		{8, "", "Place du 8 Mai 1945", 0, 17}, {12, "", "Main St", 2, 18}, {40, "", "B Street", 2, 19}, {40, "b", "Main Street", 2, 18},
		{7, "", "Rue Saint Honoré", 1, 15}, {7, "", "Rue Saint-Honoré", 1, 15}, // twice
		{9, "", "Rue Saint-Honoré", 1, -1}, // nobody knows where
	} {
		n.order = append(n.order, namedAddress{n.addStreet(a.street), a.number, int32(len(n.suffixes))})
		n.suffixes, n.communes = append(n.suffixes, a.suffix), append(n.communes, a.commune)
		x, y := geo.ToWorld(2+0.001*float64(a.number), 48.5)
		r.segments, r.x, r.y = append(r.segments, a.segment), append(r.x, worldUint(x)), append(r.y, worldUint(y))
		r.ids = append(r.ids, 'a')
		r.ends = append(r.ends, uint32(len(r.ids)))
	}
	n.sort()
	c.placing.naming.names = n
	c.placing.addresses.Store(r)
	return c
}

func told(found []Found) string {
	var list []string
	for _, f := range found {
		list = append(list, fmt.Sprintf("%s %s (%s) %d", f.Kind, f.Name, f.Detail, f.ID))
	}
	return strings.Join(list, "; ")
}

func TestSearch(t *testing.T) {
	c := searchTown(t)
	const (
		rivoli1, rivoli2 = "street Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 3", "street Rue de Rivoli (Saint-Mirabel 2e Arrondissement) 6"
		rivoli3          = "street R. Rivoli (Rivoli) 22"
		riviere          = "street Rue de la Rivière (Saint-Mirabel 1er Arrondissement) 9"
		honore, faubourg = "street Rue Saint-Honoré (Saint-Mirabel 2e Arrondissement) 16", "street Rue du Faubourg Saint-Honoré (Saint-Mirabel 2e Arrondissement) 12"
		mirabel          = "street Rue Saint-Mirabel (Rivoli) 28"
		main             = "street Main Street (Rivoli) 19"
		huit             = "street Place du 8 Mai 1945 (Saint-Mirabel 1er Arrondissement) 18"
		arrondissements  = "commune Saint-Mirabel 1er Arrondissement (99001) 9000; commune Saint-Mirabel 2e Arrondissement (99002) 9001"
	)
	for question, want := range map[string]string{
		// The whole name, then the longer.
		"Rue de Rivoli":  rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"RUE RIVOLI":     rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"r. de  rivoli,": rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"rivoli":         "commune Rivoli (99003) 9002; " + rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"rue riv":        rivoli1 + "; " + riviere + "; " + rivoli2 + "; " + rivoli3,
		"riviere rue":    riviere,
		"rue st honore":  honore + "; " + faubourg,
		"fbg honoré":     faubourg,
		"av gal gaulle":  "street Avenue du Général de Gaulle (Saint-Mirabel 1er Arrondissement) 17",
		"main st":        main,
		"MAIN":           main,
		"oeuv":           "street Rue de l'Œuvre (Saint-Mirabel 1er Arrondissement) 21",
		"rue de l'":      mirabel, // and others: whatever begins with an article may follow
		// Words of the commune.
		"rivoli 2e":                 rivoli2,
		"rue de rivoli, st mirabel": rivoli1 + "; " + rivoli2 + "; " + mirabel,
		"rue de rivoli nulle part":  "",
		"st mirabel":                arrondissements + "; " + mirabel,
		"saint mira":                arrondissements + "; " + mirabel,
		// Codes of precincts.
		"1-1":  "precinct 1-1 (Saint-Mirabel 1er Arrondissement, 2020) 501; precinct 1-1 (Saint-Mirabel 2e Arrondissement, 2014) 504; precinct 1-12 (Saint-Mirabel 2e Arrondissement, 2020) 502",
		"1 12": "precinct 1-12 (Saint-Mirabel 2e Arrondissement, 2020) 502",
		"w2p":  "precinct W2P1 (Saint-Mirabel 1er Arrondissement, 2020) 503",
		// Addresses.
		"12 rue de rivoli":      "address 12 Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 2; " + rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"12bis, rue de Rivoli":  "address 12 bis Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 2; " + rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"12 B rue de Rivoli":    "address 12 bis Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 2; " + rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"12-14 rue de rivo":     "address 12 Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 2; " + rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"12 Main St":            "address 12 Main Street (Rivoli) 19; " + main,
		"12 main st rivoli":     "address 12 Main Street (Rivoli) 19; " + main,
		"40 b st":               "address 40 B Main Street (Rivoli) 19", // and others; as is 40 B Street
		"3 rue de rivoli 2e":    "address 3 Rue de Rivoli (Saint-Mirabel 2e Arrondissement) 6; " + rivoli2,
		"16 rue de rivoli":      "address 16 Rue de Rivoli (Saint-Mirabel 2e Arrondissement) 4; " + rivoli1 + "; " + rivoli2 + "; " + rivoli3,
		"7 rue st honore":       "address 7 Rue Saint-Honoré (Saint-Mirabel 2e Arrondissement) 16; " + honore + "; " + faubourg,
		"8 place du 8 mai 1945": "address 8 Place du 8 Mai 1945 (Saint-Mirabel 1er Arrondissement) 18; " + huit,
		"8 mai 1945":            "address 8 Place du 8 Mai 1945 (Saint-Mirabel 1er Arrondissement) 18; " + huit,
		// Numbers that are not there.
		"13 rue de rivoli":  rivoli1 + "; address 12 Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 2; address 14 Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 3; " + rivoli2 + "; " + rivoli3,
		"12 ter rue rivoli": rivoli1 + "; address 3 Rue de Rivoli (Saint-Mirabel 2e Arrondissement) 6; address 12 Rue de Rivoli (Saint-Mirabel 1er Arrondissement) 2; " + rivoli2 + "; " + rivoli3,
		"99 rue de rivoli":  rivoli1 + "; address 20 Rue de Rivoli (Saint-Mirabel 2e Arrondissement) 7; " + rivoli2 + "; " + rivoli3,
		"9 rue st honore":   honore + "; address 7 Rue Saint-Honoré (Saint-Mirabel 2e Arrondissement) 16; " + faubourg,
		"5 rue riviere":     riviere,
		"12 rue xyzzy":      "",
		// Nothing.
		"xyzzy": "", "  ": "", "-,;": "", "12": "", "12 ,": "", "rue rivoli xyzzy": "", "rue riv rivoli 3e": "",
	} {
		found, err := c.Search(t.Context(), question, MostFound)
		got := told(found)
		if err != nil || got != want && (!(question == "rue de l'" || question == "40 b st") || !strings.HasPrefix(got, want)) {
			t.Errorf("%q:\n%s, %v\nwant\n%s", question, strings.ReplaceAll(got, "; ", "\n"), err, strings.ReplaceAll(want, "; ", "\n"))
		}
	}
}

// A street is all of its segments, and stands where the one in the middle is; an address is where it is.
func TestWhereWhatIsFoundIs(t *testing.T) {
	c := searchTown(t)
	for question, want := range map[string]string{
		"rue de rivoli 1er":     "2.025 48.000, 2.000 48.000 2.050 48.000",
		"12 rue de rivoli":      "2.012 48.500, 2.010 48.000 2.020 48.500",
		"w2p1":                  "2.025 48.025, 2.000 48.000 2.050 48.050",
		"saint mirabel 1er arr": "2.025 48.055, 2.000 48.000 2.050 48.110",
	} {
		found, err := c.Search(t.Context(), question, 1)
		if err != nil || len(found) != 1 {
			t.Fatalf("%q: %v, %v", question, found, err)
		}
		f := found[0]
		if got := fmt.Sprintf("%.3f %.3f, %.3f %.3f %.3f %.3f", f.Lon, f.Lat, f.Bound.Min[0], f.Bound.Min[1], f.Bound.Max[0], f.Bound.Max[1]); got != want {
			t.Errorf("%q: %s is at %s, want %s", question, f.Name, got, want)
		}
	}
}

// Of communes and precincts no more are told than of streets, if there are streets.
func TestSearchLeavesRoomForStreets(t *testing.T) {
	c := searchTown(t)
	for limit, want := range map[int]string{1: "commune", 2: "commune street", 3: "commune commune street", 0: "commune", 99: "commune commune street"} {
		found, err := c.Search(t.Context(), "saint mira", limit)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, f := range found {
			kinds = append(kinds, string(f.Kind))
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("of %d: %s, want %s", limit, got, want)
		}
	}
	// And where there are none, they take all.
	if found, err := c.Search(t.Context(), "1-1", 3); err != nil || len(found) != 3 {
		t.Errorf("%s, %v", told(found), err)
	}
}

// The first of a street's name, as it is published and as people write it, is that street.
func TestEveryStreetIsFound(t *testing.T) {
	c := searchTown(t)
	level := c.unitLevel(engine.UnitSegment, 0)
	rapid.Check(t, func(rt *rapid.T) {
		name := level.names.at(rapid.IntRange(0, len(level.ids)-1).Draw(rt, "segment"))
		if name == "" {
			return
		}
		question := rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.ToLower, geo.NormalStreetName, geo.LooseStreetName, func(name string) string {
			return strings.NewReplacer("Saint", "St", "Rue", "r", "Général", "Gal", "Place", "Pl.", "Street", "St").Replace(name)
		}, func(name string) string {
			words := strings.Fields(name)
			slices.Reverse(words)
			return strings.Join(words, " ")
		}}).Draw(rt, "way")(name)
		found, err := c.Search(t.Context(), question, MostFound)
		same := func(f Found) bool {
			return f.Kind == FoundStreet && geo.LooseStreetName(f.Name) == geo.LooseStreetName(name)
		}
		if err != nil || !slices.ContainsFunc(found, same) {
			rt.Fatalf("%q, asked for as %q: %s, %v", name, question, told(found), err)
		}
	})
}

// A piece without a commune is of that of its street nearby, else of the next street.
func TestCommunesOfPieces(t *testing.T) {
	segments := &level{unit: engine.UnitSegment}
	l := newLayer("segments", segments)
	for i := range 6 { // far from one another
		segments.add(int64(i+1), "Rue Neuve", 0)
		west := 2 + 0.1*float64(i)
		l.draft.addLine(i, orb.LineString{{west, 48}, {west + 0.001, 48}})
	}
	segments.add(7, "Rue Neuve", 0) // beside the last
	l.draft.addLine(6, orb.LineString{{2.502, 48}, {2.503, 48}})
	l.index()
	communes := []int32{-1, 1, -1, -1, -1, 3, -1}
	nearby := nearbyCommunes(l, communes)
	for place, u := range l.units {
		if communes[u] >= 0 && nearby[place] != communes[u] || nearby[place] < 0 {
			t.Errorf("segment %d has %d nearby", u, nearby[place])
		}
	}
	var named []placedSegment
	for place, u := range l.units {
		named = append(named, placedSegment{0, communes[u], int32(place), u})
	}
	for place := range nearby {
		nearby[place] = 9
	}
	fillCommunes(l, named, nearby)
	got := make([]int32, 7)
	for _, one := range named {
		got[one.unit] = one.commune
	}
	if want := []int32{9, 1, 9, 9, 9, 3, 3}; !slices.Equal(got, want) {
		t.Errorf("communes %v, want %v", got, want)
	}
}

// Who does not wait any more is not worked for, and places of a country's size have no addresses to be found.
func TestSearchIsBounded(t *testing.T) {
	c := searchTown(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Search(ctx, "rue", 10); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	long := strings.Repeat("rue ", mostTyped-1)
	for question, found := range map[string]bool{long + "rivoli": true, long + "rue rivoli": false, "12 " + long + "rue rivoli": false} {
		if got, err := c.Search(t.Context(), question, 10); err != nil || len(got) > 0 != found {
			t.Errorf("%q: %s, %v", question, told(got), err)
		}
	}
	c.searched().addresses = MostSearched + 1
	c.placing.naming.names = nil // which nobody reads
	if found, err := c.Search(t.Context(), "12 rue de rivoli", 10); err != nil || len(found) != 0 {
		t.Errorf("%s, %v", told(found), err)
	}
	if n := c.searched().addresses; n != MostSearched+1 {
		t.Errorf("%d addresses", n)
	}
	if n := searchTown(t).searched().addresses; n != 30 {
		t.Errorf("%d addresses of 31 segments, of which one has none", n)
	}
}

func FuzzSearch(f *testing.F) {
	c := searchTown(f)
	for _, question := range []string{"rue riv", "12bis, rue de Rivoli", "12 Main St", "40 b st", "1-1", "8 mai 1945", "rue de l'", "st st st st 2e", "\xff 12 ß", "999999 r d", "0 0"} {
		f.Add(question, 10)
	}
	f.Fuzz(func(t *testing.T, question string, limit int) {
		if len(question) > 400 {
			return
		}
		found, err := c.Search(t.Context(), question, limit)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := c.Search(t.Context(), question, limit); err != nil || !slices.Equal(again, found) {
			t.Errorf("%q: %s, then %s", question, told(found), told(again))
		}
		if len(found) > max(1, min(limit, MostFound)) {
			t.Errorf("%q: %d found, at most %d were asked for", question, len(found), limit)
		}
		for _, one := range found {
			if _, _, err := c.level(one.Unit, one.ID); err != nil || one.Name == "" || !utf8.ValidString(one.Name) || !one.Bound.Contains(orb.Point{one.Lon, one.Lat}) {
				t.Errorf("%q: %+v", question, one)
			}
		}
		for _, way := range typedAddresses(question) {
			if way.number < 0 || strings.TrimSpace(way.street) == "" {
				t.Errorf("%q: %+v", question, way)
			}
		}
	})
}
