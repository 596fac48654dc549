package datasets

import (
	"regexp"

	"github.com/arpent/arpent/datasets/format"
	"github.com/arpent/arpent/engine"
)

var filosofiIRIS = Dataset{
	Name:        "filosofi-iris",
	Kind:        engine.KindCensus,
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
	table, err := format.NewTable(file)
	if err != nil {
		return nil, nil, err
	}
	at, err := table.Columns(censusArea)
	if err != nil {
		return nil, nil, err
	}
	var variables []variable
	seen := map[string]bool{}
	for place, key := range table.Keys() {
		if m := filosofiVariable.FindStringSubmatch(key); m != nil && !seen[m[1]] {
			seen[m[1]] = true
			table.Take(place)
			variables = append(variables, variable{place, m[1]})
		}
	}
	if !seen["disp_med"] {
		return nil, nil, table.Missing(format.Column{Names: []string{"DISP_MED18", "the same of any year"}})
	}
	return table, decodeCensus(table, at[0], variables, format.PointOrComma, d), nil
}
