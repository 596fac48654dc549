package live

var shareMeasure = Measure{
	ID: "share", Title: "Share of the registered voters", Unit: "fraction 0..1", Parameters: []string{byChoice},
	Definition: "The votes of the choice by the registered voters of the unit. The interval bounds the unit's real share.",
	estimate: func(u published, q question) (Estimate, bool) {
		return u.share(q.contest, q.choice)
	},
}
