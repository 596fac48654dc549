package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/arpent/arpent/datasets/city"
	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/duckdb"
)

// A validatedCity is what the estimates of a contest of a seeded city are worth, street by street. The truth is what each
// street can expect of its voters; intervals are held against what they did.
type validatedCity struct {
	Case     string  `json:"case"` // size, seed and contest
	Segments int     `json:"segments"`
	Voters   float64 `json:"registered_per_segment"`
	Between  float64 `json:"truth_sd_between"` // of the leading share, points, between precincts
	Within   float64 `json:"truth_sd_within"`  // and inside them
	// Mean error of the number of registered voters of a segment, per cent of them.
	RegisteredError float64       `json:"registered_error"`
	Registered      coverage      `json:"registered"`
	Leading         string        `json:"leading"`
	Share           streetMeasure `json:"share"` // of the leading choice, of the votes for candidates
	Turnout         streetMeasure `json:"turnout"`
	// The potential of the leading choice (abstainers times support) at the fifth of the doors where most is expected, as a
	// multiple of a fifth of all, and the part of what knowing the truth would find there.
	Lift        float64 `json:"lift"`
	LiftFlat    float64 `json:"lift_flat"`
	LiftOfTruth float64 `json:"lift_of_truth"`
	// The intervals of H3 cells, block by block and quarter by quarter.
	Cells []validatedLevel `json:"cells"`
}

// A streetMeasure has errors in points, weighted by registered voters.
type streetMeasure struct {
	MAE     float64 `json:"mae"`
	FlatMAE float64 `json:"flat_mae"`
	Ratio   float64 `json:"ratio"`
	coverage
}

// A coverage is how often the intervals hold what came true, in per cent of the segments.
type coverage struct {
	Cover50 float64 `json:"cover50"`
	Cover90 float64 `json:"cover90"`
}

// count adds one of so many segments, with its low90, low50, high50 and high90.
func (c *coverage) count(came float64, bounds [4]float64, segments int) {
	if bounds[1] <= came && came <= bounds[2] {
		c.Cover50 += 100 / float64(segments)
	}
	if bounds[0] <= came && came <= bounds[3] {
		c.Cover90 += 100 / float64(segments)
	}
}

// validateCity makes a city, builds it apart from every workspace, and compares.
func (p *program) validateCity(ctx context.Context, which invented) (validated []validatedCity, err error) {
	err = p.inBuiltCity(ctx, which, func(db *duckdb.DB, truth string, summary city.Summary) error {
		contests, err := queryTexts(ctx, db, "SELECT contest FROM contests ORDER BY 1")
		if err != nil {
			return err
		}
		for _, contest := range contests {
			v, err := compareStreets(ctx, db, truth, contest[0])
			if err != nil {
				return err
			}
			v.Case = fmt.Sprintf("%s-%d/%s", which.size.value, which.seed, contest[0])
			v.Between, v.Within = summary.Between, summary.Within
			if v.Cells, err = compareCells(ctx, db, truth, contest[0], v.Leading); err != nil {
				return err
			}
			validated = append(validated, v)
		}
		return nil
	})
	return validated, err
}

