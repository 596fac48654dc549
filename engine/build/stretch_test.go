package build

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
)

// drawnStreets reads segments, a line each: its name, its street with the commune after @ where that is not 1, the crossings it runs
// between, and its households by precinct: a Haute@2 1-2 5+20 has 5 in precinct 0 and 20 in precinct 1. A street - has no name.
func drawnStreets(t *testing.T, text string) (names []string, segments []segment, atoms []atom) {
	t.Helper()
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		street, commune, _ := strings.Cut(fields[1], "@")
		from, to, _ := strings.Cut(fields[2], "-")
		s := segment{street: strings.Trim(street, "-"), commune: commune, lengthM: 100, planar: orb.LineString{crossing(t, from), {0.5, 0.5}, crossing(t, to)}}
		for precinct, number := range strings.Split(fields[3], "+") {
			homes, err := strconv.ParseFloat(number, 64)
			if err != nil {
				t.Fatal(err)
			}
			s.homes += homes
			atoms = append(atoms, atom{precinct: int32(precinct), segment: int32(len(segments)), households: homes})
		}
		names, segments = append(names, fields[0]), append(segments, s)
	}
	slices.SortStableFunc(atoms, func(a, b atom) int { return int(a.precinct - b.precinct) })
	return names, segments, atoms
}

func crossing(t *testing.T, text string) orb.Point {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return orb.Point{float64(n), 0}
}

// stretchesOf writes the stretches of several members, each with its lead first.
func stretchesOf(names []string, segments []segment) string {
	of := map[int32][]string{}
	for i, s := range segments {
		if s.lead != int32(i) {
			of[s.lead] = append(of[s.lead], names[i])
		}
	}
	var all []string
	for _, lead := range slices.Sorted(maps.Keys(of)) {
		all = append(all, names[lead]+"<"+strings.Join(of[lead], ","))
	}
	return strings.Join(all, " ")
}

func TestJoinSegments(t *testing.T) {
	for _, c := range []struct{ name, streets, want string }{
		{"a dead end joins what it leaves", `
			a Haute 1-2 30
			b Haute 2-3 5`, "a<b"},
		{"what has enough stands alone", `
			a Haute 1-2 11
			b Haute 2-3 30`, ""},
		{"of two neighbours the one with fewer households", `
			a Haute 1-2 30
			b Haute 2-3 5
			c Haute 3-4 20`, "c<b"},
		{"the smallest first", `
			a Haute 1-2 9
			b Haute 2-3 2
			c Haute 3-4 9
			d Haute 4-5 40`, "a<b,c"},
		{"a chain of short ones goes on until it has enough, and no farther", `
			a Haute 1-2 3
			b Haute 2-3 3
			c Haute 3-4 3
			d Haute 4-5 3
			e Haute 5-6 30`, "a<b,c,d"},
		{"a chain that never has enough is one stretch", `
			a Haute 1-2 3
			b Haute 2-3 4
			c Haute 3-4 1`, "b<a,c"},
		{"a ring", `
			a Place 1-2 4
			b Place 2-3 4
			c Place 3-1 4
			d Place 1-1 40`, "a<b,c"},
		{"a branch at a crossing joins the branch with the fewest", `
			a Haute 1-2 40
			b Haute 2-3 20
			c Haute 2-4 6`, "b<c"},
		{"another street at the crossing is none of it", `
			a Haute 1-2 6
			b Basse 2-3 20
			c Haute 3-4 20`, ""},
		{"another commune is none of it", `
			a Haute@1 1-2 6
			b Haute@2 2-3 20`, ""},
		{"streets without a name do not join", `
			a - 1-2 6
			b - 2-3 20`, ""},
		{"segments without households stay as they are", `
			a Haute 1-2 0
			b Haute 2-3 20
			c Haute 3-4 0
			d Haute 4-5 20`, ""},
		{"but for those between two that join", `
			a Haute 1-2 0
			b Haute 2-3 5
			c Haute 3-4 0
			d Haute 4-5 0
			e Haute 5-6 20
			f Haute 6-7 0`, "e<b,c,d"},
		{"who is next door goes before who is over the way", `
			a Haute 1-2 12
			b Haute 2-3 0
			c Haute 3-4 5
			d Haute 4-5 50`, "d<c"},
		{"three lines between the same two crossings", `
			a Haute 1-2 5
			b Haute 1-2 5
			c Haute 1-2 20`, "c<a,b"},
		{"few in one of two precincts are short", `
			a Haute 1-2 20+3
			b Haute 2-3 0+20`, "a<b"},
		{"what has enough is not joined to what leaves it short, but another is", `
			a Haute 1-2 5+0
			b Haute 2-3 0+20
			c Haute 2-4 30+0`, "c<a"},
		{"what has enough is not joined to what leaves it short", `
			a Haute 1-2 5+0
			b Haute 2-3 0+20`, ""},
		{"nor reached over", `
			a Haute 1-2 5+0
			b Haute 2-3 0+20
			c Haute 3-4 20+0`, ""},
		{"a neighbour that has become short may be joined in the end", `
			a Haute 1-2 5+0
			b Haute 2-3 6+20
			c Haute 3-4 0+20`, "b<a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			names, segments, atoms := drawnStreets(t, c.streets)
			joinSegments(segments, atoms, 11, nil)
			if got := stretchesOf(names, segments); got != c.want {
				t.Errorf("stretches %q, want %q", got, c.want)
			}
		})
	}
}

