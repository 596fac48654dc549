package field

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/disclose"
)

// What is published of a precinct is so many equations about who answered what. The pictures of it are kept here as they are in truth - what each door
// said, also those that were erased since - and everything that can be made of them by adding and subtracting is looked through.

// picture is what the doors of a precinct had said, answers of -2 to +2, when it was published.
type picture map[engine.Key][5]int64

// onlooker keeps the pictures of precinct 7 that everybody has seen.
type onlooker struct {
	w        *world
	epoch    int64
	pictures []picture
}

// look publishes, and keeps what is new.
func (o *onlooker) look(t rapid.TB) {
	now := picture{}
	for _, k := range o.w.kept("blue") {
		if k.Effect == engine.Counts && k.Answered() && k.Precinct == 7 {
			said := now[k.Door]
			said[k.Support+2]++
			now[k.Door] = said
		}
	}
	if err := o.w.log.Publish(context.Background()); err != nil {
		t.Fatalf("publish: %v", err)
	}
	for _, p := range o.w.log.Published("blue", 0) {
		if p.Precinct != 7 || p.Epoch == o.epoch {
			continue
		}
		if o.epoch = p.Epoch; p.Suppressed {
			continue // it has no number of who answered
		}
		if int(p.Households) != len(now) {
			t.Fatalf("epoch %d is of %d households, and %d have answered", p.Epoch, p.Households, len(now))
		}
		o.pictures = append(o.pictures, now)
	}
}

// fewest gives the least number of households that a combination of the pictures is of: of how many answered, of how many answers, or of what was said.
// An answer that was given again is the same unknown, so that whoever knows what has not changed learns no more.
func (o *onlooker) fewest() int {
	fewest := 1 << 30
	for _, count := range []func([5]int64) []int64{
		func(said [5]int64) []int64 { return []int64{min(1, sum(said))} },
		func(said [5]int64) []int64 { return []int64{sum(said)} },
		func(said [5]int64) []int64 { return said[:] },
	} {
		fewest = min(fewest, leastSupport(o.columns(count)))
	}
	return fewest
}

func sum(said [5]int64) (n int64) {
	for _, v := range said {
		n += v
	}
	return n
}

// unknown are the columns of one kind of door, a number for each picture, and how many doors there are of the kind.
type unknown struct {
	columns [][]int64
	doors   int
}

// columns gives of each door what it adds to each picture, doors that are alike as one.
func (o *onlooker) columns(count func([5]int64) []int64) map[string]*unknown {
	kinds, seen := map[string]*unknown{}, map[engine.Key]bool{}
	for _, p := range o.pictures {
		for door := range p {
			if seen[door] {
				continue
			}
			seen[door] = true
			var columns [][]int64
			for s := range count([5]int64{}) {
				var column []int64
				for _, picture := range o.pictures {
					column = append(column, count(picture[door])[s])
				}
				if slices.ContainsFunc(column, func(n int64) bool { return n != 0 }) {
					columns = append(columns, column)
				}
			}
			slices.SortFunc(columns, slices.Compare)
			kind := fmt.Sprint(columns)
			if kinds[kind] == nil {
				kinds[kind] = &unknown{columns: columns}
			}
			kinds[kind].doors++
		}
	}
	return kinds
}

// A prime: the numbers are small, so that what is zero to it is zero.
const prime = 2_147_483_647

// leastSupport gives the least number of doors with a weight that is not zero, over all combinations of the pictures that have one. Such a combination
// gives no weight to as many columns as make it the only one, but for a factor: all of these are tried.
func leastSupport(kinds map[string]*unknown) int {
	distinct := map[string][]int64{}
	for _, k := range kinds {
		for _, column := range k.columns {
			distinct[fmt.Sprint(column)] = column
		}
	}
	var columns [][]int64
	for _, column := range distinct {
		columns = append(columns, column)
	}
	rank := 0
	var all echelon
	for _, column := range columns {
		if all.add(column) {
			rank++
		}
	}
	least := 1 << 30
	var choose func(from int, chosen echelon)
	choose = func(from int, chosen echelon) {
		if len(chosen) == rank-1 {
			doors := 0
			for _, k := range kinds { // what lies in the span of those chosen has no weight
				if slices.ContainsFunc(k.columns, func(c []int64) bool { return !chosen.spans(c) }) {
					doors += k.doors
				}
			}
			least = min(least, doors)
			return
		}
		for i := from; i < len(columns); i++ {
			if next := slices.Clone(chosen); next.add(columns[i]) {
				choose(i+1, next)
			}
		}
	}
	if rank > 0 {
		choose(0, nil)
	}
	return least
}

// echelon are rows modulo the prime, each with a 1 where it begins and zeros where those before it begin.
type echelon [][]int64

func (e echelon) reduce(row []int64) ([]int64, int) {
	row = slices.Clone(row)
	for _, r := range e {
		lead := slices.Index(r, 1)
		factor := row[lead]
		for i := range row {
			row[i] = ((row[i]-factor*r[i])%prime + prime) % prime
		}
	}
	return row, slices.IndexFunc(row, func(n int64) bool { return n != 0 })
}

