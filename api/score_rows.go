package api

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ScoreRow names a unit in one of three ways: by its id, by a place in it, or - a precinct or a commune - by its code.
type ScoreRow struct {
	ID      UnitName `json:"id,omitempty" doc:"As in tiles: 15 hex digits for a cell, decimal otherwise"`
	Lon     *float64 `json:"lon,omitempty" doc:"Degrees"`
	Lat     *float64 `json:"lat,omitempty"`
	Code    string   `json:"code,omitempty" doc:"Of a precinct, as it is published, in the division of the contest; or of a commune"`
	Commune string   `json:"commune,omitempty" doc:"The code of the precinct's commune, where each commune counts its precincts from 1"`
}

// KeptScoreRow is a row as it is kept for the job: what it names, or why it cannot be read. Nothing else of what was sent is kept.
type KeptScoreRow struct {
	ScoreRow
	Fault string `json:"fault,omitempty"`
}

// ScoreForm is how a list of units is written.
type ScoreForm string

// The forms: CSV with a line of names, separated by commas or semicolons, and an object a line.
const (
	ScoreCSV    ScoreForm = "csv"
	ScoreNDJSON ScoreForm = "ndjson"
)

// Bounds of a list of units.
const (
	mostScoreRows = 2_000_000
	longestID     = 20 // bytes
	longestCode   = 64
)

var errUnreadableRows = errors.New("the list cannot be read")

// KeepScoreRows reads a list of units and writes it as it is kept, a KeptScoreRow a line. A row that cannot be read is one with a fault, in its place;
// what makes the list unreadable as a whole is a *Problem or an error of reading.
func KeepScoreRows(w io.Writer, from io.Reader, form ScoreForm) (rows int64, err error) {
	return keepRows(w, from, form, mostScoreRows)
}

func keepRows(w io.Writer, from io.Reader, form ScoreForm, most int64) (rows int64, err error) {
	lines := &lineRecords{from: bufio.NewReaderSize(from, maxRecord+2)}
	decode := decodeScoreJSON
	if form == ScoreCSV {
		if decode, err = readScoreNames(lines); err != nil {
			return 0, err
		}
	}
	out := bufio.NewWriter(w)
	for {
		line, err := lines.next()
		switch {
		case errors.Is(err, io.EOF) && rows == 0:
			return 0, noScoreRow()
		case errors.Is(err, io.EOF):
			return rows, out.Flush()
		case err != nil:
			return 0, fmt.Errorf("%w: %w", errUnreadableRows, err)
		}
		if rows++; rows > most {
			return 0, tooLarge(fmt.Sprintf("a list has at most %d rows: send it in parts", most))
		}
		row, fault := ScoreRow{}, "it is too long"
		if !line.tooLong {
			row, fault = decode(line.raw)
		}
		if err := keepScoreRow(out, row, fault); err != nil {
			return 0, err
		}
	}
}

func noScoreRow() *Problem { return invalid("body", nil, "there is no row in the list") }

// keepScoreRows writes rows that were read already.
func keepScoreRows(w io.Writer, rows []ScoreRow) error {
	out := bufio.NewWriter(w)
	for _, row := range rows {
		if err := keepScoreRow(out, row, ""); err != nil {
			return err
		}
	}
	return out.Flush()
}

// keepScoreRow writes what is kept of a row: of one with a fault, the fault alone.
func keepScoreRow(w io.Writer, row ScoreRow, fault string) error {
	kept := KeptScoreRow{ScoreRow: row, Fault: fault}
	if kept.Fault == "" {
		kept.Fault = row.fault()
	}
	if kept.Fault != "" {
		kept.ScoreRow = ScoreRow{}
	}
	content, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("api: keep a row: %w", err)
	}
	_, err = w.Write(append(content, '\n'))
	return err
}

