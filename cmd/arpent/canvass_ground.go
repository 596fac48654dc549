package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
	"github.com/arpent/arpent/engine/estimate"
)

// canvassGround is a seeded city as a canvass finds it: what was estimated of its streets, and their truth.
type canvassGround struct {
	precincts []estimate.FieldPrecinct
	streetOf  [][]int // by precinct and part: place in streets
	streets   []canvassStreet
	addresses map[string]canvassPlace // by id
}

// canvassPlace is the part that an address lies in.
type canvassPlace struct{ precinct, part int32 }

// canvassStreet is the truth of a segment.
type canvassStreet struct {
	voters, own float64 // registered; expected share of the first list, of the votes for lists
	cameTrue    float64 // votes for the first list
}

// canvassList is the list that invented canvasses are for, and the contest it last stood in.
const (
	canvassContest = "2026_muni_t1"
	canvassList    = "liste_des_jardins"
)

// readCanvassGround reads the built city and its truth.
func readCanvassGround(ctx context.Context, db *duckdb.DB, truth string) (*canvassGround, error) {
	g := &canvassGround{addresses: map[string]canvassPlace{}}
	streets, err := queryNumbers(ctx, db, canvassTruthQuery(truth))
	if err != nil {
		return nil, err
	}
	street := map[float64]int{} // by segment
	for _, row := range streets {
		street[row[0]] = len(g.streets)
		g.streets = append(g.streets, canvassStreet{row[1], row[2], row[3]})
	}
	parts, err := queryNumbers(ctx, db, canvassPartsQuery)
	if err != nil {
		return nil, err
	}
	place := map[[2]float64]canvassPlace{} // by precinct and segment
	for i, row := range parts {
		if i == 0 || parts[i-1][0] != row[0] {
			g.precincts, g.streetOf = append(g.precincts, estimate.FieldPrecinct{Own: int64(row[2])}), append(g.streetOf, nil)
		}
		last := len(g.precincts) - 1
		p := &g.precincts[last]
		all, voters, own, other, high, ofSegment := row[3], row[4], row[5], row[6], row[7], row[8]
		at, there := street[row[1]]
		if !there {
			at = noStreet
		}
		place[[2]float64{row[0], row[1]}] = canvassPlace{int32(last), int32(len(p.Parts))}
		g.streetOf[last] = append(g.streetOf[last], at)
		p.Parts = append(p.Parts, estimate.FieldPart{
			Voters: int64(voters), Own: own, Other: other, X: row[9], Y: row[10],
			Doubt: estimate.FieldDoubt(estimate.Range{Share: own, High90: high}, other, ofSegment, all),
		})
	}
	addresses, err := queryTexts(ctx, db, `WITH `+stretchesQuery+` SELECT address_id, precinct_id, unit_id FROM addresses JOIN placements USING (address_id) JOIN stretches USING (segment_id)
QUALIFY row_number() OVER (PARTITION BY address_id ORDER BY part DESC, precinct_id) = 1`)
	if err != nil {
		return nil, err
	}
	for _, row := range addresses {
		precinct, err := strconv.ParseFloat(row[1], 64)
		segment, notSegment := strconv.ParseFloat(row[2], 64)
		if err := errors.Join(err, notSegment); err != nil {
			return nil, fmt.Errorf("address %s: %w", row[0], err)
		}
		if at, there := place[[2]float64{precinct, segment}]; there {
			g.addresses[row[0]] = at
		}
	}
	return g, nil
}

// noStreet is the place of a part whose segment has no voters in truth.
const noStreet = -1

// canvassTruthQuery asks for segment or stretch, registered voters, the first list's expected share of the votes for lists, and its votes.
func canvassTruthQuery(truth string) string {
	share := func(choice string) string { return `"` + canvassContest + "/" + choice + `/share"` }
	var nobody []string
	for _, id := range []string{engine.Abstention, engine.Blank, engine.Null} {
		nobody = append(nobody, share(id))
	}
	return fmt.Sprintf(`WITH `+stretchesQuery+` SELECT unit_id, sum(registered), sum(registered * %s) / sum(registered * (1 - %s)), sum("%s/%s/votes")
FROM read_csv(%s) JOIN addresses USING (address_id) JOIN stretches USING (segment_id) WHERE registered > 0 GROUP BY 1 ORDER BY 1`,
		share(canvassList), strings.Join(nobody, " - "), canvassContest, canvassList, quoted(filepath.ToSlash(truth)))
}

