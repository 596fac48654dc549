package live

var turnoutMeasure = Measure{
	ID: "turnout", Title: "Turnout", Unit: "fraction 0..1",
	Definition: "One less the share of abstention among the registered voters: all who cast a ballot, blank and null included. The interval is that of " +
		"abstention, mirrored.",
	missing: noAbstention,
	estimate: func(u published, q question) (Estimate, bool) {
		abstention, ok := u.share(q.contest, q.abstention)
		return around(1-abstention.Value, abstention.widths().mirrored(), 0, 1), ok
	},
}
