package live

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// PropertyType is what the values of a property are.
type PropertyType string

// The types. A cell is a text of 15 hex digits in filters, and an H3 index in columns.
const (
	TextProperty    PropertyType = "text"
	WholeProperty   PropertyType = "whole"
	NumberProperty  PropertyType = "number"
	BooleanProperty PropertyType = "boolean"
	CellProperty    PropertyType = "cell"
)

// Property is a column of a collection. What a unit does not publish is absent from it.
type Property struct {
	Name    string
	About   string
	Type    PropertyType
	Values  []string // all there are, of a text with a closed list
	Default bool     // it is in a row unless others are asked for
}

// property is how the values of a Property are had. One of the readers is there, by its type.
type property struct {
	Property
	whole    func(u int) (int64, bool)
	number   func(u int) (float64, bool)
	text     func(u int) (string, bool)
	flag     func(u int) (bool, bool)
	estimate *estimates // of whole and number: what it is a bound of
	bound    bound
}

// bound is the value of an estimate, or one of its bounds.
type bound string

// The bounds, as they are named behind a measure.
const (
	valueBound bound = ""
	lowBound   bound = "low"
	low50Bound bound = "low50"
	high50     bound = "high50"
	highBound  bound = "high"
)

var bounds = []bound{valueBound, lowBound, low50Bound, high50, highBound}

func (b bound) of(e Estimate) float64 {
	switch b {
	case lowBound:
		return e.Low90
	case low50Bound:
		return e.Low50
	case high50:
		return e.High50
	case highBound:
		return e.High90
	}
	return e.Value
}

// estimates are a measure of the units of a level, the units of a batch computed once for all its bounds.
type estimates struct {
	level   *level
	measure Measure
	asked   question
	values  []Estimate
	known   []bool
}

func (e *estimates) of(u int) (Estimate, bool) {
	if e.level.state(u) != engine.Published || e.level.publishedOf(u).registered(e.asked.contest) < 0 {
		return Estimate{}, false
	}
	number, ok := e.measure.estimate(e.level.publishedOf(u), e.asked)
	if ok && !e.measure.whole {
		number = Estimate{round6(number.Value), round6(number.Low90), round6(number.Low50), round6(number.High50), round6(number.High90)}
	}
	return number, ok
}

// round6 gives a number the digits that are shown of it, so that it is the same in every format.
func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// fill computes the estimates of some units.
func (e *estimates) fill(units []int32) {
	e.values, e.known = slices.Grow(e.values[:0], len(units))[:len(units)], slices.Grow(e.known[:0], len(units))[:len(units)]
	for i, u := range units {
		e.values[i], e.known[i] = e.of(int(u))
	}
}

// properties are those of a collection for one query.
type properties struct {
	city      *City
	level     *level
	unit      engine.Unit
	contest   int
	asked     *estimates // of the query
	estimates []*estimates
	known     []property // the fixed ones, in their order
}

func (c *City) propertiesOf(of Collection, l *level, q Query) (*properties, error) {
	m, asked, err := settle(c.contests, q)
	if err != nil {
		return nil, err
	}
	p := &properties{city: c, level: l, unit: of.Unit, contest: asked.contest}
	p.asked = p.estimatesOf(m, asked)
	p.known = p.fixed()
	return p, nil
}

// estimatesOf gives the estimates of a measure, the same ones to all that ask.
func (p *properties) estimatesOf(m Measure, asked question) *estimates {
	for _, e := range p.estimates {
		if e.measure.ID == m.ID && e.asked == asked {
			return e
		}
	}
	e := &estimates{level: p.level, measure: m, asked: asked}
	p.estimates = append(p.estimates, e)
	return e
}

