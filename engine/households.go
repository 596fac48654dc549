package engine

// Where the households of an address come from, in the order of preference.
const (
	HouseholdsByAddress          = "address"
	HouseholdsByCensusHouseholds = "census-households"
	HouseholdsByCensus           = "census"
	HouseholdsByCensusPeople     = "census-people"
	HouseholdsByRegistered       = "registered"
	HouseholdsByDeserted         = "deserted"
	HouseholdsByNothing          = "none"
)

// HouseholdSources lists them.
func HouseholdSources() []string {
	return []string{
		HouseholdsByAddress, HouseholdsByCensusHouseholds, HouseholdsByCensus, HouseholdsByCensusPeople,
		HouseholdsByRegistered, HouseholdsByDeserted, HouseholdsByNothing,
	}
}

// DescribeHouseholds says a source in words.
func DescribeHouseholds(by string) string {
	switch by {
	case HouseholdsByAddress:
		return "the address file"
	case HouseholdsByCensusHouseholds:
		return "the census area's households"
	case HouseholdsByCensus:
		return "the census area's population"
	case HouseholdsByCensusPeople:
		return "the census area's population, children included"
	case HouseholdsByRegistered:
		return "the precinct's registered voters (ballots, where those are not counted)"
	case HouseholdsByDeserted:
		return "the precinct's registered voters, as its census areas have no people"
	}
	return "nothing: counted as none"
}
