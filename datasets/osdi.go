package datasets

import (
	"errors"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var osdi = Dataset{
	Name:        "osdi",
	Kind:        engine.KindCanvass,
	Title:       "Canvasses in the Open Supporter Data Interface: JSON of its API, or a table",
	Publisher:   "your campaign",
	Licence:     "see-publisher",
	Attribution: "field returns of your campaign",
	Address:     "https://opensupporter.github.io/osdi-docs/canvasses.html",
	decode:      decodeOSDI,
}

var osdiLayout = canvassLayout{
	result: []string{"status_code", "status"}, when: []string{"action_date", "created_date"},
	address: []string{"address", "address_line", "address_lines", "address1"}, city: []string{"locality", "city"}, postcode: []string{"postal_code", "zip"},
	lon: []string{"longitude"}, lat: []string{"latitude"}, support: []string{"support", "support_level"}, team: []string{"origin_system", "script_name"}, kind: []string{"contact_type"},
	doors: []string{"in_person", "door", "canvass"}, script: []string{"script_version"},
}

// decodeOSDI reads a table, or JSON: an array, a page of the API (_embedded), or an object a line. Addresses stand in the object or
// in an object "address" or "location" in it.
func decodeOSDI(file *format.File, d decoding) (records, takeRecord, error) {
	head := file.Head()
	if !startsWithJSON(head) {
		return decodeCanvass(file, d, osdiLayout, "osdi")
	}
	rows, err := newOSDIRows(file)
	if err != nil {
		return nil, nil, err
	}
	d.whenRead(func() error {
		if !rows.dated {
			return errors.New("no object has an action_date: check that this is the file of the dataset named, and not another's")
		}
		return nil
	})
	return decodeCanvassRows(file, rows, d, osdiLayout, "osdi")
}
