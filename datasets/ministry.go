package datasets

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var ministry = Dataset{
	Name:        "ministry",
	Kind:        engine.KindResults,
	Country:     "fr",
	Title:       "Results by polling station of France since 2015, as the Ministry publishes them: a row per station",
	Publisher:   "Ministère de l'Intérieur",
	Licence:     "etalab-2.0",
	Attribution: "Ministère de l'Intérieur",
	Address:     "https://www.data.gouv.fr/fr/pages/donnees-des-elections/",
	decode:      decodeMinistry,
}

// Spellings of the columns of a station, over the years.
var ministryColumns = []format.Column{
	{Names: []string{"Code du département", "Code département", "code_departement"}, Optional: true},
	{Names: []string{"Code de la commune", "Code commune", "code_commune"}},
	{Names: []string{"Code du b.vote", "Code B.Vote", "Code BV", "Code du bureau de vote", "Code bureau de vote", "code_bv", "Bureau de vote"}},
	{Names: []string{"Inscrits"}},
	{Names: []string{"Votants"}, Optional: true},
	{Names: []string{"Blancs"}, Optional: true},
	{Names: []string{"Nuls"}, Optional: true},
	{Names: []string{"Blancs et nuls"}, Optional: true},
}

const (
	stationDepartment = iota
	stationCommune
	stationNumber
	stationRegistered
	stationVoters
	stationBlank
	stationNull
	stationBlankNull
)

// What a block of a candidate or list holds, by the keys of its columns.
const (
	blockVotes = iota
	blockName
	blockFirstName
	blockList
	blockShort
	blockNuance
	blockPair
	blockWidth
)

var blockNames = [blockWidth][]string{
	blockVotes:     {"voix"},
	blockName:      {"nom", "nom candidat", "nom tete de liste", "nom_candidat"},
	blockFirstName: {"prenom", "prenom candidat"},
	blockList:      {"libelle etendu liste", "libelle etendu de liste", "libelle de liste", "liste"},
	blockShort:     {"libelle abrege liste", "libelle abrege de liste"},
	blockNuance:    {"nuance", "code nuance", "nuance liste", "nuance candidat", "code nuance du candidat"},
	blockPair:      {"binome", "libelle binome"},
}

// ministryReader takes rows of a station: columns of the station, then a block of columns for each candidate or list.
type ministryReader struct {
	decoding
	table   *format.Table
	at      []int
	blocks  [][blockWidth]int // of a file whose blocks are numbered; the first block of one whose blocks repeat
	repeats int               // width of a block; 0 where blocks are numbered
	fixed   int               // columns before the first block

	choices  frenchChoices
	stations map[string]stationText
	scratch  []byte
	contest  result
	out      *resultRows
}

// decodeMinistry reads the two layouts: from 2015 to 2022 the header names the first block only, and rows repeat it as often as
// there are candidates; from 2024 on every block is in the header, its columns numbered. Blocks stand in another order from one
// commune to the next: a choice is who it is, not where it stands. The files say neither election nor round: the place file does.
func decodeMinistry(file *format.File, d decoding) (records, takeRecord, error) {
	table, err := format.NewShapedTable(file, format.TableShape{Ragged: true})
	if err != nil {
		return nil, nil, err
	}
	r := &ministryReader{
		decoding: d, table: table, choices: frenchChoices{known: map[string]ballotChoice{}}, stations: map[string]stationText{},
		contest: contestOf(d), out: newResultRows(d),
	}
	if err := r.findBlocks(file.Name()); err != nil {
		return nil, nil, err
	}
	if r.at, err = table.Columns(ministryColumns...); err != nil {
		return nil, nil, err
	}
	return &ministryRows{table}, r.take, nil
}

// ministryRows says which columns were not read without naming those of every candidate.
type ministryRows struct{ *format.Table }

