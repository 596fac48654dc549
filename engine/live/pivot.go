package live

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// PivotQuery asks for sums over the units of a collection, by group.
type PivotQuery struct {
	ItemQuery          // Properties, SortBy and Tile do not matter
	By        []string // text properties, and "area"; none: one group of all
	Areas     []Area   // what "area" is: a unit is in the first that holds a point of it; what is in none is in the group ""
}

// Area is a part of the ground that somebody has drawn.
type Area struct {
	ID    string
	Shape orb.Geometry // a Polygon or a MultiPolygon
}

// ByArea is what units are grouped by where Areas says so.
const ByArea = "area"

// Bounds of a pivot.
const (
	mostGroups = 20_000
	mostBy     = 3
)

// PivotRow is a group: sums of what its published units show, each as everybody sees it. What is suppressed is counted and in no sum.
type PivotRow struct {
	Group      []string // a value for each of By; "" where it is absent
	Units      int
	Published  int
	Suppressed int
	Empty      int
	Registered int64         // of the published units
	Choices    []PivotChoice // of the contest, in its order; those on no ballot of the group are left out
}

// PivotChoice is a choice in a group. The bounds of its share are the sums of the units' bounds, as if all errors went one way: they hold at
// least what they say, and are wide where many units are added up. What is made of whole precincts is exact when precincts are asked.
type PivotChoice struct {
	Choice     string
	Votes      int64
	Registered int64 // of the units that had it on the ballot
	Share      float64
	Low90      float64
	Low50      float64
	High50     float64
	High90     float64
}

// Pivot adds up published units by group, in the order of the groups, and says what of, as Items.About does. It combines published numbers only.
func (c *City) Pivot(ctx context.Context, q PivotQuery) (rows []PivotRow, about [][2]string, err error) {
	q.Properties, q.SortBy, q.Tile = nil, nil, nil
	items, err := c.Items(q.ItemQuery)
	if err != nil {
		return nil, nil, err
	}
	keys, err := c.groupKeys(items, q)
	if err != nil {
		return nil, nil, err
	}
	_, asked, err := settle(c.contests, q.Query)
	if err != nil {
		return nil, nil, err
	}
	groups := map[string]*pivotSum{}
	if _, err := items.walk(ctx, 0, 0, func(u int32) error {
		group := make([]string, len(keys))
		for i, key := range keys {
			group[i] = key(int(u))
		}
		name := strings.Join(group, "\x00")
		sum := groups[name]
		if sum == nil {
			if len(groups) == mostGroups {
				return &ItemError{"by", fmt.Sprintf("there are more than %d groups: ask for the units themselves, as items", mostGroups)}
			}
			sum = newPivotSum(group, len(c.contests[asked.contest].Choices))
			groups[name] = sum
		}
		sum.add(items.level, int(u), asked.contest)
		return nil
	}); err != nil {
		return nil, nil, err
	}
	rows = make([]PivotRow, 0, len(groups))
	for _, sum := range groups {
		rows = append(rows, sum.row(c.contests[asked.contest]))
	}
	slices.SortFunc(rows, func(a, b PivotRow) int { return slices.CompareFunc(a.Group, b.Group, cmp.Compare[string]) })
	return rows, items.About(), nil
}

// groupKeys gives what units are grouped by.
func (c *City) groupKeys(items *Items, q PivotQuery) ([]func(u int) string, error) {
	if len(q.By) > mostBy {
		return nil, &ItemError{"by", fmt.Sprintf("group by %d properties at most", mostBy)}
	}
	of, level, _, err := c.collection(q.Collection, q.Resolution)
	if err != nil {
		return nil, err
	}
	p, err := c.propertiesOf(of, level, q.Query)
	if err != nil {
		return nil, err
	}
	var keys []func(u int) string
	for i, name := range q.By {
		if slices.Contains(q.By[:i], name) {
			return nil, &ItemError{"by", fmt.Sprintf("%s is there twice", name)}
		}
		if name == ByArea {
			key, err := items.areaKey(q.Areas)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
			continue
		}
		found, err := p.find(name)
		if err != nil {
			return nil, &ItemError{"by", err.Error()}
		}
		if found.text == nil {
			return nil, &ItemError{"by", fmt.Sprintf("units are grouped by texts, and %s is none", name)}
		}
		keys = append(keys, func(u int) string { text, _ := found.text(u); return text })
	}
	return keys, nil
}

// areaKey gives the area that a point of a unit lies in.
func (it *Items) areaKey(areas []Area) (func(u int) string, error) {
	if len(areas) == 0 {
		return nil, &ItemError{"areas", "give the areas to group by"}
	}
	if it.layer == nil {
		return nil, &ItemError{"by", it.collection.Name + " have no geometry, so that they lie in no area"}
	}
	shapes := make([]geo.Shape, len(areas))
	boxes := make([]geo.WorldBox, len(areas))
	for i, area := range areas {
		var err error
		if shapes[i], err = geo.NewShape(area.Shape); err != nil {
			return nil, &ItemError{"areas", fmt.Sprintf("area %q cannot be used: %v", area.ID, err)}
		}
		boxes[i] = worldBox(area.Shape.Bound())
	}
	return func(u int) string {
		if it.layer.box(u) == nowhere {
			return ""
		}
		it.wkb = it.layer.appendWKB(it.wkb[:0], u)
		shape, err := geo.ShapeOfWKB(it.wkb)
		if err != nil {
			return ""
		}
		middle := shape.Middle()
		for i := range areas {
			if meets(it.layer.box(u), boxes[i]) && middle.Intersects(shapes[i]) {
				return areas[i].ID
			}
		}
		return ""
	}, nil
}

// pivotSum adds up a group.
type pivotSum struct {
	PivotRow
	votes, registered []int64      // by choice
	bounds            [][4]float64 // by choice: shares times registered voters, from Low90 to High90
	listed            []bool
}

func newPivotSum(group []string, choices int) *pivotSum {
	return &pivotSum{PivotRow{Group: group}, make([]int64, choices), make([]int64, choices), make([][4]float64, choices), make([]bool, choices)}
}

func (s *pivotSum) add(l *level, u, contest int) {
	s.Units++
	switch l.state(u) {
	case engine.Published:
		s.Published++
	case engine.Suppressed:
		s.Suppressed++
		return
	default:
		s.Empty++
		return
	}
	unit := l.publishedOf(u)
	registered := unit.registered(contest)
	if registered < 0 {
		return
	}
	s.Registered += registered
	for k := range s.votes {
		votes, listed := unit.votes(contest, k)
		if !listed || registered == 0 {
			continue
		}
		share, _ := unit.share(contest, k)
		s.listed[k] = true
		s.votes[k] += votes
		s.registered[k] += registered
		for i, bound := range []float64{share.Low90, share.Low50, share.High50, share.High90} {
			s.bounds[k][i] += bound * float64(registered)
		}
	}
}

func (s *pivotSum) row(contest Contest) PivotRow {
	for k, choice := range contest.Choices {
		if !s.listed[k] {
			continue
		}
		n := float64(s.registered[k])
		share := round6(float64(s.votes[k]) / n)
		low := func(i int) float64 { return min(round6(s.bounds[k][i]/n), share) }
		high := func(i int) float64 { return max(round6(s.bounds[k][i]/n), share) }
		s.Choices = append(s.Choices, PivotChoice{choice.ID, s.votes[k], s.registered[k], share, low(0), low(1), high(2), high(3)})
	}
	return s.PivotRow
}
