package build

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// Reasons to pass a row over: it is right, and not of the place.
const (
	passCommune    = "of another commune"
	passFar        = "more than 1 km from every address and area"
	passCensusArea = "of a census area that is not of the place"
	passSaid       = "of what a row before says already"
	passRepeated   = "a street of another file of the dataset again"
)

// cityParts are the cities whose arrondissements have commune codes of their own: base and number of them.
var cityParts = map[string]struct{ base, n int }{"75056": {75100, 20}, "69123": {69380, 9}, "13055": {13200, 16}}

// communes is a set of commune codes; nil is all of them.
type communes map[string]bool

// newCommunes makes the set of the codes; a city with arrondissements means all of them.
func newCommunes(codes ...engine.Code) communes {
	var set communes
	for _, c := range codes {
		code := strings.ToUpper(strings.TrimSpace(string(c)))
		if code == "" {
			continue
		}
		if set == nil {
			set = communes{}
		}
		set[code] = true
		if city, ok := cityParts[code]; ok {
			for i := 1; i <= city.n; i++ {
				set[strconv.Itoa(city.base+i)] = true
			}
		}
	}
	return set
}

func (c communes) has(code string) bool { return c == nil || c[code] || c[strings.ToUpper(code)] }

// inScope tells whether a row of the commune is asked for: by the place, and by the line of the source.
func (r *reader) inScope(in engine.Input, commune string) bool {
	return r.communes.has(commune) && r.ofSource.has(commune)
}

// oneCommune tells whether the commune of a street or census area is one: some sources name none, grids several, one after
// another, and some a city as a whole where its arrondissements are meant. Of those the position decides.
func oneCommune(text string) bool {
	_, city := cityParts[text]
	return len(text) > 0 && len(text) <= 5 && !city
}

// extent grows with the addresses and areas of the place.
type extent struct {
	box   orb.Bound
	known bool
}

func (e *extent) add(b orb.Bound) {
	if !e.known {
		e.box, e.known = b, true
		return
	}
	e.box = e.box.Union(b)
}

// metresPerDegree is that of a meridian, at its shortest.
const metresPerDegree = 110574.0

// widened is the extent with a margin in metres on all sides.
func (e *extent) widened(metres float64) orb.Bound {
	up := metres / metresPerDegree
	lat := math.Min(89, math.Max(math.Abs(e.box.Min[1]), math.Abs(e.box.Max[1])))
	aside := up / math.Cos(lat*math.Pi/180)
	return orb.Bound{Min: orb.Point{e.box.Min[0] - aside, e.box.Min[1] - up}, Max: orb.Point{e.box.Max[0] + aside, e.box.Max[1] + up}}
}

// countryOf finds the country of the place: as its file says, else that of its datasets. Two are refused.
func countryOf(place *engine.Place, inputs []engine.Input) (string, error) {
	country, from := strings.ToLower(strings.TrimSpace(string(place.Country))), "country: of the place file"
	for _, in := range inputs {
		switch {
		case in.Country == "" || in.Country == country:
		case country == "":
			country, from = in.Country, place.Where(in.Spec)+", "+in.Spec.Dataset
		default:
			return "", fmt.Errorf("build: %s: %s is of country %s, and the place of %s (%s): make a place of each country", place.Where(in.Spec), in.Spec.Dataset, in.Country, country, from)
		}
	}
	return country, nil
}
