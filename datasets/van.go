package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var van = Dataset{
	Name:        "van",
	Kind:        engine.KindCanvass,
	Title:       "Canvass export of NGP VAN or MiniVAN: contact history, survey responses (with the list export beside as list.csv)",
	Publisher:   "your campaign",
	Licence:     "see-publisher",
	Attribution: "field returns of your campaign",
	Address:     "https://help.ngpvan.com/",
	decode:      decodeVAN,
}

var vanLayout = canvassLayout{
	result: []string{"Result", "Contact Result"}, when: []string{"Date Canvassed", "DateCanvassed"},
	address: []string{"vAddress", "Address", "StreetAddress", "mAddress"}, city: []string{"City", "vCity"}, postcode: []string{"Zip5", "Zip", "vZip5"},
	lon: []string{"Longitude"}, lat: []string{"Latitude"}, team: []string{"MiniVAN Campaign", "Turf Name"}, kind: []string{"Contact Type"},
	doors:    []string{"walk", "door", "door_knock", "canvass", "minivan", "in_person"},
	question: []string{"Survey Question Name"}, answer: []string{"Survey Response"},
	dates: monthFirst, listBeside: true,
}

// decodeVAN reads contact histories and survey responses, as CSV or as the tab-separated text that is called .xls. Times are those of
// the place: zone: gives it. An export has one row for each question: only answers to a question about support are kept. Reports
// have no addresses unless columns were added: then the list beside has them.
func decodeVAN(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCanvass(file, d, vanLayout, "van")
}