// fixed lists the properties that every contest has, of the measure that is asked for.
func (p *properties) fixed() []property {
	l := p.level
	shown := func(u int) bool { return l.state(u) == engine.Published }
	id := property{Property: Property{"id", "As in tiles and scores", WholeProperty, nil, true}, whole: func(u int) (int64, bool) { return l.ids[u], true }}
	if p.unit == engine.UnitCell {
		id.Type = CellProperty
		id.text = func(u int) (string, bool) { return l.name(u), true }
	}
	list := []property{id}
	if p.unit != engine.UnitCell {
		about := map[engine.Unit]string{engine.UnitSegment: "Street", engine.UnitPrecinct: "Code, as published", engine.UnitCommune: "Name", engine.UnitDistrict: "Name"}[p.unit]
		list = append(list, property{Property: Property{"name", about, TextProperty, nil, true}, text: func(u int) (string, bool) { return l.name(u), true }})
	}
	if l.set != nil { // a district has several communes
		list = append(list, property{Property: Property{"code", "As published", TextProperty, nil, true}, text: func(u int) (string, bool) { return l.set.codes[u], true }})
	} else {
		about := "Code of the commune"
		if p.unit == engine.UnitCell || p.unit == engine.UnitSegment {
			about += " that most of its addresses are of"
		}
		list = append(list, property{
			Property: Property{"commune", about, TextProperty, nil, true},
			text: func(u int) (string, bool) {
				at := l.communes[u]
				if at < 0 {
					return "", false
				}
				return p.city.communeCodes[at], true
			},
		})
	}
	if p.unit == engine.UnitSegment {
		list = append(list, property{Property: Property{"length_m", "Metres", NumberProperty, nil, true}, number: func(u int) (float64, bool) { return math.Round(l.lengths[u]*100) / 100, true }})
	}
	for _, set := range p.city.sets {
		if in := set.in(p.unit); in != nil {
			list = append(list, set.property(in))
		}
	}
	states := []string{string(engine.Published), string(engine.Suppressed), string(engine.Empty)}
	reasons := []string{string(engine.ReasonK), string(engine.ReasonComplement), string(engine.ReasonEarlier)}
	list = append(list,
		property{
			Property: Property{"state", "Numbers are there of published units only", TextProperty, states, true},
			text:     func(u int) (string, bool) { return string(l.state(u)), true },
		},
		property{
			Property: Property{"reason", "Why a unit is suppressed: k, fewer than 11 households; complement, it would give away a neighbour by subtraction; earlier, it would together with what an earlier snapshot published", TextProperty, reasons, true},
			text:     func(u int) (string, bool) { return string(l.reason(u)), l.reason(u) != engine.ReasonNone },
		},
		property{
			Property: Property{"households", "About how many live there", NumberProperty, nil, true},
			number: func(u int) (float64, bool) {
				if !shown(u) {
					return 0, false
				}
				h := round6(p.city.publishedHouseholds(l, u))
				return h, h > 0
			},
		},
		property{
			Property: Property{"n", "Registered voters, or ballots where the contest counts those", WholeProperty, nil, true},
			whole: func(u int) (int64, bool) {
				n := l.publishedOf(u).registered(p.contest)
				return n, shown(u) && n >= 0
			},
		},
		property{
			Property: Property{"modelled_only", "No result is known of its precincts: n is 0 and the value predicted", BooleanProperty, nil, true},
			flag: func(u int) (bool, bool) {
				unit := l.publishedOf(u)
				return unit.modelledOnly(p.contest), shown(u) && unit.registered(p.contest) >= 0
			},
		},
	)
	for _, b := range bounds {
		name, about := string(b), map[bound]string{
			valueBound: "The measure asked for", lowBound: "Low end of its 90 % interval", low50Bound: "Low end of its 50 % interval",
			high50: "High end of its 50 % interval", highBound: "High end of its 90 % interval",
		}[b]
		if b == valueBound {
			name = "value"
		}
		list = append(list, p.bounded(name, about, p.asked, b))
	}
	return list
}

// bounded is a property that is a value or a bound of estimates.
func (p *properties) bounded(name, about string, e *estimates, b bound) property {
	made := property{Property: Property{name, about, NumberProperty, nil, true}, estimate: e, bound: b}
	made.number = func(u int) (float64, bool) {
		number, ok := e.of(u)
		return b.of(number), ok
	}
	if e.measure.whole {
		made.Type = WholeProperty
		made.whole = func(u int) (int64, bool) {
			number, ok := e.of(u)
			return int64(b.of(number)), ok
		}
	}
	return made
}

