package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var ecanvasser = Dataset{
	Name:        "ecanvasser",
	Kind:        engine.KindCanvass,
	Title:       "Interactions exported from Ecanvasser",
	Publisher:   "your campaign",
	Licence:     "see-publisher",
	Attribution: "field returns of your campaign",
	Address:     "https://www.ecanvasser.com/",
	decode:      decodeEcanvasser,
}

var ecanvasserLayout = canvassLayout{
	result: []string{"Interaction Status", "Status", "interaction_status"}, when: []string{"Date", "Interaction Date", "Created At", "created_at", "Date Created"},
	number: []string{"House Number", "house_number", "Unit Number"}, address: []string{"Street", "Address", "street_name", "Street Name"},
	city: []string{"City", "Town", "city"}, postcode: []string{"Zip Code", "Zip", "Post Code", "postcode"}, lon: []string{"Longitude", "lng", "Lng"}, lat: []string{"Latitude", "lat"},
	support: []string{"Reception", "Rating", "reception"}, team: []string{"Canvass", "Canvass Name", "Effort", "Turf"}, kind: []string{"Type", "Interaction Type"},
	doors: []string{"canvass", "door", "house", "door_to_door", "doorstep"}, consent: []string{"GDPR Consent", "Consent"}, refuse: []string{"Do Not Contact"},
}

// decodeEcanvasser reads interactions. In Ecanvasser five stars are the best reception: support: {best: 5, worst: 1}.
func decodeEcanvasser(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCanvass(file, d, ecanvasserLayout, "ecanvasser")
}
