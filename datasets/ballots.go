package datasets

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/arpent/arpent/engine"
)

// ballots gathers the results of one office from a file whose rows are a figure each: candidates' votes in one, the ballots cast
// and the blanks of the same precinct in others, anywhere. Rows are made when all is read.
type ballots struct {
	decoding
	wanted   string // the office of the place file, folded; empty where it gives none
	offices  map[string]string
	found    bool // a row of the office was read
	order    []*ballotPrecinct
	precinct map[string]*ballotPrecinct // by commune and station
	rows     *resultRows

	// What texts stand for, each worked out once: files repeat them in every row.
	folds    map[string]string
	choices  map[string]ballotVotes
	stations map[string]string
	scratch  []byte

	shown func(name string) string // how a candidate's name is written
}

type ballotPrecinct struct {
	commune, station, code string
	town                   string // that it is of, where the file says one
	line                   int64
	counts                 precinctCounts
	votes                  []ballotVotes
	choice                 map[string]int
	withheld               bool
}

type ballotVotes struct {
	id, name, family string
	votes, line      int64
	whole            bool // votes of all kinds, where they are not counted apart too
	kind             int  // what is counted, where it is no candidate's votes
	once             bool // ballots or registered voters of the precinct, or of its part in a district: rows may repeat them
}

// officeLimit bounds how many offices are remembered for messages.
const officeLimit = 1000

func newBallots(d decoding, shown func(name string) string) *ballots {
	b := &ballots{decoding: d, wanted: fold(d.spec.Election), offices: map[string]string{}, precinct: map[string]*ballotPrecinct{}, rows: newResultRows(d), shown: shown}
	b.folds, b.choices, b.stations = map[string]string{}, map[string]ballotVotes{}, map[string]string{}
	d.whenRead(b.finish)
	return b
}

// fold brings a text to the form in which elections and offices are compared.
func fold(text string) string { return strings.ReplaceAll(choiceID(text), "-", "_") }

// fold is fold, done once for each text.
func (b *ballots) fold(text string) string {
	folded, known := b.folds[text]
	if !known {
		folded = fold(text)
		remember(b.folds, []byte(text), folded)
	}
	return folded
}

// station is the name of a precinct, "" where it has none that can be used.
func (b *ballots) station(ward, precinct string) string {
	b.scratch = append(append(append(b.scratch[:0], ward...), 0), precinct...)
	station, known := b.stations[string(b.scratch)]
	if !known {
		var err error
		if station, err = engine.LocalPrecinct(ward, precinct); err != nil {
			station = ""
		}
		remember(b.stations, b.scratch, station)
	}
	return station
}

// asks tells whether an office, in one of its spellings, is the one of the place file. Where it gives none, the first office is,
// and a second one is an error in the end.
func (b *ballots) asks(spellings ...string) bool {
	first := spellings[0]
	if len(b.offices) < officeLimit {
		b.offices[b.fold(first)] = first
	}
	if b.wanted == "" {
		return len(b.offices) == 1
	}
	for _, s := range spellings {
		if b.fold(s) == b.wanted {
			b.found = true
			return true
		}
	}
	return false
}

// at gives the precinct of a key, made at its first row. Towns of a county number their precincts alike: two of them in one commune
// are an error, for their votes would be added.
func (b *ballots) at(commune, station, code, town string, line int64) (*ballotPrecinct, error) {
	key := commune + "\x00" + station
	p := b.precinct[key]
	if p == nil {
		p = &ballotPrecinct{commune: commune, station: station, code: code, town: town, line: line, counts: uncounted, choice: map[string]int{}}
		b.precinct[key] = p
		b.order = append(b.order, p)
	}
	if p.town != town && p.town != "" && town != "" && fold(p.town) != fold(town) {
		return nil, fmt.Errorf("precinct %s is of %s, and on line %d of %s: give commune: one of the two", code, town, p.line, p.town)
	}
	return p, nil
}

// add counts votes for a choice. A candidate of several parties has a row for each, a precinct cut by a district one for each part:
// the votes are added. Where votes are counted apart by how they were cast, their sum counts, and a row of them all does not.
func (p *ballotPrecinct) add(v ballotVotes) (again bool) {
	if i, ok := p.choice[v.id]; ok {
		known := &p.votes[i]
		switch {
		case known.whole && !v.whole:
			known.votes, known.whole = v.votes, false
		case known.once && known.whole && v.whole:
			known.votes = max(known.votes, v.votes)
		case known.whole == v.whole:
			known.votes += v.votes
		}
		return known.whole == v.whole
	}
	p.choice[v.id] = len(p.votes)
	p.votes = append(p.votes, v)
	return false
}

// count takes the figures that are no candidate's out of the votes. Ballots of the parts of a precinct that is in several districts are
// added; of what has several names (ballots of the office, and of the precinct) the largest counts.
func (p *ballotPrecinct) count() {
	ballots, registered := map[string]int64{}, map[string]int64{}
	p.votes = slices.DeleteFunc(p.votes, func(v ballotVotes) bool {
		switch v.kind {
		case pseudoBallots:
			ballots[v.name] += v.votes
			p.counts.voters = max(p.counts.voters, ballots[v.name])
		case pseudoRegistered:
			registered[v.name] += v.votes
			p.counts.registered = max(p.counts.registered, registered[v.name])
		case pseudoBlank:
			plus(&p.counts.blank, v.votes)
		case pseudoNull:
			plus(&p.counts.null, v.votes)
		}
		return v.kind != pseudoNone
	})
}

// plus adds to a count that may be absent.
func plus(count *int64, votes int64) {
	if *count == absent {
		*count = 0
	}
	*count += votes
}

func (b *ballots) finish() error {
	if b.wanted == "" && len(b.offices) > 1 || b.wanted != "" && !b.found {
		what := "the file has several elections"
		if b.wanted != "" {
			what = "the election " + b.spec.Election + " is not in the file"
		}
		return needs{"election", fmt.Sprintf("%s: give election: one of %s", what, b.listOffices())}
	}
	election, round := b.spec.Name, max(b.spec.Round, 1)
	if election == "" {
		election = b.spec.Election
	}
	if election == "" {
		for _, only := range b.offices {
			election = only
		}
	}
	for _, p := range b.order {
		p.count()
		if p.withheld {
			for _, v := range p.votes {
				b.report.Reject(v.line, "another figure of the precinct is withheld: the whole precinct is left out")
			}
			continue
		}
		for _, v := range p.votes {
			b.rows.append(v.line, result{
				commune: []byte(p.commune), station: []byte(p.station), code: []byte(p.code), election: []byte(election), date: []byte(b.spec.Date), round: int32(round),
				counts: p.counts, choice: []byte(v.id), name: []byte(v.name), family: []byte(v.family), votes: v.votes,
			})
		}
		if err := b.out.emitFull(); err != nil {
			return err
		}
	}
	return nil
}

func (b *ballots) listOffices() string {
	var list []string
	for _, office := range b.offices {
		list = append(list, office)
	}
	slices.Sort(list)
	more := ""
	if len(list) > 20 {
		list, more = list[:20], fmt.Sprintf(" and %d more", len(list)-20)
	}
	return strings.Join(list, ", ") + more
}

// thousands are counts as Americans write them: 1,404.
var thousands = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3})+$`)

// choiceOf makes the id of a choice of the ballot. Names that are kept for abstention and the like get a word in front.
func choiceOf(name string) string {
	id := choiceID(name)
	if engine.IsReserved(id) {
		return "choice_" + id
	}
	return id
}
