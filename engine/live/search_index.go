package live

import (
	"cmp"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/geo"
)

// searchIndex is what is looked through by name: about 12 bytes a segment, and 30 a name that is like no other. It is made on the first search.
type searchIndex struct {
	words       []string    // of all names, ascending: those that begin alike are together
	names       searchNames // of streets, each normal name once
	streets     []searchStreet
	streetEnds  []int32 // by name: where its streets end
	segments    []int32 // by street, in the order of the map
	communeOf   []int32 // by segment: index in the commune level, -1 for none; one without addresses has that of its street nearby
	communes    searchNames
	communeBox  []geo.WorldBox
	codes       []string // of precincts, as codeOfSearch has them
	divided     bool     // there are precincts of several divisions
	addresses   int64    // in the register
	communeCode map[string]int32
}

// searchNames are names as words of the index: the words of loose names, for nobody is asked to know articles.
type searchNames struct {
	ends  []int32
	words []int32
}

func (n *searchNames) of(name int) []int32 {
	start := int32(0)
	if name > 0 {
		start = n.ends[name-1]
	}
	return n.words[start:n.ends[name]]
}

func (n *searchNames) len() int { return len(n.ends) }

// searchStreet is a street in a commune.
type searchStreet struct {
	commune    int32 // -1: none
	first, end int32 // in segments
	length     float32
}

// streetsOf gives the streets of a name, the longest first.
func (x *searchIndex) streetsOf(name int) []searchStreet {
	start := int32(0)
	if name > 0 {
		start = x.streetEnds[name-1]
	}
	return x.streets[start:x.streetEnds[name]]
}

// wordsInOrder numbers words, first as they come.
type wordsInOrder struct {
	at   map[string]int32
	list []string
}

func (w *wordsInOrder) add(names *searchNames, loose string) {
	for word := range strings.FieldsSeq(loose) {
		at, known := w.at[word]
		if !known {
			at = int32(len(w.list))
			w.at[word] = at
			w.list = append(w.list, word)
		}
		names.words = append(names.words, at)
	}
	names.ends = append(names.ends, int32(len(names.words)))
}

// sort puts the words in order, and gives by number as they came that in the order.
func (w *wordsInOrder) sort() (words []string, place []int32) {
	order := make([]int32, len(w.list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(w.list[a], w.list[b]) })
	words, place = make([]string, len(order)), make([]int32, len(order))
	for i, was := range order {
		words[i], place[was] = w.list[was], int32(i)
	}
	return words, place
}

func newSearchIndex(c *City) *searchIndex {
	x := &searchIndex{communeCode: map[string]int32{}}
	words := &wordsInOrder{at: map[string]int32{}}
	segments, communes, precincts := c.unitLevel(engine.UnitSegment, 0), c.unitLevel(engine.UnitCommune, 0), c.unitLevel(engine.UnitPrecinct, 0)
	for u := range communes.ids {
		words.add(&x.communes, geo.LooseStreetName(communes.names.at(u)))
		x.communeCode[c.communeCodes[u]] = int32(u)
	}
	for _, sources := range segments.addresses {
		x.addresses += sources.sum()
	}
	nameOf := x.addNames(segments, words)
	x.layOut(c, segments, nameOf)
	var place []int32
	x.words, place = words.sort()
	for _, names := range []*searchNames{&x.names, &x.communes} {
		for i, word := range names.words {
			names.words[i] = place[word]
		}
	}
	x.codes = make([]string, len(precincts.ids))
	for b := range x.codes {
		x.codes[b] = codeOfSearch(precincts.names.at(b))
		x.divided = x.divided || c.layers["precincts"].divisions[b] != c.layers["precincts"].divisions[0]
	}
	x.communeBox = communeBoxes(c, x.communeOf)
	return x
}

// addNames takes in the names of segments: spellings that agree are one. It gives by spelling its name, -1 where it is none.
func (x *searchIndex) addNames(segments *level, words *wordsInOrder) (nameOf []int32) {
	known := map[string]int32{}
	nameOf = make([]int32, len(segments.names.ends))
	for code := range nameOf {
		nameOf[code] = -1
		normal := geo.NormalStreetName(segments.names.text(uint32(code)))
		if normal == "" {
			continue
		}
		name, ok := known[normal]
		if !ok {
			name = int32(len(known))
			known[normal] = name
			words.add(&x.names, geo.LooseStreetName(normal))
		}
		nameOf[code] = name
	}
	return nameOf
}

// placedSegment is a segment with what it is sorted by.
type placedSegment struct{ name, commune, place, unit int32 }

