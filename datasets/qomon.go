package datasets

import (
	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var qomon = Dataset{
	Name:        "qomon",
	Kind:        engine.KindCanvass,
	Title:       "Doors exported from Qomon",
	Publisher:   "your campaign",
	Licence:     "see-publisher",
	Attribution: "field returns of your campaign",
	Address:     "https://qomon.com/",
	decode:      decodeQomon,
}

var qomonLayout = canvassLayout{
	result: []string{"Résultat", "Statut", "Outcome", "Status", "Result"}, when: []string{"Date", "Date de l'action", "Date de passage", "Action date", "Created at"},
	number: []string{"Numéro", "Numéro de rue", "House number"}, address: []string{"Rue", "Adresse", "Street", "Address"}, city: []string{"Ville", "Commune", "City"},
	postcode: []string{"Code postal", "Zip code", "Postal code"}, lon: []string{"Longitude"}, lat: []string{"Latitude"}, support: []string{"Niveau de soutien", "Soutien", "Support level", "Support"},
	team: []string{"Équipe", "Action", "Team", "Campaign"}, consent: []string{"Consentement explicite", "Consentement", "Explicit consent", "Consent"},
	recontact: []string{"Consentement email", "Consentement mobile", "Email consent", "Mobile consent"}, refuse: []string{"Ne pas contacter", "Do not contact"},
	dates: dayFirst,
}

// decodeQomon reads doors, with French or English columns. Days are written before months.
func decodeQomon(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCanvass(file, d, qomonLayout, "qomon")
}
