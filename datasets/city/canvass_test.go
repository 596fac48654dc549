package city

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arpent/arpent/engine"
)

func canvassed(t testing.TB, p CanvassParams) []Visit {
	t.Helper()
	var visits []Visit
	for v, err := range Canvass(context.Background(), p) {
		if err != nil {
			t.Fatal(err)
		}
		visits = append(visits, v)
	}
	return visits
}

func teamsOf(b Behaviour, count int) []Behaviour { return slices.Repeat([]Behaviour{b}, count) }

func TestCanvassTriesEachDoorOnce(t *testing.T) {
	dir, _ := generated(t, Village, 1)
	voters := map[string]float64{}
	for _, row := range table(t, filepath.Join(dir, "truth.csv.gz"), ',') {
		voters[row["address_id"]] = number(t, row["registered"])
	}
	all := len(canvassed(t, CanvassParams{City: 1, Size: Village, Seed: 3, Doors: 1, Teams: teamsOf(Honest, 2), Canvassers: 5}))
	for _, b := range Behaviours() {
		visits := canvassed(t, CanvassParams{City: 1, Size: Village, Seed: 3, Doors: 0.15, Teams: teamsOf(b, 4), Canvassers: 5})
		if off := float64(len(visits)) - 0.15*float64(all); math.Abs(off) > 1 {
			t.Errorf("%s: %d of %d doors, want 15 %%", b, len(visits), all)
		}
		seen := map[string]bool{}
		results := map[string]int{}
		last, walked := map[string]int{}, map[string]bool{}
		for i, v := range visits {
			door := fmt.Sprint(v.AddressID, "/", v.Door)
			if _, there := voters[v.AddressID]; !there || seen[door] {
				t.Fatalf("%s: %s comes twice, or is nowhere", b, door)
			}
			seen[door] = true
			results[v.Result]++
			if v.Minute < last[v.Canvasser] {
				t.Fatalf("%s: the time of %s goes back at %s", b, v.Canvasser, door)
			}
			last[v.Canvasser] = v.Minute
			if i > 0 && visits[i-1].Canvasser != v.Canvasser || i == 0 {
				evening := fmt.Sprint(v.Canvasser, "/", v.Minute/minutesOfDay)
				if walked[evening] {
					t.Fatalf("%s: two walks of %s on one evening", b, v.Canvasser)
				}
				walked[evening] = true
			}
			if !engine.IsCode(v.Team) || !engine.IsCode(v.Canvasser) || !slices.Contains(engine.CanvassResults(), v.Result) {
				t.Fatalf("%s: %+v is no return", b, v)
			}
			talked := v.Result == engine.ResultContact
			if talked != (v.Turnout != engine.NotSaid) || !talked && v.Support != engine.NotSaid || v.Support != engine.NotSaid && (v.Support < -2 || v.Support > 2) {
				t.Fatalf("%s: %+v", b, v)
			}
			if b != Invented && b != Copied && talked && voters[v.AddressID] == 0 {
				t.Fatalf("%s: somebody talks at %s, where no voter lives", b, v.AddressID)
			}
		}
		if contacts := float64(results[engine.ResultContact]) / float64(len(visits)); contacts < 0.2 || contacts > 0.5 {
			t.Errorf("%s: %.2f of the doors talk", b, contacts)
		}
	}
}

