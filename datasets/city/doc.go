// Package city invents places: a village, a town, a city, a metropolis or a whole country with streets, addresses, census and two
// rounds of an election, drawn voter by voter, so that what an estimate says about a street can be held against what is true
// there. Nobody lives in them: their communes have codes of no department (99001 and on; of a country, which has more communes than such codes,
// those of departments too), and lie in the Bay of Biscay.
//
// # Files
//
// [Generate] writes, in the layouts in which the real data are published:
//
//	place.yaml                   what the place is made of, for arpent build
//	addresses.csv.gz             ban             Base Adresse Nationale, 23 columns
//	streets.csv                  paris-voie      whole streets that cross each other, GeoJSON in CSV
//	areas.geojson                contours        precinct areas, division 2026; parks belong to none
//	results/2026_muni_t1.csv     results         long layout, a line for each precinct and list
//	results/2026_muni_t2.csv     results         the second round, with three of the five lists
//	register.csv.gz              reu-addresses   at which station the voters of an address vote, and at how many doors
//	iris.geojson                 iris            census areas of about 2,000 inhabitants, in Lambert-93
//	census-csp.csv               census-csp      people of 15 and more by socio-professional group
//	income.csv                   filosofi-iris   disposable income, some of it secret (ns)
//	grid-200m.csv                grid-200m       squares of 200 m of ETRS89-LAEA, and as grid-200m-figures
//	                                             their people, households, incomes and dwellings
//	truth.csv.gz                 nothing that a build reads: see below
//
// The register has a row for each address with registered voters, and as nb_adresses the dwellings in which at least one lives:
// each lives in any dwelling of the address.
//
// # Truth
//
// truth.csv.gz is comma-separated with one line for every line of addresses.csv.gz, in the same order:
//
//	address_id                   as in the column id of addresses.csv.gz
//	precinct                     where the voters of the address vote, as 99001_0001
//	registered                   registered voters at the address
//	<contest>/<choice>/votes     what they chose: whole numbers that sum to registered over the choices of a contest
//	<contest>/<choice>/share     what each of them was expected to choose: a probability, five decimals, summing to 1
//
// with the contests of place.yaml and, as choices, abstention, blank, null and the lists by the name in the column candidate. Both
// add up: the truth about any set of addresses - a street, a segment, a cell - is the sum of votes (realised) and the sum of
// registered times share (expected). The share is that of the street and includes what no covariate tells.
//
// # How it is made
//
// Communes lie at random on the ground, sized by Zipf's law; their territories are a power diagram. Streets are arterials (roads
// to the neighbours, boulevards, quays and bridges of a meandering river, avenues, parks) and evenly spaced streamlines of a
// cross field between them, with blind alleys. Addresses stand on both sides, odd numbers on the left.
//
// Class and age vary smoothly over 200 m and 900 to 1,200 m, and over the people of a street; leaning varies over 120 m and 700 m and
// from segment to segment, and no published file knows it. Social-housing estates have three times the dwellings. Registered
// voters are Poisson; each draws a class and an age around those of the street and takes the choice of the greatest random
// utility. Precincts are bisections into about 1,000 registered voters.
//
// The grid counts the same people as the census of the areas, and their children: who lives in which dwelling is drawn, and what
// is counted depends on class, age and estate alone. Living standards are lognormal around the median income of a household's
// class. Cells of fewer than 11 households are imputed: of them only Ind is counted, the rest are means.
//
// [Canvass] lets teams of canvassers knock at the doors of these people, honestly or not, for what learns from a canvass to be held
// against the truth.
//
// The constants are set so that the first list's expected share of the valid votes has the standard deviations 7.8 points between
// precincts and 6.7 within, on average over cities; [Summary] gives those of the place.
package city
