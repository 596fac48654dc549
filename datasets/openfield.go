package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var openField = Dataset{
	Name:        "openfield",
	Kind:        engine.KindCanvass,
	Title:       "Attempts of OpenField's daily folder, Parquet or CSV",
	Publisher:   "your campaign",
	Licence:     "see-publisher",
	Attribution: "field returns of your campaign",
	Address:     "https://openfield.ai/",
	decode:      decodeOpenField,
}

var openFieldLayout = canvassLayout{
	result: []string{"disposition", "disposition_name", "result", "outcome"}, when: []string{"attempted_at", "attempt_at", "canvassed_at", "created_at", "date"},
	number: []string{"house_number", "street_number"}, address: []string{"street_address", "address", "address_line_1", "street", "street_name"}, city: []string{"city"},
	postcode: []string{"zip", "zip5", "postal_code"}, lon: []string{"longitude", "lng", "lon"}, lat: []string{"latitude", "lat"}, support: []string{"support_score", "support_level", "support"},
	team: []string{"turf_name", "campaign_name", "program_name"}, script: []string{"script_version", "survey_version"}, kind: []string{"contact_method", "method"},
	doors: []string{"door", "canvass", "doors", "in_person", "door_knock", "walk"}, quarantined: []string{"is_quarantined", "quarantined", "rejected"}, attempt: []string{"attempt_id"},
}

// decodeOpenField reads attempts. Each day's folder is the whole again: rows keep their ids. Attempts that are quarantined are passed
// over.
func decodeOpenField(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCanvass(file, d, openFieldLayout, "openfield")
}