func (e echelon) spans(row []int64) bool {
	_, lead := e.reduce(row)
	return lead < 0
}

// add adds a row that is not in the span.
func (e *echelon) add(row []int64) bool {
	row, lead := e.reduce(row)
	if lead < 0 {
		return false
	}
	inverse, base := int64(1), row[lead]
	for n := prime - 2; n > 0; n >>= 1 {
		if n&1 == 1 {
			inverse = inverse * base % prime
		}
		base = base * base % prime
	}
	for i := range row {
		row[i] = row[i] * inverse % prime
	}
	*e = append(*e, row)
	return true
}

func TestLeastSupport(t *testing.T) {
	for _, c := range []struct {
		name  string
		kinds []unknown
		want  int
	}{
		{"one picture", []unknown{{[][]int64{{1}}, 12}}, 12},
		{"what came between two", []unknown{{[][]int64{{1, 1}}, 30}, {[][]int64{{0, 1}}, 12}}, 12},
		{"an import taken back while one answers", []unknown{{[][]int64{{1, 1, 1}}, 12}, {[][]int64{{0, 1, 0}}, 12}, {[][]int64{{0, 0, 1}}, 1}}, 1},
		{"others came meanwhile", []unknown{{[][]int64{{1, 1, 1, 1}}, 12}, {[][]int64{{0, 1, 1, 0}}, 12}, {[][]int64{{0, 0, 1, 1}}, 12}, {[][]int64{{0, 0, 0, 1}}, 1}}, 1},
		{"other answers of the same", []unknown{{[][]int64{{1, 1}}, 30}, {[][]int64{{0, 1}, {1, 0}}, 11}}, 11},
	} {
		kinds := map[string]*unknown{}
		for i := range c.kinds {
			kinds[fmt.Sprint(i)] = &c.kinds[i]
		}
		if got := leastSupport(kinds); got != c.want {
			t.Errorf("%s: %d households, not %d", c.name, got, c.want)
		}
	}
}

// Where answers come and go in a body, there is no next picture before so many new households have answered that none tells of few.
func TestNoEpochsTogetherTellOfFewHouseholds(t *testing.T) {
	back := func(w *world, first, many int) {
		for n := first; n < first+many; n++ {
			w.send(withdrawal(1000+n, n))
		}
	}
	noted := func(canvasser string, after int, returns []engine.Return) []engine.Return {
		for i := range returns {
			returns[i].Canvasser, returns[i].ID = canvasser, id(after+i)
			returns[i].Happened = noon.Add(-1)
		}
		return returns
	}
	begin := func(w *world) { w.send(append(households(1, 6, 1), households(7, 6, -1)...)...) }
	for _, c := range []struct {
		name     string
		steps    []func(w *world)
		pictures int
	}{
		{"an import is taken back while one answers", []func(w *world){
			begin,
			func(w *world) { w.send(households(20, 12, 2)...) },
			func(w *world) { back(w, 20, 12); w.send(saying(50, -2)) },
		}, 2},
		{"others came meanwhile, so that any two pictures differ by many", []func(w *world){
			begin,
			func(w *world) { w.send(households(20, 12, 2)...) },
			func(w *world) { w.send(households(40, 12, 0)...) },
			func(w *world) { back(w, 20, 12); w.send(saying(60, -2)) },
		}, 3},
		{"eleven are corrected, and one answers: how many answered tells of the one", []func(w *world){
			begin,
			func(w *world) {
				for n := 1; n <= 11; n++ {
					other := replacing(saying(100+n, 2), n)
					other.Location = attempt(n).Location
					w.send(other)
				}
				w.send(saying(50, -2))
			},
		}, 1},
		{"twelve have stood at other doors, and one answers", []func(w *world){
			begin,
			func(w *world) {
				for n := 1; n <= 6; n++ {
					w.send(replacing(saying(100+n, 1), n), replacing(saying(110+n, -1), 6+n))
				}
				w.send(saying(50, -2))
			},
		}, 1},
		{"a canvasser is erased, the doors say the same to another, and one more answers", []func(w *world){
			func(w *world) { begin(w); w.send(noted("c18", 200, households(20, 12, 2))...) },
			func(w *world) {
				if _, err := w.log.Erase(context.Background(), "blue", Subject{Canvasser: "c18"}); err != nil {
					w.t.Fatal(err)
				}
			},
			func(w *world) { w.send(noted("c19", 300, households(20, 12, 2))...); w.send(saying(50, -2)) },
			func(w *world) { w.send(households(60, 10, 0)...) }, // 23 are new, of whom 12 may have been seen: the 11 others are
		}, 2},
		{"doors are erased, say the same again, and one more answers", []func(w *world){
			func(w *world) { begin(w); w.send(households(20, 12, 2)...) },
			func(w *world) {
				for n := 20; n < 32; n++ {
					if _, err := w.log.Erase(context.Background(), "blue", Subject{Door: attempt(n).Location}); err != nil {
						w.t.Fatal(err)
					}
				}
				w.setNow(noon.Add(2))
				again := households(20, 12, 2)
				for i := range again {
					again[i].ID, again[i].Happened = id(200+i), noon.Add(1)
				}
				w.send(append(again, saying(50, -2))...)
			},
			func(w *world) { w.send(households(60, 10, 0)...) }, // these and the one
		}, 2},
	} {
		for _, restarts := range []bool{false, true} {
			w := newWorld(t)
			o := onlooker{w: w}
			for _, step := range c.steps {
				if step(w); restarts {
					w.reopen()
				}
				w.total("blue")
				o.look(t)
			}
			if few := o.fewest(); few < disclose.K {
				t.Errorf("%s, restarts %t: together the epochs tell of %d households", c.name, restarts, few)
			}
			if len(o.pictures) != c.pictures {
				t.Errorf("%s, restarts %t: %d pictures were published, not %d", c.name, restarts, len(o.pictures), c.pictures)
			}
		}
	}
}

