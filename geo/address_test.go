package geo

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// crossroads has a high street from west to east in two segments (0, 1), a church lane that leaves it to the north (2),
// a lane of the same name but for the article far to the east (3), and a street without a name (4).
func crossroads() (*Network, *Matcher) {
	network := NewNetwork([]orb.LineString{
		{{0, 0}, {100, 0}},
		{{100, 0}, {200, 0}},
		{{100, 0}, {100, 100}},
		{{5000, 0}, {5000, 100}},
		{{0, 300}, {200, 300}},
	})
	return network, NewMatcher(network, []StreetKey{
		NewStreetKey("", "Grande Rue"), NewStreetKey("", "Grande Rue"), NewStreetKey("", "R. de l'Église"), NewStreetKey("", "Rue d'Église"), {},
	})
}

func TestMatch(t *testing.T) {
	_, matcher := crossroads()
	for _, c := range []struct {
		name, street string
		at           orb.Point
		want         Match
	}{
		{
			"in front of its street", "Grande Rue", orb.Point{30, 10},
			Match{0, ByName, 5, Location{30, 10, SideLeft, false}},
		},
		{
			"in a corner nearer to the other street", "GRANDE RUE", orb.Point{104, 9},
			Match{1, ByName, 5, Location{4, 9, SideLeft, false}},
		},
		{
			"in the same corner, of the other street", "Rue de l’Eglise", orb.Point{104, 9},
			Match{2, ByName, 5, Location{9, 4, SideRight, false}},
		},
		{
			"as near to two segments of its street: the first", "Grande Rue", orb.Point{100, -7},
			Match{0, ByName, 5, Location{100, 7, SideRight, true}},
		},
		{
			"far from its street: the loose name finds the one near by", "Rue de l'Eglise", orb.Point{5010, 50},
			Match{3, ByName, 5, Location{50, 10, SideRight, false}},
		},
		{
			"far from its street and from all of that loose name", "Grande Rue", orb.Point{5010, 50},
			Match{3, ByNearest, 5, Location{50, 10, SideRight, false}},
		},
		{
			"of a street that is not on the map", "Rue Neuve", orb.Point{95, 60},
			Match{2, ByNearest, 5, Location{60, 5, SideLeft, false}},
		},
		{
			"without a street", "", orb.Point{30, 290},
			Match{4, ByNearest, 5, Location{30, 10, SideRight, false}},
		},
		{
			"just near enough", "Grande Rue", orb.Point{50, -500},
			Match{0, ByName, 5, Location{50, 500, SideRight, false}},
		},
		{
			"nowhere", "Grande Rue", orb.Point{math.NaN(), 0},
			Match{-1, ByNearest, 5, Location{0, math.Inf(1), SideOn, false}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := matcher.Match(c.at, 5, NewStreetKey("", c.street)); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestMatchKeepsToTheCommune(t *testing.T) {
	network := NewNetwork([]orb.LineString{{{0, 0}, {100, 0}}, {{0, 40}, {100, 40}}})
	matcher := NewMatcher(network, []StreetKey{NewStreetKey("29001", "Rue du Port"), NewStreetKey("29002", "Rue du Port")})
	at := orb.Point{50, 5}
	for commune, want := range map[string]int{"29001": 0, "29002": 1} {
		if got := matcher.Match(at, 1, NewStreetKey(commune, "Rue du Port")); got.Segment != want || got.By != ByName {
			t.Errorf("%s: %+v", commune, got)
		}
	}
	if got := matcher.Match(at, 1, NewStreetKey("29003", "Rue du Port")); got.Segment != 0 || got.By != ByNearest {
		t.Errorf("a commune without the street: %+v", got)
	}
}

// door is an address on segment 0, 10 m from it on a side.
func door(number int, side Side) Match {
	return Match{0, ByName, number, Location{AlongM: float64(number), OffM: 10, Side: side}}
}

func settleSides(matches []Match) {
	segments := 0
	for _, m := range matches {
		segments = max(segments, m.Segment+1)
	}
	sides := NewSides(segments)
	for _, m := range matches {
		sides.Count(m)
	}
	for i := range matches {
		matches[i].Side = sides.Of(matches[i])
	}
}

func TestSides(t *testing.T) {
	atEnd := func(m Match) Match { m.AtEnd = true; return m }
	nearest := func(m Match) Match { m.By = ByNearest; return m }
	oddLeft := []Match{door(1, SideLeft), door(2, SideRight), door(3, SideLeft), door(4, SideRight)}
	oddRight := []Match{door(1, SideRight), door(2, SideLeft), door(3, SideRight), door(4, SideLeft)}
	for _, c := range []struct {
		name   string
		others []Match
		door   Match
		want   Side
	}{
		{"geometry stands where nothing else is known", nil, door(7, SideRight), SideRight},
		{"on the line, and nothing else is known", nil, door(7, SideOn), SideOn},
		{"on the line, odd numbers on the left", oddLeft, door(7, SideOn), SideLeft},
		{"on the line, even, odd numbers on the left", oddLeft, door(8, SideOn), SideRight},
		{"on the line, odd numbers on the right", oddRight, door(7, SideOn), SideRight},
		{"beyond the end, odd numbers on the left", oddLeft, atEnd(door(7, SideRight)), SideLeft},
		{"without a number", oddLeft, door(0, SideOn), SideOn},
		{"of another street", oddLeft, nearest(door(7, SideRight)), SideRight},
		{"of another street, on the line", oddLeft, nearest(door(7, SideOn)), SideOn},
		{
			"a court at the back that seems to lie on the wrong side, against nine in ten",
			append(oddLeft, door(5, SideLeft), door(6, SideRight), door(9, SideLeft), door(10, SideRight), door(12, SideRight)), door(7, SideRight), SideLeft,
		},
		{"one of five on the wrong side is no clear rule", oddLeft, door(7, SideRight), SideRight},
		{"a square numbered round", []Match{door(1, SideLeft), door(2, SideLeft), door(3, SideLeft), door(4, SideRight), door(5, SideRight)}, door(7, SideOn), SideOn},
		{"a single door a side is no rule", oddLeft[:2], door(7, SideOn), SideOn},
		{"odd numbers alone are no rule", []Match{door(1, SideLeft), door(3, SideLeft), door(5, SideLeft), door(9, SideLeft)}, door(8, SideOn), SideOn},
		{"doors at the end are no witnesses", []Match{door(1, SideLeft), door(2, SideRight), atEnd(door(3, SideLeft)), atEnd(door(4, SideRight))}, door(7, SideOn), SideOn},
		{"doors of other streets are no witnesses", []Match{door(1, SideLeft), door(2, SideRight), nearest(door(3, SideLeft)), nearest(door(4, SideRight))}, door(7, SideOn), SideOn},
	} {
		t.Run(c.name, func(t *testing.T) {
			matches := append(slices.Clone(c.others), c.door, Match{Segment: -1, Number: 3})
			settleSides(matches)
			if got := matches[len(c.others)].Side; got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
			for i, other := range c.others {
				if matches[i] != other {
					t.Errorf("number %d has moved: %+v", other.Number, matches[i])
				}
			}
		})
	}
}

func TestSidesDoNotDependOnTheOrderOfAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		matches := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Match {
			m := door(rapid.IntRange(0, 6).Draw(t, "number"), Side(rapid.IntRange(0, 2).Draw(t, "side")))
			m.Segment = rapid.IntRange(-1, 2).Draw(t, "segment")
			m.AtEnd = rapid.Bool().Draw(t, "at end")
			return m
		}), 0, 40).Draw(t, "matches")
		for i := range matches {
			matches[i].AlongM = float64(i) // which address it is
		}
		other := rapid.Permutation(matches).Draw(t, "order")
		settleSides(matches)
		settleSides(other)
		slices.SortFunc(other, func(a, b Match) int { return cmp.Compare(a.AlongM, b.AlongM) })
		if !slices.Equal(matches, other) {
			t.Fatalf("%v\n%v", matches, other)
		}
	})
}

