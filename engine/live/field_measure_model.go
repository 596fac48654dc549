package live

const sayingSo = " It counts only answers of segments where K households gave one, is there only where K households of the unit did, and is rounded to 0.001. Its bounds add up those of " +
	"the unit's parts as if all erred the same way."

var updatedMeasure = FieldMeasure{
	ID: "updated", Title: "Own share at the last result, given the field", Unit: "fraction 0..1", Answers: true, model: true,
	Definition: "The own choice's share of the registered voters at the last result, as it is estimated when what was heard in the streets of a precinct is set against each other: " +
		"precincts keep their official result." + sayingSo,
	estimate: func(u fieldUnit) (Estimate, bool) {
		if u.shares == nil {
			return Estimate{}, false
		}
		return u.shares.updated, true
	},
}

var swingMeasure = FieldMeasure{
	ID: "swing", Title: "Swing since the last result", Unit: "fraction -1..1", Diverging: true, Answers: true, model: true,
	Definition: "A scenario: the own share of the registered voters now, less that at the last result, of the area that the unit lies in. Supporters who answer more often than others sound like a swing: " +
		"without a poll or a random control sample nobody can tell the two apart." + sayingSo,
	estimate: func(u fieldUnit) (Estimate, bool) {
		if u.shares == nil {
			return Estimate{}, false
		}
		return u.shares.swing, true
	},
}

var forecastMeasure = FieldMeasure{
	ID: "forecast", Title: "Scenario: own share after the swing", Unit: "fraction 0..1", Answers: true, model: true,
	Definition: "A scenario and no result: the own share given the field, moved by the swing of the area, with as many voting as last time." + sayingSo,
	estimate: func(u fieldUnit) (Estimate, bool) {
		if u.shares == nil {
			return Estimate{}, false
		}
		return u.shares.forecast, true
	},
}
