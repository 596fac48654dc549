package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/spf13/cobra"

	"github.com/arpent/arpent/engine"
	"github.com/arpent/arpent/engine/estimate"
)

const (
	smallChoice  = 0.03     // of the voters: below, choices are merged
	doubtfulFrom = 20       // points that a 90 % interval of a share is wide
	others       = "others" // the merged choices
)

func (p *program) transitionsCommand() *cobra.Command {
	var cases string
	var all, asJSON bool
	c := &cobra.Command{
		Use:   "transitions CONTEST CONTEST | --cases FILE",
		Short: "Estimate who of one contest's voters chose what in another",
		Long: `Estimates from the official results of a division's precincts where the voters of each choice of the first contest went in
the second: per cent with the 90 % interval, and what is certain from the results alone. Nobody can know these numbers; a
wide interval is marked as in doubt.

Voters are those of the second contest. Where a precinct had more or fewer of them in the first, its first result is scaled
to as many: who came or went is taken to have voted as the others of the precinct. Precincts that lack one of the results
are left out, and counted. Choices of less than 3 % of the voters are merged unless --all is given.

--cases measures the method instead, on districts whose true table is known: a line each of JSON with id, rows, cols (names),
a and b (votes by station) and truth, in a file that may be compressed. The error index is the per cent of the voters in the
wrong cell.`,
		Example: `  arpent transitions 2017_pres_t1 2017_pres_t2
  arpent transitions 2017_pres_t1 2017_pres_t2 --all --json
  arpent transitions --cases transitions.jsonl.gz`,
		Args: func(c *cobra.Command, args []string) error {
			switch measured := c.Flags().Changed("cases"); {
			case measured && len(args) > 0:
				return errors.New("transitions takes either two contests or --cases FILE")
			case !measured && len(args) != 2:
				return errors.New("transitions takes two contests, as in: arpent transitions 2017_pres_t1 2017_pres_t2")
			case !measured && args[0] == args[1]:
				return errors.New("transitions takes two different contests")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("cases") {
				return p.transitionsOfCases(c, cases, asJSON)
			}
			s, err := p.space().OpenCurrent()
			if err != nil {
				return err
			}
			progress := newProgress(p.stderr)
			found, err := transitions(c.Context(), s, args[0], args[1], all, progress)
			if err != nil {
				progress.Stop()
				return err
			}
			progress.Done()
			if asJSON {
				return encodeJSON(c.OutOrStdout(), found)
			}
			return found.tell(newReportWriter(c))
		},
	}
	c.Flags().StringVar(&cases, "cases", "", "file of districts whose true table is known: measure the method on them")
	c.Flags().BoolVar(&all, "all", false, "do not merge choices of less than 3 %")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// A transitionTable is the estimate of a place, as it is printed.
type transitionTable struct {
	Place     string            `json:"place"`
	Snapshot  string            `json:"snapshot"`
	Division  string            `json:"division"`
	Base      string            `json:"base"` // what is counted: registered voters or ballots
	From      transitionContest `json:"from"`
	To        transitionContest `json:"to"`
	Precincts int               `json:"precincts"`
	LeftOut   int               `json:"precincts_left_out"` // they lack one of the results, or voters
	Scaled    int64             `json:"voters_scaled"`      // precinct by precinct, voters more or less than in the second contest
	Cells     []transitionCell  `json:"cells"`
	Caveats   []string          `json:"caveats"`
}

type transitionContest struct {
	Contest string             `json:"contest"`
	Voters  int64              `json:"voters"` // in the precincts compared, as published
	Choices []transitionChoice `json:"choices"`
}

type transitionChoice struct {
	Choice string   `json:"choice"`
	Name   string   `json:"name"`
	Votes  int64    `json:"votes"` // of the first contest: scaled
	Merged []string `json:"merged,omitempty"`
}

// A transitionCell is what went from one choice to another. Shares are of the voters of the first choice.
type transitionCell struct {
	From        string  `json:"from"`
	To          string  `json:"to"`
	Votes       int64   `json:"votes"`
	VotesLow90  int64   `json:"votes_low90"`
	VotesHigh90 int64   `json:"votes_high90"`
	VotesLow    int64   `json:"votes_low"` // bounds
	VotesHigh   int64   `json:"votes_high"`
	Share       float64 `json:"share"`
	Low90       float64 `json:"low90"`
	High90      float64 `json:"high90"`
	Low         float64 `json:"low"`
	High        float64 `json:"high"`
	InDoubt     bool    `json:"in_doubt"`
}

var transitionCaveats = []string{
	"Nobody can know these numbers: they are estimated from totals of precincts by a model.",
	"On 282 districts where the truth is known, 5.7 % of the voters were put in the wrong cell, and nine of ten cells lay in their interval; there both votes were cast on one day. Between two dates there is no truth to measure with: expect more.",
	"The bounds follow from the results alone, once the first is scaled to the voters of the second.",
}

// transitions estimates the table from the results of a snapshot.
func transitions(ctx context.Context, s *engine.Snapshot, from, to string, all bool, progress *progress) (*transitionTable, error) {
	progress.Hear("read the results", 0, 0)
	contests, err := readContests(ctx, s, from, to)
	if err != nil {
		return nil, err
	}
	t := &transitionTable{
		Place: s.Manifest.Name, Snapshot: s.Manifest.ID, Division: contests[0].division, Base: contests[0].base, Caveats: transitionCaveats,
	}
	stations := t.pair(contests)
	voters := sumVotes(stations.To)
	if float64(voters) < float64(s.Manifest.Parameters.K)*s.Manifest.Parameters.VotersPerHome {
		return nil, fmt.Errorf("the precincts that have both results have %d voters, fewer than %d households: nothing is told of so few", voters, s.Manifest.Parameters.K)
	}
	t.From.Choices, stations.From = mergeSmall(contests[0].choices, stations.From, all)
	t.To.Choices, stations.To = mergeSmall(contests[1].choices, stations.To, all)
	stations.Rows, stations.Cols = len(t.From.Choices), len(t.To.Choices)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	progress.Hear("estimate the transitions", 0, 0)
	table, err := estimate.Cross(stations)
	if err != nil {
		return nil, err
	}
	for r, row := range t.From.Choices {
		for c, column := range t.To.Choices {
			t.Cells = append(t.Cells, newTransitionCell(row, column, table, r*table.Cols+c))
		}
	}
	return t, nil
}

func newTransitionCell(row, column transitionChoice, table estimate.CrossTable, at int) transitionCell {
	cell := transitionCell{
		From: row.Choice, To: column.Choice, Votes: table.Whole[at], VotesLow90: table.Low90[at], VotesHigh90: table.High90[at],
		VotesLow: table.Low[at], VotesHigh: table.High[at],
	}
	if row.Votes > 0 {
		of := float64(row.Votes)
		cell.Share = table.Votes[at] / of
		cell.Low90, cell.High90 = float64(cell.VotesLow90)/of, float64(cell.VotesHigh90)/of
		cell.Low, cell.High = float64(cell.VotesLow)/of, float64(cell.VotesHigh)/of
	}
	cell.InDoubt = 100*(cell.High90-cell.Low90) > doubtfulFrom
	return cell
}

// contestResults are the official results of a contest.
type contestResults struct {
	contest, division, base string
	choices                 []transitionChoice // in the order they are shown; votes are still 0
	byPrecinct              map[int64][]int64  // votes in the order of choices
}

// readContests reads two contests that can be compared.
func readContests(ctx context.Context, s *engine.Snapshot, names ...string) ([]*contestResults, error) {
	var known []string
	wanted := map[string]*contestResults{}
	err := s.ReadTable(ctx, engine.Contests, memory.DefaultAllocator, func(rows engine.Rows) error {
		for i := range rows.Len() {
			name := strings.Clone(rows.Texts("contest").Value(i))
			known = append(known, name)
			if slices.Contains(names, name) {
				wanted[name] = &contestResults{
					contest: name, division: strings.Clone(rows.Texts("division").Value(i)), base: strings.Clone(rows.Texts("base").Value(i)),
					byPrecinct: map[int64][]int64{},
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if wanted[name] == nil {
			return nil, fmt.Errorf("there is no contest %s in snapshot %s: it has %s", name, s.Manifest.ID, strings.Join(known, ", "))
		}
	}
	a, b := wanted[names[0]], wanted[names[1]]
	switch {
	case a.division != b.division:
		return nil, fmt.Errorf("%s was counted in the precincts of division %s, %s in those of %s: transitions need the same precincts, so choose two contests of one division",
			a.contest, a.division, b.contest, b.division)
	case a.base != b.base:
		return nil, fmt.Errorf("the shares of %s are of the %s, those of %s of the %s: transitions need two contests that count the same people",
			a.contest, baseInWords(a.base), b.contest, baseInWords(b.base))
	}
	if err := readChoices(ctx, s, wanted); err != nil {
		return nil, err
	}
	if err := readResults(ctx, s, wanted); err != nil {
		return nil, err
	}
	return []*contestResults{a, b}, nil
}

func baseInWords(base string) string {
	if base == engine.BaseBallots {
		return "ballots cast"
	}
	return "registered voters"
}

func readChoices(ctx context.Context, s *engine.Snapshot, wanted map[string]*contestResults) error {
	order := map[string][]int32{}
	err := s.ReadTable(ctx, engine.Choices, memory.DefaultAllocator, func(rows engine.Rows) error {
		for i := range rows.Len() {
			if contest := wanted[rows.Texts("contest").Value(i)]; contest != nil {
				contest.choices = append(contest.choices, transitionChoice{
					Choice: strings.Clone(rows.Texts("choice").Value(i)), Name: strings.Clone(rows.Texts("name").Value(i)),
				})
				order[contest.contest] = append(order[contest.contest], rows.Int32s("order").Value(i))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, contest := range wanted {
		place := map[string]int32{}
		for i, choice := range contest.choices {
			place[choice.Choice] = order[contest.contest][i]
		}
		slices.SortStableFunc(contest.choices, func(a, b transitionChoice) int { return cmp.Compare(place[a.Choice], place[b.Choice]) })
	}
	return nil
}

func readResults(ctx context.Context, s *engine.Snapshot, wanted map[string]*contestResults) error {
	at := map[[2]string]int{}
	for _, contest := range wanted {
		for i, choice := range contest.choices {
			at[[2]string{contest.contest, choice.Choice}] = i
		}
	}
	return s.ReadTable(ctx, engine.Results, memory.DefaultAllocator, func(rows engine.Rows) error {
		names, choices, precincts, votes := rows.Texts("contest"), rows.Texts("choice"), rows.Ints("precinct_id"), rows.Ints("votes")
		for i := range rows.Len() {
			contest := wanted[names.Value(i)]
			if contest == nil {
				continue
			}
			column, ok := at[[2]string{contest.contest, choices.Value(i)}]
			if !ok {
				return fmt.Errorf("%s has votes for %s, which is none of its choices: build the place again", contest.contest, choices.Value(i))
			}
			station := contest.byPrecinct[precincts.Value(i)]
			if station == nil {
				station = make([]int64, len(contest.choices))
				contest.byPrecinct[precincts.Value(i)] = station
			}
			station[column] += votes.Value(i)
		}
		return nil
	})
}

// pair lays the results of both contests side by side, the first scaled to the voters of the second, and takes note of what
// that left out and changed.
func (t *transitionTable) pair(contests []*contestResults) estimate.Stations {
	a, b := contests[0], contests[1]
	t.From.Contest, t.To.Contest = a.contest, b.contest
	var precincts []int64
	for precinct := range b.byPrecinct {
		precincts = append(precincts, precinct)
	}
	for precinct := range a.byPrecinct {
		if b.byPrecinct[precinct] == nil {
			t.LeftOut++
		}
	}
	slices.Sort(precincts)
	stations := estimate.Stations{Rows: len(a.choices), Cols: len(b.choices)}
	for _, precinct := range precincts {
		from, to := a.byPrecinct[precinct], b.byPrecinct[precinct]
		before, voters := sumVotes(from), sumVotes(to)
		if before == 0 || voters == 0 {
			t.LeftOut++
			continue
		}
		t.Precincts++
		t.From.Voters += before
		t.To.Voters += voters
		t.Scaled += max(before-voters, voters-before)
		if before != voters {
			from = scaleVotes(from, voters)
		}
		stations.From = append(stations.From, from...)
		stations.To = append(stations.To, to...)
	}
	return stations
}

func scaleVotes(votes []int64, voters int64) []int64 {
	weights := make([]float64, len(votes))
	for i, v := range votes {
		weights[i] = float64(v)
	}
	return estimate.LargestRemainder(weights, voters, nil)
}

// mergeSmall counts the votes of each choice, drops those that got none, and makes one of those of less than 3 %, where there
// are several and not all is asked for.
func mergeSmall(choices []transitionChoice, votes []int64, all bool) (kept []transitionChoice, merged []int64) {
	width := len(choices)
	counted := slices.Clone(choices)
	for at, v := range votes {
		counted[at%width].Votes += v
	}
	voters := sumVotes(votes)
	small := 0
	for _, choice := range counted {
		if choice.Votes > 0 && float64(choice.Votes) < smallChoice*float64(voters) {
			small++
		}
	}
	rest := transitionChoice{Choice: others, Name: "others"}
	goes := make([]int, width) // the column in merged, -1 for the rest, -2 for none
	for i, choice := range counted {
		switch {
		case choice.Votes == 0:
			goes[i] = -2
		case !all && small > 1 && float64(choice.Votes) < smallChoice*float64(voters):
			goes[i] = -1
			rest.Votes += choice.Votes
			rest.Merged = append(rest.Merged, choice.Choice)
		default:
			goes[i] = len(kept)
			kept = append(kept, choice)
		}
	}
	if rest.Merged != nil {
		kept = append(kept, rest)
	}
	merged = make([]int64, len(votes)/width*len(kept))
	for at, v := range votes {
		column := goes[at%width]
		if column == -1 {
			column = len(kept) - 1
		}
		if column >= 0 {
			merged[at/width*len(kept)+column] += v
		}
	}
	return kept, merged
}

// tell writes the table in words.
func (t *transitionTable) tell(w reportWriter) error {
	w.say("%s, snapshot %s: from %s to %s, %d precincts of division %s\n", t.Place, t.Snapshot, t.From.Contest, t.To.Contest, t.Precincts, t.Division)
	w.say("%d voters in %s, %d in %s (%s); precinct by precinct %d more or fewer, to which the first result is scaled\n",
		t.From.Voters, t.From.Contest, t.To.Voters, t.To.Contest, baseInWords(t.Base), t.Scaled)
	if t.LeftOut > 0 {
		w.say("%d precincts left out: they lack one of the results, or voters\n", t.LeftOut)
	}
	for _, contest := range []transitionContest{t.From, t.To} {
		for _, choice := range contest.Choices {
			if choice.Merged != nil {
				w.say("others in %s, each under 3 %%: %s (--all tells them apart)\n", contest.Contest, strings.Join(choice.Merged, ", "))
			}
		}
	}
	w.say("\n")
	table := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	w.groups.Fprintf(table, "from\tto\tvoters\tper cent\t90 %% interval\tcertain\t\n")
	for i, cell := range t.Cells {
		from := ""
		row, column := t.From.Choices[i/len(t.To.Choices)], t.To.Choices[i%len(t.To.Choices)]
		if i%len(t.To.Choices) == 0 {
			from = harmless(w.groups.Sprintf("%s (%d)", row.Name, row.Votes))
		}
		doubt := ""
		if cell.InDoubt {
			doubt = "in doubt"
		}
		w.groups.Fprintf(table, "%s\t%s\t%d\t%.1f\t%.0f to %.0f\t%.0f to %.0f\t%s\n", from, harmless(column.Name), cell.Votes,
			100*cell.Share, 100*cell.Low90, 100*cell.High90, 100*cell.Low, 100*cell.High, doubt)
	}
	table.Flush()
	w.say("\n")
	for _, sentence := range t.Caveats {
		w.say("%s\n", sentence)
	}
	return w.out.Flush()
}
