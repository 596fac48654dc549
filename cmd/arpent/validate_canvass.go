package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/estimate"
)

// A validatedCanvass is what canvasses make of the estimates of a seeded city: how far the first list's share of the votes for lists is
// off, street by street, from what the street could expect at the last result.
type validatedCanvass struct {
	Case     string        `json:"case"`
	Segments int           `json:"segments"`
	Without  float64       `json:"mae_without"` // points, weighted by registered voters
	Held     coverage      `json:"without"`     // how often intervals hold the share that came true
	Walked   []canvassWalk `json:"canvasses"`
	Worst    float64       `json:"worst_difference"` // points
}

// A canvassWalk is one canvass.
type canvassWalk struct {
	Teams      string  `json:"teams"`
	Doors      float64 `json:"doors"` // part of all
	Swing      float64 `json:"swing"` // true since the last result, log odds
	Answers    int     `json:"answers"`
	MAE        float64 `json:"mae"`
	Difference float64 `json:"difference"` // to that without the canvass
	coverage
	Heard          float64   `json:"swing_heard"`
	HeardDeviation float64   `json:"swing_heard_sd"`
	Weights        []float64 `json:"weights"` // by team
}

// A canvassCase is who walks, and what people have changed their minds by.
type canvassCase struct {
	name  string
	teams []city.Behaviour
	doors []float64
	swing float64
}

const canvassTeams = 8

// canvassCases lists the canvasses: all teams alike, one of them unlike the others, half of them copying, and honest ones after a swing.
func canvassCases() []canvassCase {
	shares := []float64{0.05, 0.15, 0.40}
	var all []canvassCase
	for _, b := range city.Behaviours() {
		all = append(all, canvassCase{"all " + string(b), slices.Repeat([]city.Behaviour{b}, canvassTeams), shares, 0})
	}
	for _, b := range city.Behaviours() {
		if b == city.Honest {
			continue
		}
		teams := slices.Repeat([]city.Behaviour{city.Honest}, canvassTeams)
		teams[1] = b
		all = append(all, canvassCase{"1 of 8 " + string(b), teams, shares, 0})
	}
	half := slices.Concat(slices.Repeat([]city.Behaviour{city.Honest}, canvassTeams/2), slices.Repeat([]city.Behaviour{city.Copied}, canvassTeams/2))
	all = append(all, canvassCase{"4 of 8 copied", half, shares, 0})
	for _, swing := range []float64{-0.4, 0.4} {
		all = append(all, canvassCase{fmt.Sprintf("all honest, swing %+.1f", swing), slices.Repeat([]city.Behaviour{city.Honest}, canvassTeams), shares[2:], swing})
	}
	return all
}

// validateCanvass makes a city, builds it apart from every workspace, and walks canvasses through it.
func (p *program) validateCanvass(ctx context.Context, which invented) (v validatedCanvass, err error) {
	err = p.inBuiltCity(ctx, which, func(db *duckdb.DB, truth string, _ city.Summary) error {
		ground, err := readCanvassGround(ctx, db, truth)
		if err != nil {
			return err
		}
		progress := newProgress(p.stderr)
		v, err = ground.walkAll(ctx, city.CanvassParams{City: which.seed, Size: city.Size(which.size.value), Seed: which.seed, Canvassers: 10}, canvassCases(),
			func(done, total int) { progress.Hear("walk canvasses", int64(done), int64(total)) })
		if err != nil {
			progress.Stop()
			return err
		}
		progress.Done()
		v.Case = fmt.Sprintf("%s-%d/%s", which.size.value, which.seed, canvassContest)
		return nil
	})
	return v, err
}

// walkAll walks the cases, each at its shares of the doors.
func (g *canvassGround) walkAll(ctx context.Context, params city.CanvassParams, cases []canvassCase, hear func(done, total int)) (validatedCanvass, error) {
	_, states, err := learnCanvass(g.precincts, canvassTeams, nil)
	if err != nil {
		return validatedCanvass{}, err
	}
	v := validatedCanvass{Segments: len(g.streets), Worst: math.Inf(-1)}
	v.Without, v.Held = g.judge(states)
	for i, one := range cases {
		hear(i, len(cases))
		for _, doors := range one.doors {
			params.Teams, params.Doors, params.Swing = one.teams, doors, one.swing
			walk, err := g.walk(ctx, params)
			if err != nil {
				return validatedCanvass{}, err
			}
			walk.Teams, walk.Difference = one.name, walk.MAE-v.Without
			v.Worst = max(v.Worst, walk.Difference)
			v.Walked = append(v.Walked, walk)
		}
	}
	return v, nil
}