// Behind every door live the voters of the truth: who chose what at an address, and at how many doors.
func TestCanvassMeetsThePeopleOfTheTruth(t *testing.T) {
	layout := newPlan(2, Village)
	town, err := makeTown(context.Background(), layout, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range town.addresses {
		a := &town.addresses[i]
		var votes [maxChoices]int32
		doors := map[int32]bool{}
		for _, v := range town.inhabitants[town.first[i]:town.first[i+1]] {
			votes[v.choice]++
			doors[v.door] = true
		}
		if votes != a.votes[0] || len(doors) != a.doors {
			t.Fatalf("address %d: votes %v behind %d doors, the truth has %v behind %d", i, votes, len(doors), a.votes[0], a.doors)
		}
	}
}

// What a canvass hears, by behaviour: the mean of what is noted, and how it goes with what the street expects of the list.
func TestCanvassHearsByBehaviour(t *testing.T) {
	dir, _ := generated(t, Town, 1)
	expected := map[string]float64{}
	for _, row := range table(t, filepath.Join(dir, "truth.csv.gz"), ',') {
		expected[row["address_id"]] = number(t, row["2026_muni_t1/liste_des_jardins/share"])
	}
	layout := newPlan(1, Town)
	var towns []*town
	for index := range layout.communes {
		one, err := makeTown(context.Background(), layout, index)
		if err != nil {
			t.Fatal(err)
		}
		towns = append(towns, one)
	}
	hear := func(b Behaviour, doors, swing float64) (mean, slope, friendly float64) {
		var visits []Visit
		walks := newWalks(CanvassParams{City: 1, Size: Town, Seed: 5, Doors: doors, Teams: teamsOf(b, 8), Canvassers: 10, Swing: swing})
		for index, one := range towns {
			walks.through(one, stream(5, index, drawCanvass), func(v Visit) bool { visits = append(visits, v); return true })
		}
		var n, sx, sy, sxx, sxy, all float64
		for _, v := range visits {
			friendly, all = friendly+expected[v.AddressID], all+1
			if v.Support == engine.NotSaid {
				continue
			}
			x, y := expected[v.AddressID], float64(v.Support)
			n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
		}
		return sy / n, (sxy - sx*sy/n) / (sxx - sx*sx/n), friendly / all
	}
	honest, slope, usual := hear(Honest, 1, 0)
	if slope < 1 {
		t.Errorf("support rises by %.2f steps from a street of none to one of all, want more than 1", slope)
	}
	if mean, s, _ := hear(Lenient, 1, 0); mean < honest+0.4 || s < 0.5*slope {
		t.Errorf("lenient teams hear %.2f (honest %.2f), slope %.2f", mean, honest, s)
	}
	if _, _, where := hear(Friendly, 0.3, 0); where < usual+0.03 {
		t.Errorf("friendly teams walk where the list has %.3f, others where it has %.3f", where, usual)
	}
	if mean, s, _ := hear(Hostile, 1, 0); math.Abs(mean+honest) > 0.15 || s > -0.5*slope {
		t.Errorf("hostile teams note %.2f, honest ones %.2f; slope %.2f", mean, honest, s)
	}
	if mean, s, _ := hear(Negative, 1, 0); mean > -1.5 || math.Abs(s) > 0.3*slope {
		t.Errorf("negative teams note %.2f, slope %.2f", mean, s)
	}
	if _, s, _ := hear(Invented, 1, 0); math.Abs(s) > 0.6*slope {
		t.Errorf("invented answers go with the street: slope %.2f", s)
	}
	up, _, _ := hear(Honest, 1, 0.4)
	down, _, _ := hear(Honest, 1, -0.4)
	if up < honest+0.05 || down > honest-0.05 {
		t.Errorf("a swing of 0.4 up is heard as %.2f, none as %.2f, down as %.2f", up, honest, down)
	}
	if _, s, _ := hear(Copied, 1, 0); s < 0.2*slope || s > slope {
		t.Errorf("answers made up after the published results go with the street by %.2f, honest ones by %.2f", s, slope)
	}
}

func TestCanvassIsReproducible(t *testing.T) {
	p := CanvassParams{City: 4, Size: Village, Seed: 1, Doors: 0.5, Teams: Behaviours(), Canvassers: 2, Swing: -0.2}
	if !slices.Equal(canvassed(t, p), canvassed(t, p)) {
		t.Error("the same canvass came out otherwise")
	}
	other := p
	other.Seed = 2
	if slices.Equal(canvassed(t, p), canvassed(t, other)) {
		t.Error("another seed gave the same canvass")
	}
	first := canvassed(t, p)
	for v, err := range Canvass(context.Background(), p) { // whoever stops early is let go
		if v != first[0] || err != nil {
			t.Errorf("begins with %v, then with %v, error %v", first[0], v, err)
		}
		break
	}
}

func TestCanvassRefuses(t *testing.T) {
	good := CanvassParams{City: 1, Size: Village, Doors: 0.1, Teams: teamsOf(Honest, 1), Canvassers: 1}
	for _, c := range []struct {
		change func(*CanvassParams)
		want   string
	}{
		{func(p *CanvassParams) { p.Size = "hamlet" }, "no such size"},
		{func(p *CanvassParams) { p.Doors = 1.5 }, "1.5 of the doors"},
		{func(p *CanvassParams) { p.Doors = math.NaN() }, "NaN of the doors"},
		{func(p *CanvassParams) { p.Teams = nil }, "without canvassers"},
		{func(p *CanvassParams) { p.Canvassers = 0 }, "without canvassers"},
		{func(p *CanvassParams) { p.Teams = []Behaviour{"lazy"} }, `no team is "lazy"`},
	} {
		p := good
		c.change(&p)
		for _, err := range Canvass(context.Background(), p) {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v: error %v, want %q", p, err, c.want)
			}
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for _, err := range Canvass(stopped, good) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled canvass gave %v", err)
		}
	}
}