// layOut groups segments to streets: those of one name in one commune.
func (x *searchIndex) layOut(c *City, segments *level, nameOf []int32) {
	l := c.layers["segments"]
	nearby := nearbyCommunes(l, segments.communes)
	named := make([]placedSegment, 0, len(segments.ids))
	x.communeOf = slices.Clone(segments.communes)
	for u := range segments.ids {
		if name := nameOf[segments.names.codes[u]]; name >= 0 && l.place[u] != undrawn {
			named = append(named, placedSegment{name, segments.communes[u], l.place[u], int32(u)})
		}
	}
	slices.SortFunc(named, func(a, b placedSegment) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.place, b.place))
	})
	for start := 0; start < len(named); {
		end := start
		for end < len(named) && named[end].name == named[start].name {
			end++
		}
		fillCommunes(l, named[start:end], nearby)
		start = end
	}
	for i := range named {
		x.communeOf[named[i].unit] = named[i].commune
	}
	slices.SortFunc(named, func(a, b placedSegment) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.commune, b.commune), cmp.Compare(a.place, b.place))
	})
	x.segments, x.streetEnds = make([]int32, len(named)), make([]int32, x.names.len())
	for i := range named {
		x.segments[i] = named[i].unit
		length := float32(segments.lengths[named[i].unit])
		if i > 0 && named[i-1].name == named[i].name && named[i-1].commune == named[i].commune {
			last := &x.streets[len(x.streets)-1]
			last.end, last.length = int32(i+1), last.length+length
		} else {
			x.streets = append(x.streets, searchStreet{named[i].commune, int32(i), int32(i + 1), length})
		}
		x.streetEnds[named[i].name] = int32(len(x.streets))
	}
	for name := range x.streetEnds {
		if name > 0 { // a name may be of nothing that is drawn
			x.streetEnds[name] = max(x.streetEnds[name], x.streetEnds[name-1])
		}
		slices.SortStableFunc(x.streetsOf(name), func(a, b searchStreet) int { return cmp.Compare(b.length, a.length) })
	}
}

// streetGap is how far apart pieces of one street may lie that are in one commune, in units of the map: 800 m in Paris.
const streetGap = 1 << 17

// fillCommunes gives segments of one name that have no commune, as those without addresses may, that of the next of the name along the map, if it is
// near, else that of the next of any.
func fillCommunes(l *layer, ofName []placedSegment, nearby []int32) {
	next := make([]int, len(ofName)) // the next with a commune, itself where it has one
	after := len(ofName)
	for i := len(ofName) - 1; i >= 0; i-- {
		if ofName[i].commune >= 0 {
			after = i
		}
		next[i] = after
	}
	before := -1
	for i := range ofName {
		if next[i] == i {
			before = i
			continue
		}
		one := &ofName[i]
		one.commune = nearby[one.place]
		nearest := int64(streetGap)
		for _, other := range []int{before, next[i]} {
			if other < 0 || other == len(ofName) {
				continue
			}
			if off := apart(l.box(int(one.unit)), l.box(int(ofName[other].unit))); off < nearest {
				nearest, one.commune = off, ofName[other].commune
			}
		}
	}
}

// apart is how far two boxes are from each other, west to east or north to south, whichever is more.
func apart(a, b geo.WorldBox) int64 {
	return max(0, a.MinX-b.MaxX, b.MinX-a.MaxX, a.MinY-b.MaxY, b.MinY-a.MaxY)
}

// nearbyCommunes gives by place along the map the commune of the next segment that has one, -1 where none has.
func nearbyCommunes(l *layer, communes []int32) []int32 {
	nearby := slices.Repeat([]int32{-1}, len(l.units))
	fill := func(place int, last *int32) {
		if of := communes[l.units[place]]; of >= 0 {
			*last = of
			nearby[place] = of
		} else if nearby[place] < 0 {
			nearby[place] = *last
		}
	}
	last := int32(-1)
	for place := range l.units {
		fill(place, &last)
	}
	for place := len(l.units) - 1; place >= 0; place-- { // before the first that has one
		fill(place, &last)
	}
	return nearby
}

// communeBoxes are around the precincts of each commune and its segments.
func communeBoxes(c *City, communeOf []int32) []geo.WorldBox {
	boxes := slices.Repeat([]geo.WorldBox{nowhere}, len(c.communeCodes))
	for name, of := range map[string][]int32{"precincts": c.unitLevel(engine.UnitPrecinct, 0).communes, "segments": communeOf} {
		l := c.layers[name]
		for u, commune := range of {
			if commune >= 0 {
				boxes[commune] = union(boxes[commune], l.box(u))
			}
		}
	}
	return boxes
}

// codeOfSearch is the code of a precinct without regard to case and to what stands between its parts.
func codeOfSearch(code string) string { return strings.Join(geo.FoldedWords(code), " ") }
