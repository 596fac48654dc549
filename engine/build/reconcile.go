package build

import (
	"fmt"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// contest is a contest whose precincts each add up to their registered voters.
type contest struct {
	id        string
	name      string
	date      string
	round     int32
	division  string
	choices   []choice // in id order; votes refer to it by index
	precincts []contestPrecinct
	base      string // engine.BaseBallots where the source counts no registered voters; else ""
	leftOut   []engine.Disagreement
	disagree  []engine.Disagreement
	spec      engine.SourceSpec
	file      int32 // index in material.files

	provisional int32              // file of the provisional results among them, or noPlace
	sources     *engine.TwoSources // nil where none is provisional

	plurinominal int      // precincts that are left out as their voters mark several names
	inCommunes   []string // the communes they are in
}

type choice struct {
	id     string
	name   string
	family string
	colour string
	order  int32
	votes  int64
}

// contestPrecinct is one precinct's official result. A choice that is not on its ballot has votes -1.
type contestPrecinct struct {
	key        engine.PrecinctKey
	code       string
	line       int64
	registered int64
	votes      []int64
	lines      []int64 // of the results file, by choice; 0 for the reserved ones
	added      bool    // it has no result: see borrowBallots

	provisional bool
}

// silent tells whether a precinct has registered voters of whom none cast a ballot, or of whom the source counts none.
func (c *contest) silent(p contestPrecinct) bool {
	for k, votes := range p.votes {
		if id := c.choices[k].id; votes > 0 && id != engine.Abstention && id != engine.NotExpressed {
			return false
		}
	}
	return p.registered > 0
}

// fileOf gives the file of a final or provisional result.
func (c *contest) fileOf(provisional bool) int32 {
	if provisional {
		return c.provisional
	}
	return c.file
}

// reconcile makes the reserved choices of a contest. Candidates' votes are never touched and nothing is negative: a surplus of
// voters becomes unreconciled, a deficit is taken from abstention. A precinct whose candidates have more votes than it has
// registered voters is left out, for it is no partition of voters; so is all of a commune where voters mark several names. Where
// no row of the contest has registered voters, the ballots stand for them.
func reconcile(rows *contestRows) (*contest, error) {
	c := &contest{
		id: string(rows.spec.Contest), name: rows.election, date: rows.date, round: rows.round,
		division: string(rows.spec.Division), spec: rows.spec, file: rows.file,
		provisional: rows.provisional, sources: rows.sources,
	}
	ids := make([]string, 0, len(rows.choices)+6)
	for id := range rows.choices {
		if engine.IsReserved(id) {
			return nil, fmt.Errorf("build: contest %s has a candidate or list called %q, which is a reserved word: rename it in the file", c.id, id)
		}
		ids = append(ids, id)
	}
	ids = append(ids, engine.ReservedChoices()...)
	slices.Sort(ids)
	index := make(map[string]int, len(ids))
	for i, id := range ids {
		index[id] = i
		row := rows.choices[id]
		c.choices = append(c.choices, choice{id: id, name: row.name, family: row.family})
	}
	ballots := !slices.ContainsFunc(rows.stations, func(s stationRow) bool { return s.registered >= 0 })
	if ballots {
		c.base = engine.BaseBallots
	}
	several := plurinominal(rows.stations)
	for code := range several {
		c.inCommunes = append(c.inCommunes, code)
	}
	slices.Sort(c.inCommunes)
	for _, station := range rows.stations {
		if several[station.key.Commune] {
			c.plurinominal++
			continue
		}
		if ballots {
			station.registered = station.ballots()
			if station.voters < 0 && station.registered > station.candidates() {
				station.voters = station.registered // blank and null votes are counted
			}
		}
		p := contestPrecinct{key: station.key, code: station.code, line: station.line, provisional: station.provisional, registered: station.registered, votes: make([]int64, len(ids)), lines: make([]int64, len(ids))}
		for i := range p.votes {
			p.votes[i] = -1
		}
		for _, v := range station.votes {
			p.votes[index[v.choice]], p.lines[index[v.choice]] = v.votes, v.line
		}
		reserved, difference, action := settle(station)
		if ballots {
			delete(reserved, engine.Abstention)
			if station.voters < 0 {
				delete(reserved, engine.NotExpressed)
			}
			switch {
			case reserved == nil:
				action = "left out: candidates have more votes than there are voters"
			case difference < 0:
				action = fmt.Sprintf("choices have %d votes more than there are voters: they are taken for the ballots", -difference)
			}
		}
		if reserved == nil {
			c.leftOut = append(c.leftOut, engine.Disagreement{Precinct: station.code, Line: station.line, Provisional: station.provisional, Difference: difference, Action: action})
			continue
		}
		if action != "" {
			c.disagree = append(c.disagree, engine.Disagreement{Precinct: station.code, Line: station.line, Provisional: station.provisional, Difference: difference, Action: action})
		}
		for id, votes := range reserved {
			p.votes[index[id]] = votes
		}
		c.precincts = append(c.precincts, p)
	}
	slices.SortFunc(c.precincts, func(a, b contestPrecinct) int {
		if d := strings.Compare(a.key.Commune, b.key.Commune); d != 0 {
			return d
		}
		return strings.Compare(a.key.Station, b.key.Station)
	})
	byPrecinct := func(a, b engine.Disagreement) int { return strings.Compare(a.Precinct, b.Precinct) }
	slices.SortFunc(c.disagree, byPrecinct)
	slices.SortFunc(c.leftOut, byPrecinct)
	c.dropUnused()
	c.arrange()
	return c, nil
}

// plurinominal gives the communes where voters mark several names: where candidates have more votes than there are registered
// voters, or a quarter more than there are voters, in most of the commune's precincts; for two seats of a second round where half
// of the voters vote, candidates have no more votes than there are registered voters. A single such precinct of several is an error
// of the source. A place of one commune has none: if that commune's figures are wrong, there is nothing left to be built.
func plurinominal(stations []stationRow) map[string]bool {
	type tally struct{ over, all int }
	tallies := map[string]*tally{}
	for _, s := range stations {
		t := tallies[s.key.Commune]
		if t == nil {
			t = &tally{}
			tallies[s.key.Commune] = t
		}
		t.all++
		if voters := max(s.registered, s.voters); voters >= 0 && s.candidates() > voters || s.voters > 0 && 4*s.candidates() > 5*s.voters {
			t.over++
		}
	}
	if len(tallies) < 2 {
		return nil
	}
	several := map[string]bool{}
	for code, t := range tallies {
		if 2*t.over > t.all {
			several[code] = true
		}
	}
	return several
}

// candidates is the sum of the candidates' votes.
func (s *stationRow) candidates() (sum int64) {
	for _, v := range s.votes {
		sum += v.votes
	}
	return sum
}

// ballots is how many ballots were cast: the voters, or where the source does not count them, or counts fewer than choices, what
// the choices add up to. Where candidates have more votes than there are voters, it is the voters.
func (s *stationRow) ballots() int64 {
	cast := s.candidates()
	if s.voters >= 0 && cast > s.voters {
		return s.voters
	}
	if s.blankNull >= 0 {
		cast += s.blankNull
	} else {
		cast += max(0, s.blank) + max(0, s.null)
	}
	return max(s.voters, cast)
}

// settle gives a precinct's reserved choices, and what its source's figures lack or have too much; nil when it cannot be a
// partition of its registered voters.
func settle(s stationRow) (reserved map[string]int64, difference int64, action string) {
	candidates := s.candidates()
	if s.registered < 0 {
		return nil, 0, "left out: its registered voters are not counted, though those of others are"
	}
	if candidates > s.registered {
		return nil, s.registered - candidates, "left out: candidates have more votes than there are registered voters"
	}
	if s.voters < 0 {
		return map[string]int64{engine.NotExpressed: s.registered - candidates}, 0, ""
	}
	reserved = map[string]int64{}
	var invalid int64 // blank and null
	switch {
	case s.blank >= 0 && s.null >= 0:
		reserved[engine.Blank], reserved[engine.Null] = s.blank, s.null
		invalid = s.blank + s.null
	case s.blankNull >= 0:
		reserved[engine.BlankNull] = s.blankNull
		invalid = s.blankNull
	case s.blank >= 0: // what voters, candidates and blank leave is null
		reserved[engine.Blank], reserved[engine.Null] = s.blank, max(0, s.voters-candidates-s.blank)
		invalid = s.blank + reserved[engine.Null]
	case s.null >= 0:
		reserved[engine.Blank], reserved[engine.Null] = max(0, s.voters-candidates-s.null), s.null
		invalid = s.null + reserved[engine.Blank]
	default:
		invalid = max(0, s.voters-candidates)
		reserved[engine.BlankNull] = invalid
	}
	difference = s.voters - invalid - candidates
	abstention := s.registered - s.voters
	if difference > 0 {
		reserved[engine.Unreconciled] = difference
		action = fmt.Sprintf("%d voters are counted in no choice: kept as unreconciled", difference)
	} else if difference < 0 {
		abstention += difference
		action = fmt.Sprintf("choices have %d votes more than there are voters: taken from abstention", -difference)
	}
	if abstention < 0 {
		// More voters than registered: what is over comes off unreconciled, then off blank and null.
		action = fmt.Sprintf("%d voters more than registered: taken from unreconciled, blank and null", -abstention)
		for _, id := range []string{engine.Unreconciled, engine.BlankNull, engine.Null, engine.Blank} {
			taken := min(reserved[id], -abstention)
			if taken > 0 {
				reserved[id] -= taken
				abstention += taken
			}
		}
	}
	reserved[engine.Abstention] = abstention
	return reserved, difference, action
}

// dropUnused removes choices that stand on no ballot.
func (c *contest) dropUnused() {
	var keep []int
	for k := range c.choices {
		if slices.ContainsFunc(c.precincts, func(p contestPrecinct) bool { return p.votes[k] >= 0 }) {
			keep = append(keep, k)
		}
	}
	choices := make([]choice, len(keep))
	for i, k := range keep {
		choices[i] = c.choices[k]
	}
	for j := range c.precincts {
		p := &c.precincts[j]
		votes, lines := make([]int64, len(keep)), make([]int64, len(keep))
		for i, k := range keep {
			votes[i], lines[i] = p.votes[k], p.lines[k]
		}
		p.votes, p.lines = votes, lines
	}
	c.choices = choices
}

// palette has ten colours that stay apart for colour-blind eyes (after P. Tol's muted scheme).
var palette = []string{"#332288", "#cc6677", "#117733", "#ddcc77", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499", "#6699cc"}

var reservedNames = map[string]string{
	engine.Abstention: "Abstention", engine.Blank: "Blank", engine.Null: "Null", engine.BlankNull: "Blank and null",
	engine.NotExpressed: "Not expressed (abstention, blank, null)", engine.Unreconciled: "Unreconciled by the source",
}

// arrange counts the choices and gives them order and colour: candidates by votes, then the reserved choices.
func (c *contest) arrange() {
	for k := range c.choices {
		for _, p := range c.precincts {
			c.choices[k].votes += max(0, p.votes[k])
		}
	}
	ranked := make([]int, 0, len(c.choices))
	for k := range c.choices {
		if !engine.IsReserved(c.choices[k].id) {
			ranked = append(ranked, k)
		}
	}
	slices.SortStableFunc(ranked, func(a, b int) int { return int(c.choices[b].votes - c.choices[a].votes) })
	for i, k := range ranked {
		c.choices[k].order, c.choices[k].colour = int32(i), palette[i%len(palette)]
	}
	for i, id := range engine.ReservedChoices() {
		for k := range c.choices {
			if c.choices[k].id == id {
				c.choices[k].order, c.choices[k].colour, c.choices[k].name = int32(len(ranked)+i), "#8a8f98", reservedNames[id]
			}
		}
	}
}