// Whatever comes, is corrected, taken back, erased and comes again, by doors and in a body: no combination of the pictures is of 1 to 10 households, and a log that is
// started again and again publishes the same.
func TestNoCombinationOfEpochsIsOfFewHouseholds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		plain, restarted := newWorld(t), newWorld(t)
		defer plain.close()
		defer restarted.close()
		both := []*world{plain, restarted}
		o := onlooker{w: plain}
		now, last := noon, 0
		var sent []engine.Return // attempts that may be corrected and taken back
		send := func(returns ...engine.Return) {
			for _, w := range both {
				w.send(returns...)
			}
		}
		visit := func(door int) engine.Return {
			last++
			r := saying(last, door%5-2) // what a door says it says again
			if rapid.IntRange(0, 9).Draw(rt, "another mind") == 0 {
				*r.Support = rapid.IntRange(-2, 2).Draw(rt, "support")
			}
			r.Happened, r.Canvasser = now, fmt.Sprintf("c%d", rapid.IntRange(1, 3).Draw(rt, "canvasser"))
			r.Location.AddressID, r.Location.Door = house(101, 1), fmt.Sprint(door)
			sent = append(sent, r)
			return r
		}
		erase := func(subject Subject) {
			for _, w := range both {
				if _, err := w.log.Erase(context.Background(), "blue", subject); err != nil {
					rt.Fatal(err)
				}
			}
		}
		for range rapid.IntRange(6, 18).Draw(rt, "steps") {
			now = now.Add(1000)
			for _, w := range both {
				w.setNow(now)
			}
			many := rapid.SampledFrom([]int{1, 10, 11, 12, 13}).Draw(rt, "many")
			step := rapid.IntRange(0, 15).Draw(rt, "step")
			if len(sent) == 0 {
				step = 15
			}
			first := rapid.IntRange(0, max(0, len(sent)-many)).Draw(rt, "first")
			some := sent[first:min(len(sent), first+many)]
			var batch []engine.Return
			switch step {
			case 0, 1: // an import is taken back
				for _, r := range some {
					last++
					back := withdrawal(last, 0)
					back.Replaces = r.ID
					batch = append(batch, back)
				}
			case 2: // some are corrected, and some of these have stood at another door
				moved := rapid.IntRange(0, 2).Draw(rt, "moved") == 0
				for _, r := range some {
					last++
					other := r
					other.ID, other.Replaces = id(last), r.ID
					if !moved {
						support := rapid.IntRange(-2, 2).Draw(rt, "support")
						other.Support = &support
					} else {
						other.Location.Door += "b"
					}
					batch = append(batch, other)
				}
			case 3:
				erase(Subject{Record: sent[first].ID})
			case 4:
				erase(Subject{Door: sent[first].Location})
			case 5:
				erase(Subject{Canvasser: sent[first].Canvasser})
			case 6: // what was taken back is sent anew
				for _, r := range some {
					last++
					r.ID, r.Replaces, r.Happened = id(last), uuid.Nil, now
					batch = append(batch, r)
				}
			default:
				from := rapid.SampledFrom([]int{1, 12, 23, 24, 35, 46, 57, 68, 79, 90}).Draw(rt, "from")
				for door := from; door < from+many; door++ {
					batch = append(batch, visit(door))
				}
			}
			send(batch...)
			if rapid.Bool().Draw(rt, "restart") {
				restarted.reopen()
			}
			restarted.total("blue")
			plain.total("blue")
			o.look(rt)
			if err := restarted.log.Publish(context.Background()); err != nil && !errors.Is(err, ErrClosed) {
				rt.Fatal(err)
			}
			if a, b := publishedAs(rt, plain), publishedAs(rt, restarted); a != b {
				rt.Fatalf("everybody sees\n%s\nand where the log was started again\n%s", a, b)
			}
		}
		if few := o.fewest(); few < disclose.K {
			rt.Fatalf("%d pictures together tell of %d households", len(o.pictures), few)
		}
	})
}

// publishedAs is what is published of precincts, without where the log stood.
func publishedAs(t rapid.TB, w *world) string {
	all := w.log.Published("blue", 0)
	for i := range all {
		all[i].Position = 0
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
