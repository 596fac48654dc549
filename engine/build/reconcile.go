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
	leftOut   []engine.Disagreement
	disagree  []engine.Disagreement
	spec      engine.SourceSpec
	file      int32 // index in material.files
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
}

// reconcile makes the reserved choices of a contest. Candidates' votes are never touched and nothing is negative: a surplus of
// voters becomes unreconciled, a deficit is taken from abstention. A precinct whose candidates have more votes than it has
// registered voters is left out, for it is no partition of voters.
func reconcile(rows *contestRows) (*contest, error) {
	c := &contest{
		id: string(rows.spec.Contest), name: rows.election, date: rows.date, round: rows.round,
		division: string(rows.spec.Division), spec: rows.spec, file: rows.file,
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
	for _, station := range rows.stations {
		p := contestPrecinct{key: station.key, code: station.code, line: station.line, registered: station.registered, votes: make([]int64, len(ids)), lines: make([]int64, len(ids))}
		for i := range p.votes {
			p.votes[i] = -1
		}
		for _, v := range station.votes {
			p.votes[index[v.choice]], p.lines[index[v.choice]] = v.votes, v.line
		}
		reserved, difference, action := settle(station)
		if reserved == nil {
			c.leftOut = append(c.leftOut, engine.Disagreement{Precinct: station.code, Line: station.line, Difference: difference, Action: action})
			continue
		}
		if action != "" {
			c.disagree = append(c.disagree, engine.Disagreement{Precinct: station.code, Line: station.line, Difference: difference, Action: action})
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

// settle gives a precinct's reserved choices, and what its source's figures lack or have too much; nil when it cannot be a
// partition of its registered voters.
func settle(s stationRow) (reserved map[string]int64, difference int64, action string) {
	var candidates int64
	for _, v := range s.votes {
		candidates += v.votes
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