// slowMatch tries every segment for each of the names.
func slowMatch(lines []orb.LineString, streets []StreetKey, p orb.Point, number int, street StreetKey) Match {
	for _, name := range []func(StreetKey) string{func(k StreetKey) string { return k.Normal }, func(k StreetKey) string { return k.Loose }} {
		named := make([]orb.LineString, len(lines))
		for i := range lines {
			if name(street) != "" && streets[i].Commune == street.Commune && name(streets[i]) == name(street) {
				named[i] = lines[i]
			}
		}
		if segment, at := slowNearest(named, p); at.OffM <= NamedWithinM {
			return Match{segment, ByName, number, at}
		}
	}
	segment, at := slowNearest(lines, p)
	return Match{segment, ByNearest, number, at}
}

// Of all segments that bear a name the one is found that trying each finds: wherever in France the town is, and where some are just 500 m away.
func TestMatchIsThatOfTryingEverySegment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []StreetKey{{}, {"", "rue a", "a"}, {"", "avenue a", "a"}, {"", "rue b", "b"}, {"75", "rue a", "a"}}
		corner := rapid.SampledFrom([]orb.Point{{}, {650_000.1, 6_860_000.7}, {-1e9 / 3, 1e9 / 7}}).Draw(t, "corner")
		scale := rapid.SampledFrom([]float64{1, 25, 500.0 / 20, 1000.0 / 7}).Draw(t, "scale")
		placed := func(p orb.Point) orb.Point { return orb.Point{corner[0] + scale*p[0], corner[1] + scale*p[1]} }
		lines := drawLines(t)
		streets := make([]StreetKey, len(lines))
		for i, line := range lines {
			for k := range line {
				line[k] = placed(line[k])
			}
			streets[i] = rapid.SampledFrom(names).Draw(t, "street")
		}
		matcher := NewMatcher(NewNetwork(lines), streets)
		for range 10 {
			p, street := placed(drawNearby(t)), rapid.SampledFrom(names).Draw(t, "address")
			if !pointIsUsable(p) {
				continue // TestNearestWhereThereIsNone
			}
			if got, want := matcher.Match(p, 7, street), slowMatch(lines, streets, p, 7, street); got != want {
				t.Fatalf("%v of %v among %v of %v is %+v, want %+v", p, street, lines, streets, got, want)
			}
		}
	})
}

