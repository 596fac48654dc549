package engine

// Unit is a kind of place that numbers are given for. A unit is always a sum of atoms, so all of them add up to the same total.
type Unit string

const (
	UnitSegment  Unit = "segment"  // a street between two crossings; 0 is what has no place
	UnitCell     Unit = "cell"     // an H3 cell of resolution 3 to 11; 0 is what has no place
	UnitPrecinct Unit = "precinct" // the area votes are counted in
	UnitCommune  Unit = "commune"  // the municipality (in Paris, Lyon and Marseille the arrondissement)
	UnitDistrict Unit = "district" // a larger area that the place file names: a constituency, a department; a sum of whole precincts
)

// Units lists every unit, finest first.
func Units() []Unit { return []Unit{UnitSegment, UnitCell, UnitPrecinct, UnitCommune, UnitDistrict} }

// Cell resolutions: addresses are kept at AddressResolution, atoms at FinestResolution; units go up to CoarsestResolution.
const (
	CoarsestResolution = 3
	FinestResolution   = 11
	AddressResolution  = 12
)

// State says what of a unit's numbers may leave the engine.
type State string

const (
	Published  State = "published"
	Suppressed State = "suppressed"
	Empty      State = "empty" // no household
)

// Reason says why a unit is suppressed.
type Reason string

const (
	ReasonNone       Reason = ""
	ReasonK          Reason = "k"          // fewer households than the threshold
	ReasonComplement Reason = "complement" // would give away a suppressed unit by subtraction
	ReasonEarlier    Reason = "earlier"    // would give one away together with what an earlier snapshot published
	ReasonDominance  Reason = "dominance"  // nearly all of a few households said the same
)

// Reserved choices stand beside the candidates so that the choices of a precinct sum to its registered voters.
const (
	Abstention   = "abstention"
	Blank        = "blank"
	Null         = "null"
	BlankNull    = "blank_null"    // the source gives blank and null as one figure
	NotExpressed = "not_expressed" // the source gives valid votes only: abstention, blank and null together
	Unreconciled = "unreconciled"  // voters that the source counts in no other choice
)

// ReservedChoices lists the reserved choices in the order they are shown.
func ReservedChoices() []string {
	return []string{Blank, Null, BlankNull, Abstention, NotExpressed, Unreconciled}
}

// IsReserved tells whether a choice is not a candidate, list or answer on the ballot.
func IsReserved(choice string) bool {
	switch choice {
	case Abstention, Blank, Null, BlankNull, NotExpressed, Unreconciled:
		return true
	}
	return false
}
