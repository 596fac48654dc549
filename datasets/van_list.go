package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arpent/arpent/datasets/format"
)

// VAN's reports name persons by their id and have no addresses; its list export has both. The id finds the door while the report is
// read, and goes no further.

// vanID is the id in the voter file. A campaign's own people have another, with numbers that look alike.
var vanID = format.Column{Names: []string{"Voter File VANID", "VoterFileVANID"}, Optional: true}

// vanListed are the columns of a list that make a door, vanFields what canvassReader calls them. An address of mail is no door.
var (
	vanListed = []format.Column{
		{Names: []string{"vAddress", "Address", "StreetAddress"}, Optional: true},
		{Names: vanLayout.city, Optional: true}, {Names: vanLayout.postcode, Optional: true},
		{Names: vanLayout.lon, Optional: true}, {Names: vanLayout.lat, Optional: true},
	}
	vanFields = []string{"address", "city", "postcode", "lon", "lat"}
)

// vanDoor is the door of a person, in the order of vanFields.
type vanDoor struct {
	fields  [5]string
	several bool // the list has the person at several addresses
}

// vanListBytes bounds the memory of a list: 1.5 million people. vanPersonBytes is about what one takes besides the texts.
const (
	vanListBytes   = 512 << 20
	vanPersonBytes = 240
)

// joinVANList reads the list beside a report that has neither addresses nor positions.
func (c *canvassReader) joinVANList(report *format.File) error {
	if _, ok := c.rows.(*format.Table); !ok {
		return nil // no export of VAN
	}
	if c.has("address", c.layout.address) || c.has("lon", c.layout.lon) && c.has("lat", c.layout.lat) {
		return nil
	}
	at, err := c.rows.Columns(vanID)
	if err != nil || at[0] < 0 {
		return err // without the id, each row is rejected for want of an address
	}
	list, err := openVANList(report)
	if err != nil {
		return err
	}
	defer list.Close()
	c.opened(list.DiskPath())
	c.person = at[0]
	c.report.Layout = "a report without addresses: they are those of the list beside it, by the VANID, which is not kept"
	c.doors, err = readVANList(list, vanListBytes)
	return err
}

// openVANList opens the list beside a report, or beside the archive that the report is in.
func openVANList(report *format.File) (*format.File, error) {
	for _, name := range []string{"list.csv", "list.txt", "list.xls", "list.zip"} {
		list, err := format.Open(filepath.Join(filepath.Dir(report.DiskPath()), name))
		if !errors.Is(err, fs.ErrNotExist) {
			return list, err
		}
	}
	return nil, needs{"", report.Name() + ": the report has no addresses: export the list of its people with the columns " + vanListNeeds + ", and put it beside as list.csv (or .txt, .xls, .zip)"}
}

const vanListNeeds = "Voter File VANID, Address, City, Zip5, Latitude and Longitude"

// readVANList gives the doors by the ids of their people.
func readVANList(list *format.File, limit int) (map[string]vanDoor, error) {
	rows, err := format.NewRows(list, "")
	if err != nil {
		return nil, err
	}
	at, err := rows.Columns(append([]format.Column{vanID}, vanListed...)...)
	if err != nil {
		return nil, err
	}
	if at[0] < 0 || at[1] < 0 {
		return nil, fmt.Errorf("%s: the list has no ids or no addresses: export it again with the columns %s", list.Name(), vanListNeeds)
	}
	doors, size := map[string]vanDoor{}, 0
	for {
		more, err := rows.Next()
		if err != nil || !more {
			return doors, err
		}
		if fault, _ := rows.Condition(); fault != "" || len(rows.Field(at[0])) == 0 {
			continue
		}
		id, door := vanNumber(rows.Field(at[0])), vanDoor{}
		size += len(id) + vanPersonBytes
		for i := range door.fields {
			door.fields[i] = string(rows.Field(at[1+i]))
			size += len(door.fields[i])
		}
		known, again := doors[id]
		door.several = again && (known.several || known.fields[0] != door.fields[0] || known.fields[2] != door.fields[2])
		doors[id] = door
		if size > limit {
			return nil, fmt.Errorf("%s: the list is too long to be held in %d MB of memory: export only the people of the report", list.Name(), limit>>20)
		}
	}
}

// vanNumber is an id, which a spreadsheet wrote as a decimal.
func vanNumber(field []byte) string { return strings.TrimSuffix(string(field), ".0") }

// findDoor gives the row the door of its person.
func (c *canvassReader) findDoor() (reason string) {
	door, listed := c.doors[vanNumber(c.rows.Field(c.person))]
	c.door = &door.fields
	switch {
	case !listed:
		return "its person is not in the list beside the report: export the list again, with all people of the report"
	case door.several:
		return "the list beside the report has its person at several addresses: export the list again"
	}
	return ""
}

// listed is what the list says of the row's door.
func (c *canvassReader) listed(what string) (value []byte, ok bool) {
	at := slices.Index(vanFields, what)
	if c.door == nil || at < 0 {
		return nil, false
	}
	return []byte(c.door[at]), true
}
