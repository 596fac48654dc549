package engine

// Where the households of an address come from, in the order of preference.
const (
	HouseholdsByAddress    = "address"
	HouseholdsByCensus     = "census"
	HouseholdsByRegistered = "registered"
	HouseholdsByDeserted   = "deserted"
	HouseholdsByNothing    = "none"
)

// HouseholdSources lists them.
func HouseholdSources() []string {
	return []string{HouseholdsByAddress, HouseholdsByCensus, HouseholdsByRegistered, HouseholdsByDeserted, HouseholdsByNothing}
}

// DescribeHouseholds says a source in words.
func DescribeHouseholds(by string) string {
	switch by {
	case HouseholdsByAddress:
		return "the address file"
	case HouseholdsByCensus:
		return "the census area's population"
	case HouseholdsByRegistered:
		return "the precinct's registered voters"
	case HouseholdsByDeserted:
		return "the precinct's registered voters, as its census areas have no people"
	}
	return "nothing: counted as none"
}