// EachKeptScoreRow reads what KeepScoreRows has written.
func EachKeptScoreRow(from io.Reader, each func(KeptScoreRow) error) error {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		var row KeptScoreRow
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return fmt.Errorf("api: a row that was kept: %w", err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return lines.Err()
}

// fault says why a row names no unit, in words that have nothing of it; "" where it may name one.
func (r *ScoreRow) fault() string {
	ways := 0
	for _, given := range []bool{r.ID != "", r.Lon != nil || r.Lat != nil, r.Code != ""} {
		if given {
			ways++
		}
	}
	within := func(degrees *float64, most float64) bool { return math.Abs(*degrees) <= most } // not what is not a number
	switch {
	case ways != 1:
		return "it has one of id, lon and lat, and code, no more"
	case r.Commune != "" && r.Code == "":
		return "commune is that of a code"
	case len(r.ID) > longestID || strings.Trim(strings.ToLower(string(r.ID)), "0123456789abcdef") != "":
		return "its id is that of no unit"
	case (r.Lon == nil) != (r.Lat == nil):
		return "lon and lat come together"
	case r.Lon != nil && !(within(r.Lon, 180) && within(r.Lat, 90)):
		return "lon and lat are degrees, from -180 to 180 and from -90 to 90"
	case len(r.Code) > longestCode || len(r.Commune) > longestCode || !utf8.ValidString(r.Code+r.Commune):
		return "its code is that of no unit"
	}
	return ""
}

// decodeScoreJSON reads a row that is an object: of properties with these names, to the letter, each once.
func decodeScoreJSON(line []byte) (row ScoreRow, fault string) {
	d := json.NewDecoder(bytes.NewReader(line))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return row, "it is no JSON object"
	}
	var seen []json.Token
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return row, "it is no JSON object"
		}
		if slices.Contains(seen, name) {
			return row, "it has a property twice"
		}
		seen = append(seen, name)
		field := row.field(name)
		if field == nil {
			return row, "it has a property that a row does not have"
		}
		if err := d.Decode(field); err != nil {
			return row, "a property of it is not what it should be: id and code are texts or whole numbers, lon and lat numbers"
		}
	}
	if _, err := d.Token(); err != nil {
		return row, "it is no JSON object"
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return row, "there is something behind its end"
	}
	return row, ""
}

// field gives what a property is read into, nil where a row has no such.
func (r *ScoreRow) field(name json.Token) any {
	switch name {
	case "id":
		return &r.ID
	case "lon":
		return &r.Lon
	case "lat":
		return &r.Lat
	case "code":
		return (*UnitName)(&r.Code)
	case "commune":
		return (*UnitName)(&r.Commune)
	}
	return nil
}

// readScoreNames reads the line of names of a CSV, and gives how its rows are read.
func readScoreNames(lines *lineRecords) (decode func([]byte) (ScoreRow, string), err error) {
	line, err := lines.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, noScoreRow()
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errUnreadableRows, err)
	case line.tooLong:
		return nil, invalid("body", nil, "its first line is too long: it has the names of the columns")
	}
	separator := ','
	if bytes.IndexByte(line.raw, ',') < 0 && bytes.IndexByte(line.raw, ';') >= 0 {
		separator = ';'
	}
	names, err := splitScoreLine(string(line.raw), separator)
	if err != nil {
		return nil, invalid("body", nil, "its first line is no CSV: it has the names of the columns")
	}
	for i, name := range names {
		names[i] = strings.ToLower(strings.TrimSpace(name))
		switch {
		case (&ScoreRow{}).field(names[i]) == nil:
			return nil, invalid("body", nil, fmt.Sprintf("column %d of the list is none that is taken: send id, or lon and lat, or code and commune, and nothing else", i+1))
		case slices.Contains(names[:i], names[i]):
			return nil, invalid("body", nil, fmt.Sprintf("column %d of the list is there twice", i+1))
		}
	}
	return func(line []byte) (ScoreRow, string) { return decodeScoreCSV(string(line), names, separator) }, nil
}

func splitScoreLine(line string, separator rune) ([]string, error) {
	if !strings.Contains(line, `"`) {
		return strings.Split(line, string(separator)), nil
	}
	r := csv.NewReader(strings.NewReader(line))
	r.Comma = separator
	return r.Read()
}

func decodeScoreCSV(line string, names []string, separator rune) (row ScoreRow, fault string) {
	cells, err := splitScoreLine(line, separator)
	if err != nil || len(cells) != len(names) {
		return row, "it does not have the columns that the first line names"
	}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		switch field := row.field(names[i]).(type) {
		case *UnitName:
			*field = UnitName(cell)
		case **float64:
			degrees, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return row, "lon and lat are degrees, as 2.3412"
			}
			*field = &degrees
		}
	}
	return row, ""
}
