package live

var registeredMeasure = Measure{
	ID: "registered", Title: "Registered voters", Unit: "voters", whole: true,
	Definition: "The registered voters of the unit (ballots cast, where the contest's base is ballots). Those of precincts and communes are official; those " +
		"of streets and cells are handed down by households, as if each household had as many voters. The interval holds how unsure that is: more where there " +
		"are few addresses and where no source counts their households one by one, less where the unit is most of its precincts, nothing where it is whole " +
		"precincts. It follows from addresses and households, the same for all contests on the same precincts, and its width goes in steps of a fifth: it tells no more than " +
		"that of how much the unit has of each precinct.",
	estimate: func(u published, q question) (Estimate, bool) { return u.voters(q.contest) },
}
