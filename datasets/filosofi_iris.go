package datasets

import (
	"regexp"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var filosofiIRIS = Dataset{
	Name:        "filosofi-iris",
	Kind:        engine.KindCensus,
	Country:     "fr",
	Title:       "Filosofi: disposable income by IRIS",
	Publisher:   "INSEE, DGFiP, CNAF, CNAV, CCMSA",
	Licence:     "etalab-2.0",
	Attribution: "INSEE, Filosofi",
	Address:     "https://www.insee.fr/fr/statistiques",
	decode:      decodeFilosofiIRIS,
}

// filosofiVariable is a column of figures, with the year in its last two digits: DISP_MED18, DISP_Q118 (the first quartile),
// DISP_TP6018.
var filosofiVariable = regexp.MustCompile(`^(disp_\w+)\d\d$`)

// decodeFilosofiIRIS reads BASE_TD_FILO_DISP_IRIS_YYYY and its later spellings: euros a year (disp_med), shares in per cent, and
// disp_note, which is 1 where INSEE asks for caution. Secret figures are empty, ns or nd. Later editions write a decimal comma.
func decodeFilosofiIRIS(file *format.File, d decoding) (records, takeRecord, error) {
	return decodeCensusTable(file, filosofiVariable, "disp_med", format.Column{Names: []string{"DISP_MED18", "the same of any year"}}, format.PointOrComma, d)
}
