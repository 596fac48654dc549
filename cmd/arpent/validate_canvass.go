package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/estimate"
)

// canvassGround is a seeded city as a canvass finds it: what was estimated of its streets, and their truth.
type canvassGround struct {
	Precincts []estimate.FieldPrecinct
	Parts     [][]canvassPart           // by precinct, as its parts
	Segments  []canvassStreet           // by place of a segment
	Address   map[string]canvassAddress // by id
}

type canvassPart struct{ Segment int }

// canvassAddress is the part that an address lies in.
type canvassAddress struct{ Precinct, Part int }

// canvassStreet is the truth of a segment.
type canvassStreet struct {
	Voters   float64
	Own      float64 // expected share of the own list, of the votes for lists
	OwnVotes float64 // as they came true
}

// canvassList is the list that invented canvasses are for, and the contest it last stood in.
const (
	canvassContest = "2026_muni_t1"
	canvassList    = "liste_des_jardins"
)

// readCanvassGround reads the built city and its truth.
func readCanvassGround(ctx context.Context, db *duckdb.DB, truth string) (*canvassGround, error) {
	g := &canvassGround{Address: map[string]canvassAddress{}}
	segments, err := queryNumbers(ctx, db, canvassTruthQuery(truth))
	if err != nil {
		return nil, err
	}
	place := map[float64]int{}
	for _, row := range segments {
		place[row[0]] = len(g.Segments)
		g.Segments = append(g.Segments, canvassStreet{Voters: row[1], Own: row[2], OwnVotes: row[3]})
	}
	parts, err := queryNumbers(ctx, db, canvassPartsQuery())
	if err != nil {
		return nil, err
	}
	key := map[[2]float64]canvassAddress{}
	for i, row := range parts {
		if i == 0 || parts[i-1][0] != row[0] {
			g.Precincts = append(g.Precincts, estimate.FieldPrecinct{Own: int64(row[2])})
			g.Parts = append(g.Parts, nil)
		}
		at := len(g.Precincts) - 1
		p := &g.Precincts[at]
		voters, all, own, other, high := row[4], row[3], row[5], row[6], row[7]
		segment, there := place[row[1]]
		if !there {
			segment = -1
		}
		key[[2]float64{row[0], row[1]}] = canvassAddress{at, len(p.Parts)}
		p.Parts = append(p.Parts, estimate.FieldPart{
			Voters: int64(voters), Own: own, Other: other, X: row[9], Y: row[10],
			Doubt: estimate.FieldDoubt(estimate.Range{Share: own, High90: high}, other, row[8], all),
		})
		g.Parts[at] = append(g.Parts[at], canvassPart{segment})
	}
	rows, err := queryTexts(ctx, db, "SELECT address_id, precinct_id, segment_id FROM addresses JOIN placements USING (address_id) QUALIFY row_number() OVER (PARTITION BY address_id ORDER BY part DESC, precinct_id) = 1")
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		precinct, err1 := strconv.ParseFloat(row[1], 64)
		segment, err2 := strconv.ParseFloat(row[2], 64)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		if at, there := key[[2]float64{precinct, segment}]; there {
			g.Address[row[0]] = at
		}
	}
	return g, nil
}

func canvassTruthQuery(truth string) string {
	share := func(choice string) string { return `"` + canvassContest + "/" + choice + `/share"` }
	var none []string
	for _, id := range []string{engine.Abstention, engine.Blank, engine.Null} {
		none = append(none, share(id))
	}
	return fmt.Sprintf(`SELECT segment_id, sum(registered), sum(registered * %s) / sum(registered * (1 - %s)), sum("%s/%s/votes")
FROM read_csv(%s) JOIN addresses USING (address_id) WHERE registered > 0 GROUP BY 1 ORDER BY 1`,
		share(canvassList), strings.Join(none, " - "), canvassContest, canvassList, quoted(filepath.ToSlash(truth)))
}

// canvassPartsQuery asks for a row for each part with voters: precinct, segment, official votes of the own list and of all in the precinct, voters
// of the part, shares of the own list and the others and its upper bound, voters of the segment, and a place in metres. A segment in several precincts
// has its shares from each in proportion to the official ones.
func canvassPartsQuery() string {
	return fmt.Sprintf(`WITH official AS (
  SELECT precinct_id, sum(votes) AS r, sum(CASE WHEN choice = %[2]s THEN votes ELSE 0 END) AS own, sum(CASE WHEN choice NOT IN (%[3]s) THEN votes ELSE 0 END) AS valid
  FROM results WHERE contest = %[1]s GROUP BY 1),
parts AS (
  SELECT precinct_id, segment_id, sum(votes) AS n FROM votes JOIN atoms USING (atom_id) WHERE contest = %[1]s GROUP BY 1, 2 HAVING sum(votes) > 0),
guess AS (
  SELECT unit_id AS segment_id, max(registered) AS n, max(CASE WHEN choice = %[2]s THEN share END) AS own, max(CASE WHEN choice = %[2]s THEN high90 END) AS high,
    sum(CASE WHEN choice NOT IN (%[3]s) THEN share END) AS valid
  FROM estimates WHERE unit = 'segment' AND contest = %[1]s GROUP BY 1),
usual AS (
  SELECT segment_id, sum(n * own / r) / sum(n) AS own, sum(n * valid / r) / sum(n) AS valid FROM parts JOIN official USING (precinct_id) GROUP BY 1),
places AS (
  SELECT segment_id, avg(lon) AS lon, avg(lat) AS lat FROM addresses GROUP BY 1)
SELECT precinct_id, segment_id, official.own, official.r, parts.n,
  guess.own * (official.own / r) / usual.own AS own_share,
  greatest(0, guess.valid * (official.valid / r) / usual.valid - own_share),
  guess.high * own_share / guess.own, guess.n, 111320 * lon * cos(radians(lat)), 110574 * lat
FROM parts JOIN official USING (precinct_id) JOIN guess USING (segment_id) JOIN usual USING (segment_id) JOIN places USING (segment_id)
ORDER BY 1, 2`, quoted(canvassContest), quoted(canvassList), reserved())
}

