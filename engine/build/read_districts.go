package build

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
)

// districtRows are what the sources of a set say of its districts.
type districtRows struct {
	set       string
	known     map[string]*districtRow // by code
	precincts map[precinctRef]inDistrict
	communes  map[string]inDistrict
	source    engine.SourceSpec // the first of the set's, for messages
}

type districtRow struct {
	code, name string
	shape      orb.MultiPolygon // degrees; of several rows together. nil where no source has it
}

// inDistrict says in which district something is, and which row says so.
type inDistrict struct {
	code   string
	origin fileRow
}

// districtsOf gives the rows of the set that a source is of.
func (r *reader) districtsOf(in engine.Input) *districtRows {
	at := slices.IndexFunc(r.districts, func(d *districtRows) bool { return d.set == in.Spec.Set })
	if at < 0 {
		at = len(r.districts)
		r.districts = append(r.districts, &districtRows{
			set: in.Spec.Set, known: map[string]*districtRow{}, precincts: map[precinctRef]inDistrict{}, communes: map[string]inDistrict{}, source: in.Spec,
		})
	}
	return r.districts[at]
}

func (r *reader) takeDistricts(in engine.Input, file int32, rows engine.Rows) error {
	set := r.districtsOf(in)
	lines, codes, names := rows.Ints("line"), rows.Texts("district"), rows.Texts("name")
	communes, stations, shapes := rows.Texts("commune"), rows.Texts("station"), rows.Binary("geometry")
	for i := range rows.Len() {
		row := inDistrict{r.texts.keep(codes.Value(i)), fileRow{file, lines.Value(i)}}
		reason, err := "", error(nil)
		switch {
		case !shapes.IsNull(i):
			shape, wrong := multiPolygon(shapes.Value(i))
			if wrong != nil {
				return fmt.Errorf("build: %s: %w", r.row(row.origin), wrong)
			}
			if !r.around.Intersects(shape.Bound()) {
				reason = passFar
				break
			}
			d := set.district(row.code)
			d.shape = append(d.shape, shape...)
		case !r.someInScope(in, communes.Value(i)):
			reason = passCommune
		case stations.IsNull(i):
			reason, err = takeInDistrict(r, set.communes, "commune", r.texts.keep(communes.Value(i)), row)
		default:
			ref := precinctRef{string(in.Spec.Division), r.key(communes.Value(i), stations.Value(i))}
			reason, err = takeInDistrict(r, set.precincts, "precinct", ref, row)
		}
		if err != nil {
			return err
		}
		if reason != "" {
			r.pass(file, row.origin.line, reason)
			continue
		}
		if d := set.district(row.code); d.name == "" {
			d.name = r.texts.keep(names.Value(i))
		}
	}
	return nil
}

// someInScope tells whether a commune is asked for, or one of its arrondissements.
func (r *reader) someInScope(in engine.Input, commune string) bool {
	if r.inScope(in, commune) {
		return true
	}
	for part := range newCommunes(engine.Code(commune)) {
		if r.inScope(in, part) {
			return true
		}
	}
	return false
}

// takeInDistrict notes the district of a precinct or a commune. A file of results names it on each of its rows, and says the same each time.
func takeInDistrict[K comparable](r *reader, known map[K]inDistrict, what string, key K, row inDistrict) (reason string, err error) {
	first, ok := known[key]
	switch {
	case !ok:
		known[key] = row
	case first.code == row.code:
		return passSaid, nil
	default:
		return "", fmt.Errorf("build: %s: the %s is in district %s, and in %s on %s: each is in one district of a set; correct one of the two, or make two sets of them",
			r.row(row.origin), what, row.code, first.code, r.row(first.origin))
	}
	return "", nil
}

func (d *districtRows) district(code string) *districtRow {
	found := d.known[code]
	if found == nil {
		found = &districtRow{code: code}
		d.known[code] = found
	}
	return found
}

// sortDistricts brings the sets into the order of their names.
func sortDistricts(sets []*districtRows) {
	slices.SortFunc(sets, func(a, b *districtRows) int { return cmp.Compare(a.set, b.set) })
}