// Unread lists a numbered column once.
func (m *ministryRows) Unread() []string {
	var names []string
	for _, name := range m.Table.Unread() {
		if name = blockNumber.ReplaceAllString(name, ""); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

var blockNumber = regexp.MustCompile(` ?[0-9]{1,3}$`)

// blockBegins tells the first column of a repeated block.
func blockBegins(key string) bool {
	return strings.Contains(key, "panneau") || strings.HasPrefix(key, "n.pan") || key == "n°liste" || key == "n° liste"
}

func (r *ministryReader) findBlocks(path string) error {
	keys := r.table.Keys()
	for _, gap := range []string{" ", ""} {
		if slices.Contains(keys, "voix"+gap+"1") {
			r.report.Layout = "of 2024 and after: a numbered block of columns for each candidate or list"
			return r.findNumbered(keys, gap)
		}
	}
	r.fixed = slices.IndexFunc(keys, blockBegins)
	if r.fixed < 0 || !slices.Contains(keys[r.fixed:], "voix") {
		return fmt.Errorf(`%s line 1: there is no block of a candidate: a column "N°Panneau" and then "Voix", or "Voix 1": check that this is the file of the dataset named, and not another's`, path)
	}
	r.report.Layout = "of 2015 to 2022: the header has the block of the first candidate, rows repeat it"
	end := len(keys)
	for keys[end-1] == "" { // of a delimiter that ends every line
		end--
	}
	r.repeats = end - r.fixed
	first, err := r.block(func(name string) string { return name }, r.fixed)
	r.blocks = append(r.blocks, first)
	return err
}

// findNumbered finds blocks whose columns are numbered after a gap: Voix 1, Voix1.
func (r *ministryReader) findNumbered(keys []string, gap string) error {
	for n := 1; n <= len(keys); n++ {
		suffix := gap + strconv.Itoa(n)
		if !slices.Contains(keys, "voix"+suffix) {
			return nil
		}
		block, err := r.block(func(name string) string { return name + suffix }, 0)
		if err != nil {
			return err
		}
		r.blocks = append(r.blocks, block)
	}
	return nil
}

// block finds the columns of a block, -1 for those it has not.
func (r *ministryReader) block(named func(string) string, from int) (block [blockWidth]int, err error) {
	for what, names := range blockNames {
		block[what] = -1
		for _, name := range names {
			i := slices.Index(r.table.Keys()[from:], named(name))
			if i < 0 {
				continue
			}
			at, err := r.table.Columns(format.Column{Names: []string{named(name)}})
			if err != nil {
				return block, err
			}
			if block[what] = at[0]; block[what] < from { // a column before the blocks has the same name
				block[what] = from + i
			}
			break
		}
	}
	return block, nil
}

func (r *ministryReader) take(line int64) (string, error) {
	station := r.station()
	if station.reason != "" {
		return station.reason, nil
	}
	counts, err := r.counts()
	if err != nil {
		return "", err
	}
	row := r.contest
	row.commune, row.station, row.code, row.counts = station.commune, station.station, station.code, counts
	blocks := len(r.blocks)
	if r.repeats > 0 {
		width := r.table.Width()
		for width > r.fixed && len(r.table.Field(width-1)) == 0 {
			width--
		}
		// The last block may end with empty columns, which count as there.
		blocks = max(0, width-r.fixed+r.repeats-1) / r.repeats
	}
	candidates := false
	for n := range blocks {
		block, shift := r.blocks[0], n*r.repeats
		if r.repeats == 0 {
			block = r.blocks[n]
		}
		appended, err := r.takeBlock(line, row, block, shift)
		if err != nil {
			return "", err
		}
		candidates = candidates || appended
	}
	if !candidates {
		return "the row has no candidates", nil
	}
	return "", nil
}

// takeBlock appends the row of a block. One without votes is of a candidate who withdrew, or nobody's: others may follow.
func (r *ministryReader) takeBlock(line int64, row result, block [blockWidth]int, shift int) (appended bool, err error) {
	field := func(what int) []byte {
		if block[what] < 0 {
			return nil
		}
		return r.table.Field(block[what] + shift)
	}
	votes, given, err := format.Whole(field(blockVotes))
	if err != nil {
		return false, badCount("votes", given, err)
	}
	said := frenchChoice{
		name: field(blockName), firstName: field(blockFirstName), list: field(blockList), short: field(blockShort), nuance: field(blockNuance), pair: field(blockPair),
	}
	if !given {
		if len(said.name)+len(said.list)+len(said.pair) > 0 && block[blockVotes]+shift >= r.table.Width() {
			return false, errors.New("the row ends before the votes of its last candidate: download the file again")
		}
		return false, nil
	}
	choice := r.choices.get(said)
	if choice.reason != "" {
		return false, errors.New(choice.reason + ": correct the row, or download the file again")
	}
	row.choice, row.name, row.family, row.votes = choice.id, choice.name, field(blockNuance), votes
	r.out.append(line, row)
	return true, nil
}

func (r *ministryReader) counts() (precinctCounts, error) {
	counts := uncounted
	for _, c := range []struct {
		column int
		count  *int64
		what   string
	}{
		{stationRegistered, &counts.registered, "registered voters"}, {stationVoters, &counts.voters, "voters"}, {stationBlank, &counts.blank, "blank votes"},
		{stationNull, &counts.null, "null votes"}, {stationBlankNull, &counts.blankNull, "blank and null votes"},
	} {
		value, given, err := format.Whole(r.table.Field(r.at[c.column]))
		if err != nil || !given && c.column == stationRegistered {
			return counts, badCount(c.what, given, err)
		}
		if given {
			*c.count = value
		}
	}
	if counts.blank >= 0 && counts.null >= 0 {
		counts.blankNull = absent
	}
	return counts, nil
}

func (r *ministryReader) station() stationText {
	department, commune, number := r.table.Field(r.at[stationDepartment]), r.table.Field(r.at[stationCommune]), r.table.Field(r.at[stationNumber])
	r.scratch = append(append(append(append(append(r.scratch[:0], department...), 0), commune...), 0), number...)
	if known, ok := r.stations[string(r.scratch)]; ok {
		return known
	}
	s := ministryStation(string(department), string(commune), string(number))
	remember(r.stations, r.scratch, s)
	return s
}

const reasonMinistryStation = "department, commune and station are none: as 75, 056 and 1905"

func ministryStation(department, commune, number string) stationText {
	full, err := engine.ParseCommune(department, commune)
	if err != nil {
		return stationText{reason: reasonMinistryStation}
	}
	key, err := engine.ParsePrecinctKey(full, number)
	if err != nil {
		return stationText{reason: reasonMinistryStation}
	}
	return stationText{[]byte(key.Commune), []byte(key.Station), []byte(full + "_" + number), ""}
}
