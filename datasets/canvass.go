package datasets

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

// Exports of canvass tools are about persons. Only what is asked for here is read: the door, the time, what came of it, the support on
// a scale, the consent, the campaign. Names, ids of persons, birth dates, phones, mail and texts are never looked at: their columns
// are counted, and their values are in no row and no message. An id of VAN finds a door in the list beside, and is then forgotten.

// canvassLayout says under which names an export has what is kept; a column without names is not in it.
type canvassLayout struct {
	result, when               []string
	number, address            []string // of the house; the address, or the street where number is apart
	city, postcode, lon, lat   []string
	support, team, script      []string
	kind                       []string // how the contact was made
	doors                      []string // the words of kind that are a visit; others are passed over
	consent, recontact, refuse []string // columns of yes and no
	question, answer           []string // of exports with a row for each question: only answers about support are kept
	quarantined                []string // attempts that the tool has rejected
	attempt                    []string // an id of the attempt, never of a person
	dates                      dateOrder
	listBeside                 bool // addresses may be in VAN's list, see van_list.go
}

// canvassReader takes the rows of an export.
type canvassReader struct {
	decoding
	layout canvassLayout
	rows   format.Rows
	at     map[string]int
	times  *canvassTimes
	seen   map[[32]byte]int // how often a row of the same content came

	doors  map[string]vanDoor // of VAN's list beside, by the id of a person; nil where the export has addresses itself
	person int                // the column of that id
	door   *[5]string         // of the row

	lines                                 *array.Int64Builder
	lons, lats                            *array.Float64Builder
	supports                              *array.Int32Builder
	ids, sources, addresses, cities       texts
	postcodes, addressIDs, whens, results texts
	teams, consents, scripts              texts
}

// decodeCanvass reads an export in any container.
func decodeCanvass(file *format.File, d decoding, layout canvassLayout, source string) (records, takeRecord, error) {
	rows, err := format.NewRows(file, d.spec.Layer)
	if err != nil {
		return nil, nil, err
	}
	return decodeCanvassRows(file, rows, d, layout, source)
}

func decodeCanvassRows(file *format.File, rows format.Rows, d decoding, layout canvassLayout, source string) (records, takeRecord, error) {
	c := &canvassReader{
		decoding: d, layout: layout, rows: rows, at: map[string]int{}, seen: map[[32]byte]int{},
		lines: d.out.ints("line"), lons: d.out.floats("lon"), lats: d.out.floats("lat"), supports: d.out.int32s("support"),
		ids: d.out.texts("record_id"), sources: d.out.texts("source"), addresses: d.out.texts("address"), cities: d.out.texts("commune_name"),
		postcodes: d.out.texts("postcode"), addressIDs: d.out.texts("address_id"), whens: d.out.texts("attempt_at"), results: d.out.texts("result"),
		teams: d.out.texts("team"), consents: d.out.texts("consent"), scripts: d.out.texts("script"),
	}
	if err := c.find(); err != nil {
		return nil, nil, err
	}
	if c.has("support", layout.support) || c.has("answer", layout.answer) {
		if d.spec.Support == nil || d.spec.Support.Best == d.spec.Support.Worst {
			return nil, nil, needs{"support", file.Name() + ": " + errSupport.what}
		}
	}
	var err error
	if c.times, err = newCanvassTimes(d.spec.Zone, layout.dates); err != nil {
		return nil, nil, err
	}
	if layout.listBeside {
		if err := c.joinVANList(file); err != nil {
			return nil, nil, err
		}
	}
	return &canvassRows{rows, d.report}, func(line int64) (string, error) { return c.take(line, source) }, nil
}

// errSupport asks for what no export says: which end of its scale is best. It is never guessed.
var errSupport = needs{"support", "the export has answers about support, and tools count them in opposite ways: give support: {best: 1, worst: 5}, or the other way round"}

