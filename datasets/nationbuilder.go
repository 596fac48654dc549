package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var nationBuilder = Dataset{
	Name:        "nationbuilder",
	Kind:        engine.KindCanvass,
	Title:       "Contacts exported from NationBuilder",
	Publisher:   "your campaign",
	Licence:     "see-publisher",
	Attribution: "field returns of your campaign",
	Address:     "https://nationbuilder.com/",
	decode:      decodeNationBuilder,
}

var nationBuilderLayout = canvassLayout{
	result: []string{"status", "contact_status"}, when: []string{"created_at", "contacted_at", "date"},
	address: []string{"address1", "primary_address1", "address"}, city: []string{"city", "primary_city"}, postcode: []string{"zip", "primary_zip", "zip5"},
	lon: []string{"lng", "longitude", "primary_lng"}, lat: []string{"lat", "latitude", "primary_lat"}, support: []string{"support_level"},
	kind: []string{"method", "contact_method"}, doors: []string{"door_knock", "door", "door_knocking", "canvass", "face_to_face"},
	recontact: []string{"email_opt_in", "mobile_opt_in"}, refuse: []string{"do_not_contact"}, // federal_donotcall is about telephones, not doors
}

// decodeNationBuilder reads contacts at the door. In NationBuilder 1 is the strongest support: support: {best: 1, worst: 5}.
func decodeNationBuilder(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCanvass(file, d, nationBuilderLayout, "nationbuilder")
}
