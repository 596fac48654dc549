package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"golang.org/x/sync/errgroup"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// loader fills a City from the tables.
type loader struct {
	ctx      context.Context
	snapshot *engine.Snapshot
	mem      memory.Allocator
	city     *City
	choiceAt []map[string]int // by contest

	divisions []string  // by name
	divided   []int32   // by atom: its division
	segments  []int64   // by atom: the segment itself, which may stand under the id of another
	units     [][]int32 // by level: the unit of each atom, see placeAtoms
}

func (r *loader) read(t engine.Table, each func(engine.Rows) error) error {
	return r.snapshot.ReadTable(r.ctx, t, r.mem, each)
}

func clone(column engine.Texts, i int) string { return strings.Clone(column.Value(i)) }

func (r *loader) loadContests() error {
	c := r.city
	err := r.read(engine.Contests, func(rows engine.Rows) error {
		ids, names, dates, rounds, divisions := rows.Texts("contest"), rows.Texts("name"), rows.Texts("date"), rows.Int32s("round"), rows.Texts("division")
		bases := rows.Texts("base")
		for i := range rows.Len() {
			contest := Contest{ID: clone(ids, i), Name: clone(names, i), Round: int(rounds.Value(i)), Division: clone(divisions, i), Base: clone(bases, i)}
			if !dates.IsNull(i) {
				contest.Date = clone(dates, i)
			}
			c.contestAt[contest.ID] = len(c.contests)
			c.contests = append(c.contests, contest)
		}
		return nil
	})
	if err != nil {
		return err
	}
	order := make([]map[string]int32, len(c.contests))
	err = r.read(engine.Choices, func(rows engine.Rows) error {
		contests, ids, names, families := rows.Texts("contest"), rows.Texts("choice"), rows.Texts("name"), rows.Texts("family")
		colours, orders := rows.Texts("colour"), rows.Int32s("order")
		for i := range rows.Len() {
			at, ok := c.contestAt[contests.Value(i)]
			if !ok {
				return fmt.Errorf("choices: contest %s is not known", contests.Value(i))
			}
			choice := Choice{ID: clone(ids, i), Name: clone(names, i), Colour: clone(colours, i)}
			if !families.IsNull(i) {
				choice.Family = clone(families, i)
			}
			if order[at] == nil {
				order[at] = map[string]int32{}
			}
			order[at][choice.ID] = orders.Value(i)
			c.contests[at].Choices = append(c.contests[at].Choices, choice)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.choiceAt = make([]map[string]int, len(c.contests))
	for at := range c.contests {
		choices := c.contests[at].Choices
		slices.SortFunc(choices, func(a, b Choice) int { return int(order[at][a.ID] - order[at][b.ID]) })
		r.choiceAt[at] = map[string]int{}
		for k, choice := range choices {
			r.choiceAt[at][choice.ID] = k
		}
	}
	return nil
}

// loadPlaces reads segments, precincts and communes, and makes the layers' geometry.
func (r *loader) loadPlaces() error {
	c := r.city
	communes, err := r.loadCommunes()
	if err != nil {
		return err
	}
	segments, segmentLayer, err := r.loadStretches(communes)
	if err != nil {
		return err
	}
	precincts := &level{unit: engine.UnitPrecinct}
	precinctLayer := newLayer("precincts", precincts)
	err = r.read(engine.Precincts, func(rows engine.Rows) error {
		ids, codes, divisions, shapes := rows.Ints("precinct_id"), rows.Texts("code"), rows.Texts("division"), rows.Binary("geometry")
		of := rows.Texts("commune")
		for i := range rows.Len() {
			precincts.add(ids.Value(i), codes.Value(i), 0)
			precincts.communes = append(precincts.communes, communes.indexOf(of.Value(i)))
			var shape orb.MultiPolygon
			if !shapes.IsNull(i) {
				g, err := wkb.Unmarshal(shapes.Value(i))
				if err != nil {
					return fmt.Errorf("precinct %s: %w", codes.Value(i), err)
				}
				shape = g.(orb.MultiPolygon)
			}
			precinctLayer.draft.addArea(len(precincts.ids)-1, shape)
			precinctLayer.divisions = append(precinctLayer.divisions, clone(divisions, i))
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.levels = []*level{segments, precincts, communes}
	c.layers["segments"], c.layers["precincts"] = segmentLayer, precinctLayer
	return nil
}

// loadCommunes reads the communes.
func (r *loader) loadCommunes() (*level, error) {
	communes := &level{unit: engine.UnitCommune}
	return communes, r.read(engine.Communes, func(rows engine.Rows) error {
		ids, codes, names := rows.Ints("commune_id"), rows.Texts("commune"), rows.Texts("name")
		for i := range rows.Len() {
			communes.communes = append(communes.communes, int32(len(communes.ids)))
			communes.add(ids.Value(i), names.Value(i), 0)
			r.city.communeCodes = append(r.city.communeCodes, clone(codes, i))
		}
		return nil
	})
}

// indexOf finds a commune by its code, -1 where there is none.
func (l *level) indexOf(code string) int32 {
	if at, ok := l.find(engine.StableID("commune", code)); ok {
		return int32(at)
	}
	return -1
}

// makeCells makes the cells of every resolution from the atoms.
func (r *loader) makeCells() error {
	c := r.city
	finest := slices.Clone(c.atoms.cell)
	slices.Sort(finest)
	finest = slices.DeleteFunc(slices.Compact(finest), func(cell geo.Cell) bool { return cell == 0 })
	for resolution := engine.CoarsestResolution; resolution <= engine.FinestResolution; resolution++ {
		l := &level{unit: engine.UnitCell, resolution: resolution}
		ids := make([]int64, len(finest))
		for i, cell := range finest {
			ids[i] = int64(cell.Parent(resolution))
		}
		slices.Sort(ids)
		for _, id := range slices.Compact(ids) {
			l.add(id, "", 0)
		}
		c.levels = append(c.levels, l)
		c.layers[cellLayer(resolution)] = newLayer("cells", l)
	}
	return nil
}

// draw outlines the cells and indexes all layers.
func (r *loader) draw() error {
	var group errgroup.Group
	for _, l := range r.city.layers {
		group.Go(func() error {
			if l.level.unit == engine.UnitCell {
				for u, id := range l.level.ids {
					l.draft.addArea(u, orb.MultiPolygon{{geo.Cell(id).Boundary()}})
				}
			}
			l.index()
			return nil
		})
	}
	return group.Wait()
}

// arrange puts what tiles read in the order of the layers; one after the other, for it is there twice meanwhile.
func (r *loader) arrange() error {
	for _, l := range r.city.layers {
		if l.level.told != nil {
			l.arrangeNumbers()
		}
		l.say()
	}
	return nil
}

func cellLayer(resolution int) string { return fmt.Sprintf("cells %d", resolution) }

func (l *level) add(id int64, name string, households float64) {
	l.ids, l.standing = append(l.ids, id), append(l.standing, isEmpty)
	if l.unit != engine.UnitCell {
		l.names.add(name)
	}
	l.households, l.addresses = append(l.households, households), append(l.addresses, householdSources{})
}

// loadAddresses counts the addresses of segments and cells, and of precincts in their own division.
func (r *loader) loadAddresses() error {
	c := r.city
	var sources []uint8 // by address, in id order
	most := newMajorities(c.levels)
	communes := c.unitLevel(engine.UnitCommune, 0)
	last, commune := "", int32(-1)
	finders := make([]recent, len(c.levels))
	for at, l := range c.levels {
		finders[at].level = l
	}
	err := r.read(engine.Addresses, func(rows engine.Rows) error {
		segments, cells, by, codes := rows.Ints("segment_id"), rows.Ints("cell"), rows.Texts("households_by"), rows.Texts("commune")
		for i := range rows.Len() {
			source := slices.Index(engine.HouseholdSources(), by.Value(i))
			if source < 0 {
				return fmt.Errorf("addresses: households_by %q is not known", by.Value(i))
			}
			sources = append(sources, uint8(source))
			if code := codes.Value(i); code != last {
				last, commune = clone(codes, i), communes.indexOf(code)
			}
			for at, l := range c.levels {
				id := segments.Value(i)
				switch l.unit {
				case engine.UnitCell:
					id = int64(geo.Cell(cells.Value(i)).Parent(l.resolution))
				case engine.UnitPrecinct, engine.UnitCommune:
					continue
				}
				if u, ok := finders[at].find(id); ok {
					l.addresses[u][source]++
					most[at].add(u, commune)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for at, l := range c.levels {
		most[at].settle(l)
	}
	precincts := c.unitLevel(engine.UnitPrecinct, 0)
	// Placements list every address at least once in each division, in the same order.
	address, division, at := "", "", -1
	return r.read(engine.Placements, func(rows engine.Rows) error {
		addresses, divisions, ids := rows.Texts("address_id"), rows.Texts("division"), rows.Ints("precinct_id")
		for i := range rows.Len() {
			if divisions.Value(i) != division {
				address, division, at = "", clone(divisions, i), -1
			}
			if addresses.Value(i) != address {
				address = clone(addresses, i)
				at++
			}
			if at >= len(sources) {
				return fmt.Errorf("placements: address %s is not in addresses", address)
			}
			if b, ok := precincts.find(ids.Value(i)); ok {
				precincts.addresses[b][sources[at]]++
			}
		}
		return nil
	})
}

// makeNumbers makes the columns of a level, with rows for so many units, in which nothing is published yet.
func (c *City) makeNumbers(l *level, rows int) {
	l.numbers = make([]numbers, len(c.contests))
	for at, contest := range c.contests {
		n := &l.numbers[at]
		n.choices = len(contest.Choices)
		n.grow(rows)
		n.fill(rows)
	}
}

// loadEstimates reads what is published: states of all units, numbers of the published ones only.
func (r *loader) loadEstimates() error {
	c := r.city
	report, err := r.snapshot.Report()
	if err != nil {
		return err
	}
	for _, l := range c.levels {
		l.told = slices.Repeat([]int32{untold}, len(l.ids))
		c.makeNumbers(l, 0)
		for _, of := range report.Publication {
			if of.Unit == l.reported() {
				for at := range l.numbers {
					l.numbers[at].grow(int(max(0, min(of.Published, int64(len(l.ids))))))
				}
			}
		}
	}
	told := make([]int32, len(c.levels)) // rows that are taken, by level
	known := r.choicesOf("estimates")
	stood := engine.TextPairs[standing]{Find: func(state, reason string) (standing, error) {
		return standingOf(engine.State(state), engine.Reason(reason))
	}}
	err = r.read(engine.Estimates, func(rows engine.Rows) error {
		units, ids, contests, choices := rows.Texts("unit"), rows.Ints("unit_id"), rows.Texts("contest"), rows.Texts("choice")
		registered, votes, states, reasons := rows.Ints("registered"), rows.Ints("votes"), rows.Texts("state"), rows.Texts("reason")
		share, low90, low50 := rows.Floats("share"), rows.Floats("low90"), rows.Floats("low50")
		high50, high90, modelled := rows.Floats("high50"), rows.Floats("high90"), rows.Bools("modelled_only")
		fewest90, fewest50 := rows.Ints("registered_low90"), rows.Ints("registered_low50")
		most50, most90 := rows.Ints("registered_high50"), rows.Ints("registered_high90")
		known.Begin(contests, choices)
		stood.Begin(states, reasons)
		var l *level
		u, which := 0, 0
		for i := range rows.Len() {
			if ids.Value(i) == 0 {
				continue // what has no place is in every sum and never drawn
			}
			var err error
			// The rows of a unit stand together, and those of the next after them.
			switch same := l != nil && string(l.unit) == units.Value(i); {
			case same && l.ids[u] == ids.Value(i):
			case same && u+1 < len(l.ids) && l.ids[u+1] == ids.Value(i):
				u++
			default:
				if l, u, err = c.level(engine.Unit(units.Value(i)), ids.Value(i)); err != nil {
					return fmt.Errorf("estimates: %w", err)
				}
				which = slices.Index(c.levels, l)
			}
			found, err := known.At(i)
			if err != nil {
				return err
			}
			at, k := found.at, found.k
			if l.unit == engine.UnitCommune {
				c.contests[at].Choices[k].Votes += votes.Value(i)
			}
			if l.standing[u], err = stood.At(i); err != nil {
				return fmt.Errorf("estimates: %w", err)
			}
			if l.standing[u] != isPublished {
				continue
			}
			if l.told[u] == untold {
				l.told[u] = told[which]
				told[which]++
			}
			n, unit := &l.numbers[at], int(l.told[u])
			n.fill(unit + 1)
			row := unit*n.choices + k
			n.registered[unit], n.votes[row], n.modelled[unit] = registered.Value(i), votes.Value(i), modelled.Value(i)
			n.voters[unit] = Estimate{
				float64(registered.Value(i)), float64(fewest90.Value(i)), float64(fewest50.Value(i)), float64(most50.Value(i)), float64(most90.Value(i)),
			}
			n.shares[row] = Estimate{share.Value(i), low90.Value(i), low50.Value(i), high50.Value(i), high90.Value(i)}
		}
		return nil
	})
	for which, l := range c.levels {
		for at := range l.numbers {
			l.numbers[at].fill(int(told[which])) // a unit may have no row in a contest
		}
	}
	return err
}

// contestChoice is a contest and one of its choices.
type contestChoice struct{ at, k int }

// choicesOf finds contests and choices by what rows of a table call them.
func (r *loader) choicesOf(table string) *engine.TextPairs[contestChoice] {
	return &engine.TextPairs[contestChoice]{Find: func(contest, choice string) (contestChoice, error) {
		at, ok := r.city.contestAt[contest]
		if !ok {
			return contestChoice{}, fmt.Errorf("%s: contest %s is not known", table, contest)
		}
		k, ok := r.choiceAt[at][choice]
		if !ok {
			return contestChoice{}, fmt.Errorf("%s: choice %s of contest %s is not known", table, choice, contest)
		}
		return contestChoice{at, k}, nil
	}}
}

// hideTotals withholds the totals of the place where a commune is not published: less the others they would give it away.
func (r *loader) hideTotals() error {
	for _, of := range r.city.unitLevel(engine.UnitCommune, 0).standing {
		if of == isPublished {
			continue
		}
		for at := range r.city.contests {
			for k := range r.city.contests[at].Choices {
				r.city.contests[at].Choices[k].Votes = Hidden
			}
		}
	}
	return nil
}