// find asks for the columns by the names of the layout.
func (c *canvassReader) find() error {
	l := c.layout
	for _, column := range []struct {
		what   string
		names  []string
		needed bool
	}{
		{"when", l.when, true}, {"result", l.result, len(l.answer) == 0}, {"number", l.number, false}, {"address", l.address, false}, {"city", l.city, false},
		{"postcode", l.postcode, false}, {"lon", l.lon, false}, {"lat", l.lat, false}, {"support", l.support, false}, {"team", l.team, false},
		{"script", l.script, false}, {"kind", l.kind, false}, {"consent", l.consent, false}, {"recontact", l.recontact, false}, {"refuse", l.refuse, false},
		{"question", l.question, false}, {"answer", l.answer, false}, {"quarantined", l.quarantined, false}, {"attempt", l.attempt, false},
	} {
		if len(column.names) == 0 {
			continue
		}
		at, err := c.rows.Columns(format.Column{Names: column.names, Optional: !column.needed})
		if err != nil {
			return err
		}
		c.at[column.what] = at[0]
	}
	return nil
}

// has tells whether the export has a column; a file of features shows only those of its first.
func (c *canvassReader) has(what string, names []string) bool {
	at, asked := c.at[what]
	return asked && at >= 0 && slices.ContainsFunc(names, func(n string) bool { return slices.Contains(c.rows.Keys(), format.Key(n)) })
}

func (c *canvassReader) field(what string) []byte {
	if value, ok := c.listed(what); ok {
		return value
	}
	if at, ok := c.at[what]; ok {
		return c.rows.Field(at)
	}
	return nil
}

// longestPlace bounds an address, a city and the name of a campaign: what is longer is a text.
const longestPlace = 200

func (c *canvassReader) take(line int64, source string) (string, error) {
	if kind := c.field("kind"); len(kind) > 0 && !slices.Contains(c.layout.doors, fold(string(kind))) {
		c.report.Pass(line, "not a visit at a door")
		return "", nil
	}
	if yes(c.field("quarantined")) {
		c.report.Pass(line, "rejected by the tool it comes from")
		return "", nil
	}
	if question := c.field("question"); len(question) > 0 && !strings.Contains(fold(string(question)), "support") {
		c.report.Pass(line, "an answer to another question")
		return "", nil
	}
	when, turned, reason, err := c.times.read(c.field("when"))
	if reason != "" || err != nil {
		return reason, err
	}
	result, known := canvassResult(c.field("result"))
	if len(c.field("result")) == 0 && len(c.field("answer")) > 0 {
		result, known = "contact", true // who answered was there
	}
	if len(c.field("result")) == 0 && result == "" {
		return "no result", nil
	}
	if c.doors != nil {
		if reason := c.findDoor(); reason != "" {
			return reason, nil
		}
	}
	address := bytes.Join(notEmpty(c.field("number"), c.field("address")), []byte{' '})
	lon, lat, located := c.position()
	if len(address) == 0 && !located {
		return "no address and no position: nothing says which door it was", nil
	}
	for _, text := range [][]byte{address, c.field("city"), c.field("postcode"), c.field("team"), c.field("script")} {
		if len(text) > longestPlace {
			return "an address or a campaign is longer than one can be", nil
		}
	}
	if c.spec.Support == nil && !(format.Absent(c.field("support")) && format.Absent(c.field("answer"))) {
		return "", errSupport // in an object that the first ones did not announce
	}
	support, given, outside := c.support()
	if turned {
		c.report.Repair(line, repairTurned)
	}
	if !known {
		c.report.Repair(line, "a result that is none of those known: taken as other")
	}
	if outside {
		c.report.Repair(line, "the answer about support is not on the scale that the place file gives: left out")
	}
	c.append(line, source, when, result, address, lon, lat, located, support, given)
	return "", nil
}

func notEmpty(parts ...[]byte) [][]byte {
	return slices.DeleteFunc(parts, func(p []byte) bool { return len(p) == 0 })
}

func (c *canvassReader) position() (lon, lat float64, ok bool) {
	lon, lat, reason, err := degrees(c.field("lon"), c.field("lat"))
	return lon, lat, reason == "" && err == nil && (lon != 0 || lat != 0)
}

// leading is the number that an answer begins with: 4, "4 - Lean oppose".
var leading = regexp.MustCompile(`^-?[0-9]+(?:[.,][0-9]+)?`)

