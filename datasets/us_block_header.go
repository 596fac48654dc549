package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/arpent/arpent/datasets/format"
)

// blockHeader are the fields of the geographic header of the redistricting file of 2020 (mageo2020.pl), which names none itself: Public
// Law 94-171 Summary File, technical documentation, and the Census Bureau's import scripts.
var blockHeader = strings.Fields(`FILEID STUSAB SUMLEV GEOVAR GEOCOMP CHARITER CIFSN LOGRECNO GEOID GEOCODE REGION DIVISION STATE STATENS
	COUNTY COUNTYCC COUNTYNS COUSUB COUSUBCC COUSUBNS SUBMCD SUBMCDCC SUBMCDNS ESTATE ESTATECC ESTATENS CONCIT CONCITCC CONCITNS
	PLACE PLACECC PLACENS TRACT BLKGRP BLOCK AIANHH AIHHTLI AIANHHFP AIANHHCC AIANHHNS AITS AITSFP AITSCC AITSNS TTRACT TBLKGRP
	ANRC ANRCCC ANRCNS CBSA MEMI CSA METDIV NECTA NMEMI CNECTA NECTADIV CBSAPCI NECTAPCI UA UATYPE UR CD116 CD118 CD119 CD120 CD121
	SLDU18 SLDU22 SLDU24 SLDU26 SLDU28 SLDL18 SLDL22 SLDL24 SLDL26 SLDL28 VTD VTDI ZCTA SDELM SDSEC SDUNI PUMA AREALAND AREAWATR
	BASENAME NAME FUNCSTAT GCUNI POP100 HU100 INTPTLAT INTPTLON LSADC PARTFLAG UGA`)

// Segment 2 has FILEID, STUSAB, CHARITER, CIFSN, LOGRECNO, 71 fields of table P3, 73 of P4 and 3 of H1: homes, occupied, vacant.
const (
	segmentFields   = 5 + 71 + 73 + 3
	segmentRecord   = 4
	segmentOccupied = 5 + 71 + 73 + 1
)

// redistrictingFile is how every line of the files of Public Law 94-171 begins.
var redistrictingFile = []byte("PLST|")

const blockLevel = "750"

// decodeBlockHeader reads the rows of blocks. The header counts homes; those that are lived in are in segment 2, where it lies beside.
func decodeBlockHeader(file *format.File, d decoding) (records, takeRecord, error) {
	first, _, _ := bytes.Cut(file.Head(), []byte{'\n'})
	if width := bytes.Count(first, []byte{'|'}) + 1; width != len(blockHeader) {
		return nil, nil, fmt.Errorf("%s: rows have %d fields, and the %d of a geographic header are due: give the file of the state whose name ends in geo2020.pl",
			file.Name(), width, len(blockHeader))
	}
	table, err := format.NewShapedTable(file, format.TableShape{Columns: blockHeader})
	if err != nil {
		return nil, nil, err
	}
	at, err := table.Columns(format.Column{Names: []string{"SUMLEV"}}, format.Column{Names: []string{"LOGRECNO"}}, format.Column{Names: []string{"GEOID"}},
		format.Column{Names: []string{"POP100"}}, format.Column{Names: []string{"HU100"}})
	if err != nil {
		return nil, nil, err
	}
	rows := &blockRows{Table: table}
	households := at[4]
	d.report.Layout = "geographic header of Public Law 94-171: all homes are households, for the occupied ones are in segment 2 (as ma000022020.pl), which is not beside it"
	if state, ok := strings.CutSuffix(strings.ToLower(file.BaseName()), "geo2020.pl"); ok {
		switch segment, err := file.OpenBeside(state + "000022020.pl"); {
		case err == nil:
			if rows.segment, err = format.NewShapedTable(segment, format.TableShape{Columns: make([]string, segmentFields)}); err != nil {
				return nil, nil, err
			}
			households = len(blockHeader)
			d.report.Layout = "geographic header of Public Law 94-171, with segment 2 beside it: occupied homes are households"
		case !errors.Is(err, fs.ErrNotExist):
			return nil, nil, err
		}
	}
	take := decodeFigures(rows, at[2], blockGEOID, []variable{{at[3], "pop"}, {at[4], "housing"}, {households, "households"}}, format.Point, d)
	return rows, func(line int64) (string, error) {
		if string(table.Field(at[0])) != blockLevel {
			d.report.Pass(line, "of a summary level that is not blocks (750)")
			return "", nil
		}
		found, err := rows.findOccupied(table.Field(at[1]))
		if err != nil {
			return "", err
		}
		reason, err := take(line)
		if reason == "" && err == nil && !found {
			d.report.Repair(line, "segment 2 has no such record: the block's households are not known")
		}
		return reason, err
	}, nil
}

// blockRows are rows of the header with one field more: the occupied homes of segment 2.
type blockRows struct {
	*format.Table
	segment  *format.Table // nil without one
	reached  int64         // the record of its row
	ended    bool
	occupied []byte
}

func (b *blockRows) Field(place int) []byte {
	if place == len(blockHeader) {
		return b.occupied
	}
	return b.Table.Field(place)
}

// findOccupied reads on in segment 2 to a record: both files are in the order of their numbers.
func (b *blockRows) findOccupied(record []byte) (found bool, err error) {
	b.occupied = nil
	if b.segment == nil {
		return true, nil
	}
	wanted, given, err := format.Whole(record)
	if !given || err != nil {
		return false, nil
	}
	for !b.ended && b.reached < wanted {
		more, err := b.segment.Next()
		if err != nil {
			return false, err
		}
		b.ended = !more
		if fault, _ := b.segment.Condition(); b.ended || fault != "" {
			continue
		}
		if n, given, err := format.Whole(b.segment.Field(segmentRecord)); given && err == nil {
			b.reached = n
		}
	}
	if b.ended || b.reached != wanted {
		return false, nil
	}
	b.occupied = b.segment.Field(segmentOccupied)
	return true, nil
}
