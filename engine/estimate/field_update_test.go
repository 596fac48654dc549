package estimate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// believing is a field of teams whose answers count, and one whose answers do not, without any swing.
func believing(areas int) *Field {
	f := &Field{Prior: DefaultFieldPrior(), Swing: make([]Response, areas)}
	for range 3 {
		f.Teams = append(f.Teams, FieldTeam{Follows: 1, Weight: mostWeight, LeniencyDeviation: leniency})
	}
	f.Teams = append(f.Teams, FieldTeam{Follows: -0.2})
	return f
}

const disbelieved = 3

// street is a part of 100 registered voters of whom 60 voted.
func street(own, x float64) FieldPart {
	return FieldPart{Voters: 100, Own: own, Other: 0.6 - own, Doubt: 0.3, X: x}
}

func theta(t *testing.T, f *Field, p *FieldPrecinct) []float64 {
	t.Helper()
	states, err := f.Update(p)
	if err != nil {
		t.Fatal(err)
	}
	var shares []float64
	for _, s := range states {
		shares = append(shares, s.Theta.Share)
	}
	return shares
}

func TestUpdateHearsWhatDiffersBetweenStreets(t *testing.T) {
	three := FieldPrecinct{Own: 60, Parts: []FieldPart{street(0.2, 0), street(0.2, 1000), street(0.2, 2000)}}
	for _, c := range []struct {
		name    string
		answers []FieldAnswers
		want    string // how the streets come to stand to the 20 % they had: + - =
	}{
		{"nobody was asked", nil, "==="},
		{"one street alone: there is nothing to compare it with", []FieldAnswers{{Part: 0, Support: [5]int32{0, 0, 0, 3, 9}}}, "==="},
		{"support in the first, opposition in the last", []FieldAnswers{
			{Part: 0, Support: [5]int32{0, 0, 2, 4, 6}}, {Part: 2, Support: [5]int32{6, 4, 2, 0, 0}}}, "+=-"},
		{"the same in all three", []FieldAnswers{
			{Part: 0, Support: [5]int32{0, 1, 2, 4, 6}}, {Part: 1, Support: [5]int32{0, 1, 2, 4, 6}}, {Part: 2, Support: [5]int32{0, 1, 2, 4, 6}}}, "==="},
		{"a team that is not believed", []FieldAnswers{
			{Part: 0, Team: disbelieved, Support: [5]int32{0, 0, 2, 4, 6}}, {Part: 2, Team: disbelieved, Support: [5]int32{6, 4, 2, 0, 0}}}, "==="},
		{"a team that nobody knows", []FieldAnswers{
			{Part: 0, Team: 99, Support: [5]int32{0, 0, 2, 4, 6}}, {Part: 2, Team: 99, Support: [5]int32{6, 4, 2, 0, 0}}}, "==="},
	} {
		p := three
		p.Answers = c.answers
		got := ""
		for _, share := range theta(t, believing(1), &p) {
			switch {
			case share > 0.201:
				got += "+"
			case share < 0.199:
				got += "-"
			default:
				got += "="
			}
		}
		if got != c.want {
			t.Errorf("%s: the streets go %s, want %s", c.name, got, c.want)
		}
	}
}

// A street with answers moves its neighbour more than a street far away.
func TestUpdateReachesNeighbours(t *testing.T) {
	p := FieldPrecinct{
		Own:   80,
		Parts: []FieldPart{street(0.2, 0), street(0.2, 50), street(0.2, 3000), street(0.2, 6000)},
		Answers: []FieldAnswers{
			{Part: 0, Support: [5]int32{0, 0, 2, 10, 20}}, {Part: 3, Support: [5]int32{20, 10, 2, 0, 0}},
		},
	}
	if s := theta(t, believing(1), &p); s[0] <= s[1] || s[1] <= s[2]+0.0001 {
		t.Errorf("shares %.4f: the second street is beside the first", s)
	}
}

// The swing is the same for all streets of an area: it is in the forecast and not in the last result.
func TestUpdateKeepsLastResultAndSwingApart(t *testing.T) {
	p := FieldPrecinct{Own: 50, Parts: []FieldPart{street(0.3, 0), street(0.2, 900)}}
	f := believing(1)
	before := theta(t, f, &p)
	f.Swing[0] = Response{0.5, 0.2}
	states, err := f.Update(&p)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range states {
		if math.Abs(s.Theta.Share-before[i]) > 1e-9 {
			t.Errorf("street %d: a swing changed the last result from %.4f to %.4f", i, before[i], s.Theta.Share)
		}
		q := before[i] / 0.6
		want := 0.6 / (1 + (1-q)/q*math.Exp(-0.5))
		if math.Abs(s.Forecast.Share-want) > 1e-6 {
			t.Errorf("street %d: forecast %.4f, want %.4f", i, s.Forecast.Share, want)
		}
		if s.Forecast.High90-s.Forecast.Low90 <= s.Theta.High90-s.Theta.Low90 {
			t.Errorf("street %d: the forecast is surer than the last result", i)
		}
	}
}