// walk walks one canvass and does what the engine does with its answers.
func (g *canvassGround) walk(ctx context.Context, params city.CanvassParams) (canvassWalk, error) {
	walk := canvassWalk{Doors: params.Doors, Swing: params.Swing}
	precincts, runs, err := g.hear(ctx, params)
	if err != nil {
		return walk, err
	}
	field, states, err := learnCanvass(precincts, len(params.Teams), runs)
	if err != nil {
		return walk, err
	}
	for i := range precincts {
		for _, a := range precincts[i].Answers {
			for _, n := range a.Support {
				walk.Answers += int(n)
			}
		}
	}
	walk.MAE, walk.coverage = g.judge(states)
	walk.Heard, walk.HeardDeviation = field.Swing[0].Mean, field.Swing[0].Deviation
	for _, team := range field.Teams {
		walk.Weights = append(walk.Weights, team.Weight)
	}
	return walk, nil
}

// hear puts the answers of a canvass into the precincts.
func (g *canvassGround) hear(ctx context.Context, params city.CanvassParams) ([]estimate.FieldPrecinct, []estimate.FieldRuns, error) {
	teams := map[string]int32{}
	runs := make([]estimate.FieldRuns, len(params.Teams))
	for i := range params.Teams {
		teams[fmt.Sprintf("team-%d", i+1)], runs[i].Team = int32(i), int32(i)
	}
	precincts := slices.Clone(g.precincts)
	var before city.Visit
	for v, err := range city.Canvass(ctx, params) {
		if err != nil {
			return nil, nil, err
		}
		at, there := g.addresses[v.AddressID]
		if v.Support == engine.NotSaid || !there {
			continue
		}
		team := teams[v.Team]
		if v.Canvasser == before.Canvasser {
			runs[team].Pairs++
			if v.Support == before.Support {
				runs[team].Same++
			}
		}
		before = v
		answer := estimate.FieldAnswers{Part: at.part, Team: team}
		answer.Support[v.Support+2]++
		precincts[at.precinct].Answers = append(precincts[at.precinct].Answers, answer)
	}
	return precincts, runs, nil
}

// learnCanvass is what the engine does with the answers of all precincts.
func learnCanvass(precincts []estimate.FieldPrecinct, teams int, runs []estimate.FieldRuns) (*estimate.Field, [][]estimate.FieldState, error) {
	prior := estimate.DefaultFieldPrior()
	var sums []estimate.FieldSums
	for i := range precincts {
		sums = append(sums, precincts[i].Sums(prior)...)
	}
	field, err := estimate.LearnField(prior, teams, 1, sums, runs)
	if err != nil {
		return nil, nil, err
	}
	states := make([][]estimate.FieldState, len(precincts))
	for i := range precincts {
		if states[i], err = field.Update(&precincts[i]); err != nil {
			return nil, nil, err
		}
	}
	return field, states, nil
}

func tellCanvass(w io.Writer, v validatedCanvass) error {
	fmt.Fprintf(w, "%s: the share of %s in %d segments is %.2f points off without a canvass; %.1f %% and %.1f %% of them in their 50 %% and 90 %% intervals\n",
		v.Case, canvassList, v.Segments, v.Without, v.Held.Cover50, v.Held.Cover90)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "teams\tdoors\tanswers\terror\tdifference\tin 50\tin 90\tswing heard\tweights\t")
	for _, one := range v.Walked {
		var weights []string
		for _, weight := range one.Weights {
			weights = append(weights, fmt.Sprintf("%.2f", weight))
		}
		fmt.Fprintf(table, "%s\t%.0f %%\t%d\t%.3f\t%+.3f\t%.1f %%\t%.1f %%\t%+.2f ± %.2f\t%s\t\n", one.Teams, 100*one.Doors, one.Answers, one.MAE, one.Difference,
			one.Cover50, one.Cover90, one.Heard, one.HeardDeviation, strings.Join(weights, " "))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "the worst canvass makes the error %+.3f points larger\n", v.Worst)
	return nil
}
