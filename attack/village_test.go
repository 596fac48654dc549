package attack

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/arpent/arpent/datasets"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/build"
	"github.com/arpent/arpent/geo"
)

// row is the houses of one side of a street, 20 m apart, each a digit: how many households it has.
type row struct {
	street      string
	from        orb.Point // metres, the first house
	step        orb.Point
	households  string
	firstNumber int // then every other
}

// streets are drawn in metres about the crossing of Rue Haute, from west to east, and Rue Basse, from south to north.
//
//	              Basse    Neuve
//	       Puits    |        |
//	         |      |        |
//	----------------+------------ Haute
//	                |    |
//	                +----+------- Pont
//	                |    | Courte
var streets = []struct {
	name string
	line orb.LineString
}{
	{"Rue Haute", orb.LineString{{-200, 0}, {200, 0}}},
	{"Rue Basse", orb.LineString{{0, -200}, {0, 200}}},
	{"Rue du Pont", orb.LineString{{0, -100}, {200, -100}}},
	{"Rue Courte", orb.LineString{{100, 0}, {100, -180}}},
	{"Rue Neuve", orb.LineString{{150, 0}, {150, 120}}},
	{"Impasse du Puits", orb.LineString{{-100, 0}, {-100, 60}}},
}

var rows = []row{
	{"Rue Haute", orb.Point{-190, 8}, orb.Point{20, 0}, "30052040213061405231", 1},
	{"Rue Haute", orb.Point{-190, -8}, orb.Point{20, 0}, "24600315042000513204", 2},
	{"Rue Basse", orb.Point{-8, -170}, orb.Point{0, 20}, "5034000030250416", 1},
	{"Rue Basse", orb.Point{8, -170}, orb.Point{0, 20}, "2400500040033500", 2},
	{"Rue du Pont", orb.Point{30, -92}, orb.Point{20, 0}, "40205030", 1},
	{"Rue du Pont", orb.Point{30, -108}, orb.Point{20, 0}, "05030402", 2},
	{"Rue Courte", orb.Point{92, -30}, orb.Point{0, -20}, "303050", 1},
	{"Rue Courte", orb.Point{108, -30}, orb.Point{0, -20}, "020402", 2},
	{"Rue Neuve", orb.Point{158, 30}, orb.Point{0, 20}, "4060", 1},
	{"Impasse du Puits", orb.Point{-92, 30}, orb.Point{0, 20}, "42", 1},
}

// precinct is an area that votes are counted in, with its result.
type precinct struct {
	division, commune, station string
	ring                       orb.Ring
}