// Sixty days halve an answer: twice as many then say as much as today's.
func TestUpdateForgets(t *testing.T) {
	fresh := FieldPrecinct{Own: 40, Parts: []FieldPart{street(0.2, 0), street(0.2, 900)}, Answers: []FieldAnswers{
		{Part: 0, Support: [5]int32{1, 0, 2, 3, 5}}, {Part: 1, Support: [5]int32{4, 2, 1, 0, 1}}}}
	old := fresh
	old.Answers = []FieldAnswers{{Part: 0, Days: 60, Support: [5]int32{2, 0, 4, 6, 10}}, {Part: 1, Days: 60, Support: [5]int32{8, 4, 2, 0, 2}}}
	half := old
	half.Answers = slices.Clone(fresh.Answers)
	half.Answers[0].Days, half.Answers[1].Days = 60, 60
	f := believing(1)
	if a, b, c := theta(t, f, &fresh), theta(t, f, &old), theta(t, f, &half); math.Abs(a[0]-b[0]) > 1e-12 || c[0] >= a[0]-1e-4 || c[0] <= 0.2001 {
		t.Errorf("fresh %.6f, twice as many of 60 days ago %.6f, as many %.6f", a[0], b[0], c[0])
	}
	for _, c := range []struct {
		days int32
		want float64
	}{{0, 1}, {60, 0.5}, {120, 0.25}, {-5, 1}} {
		if got := Decay(c.days); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("an answer %d days old counts %v, want %v", c.days, got, c.want)
		}
	}
}

func TestUpdateOfOddPrecincts(t *testing.T) {
	answers := []FieldAnswers{{Part: 0, Support: [5]int32{0, 0, 0, 0, 9}}, {Part: 1, Support: [5]int32{9, 0, 0, 0, 0}}}
	for _, c := range []struct {
		name  string
		p     FieldPrecinct
		total float64
	}{
		{"nobody chose it", FieldPrecinct{Own: 0, Parts: []FieldPart{street(0, 0), street(0, 1)}, Answers: answers}, 0},
		{"everybody who voted chose it", FieldPrecinct{Own: 120, Parts: []FieldPart{street(0.6, 0), street(0.6, 1)}, Answers: answers}, 120},
		{"more votes than the estimates leave", FieldPrecinct{Own: 150, Parts: []FieldPart{street(0.5, 0), street(0.5, 1)}, Answers: answers}, 120},
		{"a street without voters", FieldPrecinct{Own: 20, Parts: []FieldPart{street(0.2, 0), {Doubt: 0.3}}, Answers: answers}, 20},
		{"nobody voted", FieldPrecinct{Own: 0, Parts: []FieldPart{{Voters: 10}, {Voters: 20}}, Answers: answers}, 0},
		{"no street", FieldPrecinct{Own: 5}, 0},
		{"known for certain", FieldPrecinct{Own: 40, Parts: []FieldPart{{Voters: 100, Own: 0.3, Other: 0.3}, {Voters: 100, Own: 0.1, Other: 0.5}}, Answers: answers}, 40},
	} {
		states, err := believing(1).Update(&c.p)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		total := 0.0
		for i, s := range states {
			if n := float64(c.p.Parts[i].Voters); n > 0 {
				total += n * s.Theta.Share
			}
		}
		if math.Abs(total-c.total) > 1e-6 {
			t.Errorf("%s: the streets add up to %v votes, want %v", c.name, total, c.total)
		}
	}
	// Without a result there is no total to keep.
	predicted := FieldPrecinct{Own: Absent, Parts: []FieldPart{street(0.3, 0), street(0.2, 900)}}
	if s := theta(t, believing(1), &predicted); math.Abs(s[0]-0.3) > 1e-12 || math.Abs(s[1]-0.2) > 1e-12 {
		t.Errorf("predicted shares 0.3 and 0.2 became %v", s)
	}
}