// support brings an answer to -2 .. +2 by the scale of the place file. No answer is none, not the middle.
func (c *canvassReader) support() (support int32, given, outside bool) {
	text := c.field("support")
	if len(text) == 0 {
		text = c.field("answer")
	}
	if format.Absent(text) || c.spec.Support == nil {
		return 0, false, false
	}
	value, err := strconv.ParseFloat(strings.Replace(string(leading.Find(text)), ",", ".", 1), 64)
	scale := *c.spec.Support
	part := (value - scale.Worst) / (scale.Best - scale.Worst)
	if err != nil || !(part >= 0 && part <= 1) {
		return 0, false, true
	}
	return int32(math.Round(4*part - 2)), true, false
}

// consent is what the columns of yes and no allow; a refusal counts most.
func (c *canvassReader) consent() string {
	switch {
	case yes(c.field("refuse")):
		return "withdrawn"
	case yes(c.field("recontact")):
		return "recontact"
	case yes(c.field("consent")):
		return "stored"
	}
	return "none"
}

func yes(text []byte) bool {
	switch fold(string(text)) {
	case "yes", "y", "oui", "o", "true", "vrai", "1", "x":
		return true
	}
	return false
}

// append adds the row. Its id is a hash of what is kept of it, and of how many rows with the same came before: an export that is made
// again gives the same ids, two people at a door two of them, and nobody's id is in it.
func (c *canvassReader) append(line int64, source, when, result string, address []byte, lon, lat float64, located bool, support int32, given bool) {
	consent := c.consent()
	h := sha256.New()
	for _, part := range [][]byte{
		[]byte(source), []byte(when), []byte(result), address, c.field("city"), c.field("postcode"), c.field("team"), c.field("script"), c.field("attempt"), []byte(consent),
		strconv.AppendFloat(nil, lon, 'f', -1, 64), strconv.AppendFloat(nil, lat, 'f', -1, 64), strconv.AppendBool(nil, given), strconv.AppendInt(nil, int64(support), 10),
	} {
		h.Write(append(strconv.AppendInt(nil, int64(len(part)), 10), ':')) // never fails
		h.Write(part)
	}
	var sum [32]byte
	h.Sum(sum[:0])
	c.seen[sum]++
	h.Write(strconv.AppendInt(nil, int64(c.seen[sum]), 10))

	c.lines.Append(line)
	c.ids.appendString(hex.EncodeToString(h.Sum(nil)[:12]))
	c.sources.appendString(source)
	c.addresses.appendOptional(address)
	c.cities.appendOptional(c.field("city"))
	c.postcodes.appendOptional(c.field("postcode"))
	c.addressIDs.appendOptional(nil)
	if located {
		c.lons.Append(lon)
		c.lats.Append(lat)
	} else {
		c.lons.AppendNull()
		c.lats.AppendNull()
	}
	c.whens.appendString(when)
	c.results.appendString(result)
	if given {
		c.supports.Append(support)
	} else {
		c.supports.AppendNull()
	}
	c.teams.appendOptional(c.field("team"))
	c.consents.appendString(consent)
	c.scripts.appendOptional(c.field("script"))
}

// canvassRows are the rows of an export, whose columns about persons are counted and not named.
type canvassRows struct {
	format.Rows
	report *engine.FileReport
}

// personal are words in the names of columns about persons.
var personal = regexp.MustCompile(`name|nom\b|prenom|surname|person|voter|contact|vanid|_id$|^id$|identifi|mail|courriel|phone|tel\b|telephone|mobile|cell|do.?not.?call|birth|naissance|age$|gender|sexe|sex$|civilite|note|comment|text|message|canvassed by|canvasser|author|sender|created by|benevole|militant|volunteer|tag|employ|occupation|profession|target|answer|reponse|external|dob$|born|ssn$|party|parti|religion|ethni|race$|spouse|conjoint|household|foyer|occupant|salutation|suffix|twitter|facebook|portable|remarque|observation`)

// Unread names only the columns that are not about persons.
func (c *canvassRows) Unread() []string {
	var names []string
	dropped := int64(0)
	for _, name := range c.Rows.Unread() {
		if personal.MatchString(format.Key(name)) {
			dropped++
			continue
		}
		names = append(names, name)
	}
	c.report.Personal = dropped
	return names
}