func box(west, south, east, north float64) orb.Ring {
	return orb.Ring{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
}

// precincts are those of two divisions. They differ by one house, Rue Basse 10, which has 5 households.
var precincts = []precinct{
	{"2020", "99001", "1", box(-320, -320, 0, 320)},
	{"2020", "99001", "2", box(0, -320, 320, 0)},
	{"2020", "99002", "1", box(0, 0, 320, 320)},
	{"2024", "99001", "1", orb.Ring{{-320, -320}, {0, -320}, {0, -100}, {15, -100}, {15, -80}, {0, -80}, {0, 320}, {-320, 320}, {-320, -320}}},
	{"2024", "99001", "2", orb.Ring{{0, -320}, {320, -320}, {320, 0}, {0, 0}, {0, -80}, {15, -80}, {15, -100}, {0, -100}, {0, -320}}},
	{"2024", "99002", "1", box(0, 0, 320, 320)},
}

// contest has votes by precinct of its division: registered voters, blank, null, then by choice.
type contest struct {
	id, division string
	votes        [3][6]int
}

var lists = []string{"jardins", "moulins", "ponts"}

var contests = []contest{
	{"2020_muni_t1", "2020", [3][6]int{{236, 3, 2, 61, 40, 33}, {131, 1, 1, 20, 47, 12}, {117, 2, 0, 25, 31, 24}}},
	{"2020_muni_t2", "2020", [3][6]int{{239, 6, 1, 82, 67, 0}, {130, 2, 1, 31, 59, 0}, {118, 3, 1, 40, 44, 0}}},
	{"2024_euro", "2024", [3][6]int{{251, 2, 2, 47, 55, 29}, {133, 1, 0, 18, 40, 17}, {112, 1, 1, 22, 26, 25}}},
}

// village is what the place is made of: those of streets and precincts, with the houses that a test has changed.
type village struct {
	divisions []string
	houses    []house
}

type house struct {
	street     string
	number     int
	at         orb.Point // metres
	households int
}

func (h house) id() string {
	return fmt.Sprintf("%s_%d", strings.ReplaceAll(h.street, " ", "_"), h.number)
}

func newVillage(divisions ...string) village {
	v := village{divisions: divisions}
	for _, r := range rows {
		for i, digit := range r.households {
			at := orb.Point{r.from[0] + float64(i)*r.step[0], r.from[1] + float64(i)*r.step[1]}
			v.houses = append(v.houses, house{r.street, r.firstNumber + 2*i, at, int(digit - '0')})
		}
	}
	return v
}

// with changes the households of a house.
func (v village) with(id string, households int) village {
	v.houses = slices.Clone(v.houses)
	v.houses[slices.IndexFunc(v.houses, func(h house) bool { return h.id() == id })].households = households
	return v
}

// build writes the files of the village, and makes a snapshot of them.
func (v village) build(t *testing.T) *engine.Snapshot {
	t.Helper()
	return v.buildIn(t, engine.Workspace{Dir: filepath.Join(t.TempDir(), "workspace")})
}

// buildIn makes the next snapshot of a workspace.
func (v village) buildIn(t *testing.T, workspace engine.Workspace) *engine.Snapshot {
	t.Helper()
	dir := t.TempDir()
	place := v.write(t, dir)
	var inputs []engine.Input
	for _, spec := range place.Sources {
		dataset, err := datasets.ByName(spec.Dataset)
		if err != nil {
			t.Fatal(err)
		}
		path := place.Locate(spec, dir)
		source, err := dataset.Open(path, spec)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, engine.Input{Spec: spec, Kind: dataset.KindOf(spec), Path: path, Source: source, Crossings: dataset.Crossings,
			Publisher: dataset.Publisher, Licence: dataset.Licence, Attribution: dataset.Attribution})
	}
	if _, err := build.Run(t.Context(), build.Options{Place: place, Inputs: inputs, Workspace: workspace, Parameters: engine.DefaultParameters(), Data: dir}); err != nil {
		t.Fatal(err)
	}
	s, err := workspace.OpenCurrent()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// write writes the files and reads the place file.
func (v village) write(t *testing.T, dir string) *engine.Place {
	t.Helper()
	put := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	features := func(name string, list []*geojson.Feature) {
		content, err := json.Marshal(&geojson.FeatureCollection{Type: "FeatureCollection", Features: list})
		if err != nil {
			t.Fatal(err)
		}
		put(name, string(content))
	}
	var list []*geojson.Feature
	for _, s := range streets {
		f := geojson.NewFeature(inDegrees(s.line))
		f.Properties = geojson.Properties{"street": s.name, "commune": "99001"}
		list = append(list, f)
	}
	features("streets.geojson", list)

	var addresses strings.Builder
	addresses.WriteString("address_id,number,street,commune,commune_name,lon,lat,households\n")
	for _, h := range v.houses {
		commune := "99001"
		if h.at[0] > 0 && h.at[1] > 0 {
			commune = "99002"
		}
		p := degrees(h.at)
		fmt.Fprintf(&addresses, "%s,%d,%s,%s,Village,%.7f,%.7f,%d\n", h.id(), h.number, h.street, commune, p[0], p[1], h.households)
	}
	put("addresses.csv", addresses.String())

	place := `place: village
name: Village
sources:
  - {dataset: table, kind: streets, path: streets.geojson, columns: {street: street, commune: commune}}
  - {dataset: table, kind: addresses, path: addresses.csv, columns: {address_id: address_id, number: number, street: street, commune: commune, commune_name: commune_name, lon: lon, lat: lat, households: households}}
`
	for _, division := range v.divisions {
		list = nil
		for _, p := range precincts {
			if p.division == division {
				f := geojson.NewFeature(orb.Polygon{orb.Ring(inDegrees(orb.LineString(p.ring)))})
				f.Properties = geojson.Properties{"precinct": p.station, "commune": p.commune}
				list = append(list, f)
			}
		}
		features("areas-"+division+".geojson", list)
		place += fmt.Sprintf("  - {dataset: table, kind: areas, path: areas-%s.geojson, columns: {precinct: precinct, commune: commune}, division: %s}\n", division, division)
	}
	// Districts: by precinct, and by a shape whose border cuts precincts.
	for _, division := range v.divisions {
		put("wards-"+division+".csv", "ward,name,commune,precinct\nw,West,99001,1\ne,East,99001,2\ne,East,99002,1\n")
		place += fmt.Sprintf("  - {dataset: table, kind: districts, set: ward, path: wards-%s.csv, division: %s, columns: {district: ward, name: name, commune: commune, precinct: precinct}}\n", division, division)
	}
	list = nil
	for code, ring := range map[string]orb.Ring{"n": box(-320, -60, 320, 320), "s": box(-320, -320, 320, -60)} {
		f := geojson.NewFeature(orb.Polygon{orb.Ring(inDegrees(orb.LineString(ring)))})
		f.Properties = geojson.Properties{"code": code, "name": "Quarter " + code}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *geojson.Feature) int {
		return strings.Compare(a.Properties.MustString("code"), b.Properties.MustString("code"))
	})
	features("quarters.geojson", list)
	place += "  - {dataset: table, kind: districts, set: quarter, path: quarters.geojson, columns: {district: code, name: name}}\n"
	for _, c := range contests {
		if !slices.Contains(v.divisions, c.division) {
			continue
		}
		put(c.id+".csv", c.csv())
		place += fmt.Sprintf("  - {dataset: table, kind: results, path: %s.csv, contest: %s, division: %s, name: %s, date: %s-06-01, columns: {precinct: precinct, commune: commune, registered: registered, voters: voters, blank: blank, \"null\": \"null\"%s}}\n",
			c.id, c.id, c.division, c.id, c.division, c.columns())
	}
	put("place.yaml", place)
	read, err := engine.ReadPlace(filepath.Join(dir, "place.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func (c contest) ballot() []string {
	if c.votes[0][5] == 0 {
		return lists[:2]
	}
	return lists
}

func (c contest) columns() (text string) {
	for _, choice := range c.ballot() {
		text += fmt.Sprintf(", votes of %s: %s", choice, choice)
	}
	return text
}

func (c contest) csv() string {
	text := "commune,precinct,registered,voters,blank,null," + strings.Join(c.ballot(), ",") + "\n"
	for i, p := range slices.DeleteFunc(slices.Clone(precincts), func(p precinct) bool { return p.division != c.division }) {
		v := c.votes[i]
		text += fmt.Sprintf("%s,%s,%d,%d,%d,%d", p.commune, p.station, v[0], v[1]+v[2]+v[3]+v[4]+v[5], v[1], v[2])
		for k := range c.ballot() {
			text += fmt.Sprintf(",%d", v[3+k])
		}
		text += "\n"
	}
	return text
}

// origin is the crossing, in Lambert-93.
var origin = orb.Point{400000, 6700000}

func degrees(metres orb.Point) orb.Point {
	lon, lat := geo.Lambert93.Inverse(origin[0]+metres[0], origin[1]+metres[1])
	return orb.Point{lon, lat}
}

func inDegrees(line orb.LineString) orb.LineString {
	out := make(orb.LineString, len(line))
	for i, p := range line {
		out[i] = degrees(p)
	}
	return out
}