func queryNumbers(ctx context.Context, db *duckdb.DB, query string) ([][]float64, error) {
	rows, err := queryTexts(ctx, db, query)
	if err != nil {
		return nil, err
	}
	numbers := make([][]float64, len(rows))
	for i, row := range rows {
		numbers[i] = make([]float64, len(row))
		for k, text := range row {
			if numbers[i][k], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, fmt.Errorf("contest %s: %w", canvassContest, err)
			}
		}
	}
	return numbers, nil
}

// judgedCanvass is how far the own list's share of a street is off, in points, and how often the intervals hold what came true.
type judgedCanvass struct {
	MAE float64
	coverage
}

// judge compares the state of every part with the truth, segment by segment.
func (g *canvassGround) judge(states [][]estimate.FieldState) judgedCanvass {
	type sum struct{ own, votes, odds, doubt float64 }
	sums := make([]sum, len(g.Segments))
	single := make([]*estimate.FieldState, len(g.Segments))
	counts := make([]int, len(g.Segments))
	for b, parts := range g.Parts {
		for i, part := range parts {
			if part.Segment < 0 {
				continue
			}
			p := g.Precincts[b].Parts[i]
			sums[part.Segment].own += float64(p.Voters) * states[b][i].Theta.Share
			sums[part.Segment].votes += float64(p.Voters) * (p.Own + p.Other)
			single[part.Segment] = &states[b][i]
			counts[part.Segment]++
		}
	}
	var j judgedCanvass
	voters, held := 0.0, 0
	for _, c := range counts {
		if c == 1 {
			held++
		}
	}
	for i, s := range g.Segments {
		if sums[i].votes <= 0 {
			continue
		}
		voters += s.Voters
		j.MAE += 100 * s.Voters * math.Abs(sums[i].own/sums[i].votes-s.Own)
		if counts[i] == 1 {
			t := single[i].Theta
			j.count(s.OwnVotes/s.Voters, [4]float64{t.Low90, t.Low50, t.High50, t.High90}, held)
		}
	}
	j.MAE /= voters
	return j
}

// hear puts the answers of a canvass into the precincts.
func (g *canvassGround) hear(ctx context.Context, p city.CanvassParams) (precincts []estimate.FieldPrecinct, doors, answers int, err error) {
	type of struct{ precinct, part, team int }
	said := map[of][5]int32{}
	names := map[string]int{}
	for v, err := range city.Canvass(ctx, p) {
		if err != nil {
			return nil, 0, 0, err
		}
		doors++
		if v.Support == engine.NotSaid {
			continue
		}
		at, there := g.Address[v.AddressID]
		if !there {
			continue
		}
		team, there := names[v.Team]
		if !there {
			team, _ = strconv.Atoi(strings.TrimPrefix(v.Team, "team-"))
			team--
			names[v.Team] = team
		}
		key := of{at.Precinct, at.Part, team}
		s := said[key]
		s[v.Support+2]++
		said[key] = s
		answers++
	}
	precincts = append(precincts, g.Precincts...)
	for key, s := range said {
		p := &precincts[key.precinct]
		p.Answers = append(p.Answers[:len(p.Answers):len(p.Answers)], estimate.FieldAnswers{Part: int32(key.part), Team: int32(key.team), Support: s})
	}
	return precincts, doors, answers, nil
}

// learn is what the engine does with a canvass.
func learnCanvass(precincts []estimate.FieldPrecinct, teams int) (*estimate.Field, [][]estimate.FieldState, error) {
	prior := estimate.DefaultFieldPrior()
	var sums []estimate.FieldSums
	for i := range precincts {
		sums = append(sums, precincts[i].Sums(prior)...)
	}
	f, err := estimate.LearnField(prior, teams, 1, sums, nil)
	if err != nil {
		return nil, nil, err
	}
	states := make([][]estimate.FieldState, len(precincts))
	for i := range precincts {
		if states[i], err = f.Update(&precincts[i]); err != nil {
			return nil, nil, err
		}
	}
	return f, states, nil
}