// find gives the property of a name: a fixed one, or CONTEST.MEASURE or CONTEST.CHOICE.MEASURE, with .low, .low50, .high50 or .high behind it for
// a bound.
func (p *properties) find(name string) (property, error) {
	for _, known := range p.known {
		if known.Name == name {
			return known, nil
		}
	}
	for _, contest := range p.city.contests {
		rest, ok := strings.CutPrefix(name, contest.ID+".")
		if !ok {
			continue
		}
		found, err := p.measured(name, contest, rest)
		if err == nil {
			found.Default = false
		}
		return found, err
	}
	var known []string
	for _, k := range p.known {
		known = append(known, k.Name)
	}
	return property{}, fmt.Errorf("there is no property %q: known are %s, and CONTEST.MEASURE or CONTEST.CHOICE.MEASURE of /v1/contests, with .low, .low50, .high50 or .high behind it for a bound",
		name, strings.Join(known, ", "))
}

func (p *properties) measured(name string, contest Contest, rest string) (property, error) {
	at := valueBound
	for _, b := range bounds[1:] {
		if cut, ok := strings.CutSuffix(rest, "."+string(b)); ok {
			rest, at = cut, b
		}
	}
	choice, id := "", rest
	if dot := strings.LastIndexByte(rest, '.'); dot >= 0 {
		choice, id = rest[:dot], rest[dot+1:]
	}
	m, err := measureByName(id)
	if err != nil || id == "" {
		return property{}, fmt.Errorf("%q names no measure: %w", name, &QueryError{"measure", id, measureIDs()})
	}
	if takes := slices.Contains(m.Parameters, byChoice); takes != (choice != "") {
		form := "CONTEST." + id
		if takes {
			form = "CONTEST.CHOICE." + id
		}
		return property{}, fmt.Errorf("%q is no property: %s is asked for as %s", name, id, form)
	}
	m, asked, err := settle(p.city.contests, Query{Contest: contest.ID, Choice: choice, Measure: id})
	if err != nil {
		return property{}, fmt.Errorf("%q is no property: %w", name, err)
	}
	about := m.Title + ", " + contest.Name
	if choice != "" {
		about += ", " + contest.Choices[asked.choice].Name
	}
	return p.bounded(name, about, p.estimatesOf(m, asked), at), nil
}

func measureIDs() (ids []string) {
	for _, m := range Measures() {
		ids = append(ids, m.ID)
	}
	return ids
}

// choose gives the properties of names, or the default ones. A * in the place of a choice is all choices that have the measure.
func (p *properties) choose(names []string) ([]property, error) {
	if names == nil {
		return p.known, nil
	}
	var list []property
	taken := map[string]bool{}
	for _, name := range names {
		several, err := p.spread(name)
		if err != nil {
			return nil, &ItemError{"properties", err.Error()}
		}
		for _, one := range several {
			found, err := p.find(one)
			if err != nil {
				return nil, &ItemError{"properties", err.Error()}
			}
			if !taken[one] {
				taken[one] = true
				list = append(list, found)
			}
		}
	}
	return list, nil
}

// spread gives the names that a name with a * stands for.
func (p *properties) spread(name string) ([]string, error) {
	for _, contest := range p.city.contests {
		rest, ok := strings.CutPrefix(name, contest.ID+".*.")
		if !ok {
			continue
		}
		var names []string
		var last error
		for _, choice := range contest.Choices {
			one := contest.ID + "." + choice.ID + "." + rest
			if _, last = p.find(one); last == nil {
				names = append(names, one)
			}
		}
		if len(names) == 0 {
			return nil, last
		}
		return names, nil
	}
	return []string{name}, nil
}

// Properties lists what the rows of a collection may have: the fixed properties of a query, then the measures of all contests.
func (c *City) Properties(collection string, resolution int, q Query) ([]Property, error) {
	of, l, _, err := c.collection(collection, resolution)
	if err != nil {
		return nil, err
	}
	p, err := c.propertiesOf(of, l, q)
	if err != nil {
		return nil, err
	}
	var list []Property
	for _, known := range p.known {
		list = append(list, known.Property)
	}
	for _, contest := range c.contests {
		names := []string{}
		for _, m := range Measures() {
			if slices.Contains(m.Parameters, byChoice) {
				if several, err := p.spread(contest.ID + ".*." + m.ID); err == nil {
					names = append(names, several...)
				}
				continue
			}
			names = append(names, contest.ID+"."+m.ID)
		}
		for _, name := range names {
			for _, b := range bounds {
				full := name
				if b != valueBound {
					full += "." + string(b)
				}
				if found, err := p.find(full); err == nil {
					list = append(list, found.Property)
				}
			}
		}
	}
	return list, nil
}