// Whatever the streets, a stretch is connected and of one named street and commune; nothing that had enough by itself is left short; no two
// neighbours are left that could be joined; the lead has the most households; and it does not matter which way lines run.
func TestStretchesOfAnyStreets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var segments []segment
		var atoms []atom
		end := func(label string) orb.Point { return orb.Point{float64(rapid.IntRange(1, 8).Draw(t, label)), 0} }
		for i := range rapid.IntRange(1, 14).Draw(t, "segments") {
			segments = append(segments, segment{
				street:  rapid.SampledFrom([]string{"Haute", "Haute", "Haute", "Basse", ""}).Draw(t, "street"),
				commune: rapid.SampledFrom([]string{"1", "1", "2"}).Draw(t, "commune"), lengthM: float64(rapid.IntRange(1, 3).Draw(t, "length")),
				planar: orb.LineString{end("from"), {0.5, 0.5}, end("to")},
			})
			for precinct := range rapid.IntRange(0, 2).Draw(t, "precincts") {
				homes := float64(rapid.OneOf(rapid.Just(0), rapid.IntRange(1, 10), rapid.IntRange(11, 30)).Draw(t, "households"))
				segments[i].homes += homes
				atoms = append(atoms, atom{precinct: int32(precinct), segment: int32(i), households: homes})
			}
		}
		slices.SortStableFunc(atoms, func(a, b atom) int { return int(a.precinct - b.precinct) })
		parts := partsOf(segments, atoms)
		joinSegments(segments, atoms, 11, nil)

		j := joiner{k: 11}
		members, sums := map[int32][]int32{}, map[int32][]part{}
		for i, s := range segments {
			members[s.lead] = append(members[s.lead], int32(i))
			sums[s.lead] = addParts(sums[s.lead], parts[i])
			lead := segments[s.lead]
			if lead.lead != s.lead || lead.homes < s.homes || s.lead != int32(i) && (s.street == "" || lead.street != s.street || lead.commune != s.commune) {
				t.Fatalf("segment %d %+v stands under %d %+v", i, s, s.lead, lead)
			}
		}
		for lead, of := range members {
			if !connected(segments, of) {
				t.Fatalf("the stretch of %d is in pieces: %v", lead, of)
			}
			for _, i := range of {
				if len(parts[i]) > 0 && !j.isShort(parts[i]) && j.isShort(sums[lead]) {
					t.Fatalf("segment %d had enough, and its stretch %v has not: %v", i, of, sums[lead])
				}
			}
		}
		for a, s := range segments {
			for b, o := range segments {
				if s.lead == o.lead || s.street == "" || s.street != o.street || s.commune != o.commune || !connected(segments, []int32{int32(a), int32(b)}) {
					continue
				}
				short, other := sums[s.lead], sums[o.lead]
				if j.isShort(short) && len(other) > 0 && (j.isShort(other) || !j.isShort(addParts(short, other))) {
					t.Fatalf("%d is short, and is not joined to its neighbour %d: %v, %v", s.lead, o.lead, short, other)
				}
			}
		}

		turned := slices.Clone(segments)
		for i := range turned {
			turned[i].planar = turned[i].planar.Clone()
			turned[i].planar.Reverse()
		}
		joinSegments(turned, atoms, 11, nil)
		for i := range turned {
			if turned[i].lead != segments[i].lead {
				t.Fatalf("segment %d stands under %d, and under %d where lines run the other way", i, segments[i].lead, turned[i].lead)
			}
		}
	})
}

// connected tells whether one gets from one of some segments to all others, end to end.
func connected(segments []segment, members []int32) bool {
	reached := []int32{members[0]}
	for at := 0; at < len(reached); at++ {
		for _, i := range members {
			touch := slices.ContainsFunc(segments[i].planarEnds(), func(p orb.Point) bool { return slices.Contains(segments[reached[at]].planarEnds(), p) })
			if touch && !slices.Contains(reached, i) {
				reached = append(reached, i)
			}
		}
	}
	return len(reached) == len(members)
}

