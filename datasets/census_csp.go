package datasets

import (
	"regexp"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var censusCSP = Dataset{
	Name:        "census-csp",
	Kind:        engine.KindCensus,
	Country:     "fr",
	Title:       "Census by IRIS: people of 15 and over, by socio-professional group",
	Publisher:   "INSEE",
	Licence:     "etalab-2.0",
	Attribution: "INSEE, recensement de la population",
	Address:     "https://www.insee.fr/fr/statistiques",
	decode:      decodeCensusCSP,
}

// cspVariable is a column of people of 15 and over. The prefix names the survey (principal or complementary) and its year.
var cspVariable = regexp.MustCompile(`^(?:[pc]\d\d_)?(pop15p(?:_\w+)?)$`)

// decodeCensusCSP reads the extract RP_YYYY_CS8 and INSEE's files base-ic-evol-struct-pop: the classes are pop15p_cs1 to
// pop15p_cs8 until 2021, others after. Figures are estimates, not whole.
func decodeCensusCSP(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCensusTable(file, cspVariable, "pop15p", format.Column{Names: []string{"POP15P", "C11_POP15P or P11_POP15P of any year"}}, format.Point, d)
}
