package city

// figure is a column of the grid of 200 m, from Ind to Men in the published order: numbers of people, households or dwellings,
// but for the two sums.
type figure int

const (
	ind     figure = iota // people
	men1Ind               // households of one
	men5Ind               // of five and more
	menProp               // owners
	menFMP                // of one adult with minors
	indSNV                // sum of the living standards of all people, euros a year
	menSurf               // sum of the dwellings' surfaces, square metres
	menColl               // in flats
	menMais               // in houses
	logAv45               // dwellings built before 1945
	log4570
	log7090
	logAp90
	logInc // at a time not known
	logSoc // social dwellings
	ind03  // people by age in years
	ind45
	ind610
	ind1117
	ind1824
	ind2539
	ind4054
	ind5564
	ind6579
	ind80p
	indInc  // of an age not known
	menPauv // poor households
	men     // households
	figureCount
)

// figureNames are the columns as the edition of 2017 has them.
var figureNames = [figureCount]string{
	"Ind", "Men_1ind", "Men_5ind", "Men_prop", "Men_fmp", "Ind_snv", "Men_surf", "Men_coll", "Men_mais",
	"Log_av45", "Log_45_70", "Log_70_90", "Log_ap90", "Log_inc", "Log_soc",
	"Ind_0_3", "Ind_4_5", "Ind_6_10", "Ind_11_17", "Ind_18_24", "Ind_25_39", "Ind_40_54", "Ind_55_64", "Ind_65_79", "Ind_80p", "Ind_inc",
	"Men_pauv", "Men",
}

// figures are all figures of a square.
type figures [figureCount]float64

func (f *figures) add(o *figures) {
	for k := range f {
		f[k] += o[k]
	}
}

// scaledTo gives the same means for so many people.
func (f *figures) scaledTo(people float64) figures {
	var scaled figures
	if f[ind] > 0 {
		for k := range f {
			scaled[k] = f[k] * people / f[ind]
		}
	}
	scaled[ind] = people
	return scaled
}