func (s *segment) planarEnds() []orb.Point {
	ends := s.ends()
	return ends[:]
}

// withDeadEnd puts two houses on a short end of Rue Haute, in the east.
func (v village) withDeadEnd() village {
	v.streets = append(v.streets, []any{int64(3), "3", "Rue Haute", "99001", geometry(orb.LineString{degrees(200, 0), degrees(200, 60)})})
	for i, number := range []int{41, 43} {
		p := degrees(190, 30+20*float64(i))
		v.addresses = append(v.addresses, []any{int64(len(v.addresses) + 1), fmt.Sprintf("99001_Haute_%05d", number), int32(number), "", "Rue Haute", "99001", "Village", p[0], p[1], nil})
	}
	return v
}

func TestADeadEndIsPublishedWithItsStreet(t *testing.T) {
	s, report := mustRun(t, makeVillage().withDeadEnd().options(t, 50))
	mustCheck(t, s)
	lead, end := segmentOf(t, s, "99001_Haute_00040"), segmentOf(t, s, "99001_Haute_00041")
	var joined []string
	for _, line := range lines(t, s, engine.Segments, "segment_id", "joined_to") {
		if !strings.HasSuffix(line, "(null)") {
			joined = append(joined, line)
		}
	}
	if want := []string{fmt.Sprint(end, " ", lead)}; lead == end || !slices.Equal(joined, want) {
		t.Errorf("joined are %v, want %v", joined, want)
	}
	if rows := estimatesOf(t, s, engine.UnitSegment, end); len(rows) > 0 {
		t.Errorf("the end has estimates of its own: %v", rows)
	}
	var own, both int64
	for _, line := range lines(t, s, engine.Atoms, "atom_id", "segment_id") {
		atom, segment, _ := strings.Cut(line, " ")
		for _, vote := range lines(t, s, engine.Votes, "atom_id", "votes") {
			of, votes, _ := strings.Cut(vote, " ")
			if n, err := strconv.ParseInt(votes, 10, 64); err != nil {
				t.Fatal(err)
			} else if of == atom && segment == fmt.Sprint(end) {
				own, both = own+n, both+n
			} else if of == atom && segment == fmt.Sprint(lead) {
				both += n
			}
		}
	}
	if e := estimatesOf(t, s, engine.UnitSegment, lead)["moulins"]; own == 0 || e.registered != both || e.state != string(engine.Published) {
		t.Errorf("the stretch has %+v, its atoms %d voters, %d of them on the end", e, both, own)
	}
	units := report.Publication[len(report.Publication)-1]
	households := units.HouseholdsPublished + units.HouseholdsComplement
	if units.Unit != "segment" || units.Published+units.Complement != 4 || units.Joined != 1 || units.K+units.Empty != 0 || math.Abs(households-390/1.7) > 1e-9 {
		t.Errorf("reported are %+v", units)
	}
}

// Which segments join does not depend on the order of rows, nor on the number of processors.
func TestSameBytesWithStretches(t *testing.T) {
	v := makeVillage().withDeadEnd()
	first, _ := mustRun(t, v.options(t, 1000))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again, _ := mustRun(t, v.shuffled(rand.New(rand.NewPCG(1, 2))).options(t, 7))
	for _, table := range []engine.Table{engine.Segments, engine.Estimates} {
		a, errA := os.ReadFile(filepath.Join(first.Dir, table.File()))
		b, errB := os.ReadFile(filepath.Join(again.Dir, table.File()))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s differs", table.File())
		}
	}
}

func TestCheckOfStretches(t *testing.T) {
	for want, to := range map[string]func(lead, other int64) int64{
		"does not stand for itself": func(lead, _ int64) int64 { return lead + 1 },
		"of another street":         func(_, other int64) int64 { return other },
		"where its atoms make":      nil,
	} {
		t.Run(want, func(t *testing.T) {
			s, _ := mustRun(t, makeVillage().withDeadEnd().options(t, 50))
			lead, other := segmentOf(t, s, "99001_Haute_00040"), segmentOf(t, s, northOfBasse)
			rewrite(t, s, engine.Segments, nil, func(w *engine.TableWriter, r engine.Rows, field, i, _ int) bool {
				if engine.Segments.Schema.Field(field).Name != "joined_to" || r.Ints("joined_to").IsNull(i) {
					return false
				}
				if to == nil {
					w.Null(field)
				} else {
					w.Int(field, to(lead, other))
				}
				return true
			})
			checked, err := Check(t.Context(), s)
			if all := strings.Join(checked.Differences, "\n"); err != nil || !strings.Contains(all, want) {
				t.Errorf("%v, nothing says %q in:\n%s", err, want, all)
			}
		})
	}
}