func TestUpdateRefuses(t *testing.T) {
	good := func() *FieldPrecinct {
		return &FieldPrecinct{Own: 20, Parts: []FieldPart{street(0.2, 0)}, Answers: []FieldAnswers{{Support: [5]int32{1, 0, 0, 0, 0}}}}
	}
	for _, c := range []struct {
		change func(*FieldPrecinct)
		want   string
	}{
		{func(p *FieldPrecinct) { p.Parts[0].Own = math.NaN() }, "shares NaN"},
		{func(p *FieldPrecinct) { p.Parts[0].Own = 0.7; p.Parts[0].Other = 0.5 }, "shares 0.7 and 0.5"},
		{func(p *FieldPrecinct) { p.Parts[0].Doubt = math.Inf(1) }, "doubt +Inf"},
		{func(p *FieldPrecinct) { p.Parts[0].X = math.NaN() }, "at (NaN"},
		{func(p *FieldPrecinct) { p.Parts[0].Voters = -1 }, "-1 registered"},
		{func(p *FieldPrecinct) { p.Answers[0].Part = 1 }, "in part 1 of 1"},
		{func(p *FieldPrecinct) { p.Answers[0].Support[2] = -1 }, "answers [1 0 -1 0 0]"},
		{func(p *FieldPrecinct) { p.Answers[0].Team = -1 }, "of team -1"},
		{func(p *FieldPrecinct) { p.Own = -2 }, "-2 own votes"},
		{func(p *FieldPrecinct) { p.Area = 1 }, "area 1 of 1"},
	} {
		p := good()
		c.change(p)
		if _, err := believing(1).Update(p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// drawPrecinct draws a precinct with its result and what four teams heard in it.
func drawPrecinct(t *rapid.T) FieldPrecinct {
	p := FieldPrecinct{}
	total := 0.0
	for range rapid.IntRange(1, 12).Draw(t, "parts") {
		votes := rapid.Float64Range(0, 1).Draw(t, "turnout")
		own := votes * rapid.Float64Range(0, 1).Draw(t, "own")
		part := FieldPart{
			Voters: int64(rapid.IntRange(0, 200).Draw(t, "voters")), Own: own, Other: votes - own, Doubt: rapid.Float64Range(0, 1).Draw(t, "doubt"),
			X: rapid.Float64Range(0, 800).Draw(t, "x"), Y: rapid.Float64Range(0, 800).Draw(t, "y"),
		}
		total += float64(part.Voters) * own
		p.Parts = append(p.Parts, part)
	}
	p.Own = int64(total)
	for range rapid.IntRange(0, 30).Draw(t, "answers") {
		a := FieldAnswers{
			Part: int32(rapid.IntRange(0, len(p.Parts)-1).Draw(t, "part")), Team: int32(rapid.IntRange(0, 3).Draw(t, "team")),
			Days: int32(rapid.IntRange(0, 100).Draw(t, "days")),
		}
		a.Support[rapid.IntRange(0, 4).Draw(t, "step")] = int32(rapid.IntRange(1, 5).Draw(t, "count"))
		p.Answers = append(p.Answers, a)
	}
	return p
}

// Whatever is heard, a precinct keeps its votes, intervals hold their share, and the order of the answers does not matter to the last bit.
func TestUpdateKeepsTheResultInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPrecinct(t)
		f := believing(1)
		f.Swing[0] = Response{0.2, 0.3}
		states, err := f.Update(&p)
		if err != nil {
			t.Fatal(err)
		}
		votes, possible := 0.0, 0.0
		for i, s := range states {
			n := float64(p.Parts[i].Voters)
			possible += n * (p.Parts[i].Own + p.Parts[i].Other)
			if n == 0 {
				continue
			}
			votes += n * s.Theta.Share
			for _, r := range []Range{s.Theta, s.Forecast} {
				if !(0 <= r.Low90 && r.Low90 <= r.Low50 && r.Low50 <= r.Share && r.Share <= r.High50 && r.High50 <= r.High90 && r.High90 <= 1) {
					t.Fatalf("part %d: %+v", i, r)
				}
			}
			if s.Doubt > max(leastDoubt, p.Parts[i].Doubt)+1e-9 {
				t.Fatalf("part %d: doubt %v was %v", i, s.Doubt, p.Parts[i].Doubt)
			}
		}
		if math.Abs(votes-min(float64(p.Own), possible)) > 1e-7 {
			t.Fatalf("%v votes, the result has %d", votes, p.Own)
		}
		other := p
		other.Answers = rapid.Permutation(p.Answers).Draw(t, "order")
		again, err := f.Update(&other)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(states) != fmt.Sprint(again) { // a part without voters has no share, and NaN is not equal to itself
			t.Fatal("another order of the answers gave another result")
		}
	})
}
