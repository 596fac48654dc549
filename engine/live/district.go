package live

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/arpent/arpent/engine"
)

// districtSet is a set of districts with their precincts. A district has no numbers of its own in a snapshot: it is the sum of published
// communes that lie in it as a whole, and of published precincts. Sums of what is published tell nothing that is not, so that districts
// need no plan.
type districtSet struct {
	name  string
	level *level
	codes []string // by unit
	drawn bool     // a source has their shapes

	ofPrecinct []int32 // the unit that each precinct is in, or noDistrict
	ofSegment  []int32 // the one that all precincts of a segment are in, or noDistrict
	ofCommune  []int32
}

const noDistrict = -1

// districtLayer stands before the name of a set in that of its layer.
const districtLayer = "districts "

func (d *districtSet) layerName() string { return districtLayer + d.name }

// in gives the district of the units of a level; nil where the set does not say it.
func (d *districtSet) in(unit engine.Unit) []int32 {
	switch unit {
	case engine.UnitSegment:
		return d.ofSegment
	case engine.UnitPrecinct:
		return d.ofPrecinct
	case engine.UnitCommune:
		return d.ofCommune
	}
	return nil
}

// loadDistricts reads the sets, by name, and finds what lies in which district.
func (r *loader) loadDistricts() error {
	c := r.city
	sets, setOf := map[string]*districtSet{}, map[int64]*districtSet{}
	err := r.read(engine.Districts, func(rows engine.Rows) error {
		ids, names, codes, titles, shapes := rows.Ints("district_id"), rows.Texts("set"), rows.Texts("code"), rows.Texts("name"), rows.Binary("geometry")
		for i := range rows.Len() {
			set := sets[names.Value(i)]
			if set == nil {
				name := clone(names, i)
				set = &districtSet{name: name, level: &level{unit: engine.UnitDistrict}}
				set.level.set = set
				sets[name], c.sets = set, append(c.sets, set)
				c.layers[set.layerName()] = newLayer(set.layerName(), set.level)
			}
			setOf[ids.Value(i)] = set
			set.level.add(ids.Value(i), titles.Value(i), 0)
			set.codes = append(set.codes, clone(codes, i))
			var shape orb.MultiPolygon
			if !shapes.IsNull(i) {
				g, err := wkb.Unmarshal(shapes.Value(i))
				if err != nil {
					return fmt.Errorf("district %s of set %s: %w", codes.Value(i), set.name, err)
				}
				shape, set.drawn = g.(orb.MultiPolygon), true
			}
			c.layers[set.layerName()].draft.addArea(len(set.codes)-1, shape)
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(c.sets, func(a, b *districtSet) int { return cmp.Compare(a.name, b.name) })
	precincts := c.unitLevel(engine.UnitPrecinct, 0)
	for _, set := range c.sets {
		set.ofPrecinct = slices.Repeat([]int32{noDistrict}, len(precincts.ids))
	}
	err = r.read(engine.DistrictPrecincts, func(rows engine.Rows) error {
		ids, districts := rows.Ints("precinct_id"), rows.Ints("district_id")
		for i := range rows.Len() {
			b, ok := precincts.find(ids.Value(i))
			set := setOf[districts.Value(i)]
			if !ok || set == nil {
				return fmt.Errorf("district_precincts: precinct %d or district %d is not known", ids.Value(i), districts.Value(i))
			}
			u, _ := set.level.find(districts.Value(i))
			set.ofPrecinct[b] = int32(u)
		}
		return nil
	})
	for _, set := range c.sets {
		r.agree(set)
	}
	return err
}

// agree finds the communes and segments whose precincts are all in one district. Divisions that the set says nothing of do not count.
func (r *loader) agree(d *districtSet) {
	c := r.city
	divisions, said := c.layers["precincts"].divisions, map[string]bool{}
	for b, u := range d.ofPrecinct {
		if u != noDistrict {
			said[divisions[b]] = true
		}
	}
	const unseen = noDistrict - 1
	meet := func(known int32, b int32) int32 {
		switch u := d.ofPrecinct[b]; {
		case !said[divisions[b]] || known == u:
			return known
		case known == unseen:
			return u
		}
		return noDistrict
	}
	settle := func(of []int32) []int32 {
		for i, u := range of {
			of[i] = max(u, noDistrict)
		}
		return of
	}
	segments := slices.IndexFunc(c.levels, func(l *level) bool { return l.unit == engine.UnitSegment })
	ofSegment := slices.Repeat([]int32{unseen}, len(c.levels[segments].ids))
	for i, b := range c.atoms.precinct {
		if u := r.units[segments][i]; u != noUnit {
			ofSegment[u] = meet(ofSegment[u], b)
		}
	}
	ofCommune := slices.Repeat([]int32{unseen}, len(c.communeCodes))
	for b, commune := range c.atoms.commune {
		ofCommune[commune] = meet(ofCommune[commune], int32(b))
	}
	d.ofSegment, d.ofCommune = settle(ofSegment), settle(ofCommune)
}

// property says in which district units are, by its code.
func (d *districtSet) property(in []int32) property {
	return property{
		Property: Property{d.name, "Code of the district that all of its precincts are in", TextProperty, nil, true},
		text: func(u int) (string, bool) {
			if in[u] == noDistrict {
				return "", false
			}
			return d.codes[in[u]], true
		},
	}
}

// sumDistricts adds up the districts. Nothing but the columns of published communes and precincts is read.
func (r *loader) sumDistricts() error {
	c := r.city
	for _, set := range c.sets {
		c.makeNumbers(set.level, len(set.level.ids))
		sums := c.summands(set)
		for u, of := range sums {
			set.level.sum(u, of, c)
		}
		c.levels = append(c.levels, set.level)
	}
	return nil
}

// summand is a unit that a district is a sum of.
type summand struct {
	level *level
	u     int
}

// summands lists what each district of a set is a sum of: communes that are published and have no precinct elsewhere, and the precincts of
// the others.
func (c *City) summands(d *districtSet) [][]summand {
	communes, precincts := c.unitLevel(engine.UnitCommune, 0), c.unitLevel(engine.UnitPrecinct, 0)
	whole := make([]bool, len(communes.ids))
	for m := range whole {
		whole[m] = communes.state(m) == engine.Published
	}
	first := slices.Repeat([]int32{noDistrict - 1}, len(communes.ids))
	for b, m := range c.atoms.commune {
		if u := d.ofPrecinct[b]; first[m] < noDistrict {
			first[m] = u
		} else if first[m] != u {
			whole[m] = false
		}
	}
	sums := make([][]summand, len(d.codes))
	for m, u := range first {
		if whole[m] && u >= 0 {
			sums[u] = append(sums[u], summand{communes, m})
		}
	}
	for b, u := range d.ofPrecinct {
		if u != noDistrict && !whole[c.atoms.commune[b]] {
			sums[u] = append(sums[u], summand{precincts, b})
		}
	}
	return sums
}

// sum adds up a district. Where a precinct of it is suppressed by itself the district is too: less the others it would give that one away.
func (l *level) sum(u int, of []summand, c *City) {
	for _, s := range of {
		switch s.level.state(s.u) {
		case engine.Suppressed:
			l.standing[u] = isComplement
			return
		case engine.Published:
			l.standing[u] = isPublished
		}
	}
	for _, s := range of {
		l.households[u] += s.level.households[s.u]
	}
	for at := range c.contests {
		l.numbers[at].sum(u, len(c.contests[at].Choices), at, of)
	}
}

// sum adds up a district in a contest. Its numbers are official, and have no doubt; of a precinct that is modelled only nobody is counted.
func (n *numbers) sum(u, choices, at int, of []summand) {
	for _, s := range of {
		from := s.level.publishedOf(s.u)
		registered := from.registered(at)
		if registered < 0 || from.modelledOnly(at) {
			continue
		}
		n.registered[u] = max(0, n.registered[u]) + registered
		for k := range choices {
			if votes, listed := from.votes(at, k); listed {
				n.votes[u*choices+k] = max(0, n.votes[u*choices+k]) + votes
			}
		}
	}
	voters := float64(n.registered[u])
	if voters < 0 {
		return
	}
	n.voters[u] = Estimate{voters, voters, voters, voters, voters}
	for row := u * choices; row < (u+1)*choices; row++ {
		if n.votes[row] >= 0 && voters > 0 {
			share := float64(n.votes[row]) / voters
			n.shares[row] = Estimate{share, share, share, share, share}
		}
	}
}
