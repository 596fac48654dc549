package datasets

import (
	"regexp"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var baseIC = Dataset{
	Name:        "base-ic",
	Kind:        engine.KindCensus,
	Country:     "fr",
	Title:       "Census by IRIS (base-ic-evol-struct-pop, base-ic-logement and others): every figure of the file",
	Publisher:   "INSEE",
	Licence:     "etalab-2.0",
	Attribution: "INSEE, recensement de la population",
	Address:     "https://www.insee.fr/fr/statistiques",
	decode:      decodeBaseIC,
}

// baseICVariable is a column of figures: the survey (principal or complementary), the year, the figure. P22_POP, C22_POP15P_STAT_GSEC11_21.
var baseICVariable = regexp.MustCompile(`^[pc]\d\d_(\w+)$`)

// decodeBaseIC reads every figure under its name without survey and year: pop, pop1529, rp. Main residences (rp), else households
// (men), are households too. Figures are weighted estimates, not whole.
func decodeBaseIC(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCensusTable(file, baseICVariable, "", format.Column{Names: []string{"P22_POP", "others as P22_RP, of any year"}}, format.PointOrComma, d)
}