// canvassPartsQuery asks for a row for each part with voters: precinct, segment or stretch; the precinct's votes for the first list and registered
// voters; the part's voters, its shares for the first list and for others, and the upper bound of the first; the segment's voters and its
// place in metres. A segment in several precincts has its shares from each in proportion to the official ones.
var canvassPartsQuery = fmt.Sprintf(`WITH `+stretchesQuery+`,
official AS (
  SELECT precinct_id, sum(votes) AS r, sum(CASE WHEN choice = %[2]s THEN votes ELSE 0 END) AS own,
    sum(CASE WHEN choice NOT IN (%[3]s) THEN votes ELSE 0 END) AS valid
  FROM results WHERE contest = %[1]s GROUP BY 1),
parts AS (
  SELECT precinct_id, unit_id, sum(votes) AS n FROM votes JOIN atoms USING (atom_id) JOIN stretches USING (segment_id) WHERE contest = %[1]s GROUP BY 1, 2 HAVING sum(votes) > 0),
guess AS (
  SELECT unit_id, max(registered) AS n, max(CASE WHEN choice = %[2]s THEN share END) AS own, max(CASE WHEN choice = %[2]s THEN high90 END) AS high,
    sum(CASE WHEN choice NOT IN (%[3]s) THEN share END) AS valid
  FROM estimates WHERE unit = 'segment' AND contest = %[1]s GROUP BY 1),
usual AS (
  SELECT unit_id, sum(n * own / r) / sum(n) AS own, sum(n * valid / r) / sum(n) AS valid FROM parts JOIN official USING (precinct_id) GROUP BY 1),
places AS (
  SELECT unit_id, avg(lon) AS lon, avg(lat) AS lat FROM addresses JOIN stretches USING (segment_id) GROUP BY 1)
SELECT precinct_id, unit_id, official.own, official.r, parts.n,
  guess.own * (official.own / r) / usual.own AS share, greatest(0, guess.valid * (official.valid / r) / usual.valid - share),
  guess.high * share / guess.own, guess.n, 111320 * lon * cos(radians(lat)), 110574 * lat
FROM parts JOIN official USING (precinct_id) JOIN guess USING (unit_id) JOIN usual USING (unit_id) JOIN places USING (unit_id)
ORDER BY 1, 2`, quoted(canvassContest), quoted(canvassList), reserved())

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

// judge gives the mean error of the first list's share of the votes for lists, in points, and how often the intervals of segments that lie in
// one precinct hold the share of the registered voters that came true.
func (g *canvassGround) judge(states [][]estimate.FieldState) (mae float64, held coverage) {
	type guess struct {
		own, votes float64
		parts      []estimate.Range
	}
	guesses := make([]guess, len(g.streets))
	for b, streets := range g.streetOf {
		for i, at := range streets {
			if at == noStreet {
				continue
			}
			part, s := g.precincts[b].Parts[i], &guesses[at]
			s.own += float64(part.Voters) * states[b][i].Theta.Share
			s.votes += float64(part.Voters) * (part.Own + part.Other)
			s.parts = append(s.parts, states[b][i].Theta)
		}
	}
	voters, single := 0.0, 0
	for i, s := range g.streets {
		if guesses[i].votes > 0 {
			voters += s.voters
			mae += 100 * s.voters * math.Abs(guesses[i].own/guesses[i].votes-s.own)
		}
		if len(guesses[i].parts) == 1 {
			single++
		}
	}
	for i, s := range g.streets {
		if len(guesses[i].parts) == 1 {
			r := guesses[i].parts[0]
			held.count(s.cameTrue/s.voters, [4]float64{r.Low90, r.Low50, r.High50, r.High90}, single)
		}
	}
	return mae / voters, held
}