func FuzzMatch(f *testing.F) {
	f.Add(30.0, 10.0, 5, "Grande Rue")
	f.Add(math.NaN(), math.Inf(1), -1, "")
	f.Add(1e12, -1e-300, 1<<62, "\xff R St")
	network, matcher := crossroads()
	f.Fuzz(func(t *testing.T, x, y float64, number int, street string) {
		matches := []Match{matcher.Match(orb.Point{x, y}, number, NewStreetKey("", street))}
		settleSides(matches)
		nearest, at := network.Nearest(orb.Point{x, y})
		if m := matches[0]; m.By == ByNearest && (m.Segment != nearest || m.Location != at) || m.By == ByName && m.OffM > NamedWithinM || m.OffM < at.OffM {
			t.Errorf("%+v, nearest segment %d at %+v", m, nearest, at)
		}
	})
}

// TestMatchParis matches all addresses of the address base of Paris to the streets of the city.
func TestMatchParis(t *testing.T) {
	names, lines := readParisStreets(t)
	addresses := readParisAddresses(t)
	pieces := mustCut(lines)
	segments, streets := make([]orb.LineString, len(pieces)), make([]StreetKey, len(pieces))
	for i, p := range pieces {
		segments[i], streets[i] = p.Line, NewStreetKey("", names[p.Key].name)
	}
	matcher := NewMatcher(NewNetwork(segments), streets)

	keys := map[string]StreetKey{}
	matches := make([]Match, len(addresses))
	byName, sameRaw, far := 0, 0, 0
	unmatched := map[string]int{}
	for i, a := range addresses {
		street := StripNumberPrefix(a.street, a.number, a.suffix)
		key, known := keys[street]
		if !known {
			key = NewStreetKey("", street)
			keys[street] = key
		}
		m := matcher.Match(a.at, a.number, key)
		matches[i] = m
		if m.By == ByName {
			byName++
		} else {
			unmatched[street]++
		}
		if withoutAccents(street) == withoutAccents(names[pieces[m.Segment].Key].name) {
			sameRaw++
		}
		if m.OffM > 100 {
			far++
		}
	}
	geometric := slices.Clone(matches)
	settleSides(matches)
	moved, on, atEnd := 0, 0, 0
	for i, m := range matches {
		if m.Side != geometric[i].Side {
			moved++
		}
		if m.Side == SideOn {
			on++
		}
		if m.AtEnd {
			atEnd++
		}
	}
	t.Logf("%d addresses: %d by name, %d with the segment's street as written but for accents and case", len(addresses), byName, sameRaw)
	t.Logf("%d further than 100 m; nearest to an end %d; sides moved by parity %d, on the line still %d", far, atEnd, moved, on)
	t.Logf("not by name: %v", unmatched)
	if len(addresses) != 158048 {
		t.Errorf("%d addresses, want 158,048", len(addresses))
	}
	if share := float64(byName) / float64(len(addresses)); share < 0.999 {
		t.Errorf("%.4f matched by name, want 0.999", share)
	}
	if share := float64(sameRaw) / float64(len(addresses)); share < 0.995 {
		t.Errorf("%.4f of the streets written alike, want 0.995", share)
	}
}

// withoutAccents is lower(strip_accents(s)) of DuckDB.
func withoutAccents(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// BenchmarkMatch has a town of the size of Paris, where a street has 111 segments.
func BenchmarkMatch(b *testing.B) {
	const n = 110
	pieces := mustCut(gridTown(n))
	lines, streets, keys := make([]orb.LineString, len(pieces)), make([]StreetKey, len(pieces)), make([]StreetKey, 2*n)
	for i := range keys {
		keys[i] = NewStreetKey("", "Rue du "+strconv.Itoa(i+1)+" septembre")
	}
	for i, p := range pieces {
		lines[i], streets[i] = p.Line, keys[p.Key]
	}
	matcher := NewMatcher(NewNetwork(lines), streets)
	points := nearStreets(n, 1<<14)
	for i := 0; b.Loop(); i++ {
		p := points[i&(len(points)-1)]
		matcher.Match(p, i, keys[min(n-1, max(0, int(math.Round((p[1]-6860e3)/80))))])
	}
}