// inBuiltCity makes a city and builds it in a folder of its own, which is gone afterwards. judge gets its snapshot and the path of its truth.
func (p *program) inBuiltCity(ctx context.Context, which invented, judge func(db *duckdb.DB, truth string, summary city.Summary) error) (err error) {
	dir, err := os.MkdirTemp("", "arpent-validate-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	summary, err := p.makeCity(ctx, which, filepath.Join(dir, "city"))
	if err != nil {
		return err
	}
	apart := &program{workspace: filepath.Join(dir, "workspace"), stderr: p.stderr}
	if _, err := apart.build(ctx, filepath.Join(dir, "city", placeFile), buildOptions{}); err != nil {
		return err
	}
	s, err := apart.space().OpenCurrent()
	if err != nil {
		return err
	}
	db, err := duckdb.OpenSnapshot(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return judge(db, filepath.Join(dir, "city", "truth.csv.gz"), summary)
}

// street is a segment's truth and estimates in one contest. Shares of candidates are of the votes for candidates.
type street struct {
	voters, estimatedVoters, doors float64
	abstention, own                estimated
	abstainers, ownVotes           float64 // as they came true
	ownOfAll                       [4]float64
	abstentionRange                [4]float64 // low90, low50, high50, high90 of the registered voters
	voterRange                     [4]float64
}

// estimated is a share as it is, as it was estimated, and that of the precinct.
type estimated struct{ truth, estimate, flat float64 }

func compareStreets(ctx context.Context, db *duckdb.DB, truth, contest string) (validatedCity, error) {
	ranked, err := queryTexts(ctx, db, fmt.Sprintf(
		"SELECT choice FROM results WHERE contest = %s AND choice NOT IN (%s) GROUP BY 1 ORDER BY sum(votes) DESC, 1", quoted(contest), reserved()))
	if err != nil {
		return validatedCity{}, err
	}
	if len(ranked) == 0 {
		return validatedCity{}, fmt.Errorf("contest %s has no candidates: there is nothing to compare", contest)
	}
	rows, err := queryTexts(ctx, db, streetQuery(truth, contest, ranked))
	if err != nil {
		return validatedCity{}, err
	}
	var streets []street
	for _, row := range rows {
		var values [23]float64
		for i, text := range row {
			if values[i], err = strconv.ParseFloat(text, 64); err != nil {
				return validatedCity{}, fmt.Errorf("contest %s: %w", contest, err)
			}
		}
		streets = append(streets, street{
			voters: values[0], estimatedVoters: values[1], doors: values[2],
			abstention: estimated{values[3], values[4], values[5]}, own: estimated{values[6], values[7], values[8]},
			abstainers: values[9], ownVotes: values[10],
			abstentionRange: [4]float64(values[11:15]), ownOfAll: [4]float64(values[15:19]), voterRange: [4]float64(values[19:23]),
		})
	}
	v := judgeStreets(streets)
	v.Leading = ranked[0][0]
	return v, nil
}

// intervalColumns bound a share in the table estimates, in ascending order; with registered_ before them the unit's registered voters.
var intervalColumns = []string{"low90", "low50", "high50", "high90"}

// streetQuery asks for a row of numbers for each segment, or stretch of joined ones, with registered voters: see compareStreets.
func streetQuery(truth, contest string, ranked [][]string) string {
	own := ranked[0][0]
	share := func(choice string) string { return `"` + contest + "/" + choice + `/share"` }
	votes := func(choice string) string { return `"` + contest + "/" + choice + `/votes"` }
	var all []string
	for _, r := range ranked {
		all = append(all, share(r[0]))
	}
	of := func(choice, column string) string {
		return "max(CASE WHEN choice = " + quoted(choice) + " THEN " + column + " END)"
	}
	var bounds []string
	for _, choice := range []string{engine.Abstention, own} {
		for _, column := range intervalColumns {
			bounds = append(bounds, of(choice, column))
		}
	}
	for _, column := range intervalColumns {
		bounds = append(bounds, "max(registered_"+column+")")
	}
	return fmt.Sprintf(`WITH `+stretchesQuery+`,
truth AS (
  SELECT unit_id, sum(registered) AS n, sum(registered * %[1]s) / sum(registered) AS abstention, sum(registered * %[2]s) / sum(registered * (%[3]s)) AS own,
    sum(%[4]s) AS abstainers, sum(%[5]s) AS own_votes
  FROM read_csv(%[6]s) JOIN addresses USING (address_id) JOIN stretches USING (segment_id) WHERE registered > 0 GROUP BY 1),
guess AS (
  SELECT unit_id, max(registered) AS n, %[7]s AS abstention, %[8]s / sum(CASE WHEN choice NOT IN (%[9]s) THEN share END) AS own, [%[10]s] AS bounds
  FROM estimates WHERE unit = 'segment' AND contest = %[11]s GROUP BY 1),
official AS (
  SELECT precinct_id, sum(votes) AS r, sum(CASE WHEN choice = 'abstention' THEN votes ELSE 0 END) AS abstention,
    sum(CASE WHEN choice = %[12]s THEN votes ELSE 0 END) AS own, sum(CASE WHEN choice NOT IN (%[9]s) THEN votes ELSE 0 END) AS valid
  FROM results WHERE contest = %[11]s GROUP BY 1),
parts AS (SELECT atom_id, sum(votes) AS n FROM votes WHERE contest = %[11]s GROUP BY 1),
flat AS (
  SELECT unit_id, sum(n * abstention / r) / sum(n) AS abstention, sum(n * own / r) / sum(n * valid / r) AS own
  FROM parts JOIN atoms USING (atom_id) JOIN stretches USING (segment_id) JOIN official USING (precinct_id) WHERE n > 0 GROUP BY 1),
lived AS (SELECT unit_id, sum(households) AS households FROM segments JOIN stretches USING (segment_id) GROUP BY 1)
SELECT truth.n, guess.n, lived.households, truth.abstention, guess.abstention, flat.abstention, truth.own, guess.own, flat.own,
  abstainers, own_votes, bounds[1], bounds[2], bounds[3], bounds[4], bounds[5], bounds[6], bounds[7], bounds[8], bounds[9], bounds[10], bounds[11], bounds[12]
FROM truth JOIN guess USING (unit_id) JOIN flat USING (unit_id) JOIN lived USING (unit_id) WHERE guess.n > 0 ORDER BY unit_id`,
		share(engine.Abstention), share(own), strings.Join(all, " + "), votes(engine.Abstention), votes(own), quoted(filepath.ToSlash(truth)),
		of(engine.Abstention, "share"), of(own, "share"), reserved(), strings.Join(bounds, ", "), quoted(contest), quoted(own))
}

// stretchesQuery gives the unit that each segment is counted in.
const stretchesQuery = "stretches AS (SELECT segment_id, coalesce(joined_to, segment_id) AS unit_id FROM segments)"

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func reserved() string {
	var list []string
	for _, id := range engine.ReservedChoices() {
		list = append(list, quoted(id))
	}
	return strings.Join(list, ", ")
}

// queryTexts gives the rows of an answer as texts.
func queryTexts(ctx context.Context, db *duckdb.DB, query string) (answer [][]string, err error) {
	rows, err := db.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		for i := range rows.Len() {
			row := make([]string, len(rows.Columns()))
			for column := range row {
				row[column], _ = rows.Text(column, i)
			}
			answer = append(answer, row)
		}
	}
	return answer, rows.Err()
}

func judgeStreets(streets []street) validatedCity {
	v := validatedCity{Segments: len(streets)}
	var voters, off float64
	for _, s := range streets {
		voters += s.voters
		off += math.Abs(s.estimatedVoters - s.voters)
		v.Registered.count(s.voters, s.voterRange, len(streets))
	}
	v.Voters, v.RegisteredError = voters/float64(len(streets)), 100*off/voters
	v.Share = judgeMeasure(streets, func(s street) (estimated, float64, [4]float64) { return s.own, s.ownVotes / s.voters, s.ownOfAll })
	v.Turnout = judgeMeasure(streets, func(s street) (estimated, float64, [4]float64) {
		return s.abstention, s.abstainers / s.voters, s.abstentionRange
	})
	potential := func(of func(estimated) float64) func(street) float64 {
		return func(s street) float64 { return s.voters * of(s.abstention) * of(s.own) }
	}
	truth := potential(func(e estimated) float64 { return e.truth })
	best := topFifth(streets, truth, truth)
	v.Lift = topFifth(streets, potential(func(e estimated) float64 { return e.estimate }), truth)
	v.LiftFlat = topFifth(streets, potential(func(e estimated) float64 { return e.flat }), truth)
	v.LiftOfTruth = v.Lift / best
	return v
}

func judgeMeasure(streets []street, of func(street) (share estimated, came float64, bounds [4]float64)) (m streetMeasure) {
	voters := 0.0
	for _, s := range streets {
		share, came, bounds := of(s)
		voters += s.voters
		m.MAE += 100 * s.voters * math.Abs(share.estimate-share.truth)
		m.FlatMAE += 100 * s.voters * math.Abs(share.flat-share.truth)
		m.count(came, bounds, len(streets))
	}
	m.MAE, m.FlatMAE = m.MAE/voters, m.FlatMAE/voters
	m.Ratio = m.MAE / m.FlatMAE
	return m
}

// topFifth ranks the streets by what is expected at a door and adds up what there is at the first fifth of the doors, as a multiple
// of a fifth of all there is.
func topFifth(streets []street, expected, found func(street) float64) float64 {
	ranked := slices.Clone(streets)
	slices.SortStableFunc(ranked, func(a, b street) int {
		return cmp.Compare(expected(b)*a.doors, expected(a)*b.doors)
	})
	var doors, all, taken float64
	for _, s := range ranked {
		doors += s.doors
		all += found(s)
	}
	left := doors / 5
	for _, s := range ranked {
		if left <= 0 {
			break
		}
		part := 1.0
		if s.doors > left {
			part = left / s.doors
		}
		taken += part * found(s)
		left -= s.doors
	}
	return 5 * taken / all
}

func tellCities(w io.Writer, validated []validatedCity) error {
	for i, v := range validated {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %d segments of %.0f registered voters; the first list's share varies by %.1f points between precincts and %.1f within\n",
			v.Case, v.Segments, v.Voters, v.Between, v.Within)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(table, "\terror, points\tof the flat share\tratio\tin 50\tin 90\t")
		for _, m := range []struct {
			name string
			streetMeasure
		}{{"share of " + v.Leading, v.Share}, {"turnout", v.Turnout}} {
			fmt.Fprintf(table, "%s\t%.2f\t%.2f\t%.2f\t%.1f %%\t%.1f %%\t\n", m.name, m.MAE, m.FlatMAE, m.Ratio, m.Cover50, m.Cover90)
		}
		fmt.Fprintf(table, "registered voters\t\t\t\t%.1f %%\t%.1f %%\t\n", v.Registered.Cover50, v.Registered.Cover90)
		if err := table.Flush(); err != nil {
			return err
		}
		if err := tellCells(w, v.Cells); err != nil {
			return err
		}
		fmt.Fprintf(w, "the voters of a segment are %.0f %% off; the fifth of the doors where most potential is expected has %.2f times its part of it (%.2f by the flat share), %.0f %% of what knowing the truth would find\n",
			v.RegisteredError, v.Lift, v.LiftFlat, 100*v.LiftOfTruth)
	}
	return nil
}
